#include "mail/link_tokens.hpp"

#include <openssl/crypto.h>
#include <openssl/evp.h>

#include <algorithm>
#include <array>
#include <cassert>
#include <memory>
#include <span>
#include <stdexcept>
#include <tuple>

#include "mail/base64.hpp"

namespace sequitur::mail {

namespace {

constexpr char version = 1;
constexpr std::size_t head_bytes = 21;  // version, key id, purpose, email id, index
constexpr std::size_t tag_bytes = 16;
constexpr std::size_t token_bytes_max = head_bytes + domain::link_url_bytes_max + tag_bytes;
constexpr int index_max = 0xffff;

struct Freed {
    void operator()(EVP_MAC_CTX* context) const { EVP_MAC_CTX_free(context); }
};

/// HMAC-SHA256 of one thread, ready for the key of the last time: setting it up costs five times the rest.
class Mac {
public:
    Mac() {
        auto* hmac = EVP_MAC_fetch(nullptr, "HMAC", nullptr);
        context_.reset(hmac != nullptr ? EVP_MAC_CTX_new(hmac) : nullptr);
        EVP_MAC_free(hmac);
    }

    bool write(std::string_view key, std::string_view message, std::span<unsigned char> digest) {
        std::size_t size = 0;
        return begin(key) &&
               EVP_MAC_update(context_.get(), reinterpret_cast<const unsigned char*>(message.data()), message.size()) ==
                   1 &&
               EVP_MAC_final(context_.get(), digest.data(), &size, digest.size()) == 1;
    }

private:
    bool begin(std::string_view key) {
        if (!context_) return false;
        if (key == key_.reveal()) return EVP_MAC_init(context_.get(), nullptr, 0, nullptr) == 1;
        std::string sha256 = "SHA256";
        const std::array parameters{OSSL_PARAM_construct_utf8_string("digest", sha256.data(), 0),
                                    OSSL_PARAM_construct_end()};
        key_ = Secret{std::string{key}};
        return EVP_MAC_init(context_.get(), reinterpret_cast<const unsigned char*>(key.data()), key.size(),
                            parameters.data()) == 1;
    }

    std::unique_ptr<EVP_MAC_CTX, Freed> context_;
    Secret key_;
};

std::array<char, tag_bytes> tag(const Secret& key, std::string_view message) {
    thread_local Mac mac;
    std::array<unsigned char, EVP_MAX_MD_SIZE> digest{};
    if (!mac.write(key.reveal(), message, digest)) throw std::runtime_error("HMAC-SHA256 is not available");
    std::array<char, tag_bytes> tag{};
    std::copy_n(digest.begin(), tag_bytes, tag.begin());
    return tag;
}

/// The newest that signs already; in a ring where none does, the one that will first.
const domain::LinkKey& signing_key(const domain::LinkKeys& ring, TimePoint now) {
    const auto* best = &ring.front();
    const auto rank = [&](const domain::LinkKey& key) {
        const bool signs = key.signs_from <= now;
        return std::tuple{signs, signs ? key.signs_from.time_since_epoch() : -key.signs_from.time_since_epoch(),
                          key.id};
    };
    for (const auto& key : ring)
        if (rank(key) > rank(*best)) best = &key;
    return *best;
}

std::optional<domain::LinkToken> parse(std::string_view signed_part) {
    domain::LinkToken token;
    token.purpose = static_cast<domain::LinkPurpose>(signed_part[2]);
    std::ranges::copy(signed_part.substr(3, 16), token.email.uuid.bytes.begin());
    token.index = static_cast<unsigned char>(signed_part[19]) << 8 | static_cast<unsigned char>(signed_part[20]);
    token.url = signed_part.substr(head_bytes);
    const bool is_click = token.purpose == domain::LinkPurpose::click;
    return is_click || token.url.empty() ? std::optional{std::move(token)} : std::nullopt;
}

}  // namespace

SignedLinkTokens::SignedLinkTokens(const Clock& clock, domain::LinkKeys keys, std::function<void()> unknown_key)
    : clock_(clock), unknown_key_(std::move(unknown_key)) {
    set_keys(std::move(keys));
}

void SignedLinkTokens::set_keys(domain::LinkKeys keys) {
    assert(!keys.empty());
    auto ring = std::make_shared<const domain::LinkKeys>(std::move(keys));
    ring_.with([&](Ring& current) { current.swap(ring); });
}

std::string SignedLinkTokens::sign(const domain::LinkToken& token) const {
    assert(token.url.size() <= domain::link_url_bytes_max && token.index >= 0 && token.index <= index_max);
    assert(token.purpose == domain::LinkPurpose::click || token.url.empty());
    const auto ring = ring_.with([](const Ring& current) { return current; });
    const auto& key = signing_key(*ring, clock_.now());
    std::array<char, token_bytes_max> bytes;  // written before it is read
    char* end = bytes.data();
    const auto put = [&](std::string_view part) { end = std::ranges::copy(part, end).out; };
    *end++ = version;
    *end++ = static_cast<char>(key.id);
    *end++ = static_cast<char>(token.purpose);
    put(token.email.uuid.raw());
    *end++ = static_cast<char>(token.index >> 8);
    *end++ = static_cast<char>(token.index & 255);
    put(token.url);
    const auto signature = tag(key.key, {bytes.data(), end});
    put({signature.data(), signature.size()});
    return base64url({bytes.data(), end});
}

std::optional<domain::LinkToken> SignedLinkTokens::read(domain::LinkPurpose purpose, std::string_view token) const {
    if (token.size() > (token_bytes_max * 8 + 5) / 6) return std::nullopt;
    const auto bytes = base64url_decode(token);
    if (!bytes || bytes->size() < head_bytes + tag_bytes || bytes->front() != version) return std::nullopt;
    if ((*bytes)[2] != static_cast<char>(purpose)) return std::nullopt;
    const auto ring = ring_.with([](const Ring& current) { return current; });
    const auto key = std::ranges::find(*ring, static_cast<unsigned char>((*bytes)[1]), &domain::LinkKey::id);
    if (key == ring->end()) {
        unknown_key_();
        return std::nullopt;
    }
    const auto signed_part = std::string_view{*bytes}.substr(0, bytes->size() - tag_bytes);
    const auto expected = tag(key->key, signed_part);
    if (CRYPTO_memcmp(expected.data(), bytes->data() + signed_part.size(), tag_bytes) != 0) return std::nullopt;
    return parse(signed_part);
}

}  // namespace sequitur::mail
