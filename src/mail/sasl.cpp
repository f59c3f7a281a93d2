#include "mail/sasl.hpp"

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include <array>
#include <stdexcept>

#include "base/hex.hpp"
#include "mail/base64.hpp"

namespace sequitur::mail::sasl {

namespace {

std::string hex(const unsigned char* bytes, std::size_t count) {
    std::string text(2 * count, '0');
    auto* at = text.data();
    for (std::size_t i = 0; i < count; ++i) at = put_hex(at, bytes[i]);
    return text;
}

std::string hmac_md5(std::string_view key, std::string_view message) {
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    unsigned int size = 0;
    if (!HMAC(EVP_md5(), key.data(), static_cast<int>(key.size()),
              reinterpret_cast<const unsigned char*>(message.data()), message.size(), digest.data(), &size))
        throw std::runtime_error("HMAC-MD5 is not available");  // a system that allows only approved digests
    return hex(digest.data(), size);
}

/// RFC 5801 §4: a name within a GS2 header.
std::string gs2_name(std::string_view name) {
    std::string text;
    for (const char c : name) {
        if (c == ',')
            text += "=2C";
        else if (c == '=')
            text += "=3D";
        else
            text += c;
    }
    return text;
}

}  // namespace

std::string plain(std::string_view user, std::string_view password) {
    return base64(std::string{'\0'}.append(user).append(1, '\0').append(password));
}

std::optional<std::string> cram_md5(std::string_view user, std::string_view password, std::string_view challenge) {
    const auto text = base64_decode(challenge);
    if (!text) return std::nullopt;
    return base64(std::string{user} + ' ' + hmac_md5(password, *text));
}

std::string xoauth2(std::string_view user, std::string_view token) {
    return base64(std::string{"user="}.append(user).append("\1auth=Bearer ").append(token).append("\1\1"));
}

std::string oauthbearer(std::string_view user, std::string_view host, int port, std::string_view token) {
    auto text = "n,a=" + gs2_name(user) + ",\1host=";
    text.append(host).append("\1port=").append(std::to_string(port));
    return base64(text.append("\1auth=Bearer ").append(token).append("\1\1"));
}

}  // namespace sequitur::mail::sasl
