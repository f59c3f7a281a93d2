#include "mail/link_tokens.hpp"

#include <gtest/gtest.h>

#include "mail/base64.hpp"
#include "support/manual_clock.hpp"

namespace sequitur::mail {
namespace {

using domain::LinkPurpose;
using domain::LinkToken;
using namespace std::chrono_literals;

/// The key of mail.md's test vector: the bytes 00 to 1f; another id gives another key.
domain::LinkKey key_of(int id, TimePoint signs_from = {}) {
    std::string bytes(32, '\0');
    for (std::size_t i = 0; i < bytes.size(); ++i)
        bytes[i] = static_cast<char>(i + 32 * static_cast<std::size_t>(id - 1));
    return {.id = id, .key = Secret{std::move(bytes)}, .signs_from = signs_from};
}

const EmailId email = *EmailId::parse("01890a5d-ac96-774b-bcce-b302099a8057");
constexpr std::string_view vector_of_the_text = "AQFjAYkKXayWd0u8zrMCCZqAVwADq-8zLBxFdOj-vzdAaB-X0A";

struct LinkTokensTest : testing::Test {
    test::ManualClock clock;
    int unknown_keys = 0;
    SignedLinkTokens tokens{clock, {key_of(1)}, [this] { ++unknown_keys; }};
    LinkToken click{.purpose = LinkPurpose::click, .email = email, .index = 3, .url = "https://e.test/a?x=1&y=2"};
};

TEST_F(LinkTokensTest, Case79TheTestVectorIsSignedAndVerifies) {
    click.url.clear();
    EXPECT_EQ(tokens.sign(click), vector_of_the_text);
    EXPECT_EQ(tokens.read(LinkPurpose::click, vector_of_the_text), click);
}

TEST_F(LinkTokensTest, OpensAndOptOutsAreFiftyCharactersOfBase64Url) {
    for (const auto purpose : {LinkPurpose::open, LinkPurpose::unsubscribe}) {
        const LinkToken token{.purpose = purpose, .email = email, .index = 0, .url = {}};
        const auto text = tokens.sign(token);
        EXPECT_EQ(text.size(), 50u);
        EXPECT_EQ(tokens.read(purpose, text), token);
    }
}

TEST_F(LinkTokensTest, AClickCarriesItsTarget) {
    EXPECT_EQ(tokens.read(LinkPurpose::click, tokens.sign(click)), click);
}

TEST_F(LinkTokensTest, TheLongestTargetAndTheGreatestIndexComeBack) {
    click.url = "https://e.test/" + std::string(domain::link_url_bytes_max - 15, 'x');
    click.index = 65'535;
    EXPECT_EQ(tokens.read(LinkPurpose::click, tokens.sign(click)), click);
    EXPECT_FALSE(tokens.read(LinkPurpose::click, tokens.sign(click) + "AAAA"));
}

TEST_F(LinkTokensTest, Case79NoFlippedBitPasses) {
    const auto bytes = *base64url_decode(tokens.sign(click));
    for (std::size_t bit = 0; bit < 8 * bytes.size(); ++bit) {
        auto changed = bytes;
        changed[bit / 8] = static_cast<char>(changed[bit / 8] ^ 1 << bit % 8);
        EXPECT_FALSE(tokens.read(LinkPurpose::click, base64url(changed))) << bit;
    }
}

// Also those of the last character, which carries bits that mean nothing.
TEST_F(LinkTokensTest, Case79NoChangedCharacterPasses) {
    constexpr std::string_view alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_=+/. ";
    for (std::size_t i = 0; i < vector_of_the_text.size(); ++i)
        for (const char other : alphabet) {
            std::string changed{vector_of_the_text};
            if (changed[i] == other) continue;
            changed[i] = other;
            EXPECT_FALSE(tokens.read(LinkPurpose::click, changed)) << i << other;
        }
}

TEST_F(LinkTokensTest, Case79APartOfATokenIsNone) {
    const auto text = tokens.sign(click);
    for (std::size_t size = 0; size < text.size(); ++size)
        EXPECT_FALSE(tokens.read(LinkPurpose::click, text.substr(0, size))) << size;
    EXPECT_FALSE(tokens.read(LinkPurpose::click, text + "A"));
}

TEST_F(LinkTokensTest, Case79NoTokenWorksForAnotherPurpose) {
    constexpr LinkPurpose all[] = {LinkPurpose::open, LinkPurpose::click, LinkPurpose::unsubscribe};
    for (const auto made : all)
        for (const auto asked : all) {
            const auto text = tokens.sign({.purpose = made, .email = email, .index = 0, .url = {}});
            EXPECT_EQ(tokens.read(asked, text).has_value(), made == asked);
            auto bytes = *base64url_decode(text);
            bytes[2] = static_cast<char>(asked);
            EXPECT_EQ(tokens.read(asked, base64url(bytes)).has_value(), made == asked);
        }
}

TEST_F(LinkTokensTest, Case79ATokenOfAnUnknownKeyIsRefusedAndSaid) {
    const SignedLinkTokens later{clock, {key_of(2)}};
    const auto text = later.sign(click);
    EXPECT_FALSE(tokens.read(LinkPurpose::click, text));
    EXPECT_EQ(unknown_keys, 1);
    tokens.set_keys({key_of(1), key_of(2)});
    EXPECT_EQ(tokens.read(LinkPurpose::click, text), click);
    EXPECT_EQ(unknown_keys, 1);
}

TEST_F(LinkTokensTest, ANewKeyVerifiesAtOnceAndSignsAtItsTimeAndTheOldOneGoesOnVerifying) {
    const auto before = tokens.sign(click);
    tokens.set_keys({key_of(1), key_of(2, clock.now() + 10min)});
    const SignedLinkTokens ahead{clock, {key_of(2)}};
    EXPECT_EQ(tokens.read(LinkPurpose::click, ahead.sign(click)), click);
    EXPECT_EQ(tokens.sign(click), before);
    clock.advance(10min);
    EXPECT_EQ(tokens.sign(click), ahead.sign(click));
    EXPECT_EQ(tokens.read(LinkPurpose::click, before), click);
}

TEST_F(LinkTokensTest, AKeyOfTheSameIdIsNotEnough) {
    auto other = key_of(2);
    other.id = 1;
    const SignedLinkTokens stranger{clock, {other}};
    EXPECT_FALSE(tokens.read(LinkPurpose::click, stranger.sign(click)));
}

TEST(Base64Url, KeepsEveryLength) {
    std::string bytes;
    for (int i = 0; i < 100; ++i) {
        EXPECT_EQ(base64url_decode(base64url(bytes)), bytes);
        bytes += static_cast<char>(i * 37);
    }
}

}  // namespace
}  // namespace sequitur::mail
