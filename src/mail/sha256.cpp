#include "mail/sha256.hpp"

#include <openssl/evp.h>

#include <array>
#include <memory>
#include <stdexcept>

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

std::string sha256_hex(std::string_view bytes) {
    std::array<unsigned char, 32> digest{};
    unsigned int size = 0;
    auto* const hash = context();
    if (EVP_DigestInit_ex2(hash, algorithm(), nullptr) != 1 ||
        EVP_DigestUpdate(hash, bytes.data(), bytes.size()) != 1 || EVP_DigestFinal_ex(hash, digest.data(), &size) != 1)
        throw std::runtime_error("SHA-256 is not available");
    constexpr std::string_view digits = "0123456789abcdef";
    std::string hex;
    hex.reserve(64);
    for (const auto byte : digest) {
        hex += digits[byte >> 4];
        hex += digits[byte & 15];
    }
    return hex;
}

}  // namespace sequitur::mail
