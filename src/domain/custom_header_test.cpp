#include "domain/custom_header.hpp"

#include <gtest/gtest.h>

namespace sequitur::domain {
namespace {

TEST(CustomHeader, Case30RefusesWhatTheComposerWritesAndWhatIsNoName) {
    for (const auto* name : {"Bcc",
                             "bcc",
                             "From",
                             "To",
                             "Subject",
                             "Date",
                             "Message-ID",
                             "Return-Path",
                             "Precedence",
                             "List-Unsubscribe",
                             "X-Sequitur-Id",
                             "x-sequitur-id",
                             "X-Mailer",
                             "X-",
                             "X_A",
                             "X-A:",
                             "X A",
                             "X-Auto-Response-Suppress",
                             "",
                             "X-Ä"})
        EXPECT_TRUE(problem_of_custom_header(name, "x")) << name;
    EXPECT_FALSE(problem_of_custom_header("X-" + std::string(60, 'a'), "x"));
    EXPECT_TRUE(problem_of_custom_header("X-" + std::string(61, 'a'), "x"));
}

TEST(CustomHeader, Case30RefusesMoreThanOneLine) {
    for (const auto& value :
         {std::string{"b\nC: d"}, std::string{"b\rC: d"}, std::string{"a\0b", 3}, std::string(2'001, 'x')})
        EXPECT_TRUE(problem_of_custom_header("X-A", value)) << value;
    for (const auto* name : {"X-A", "x-campaign-2", "Feedback-ID", "Auto-Submitted", "organization"})
        EXPECT_FALSE(problem_of_custom_header(name, "Grüße")) << name;
}

}  // namespace
}  // namespace sequitur::domain
