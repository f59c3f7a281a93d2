#include "domain/effective_message_id.hpp"

#include <gtest/gtest.h>

namespace sequitur::domain {
namespace {

std::string id(std::string_view host, const std::string& text, int code = 250) {
    return effective_message_id(host, {code, "", text}).value_or("ours");
}

TEST(EffectiveMessageId, Case22IsWhatSesTells) {
    EXPECT_EQ(id("email-smtp.eu-west-1.amazonaws.com", "Ok 0102abc"), "<0102abc@eu-west-1.amazonses.com>");
    EXPECT_EQ(id("Email-SMTP.us-east-1.amazonaws.com", "Ok 0100-0a"), "<0100-0a@email.amazonses.com>");
    EXPECT_EQ(id("email-smtp-fips.us-west-2.amazonaws.com", "Ok 1"), "<1@us-west-2.amazonses.com>");
}

TEST(EffectiveMessageId, IsOursWithEveryOtherServer) {
    EXPECT_EQ(id("smtp.example.com", "Ok 0102abc"), "ours");
    EXPECT_EQ(id("email-smtp.eu-west-1.amazonaws.com.evil.test", "Ok 0102abc"), "ours");
    EXPECT_EQ(id("email-smtp..amazonaws.com", "Ok 0102abc"), "ours");
    EXPECT_EQ(id("email-smtp.eu-west-1.amazonaws.com", "Ok"), "ours");
    EXPECT_EQ(id("email-smtp.eu-west-1.amazonaws.com", "Ok a> b"), "ours");
    EXPECT_EQ(id("email-smtp.eu-west-1.amazonaws.com", "queued as 1"), "ours");
    EXPECT_EQ(id("email-smtp.eu-west-1.amazonaws.com", "Ok 0102abc", 451), "ours");
}

}  // namespace
}  // namespace sequitur::domain
