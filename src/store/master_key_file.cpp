#include "store/master_key_file.hpp"

#include <fcntl.h>
#include <sodium.h>
#include <unistd.h>

#include <cerrno>
#include <cstring>
#include <fstream>

#include "store/secrets.hpp"

namespace sequitur::store {

namespace {

constexpr std::size_t key_bytes = crypto_aead_xchacha20poly1305_ietf_KEYBYTES;
constexpr std::size_t key_digits = 2 * key_bytes;

[[noreturn]] void fail(const std::filesystem::path& file, const std::string& what) {
    throw SecretsError("master key " + file.string() + ": " + what);
}

Secret decoded(const std::filesystem::path& file, const Secret& digits) {
    std::string key(key_bytes, '\0');
    std::size_t length = 0;
    const bool readable = digits.reveal().size() == key_digits &&
                          sodium_hex2bin(reinterpret_cast<unsigned char*>(key.data()), key.size(),
                                         digits.reveal().data(), key_digits, nullptr, &length, nullptr) == 0;
    if (!readable || length != key_bytes) fail(file, "not 64 hex digits; restore the file from your backup");
    return Secret{std::move(key)};
}

/// Written whole and then linked to its name: no process ever reads half a key, and link(2) never replaces.
void write_new(const std::filesystem::path& file, const Secret& digits) {
    const auto draft = file.string() + "." + std::to_string(::getpid());
    const int descriptor = ::open(draft.c_str(), O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0600);
    if (descriptor < 0) fail(file, std::string{"can not be made: "} + std::strerror(errno));
    const auto text = digits.reveal() + "\n";
    const bool written =
        ::write(descriptor, text.data(), text.size()) == static_cast<ssize_t>(text.size()) && ::fsync(descriptor) == 0;
    const bool linked = ::close(descriptor) == 0 && written && ::link(draft.c_str(), file.c_str()) == 0;
    const int error = errno;
    ::unlink(draft.c_str());
    if (!linked && !(written && error == EEXIST)) fail(file, std::string{"can not be made: "} + std::strerror(error));
}

}  // namespace

std::optional<Secret> read_master_key(const std::filesystem::path& file) {
    std::ifstream stream{file};
    if (!stream) {
        if (errno == ENOENT) return std::nullopt;
        fail(file, std::string{"can not be read: "} + std::strerror(errno));
    }
    std::string line;
    std::getline(stream, line);
    return decoded(file, Secret{std::move(line)});
}

Secret make_master_key(const std::filesystem::path& file) {
    std::string key(key_bytes, '\0');
    randombytes_buf(key.data(), key.size());
    std::string digits(key_digits + 1, '\0');
    sodium_bin2hex(digits.data(), digits.size(), reinterpret_cast<const unsigned char*>(key.data()), key.size());
    digits.resize(key_digits);
    sodium_memzero(key.data(), key.size());
    write_new(file, Secret{std::move(digits)});
    auto made = read_master_key(file);
    if (!made) fail(file, "was made and is gone again");
    return *std::move(made);
}

}  // namespace sequitur::store
