#include "mail/sha256.hpp"

#include <openssl/evp.h>

#include <memory>
#include <stdexcept>

#include "base/hex.hpp"
#include "mail/sha256_lanes.hpp"

namespace sequitur::mail {

namespace {

/// Looked up once: OpenSSL 3 searches its providers for it at every use of EVP_sha256().
const EVP_MD* algorithm() {
    static const EVP_MD* const found = EVP_MD_fetch(nullptr, "SHA256", nullptr);
    return found;
}

/// One for each thread: to make one costs as much as two hundred bytes of hashing.
EVP_MD_CTX* context() {
    thread_local const std::unique_ptr<EVP_MD_CTX, decltype(&::EVP_MD_CTX_free)> owned{::EVP_MD_CTX_new(),
                                                                                       &::EVP_MD_CTX_free};
    return owned.get();
}

}  // namespace

Sha256 sha256(std::string_view bytes) {
    Sha256 digest{};
    unsigned int size = 0;
    auto* const hash = context();
    if (EVP_DigestInit_ex2(hash, algorithm(), nullptr) != 1 ||
        EVP_DigestUpdate(hash, bytes.data(), bytes.size()) != 1 || EVP_DigestFinal_ex(hash, digest.data(), &size) != 1)
        throw std::runtime_error("SHA-256 is not available");
    return digest;
}

std::pair<Sha256, Sha256> sha256_of_two(std::string_view first, std::string_view second) {
    if (auto both = sha256_in_lanes(first, second)) return *both;
    return {sha256(first), sha256(second)};
}

std::array<char, 64> hex(const Sha256& digest) {
    std::array<char, 64> text{};
    auto* at = text.data();
    for (const auto byte : digest) at = put_hex(at, byte);
    return text;
}

std::string sha256_hex(std::string_view bytes) {
    const auto text = hex(sha256(bytes));
    return {text.data(), text.size()};
}

}  // namespace sequitur::mail
