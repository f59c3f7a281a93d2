#include "domain/sequence.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sequitur::domain {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

NewStep step(std::string subject, std::string content = "<p>Hello</p>") {
    return {.subject = std::move(subject), .content = std::move(content), .content_text = {}, .wait_days = {}};
}

NewSequence valid() {
    NewSequence sequence;
    sequence.name = "Q1 outreach";
    sequence.steps = {step("Hi {{first_name}}"), step("")};
    return sequence;
}

/// "pointer code" of each problem.
std::vector<std::string> found(const NewSequence& sequence) {
    std::vector<std::string> out;
    for (const auto& problem : problems_of(sequence)) out.push_back(problem.pointer + ' ' + problem.code);
    return out;
}

TEST(Sequence, AValidOneHasNoProblems) { EXPECT_THAT(found(valid()), IsEmpty()); }

TEST(Sequence, NeedsANameOfAtMost255Characters) {
    auto sequence = valid();
    sequence.name = "  ";
    EXPECT_THAT(found(sequence), ElementsAre("/name empty"));
    sequence.name.clear();
    for (int i = 0; i < 255; ++i) sequence.name += "ü";
    EXPECT_THAT(found(sequence), IsEmpty());
    sequence.name += "ü";
    EXPECT_THAT(found(sequence), ElementsAre("/name too_long"));
    sequence.name = "a\r\nBcc: b";
    EXPECT_THAT(found(sequence), ElementsAre("/name control_character"));
}

TEST(Sequence, NeedsFromOneToFiftySteps) {
    auto sequence = valid();
    sequence.steps.assign(50, step("x"));
    EXPECT_THAT(found(sequence), IsEmpty());
    sequence.steps.assign(51, step("x"));
    EXPECT_THAT(found(sequence), ElementsAre("/steps too_many"));
    sequence.steps.clear();
    EXPECT_THAT(found(sequence), ElementsAre("/steps empty"));
}

TEST(Sequence, TheFirstStepNeedsASubjectAFollowUpDoesNot) {
    auto sequence = valid();
    sequence.steps = {step(" "), step("")};
    EXPECT_THAT(found(sequence), ElementsAre("/steps/0/subject required"));
}

TEST(Sequence, ASubjectIsOneLine) {
    auto sequence = valid();
    sequence.steps[1].subject = "a\nBcc: b@x.test";
    EXPECT_THAT(found(sequence), ElementsAre("/steps/1/subject control_character"));
    sequence.steps[1].subject = "a\u0085b";
    EXPECT_THAT(found(sequence), ElementsAre("/steps/1/subject control_character"));
}

TEST(Sequence, EveryStepNeedsAContent) {
    auto sequence = valid();
    sequence.steps[1].content = "\n ";
    EXPECT_THAT(found(sequence), ElementsAre("/steps/1/content empty"));
    sequence.steps[1].content = std::string(step_content_bytes_max + 1, 'x');
    EXPECT_THAT(found(sequence), ElementsAre("/steps/1/content too_long"));
}

TEST(Sequence, WaitsFromNoneTo365Days) {
    auto sequence = valid();
    sequence.steps[1].wait_days = 365;
    EXPECT_THAT(found(sequence), IsEmpty());
    sequence.steps[1].wait_days = 366;
    EXPECT_THAT(found(sequence), ElementsAre("/steps/1/wait_days out_of_range"));
    sequence.steps[1].wait_days = -1;
    EXPECT_THAT(found(sequence), ElementsAre("/steps/1/wait_days out_of_range"));
}

TEST(Sequence, AMissingWaitIsNoneForTheFirstStepAndADayLater) {
    EXPECT_EQ(step("x").wait_days_at(0), 0);
    EXPECT_EQ(step("x").wait_days_at(1), 1);
}

TEST(Sequence, NamesTheLineAndColumnOfATemplateError) {
    auto sequence = valid();
    sequence.steps[0].content = "<p>\nHi {{frist_name}}";

    const auto problems = problems_of(sequence);

    ASSERT_EQ(problems.size(), 1U);
    EXPECT_EQ(problems[0].pointer, "/steps/0/content");
    EXPECT_EQ(problems[0].code, "template");
    EXPECT_THAT(problems[0].detail, HasSubstr("Line 2, column"));
}

TEST(Sequence, TellsEveryProblemAtOnce) {
    NewSequence sequence;
    sequence.status = SequenceStatus::archived;
    sequence.steps = {step("", "")};
    EXPECT_THAT(found(sequence), ElementsAre("/name empty", "/status unknown_value", "/steps/0/subject required",
                                             "/steps/0/content empty"));
}

TEST(SequenceStatus, IsSpelledAsInTheDatabase) {
    for (const std::string_view word : {"draft", "active", "paused", "archived"})
        EXPECT_EQ(name(sequence_status(word).value()), word);
    EXPECT_EQ(sequence_status("Active"), std::nullopt);
}

}  // namespace
}  // namespace sequitur::domain
