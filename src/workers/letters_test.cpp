// The bytes that a claimed email becomes, and what holds it.
#include "workers/sender_for_tests.hpp"

namespace sequitur::workers {
namespace {

using namespace std::chrono_literals;
using domain::EmailStatus;
using testing::HasSubstr;

using LettersTest = SenderTest;

TEST_F(LettersTest, HoldsAMailWhoseVariableIsMissing) {
    email.first_name.reset();
    begin();

    const auto& row = written();

    EXPECT_TRUE(transport.started.empty());
    EXPECT_EQ(row.status, EmailStatus::held);
    EXPECT_EQ(row.reason, "missing_variable");
    EXPECT_EQ(row.error_message, "first_name");
    EXPECT_EQ(row.contact_version, email.contact_version) << "the contact that was read";
}

TEST_F(LettersTest, Case90NeedsNoValueOfABranchThatIsNotTaken) {
    queue.texts = {{email.step_version, "Hi", "{% if company %}{{company}}{% else %}{{first_name}}{% endif %}", {}}};
    begin();

    EXPECT_EQ(transport.message(), "Hi\r\nAna\r\n");
}

TEST_F(LettersTest, KnowsItsStepAndItsDay) {
    queue.texts = {{email.step_version, "{{step}} {{today}}", "x", {}}};
    email.step_order = 1;
    email.first_attempt_at = TimePoint{std::chrono::sys_days{std::chrono::year{2025} / 11 / 24} + 23h};
    accounts.accounts[0].utc_offset_minutes = 60;
    begin();

    EXPECT_EQ(transport.message(), "2 2025-11-25\r\nx\r\n");
}

TEST_F(LettersTest, Case21AnswersTheSubjectThatWasSentWhateverTheContactIsCalledNow) {
    queue.texts = {{email.step_version, "", "x", {}}};
    email.first_name = "Anna";
    email.thread = {{"<1@corp.test>", "Hi Ana"}};
    begin();

    EXPECT_EQ(transport.message(), "Re: Hi Ana\r\nto <1@corp.test>\r\nx\r\n");
}

TEST_F(LettersTest, Case91ChoosesAsTheFirstMailDidWhereItsOutcomeWasLost) {
    const std::string subject = "{0|1|2|3|4|5|6|7|8|9}{0|1|2|3|4|5|6|7|8|9} {{step}}";
    queue.texts = {{email.step_version, subject, "x", {}}};
    begin();
    const auto first = transport.message();
    const auto followup = StepVersionId::make(clock.now());
    queue.texts = {{followup, "", "x", {}}};
    email.thread = {{"<1@corp.test>", subject, true, email.id, 0}};
    email.id = EmailId::make(clock.now());
    email.step_version = followup;
    email.step_order = 1;
    begin();

    EXPECT_EQ(transport.message(1), "Re: " + first.substr(0, 4) + "\r\nto <1@corp.test>\r\nx\r\n");
}

TEST_F(LettersTest, KnowsTheContactsOwnAttributesWhereOnlyTheThreadNamesThem) {
    email.attributes = R"({"city":"Ulm"})";
    email.thread = {{"<1@corp.test>", "Hi {{custom.city}}", true}};
    queue.texts = {{email.step_version, "", "x", {}}};
    begin();

    EXPECT_EQ(transport.message(), "Re: Hi Ulm\r\nto <1@corp.test>\r\nx\r\n");
}

TEST_F(LettersTest, HoldsAMailThatTheComposerRefuses) {
    composer.refuses = true;
    begin();
    EXPECT_EQ(transport.message(), "none");
    transport.end(domain::Abandoned{"unwritable"}, false);

    const auto& row = written();

    EXPECT_EQ(row.status, EmailStatus::held);
    EXPECT_EQ(row.reason, "content");
}

TEST_F(LettersTest, FollowsAThreadWithTheSubjectThatWasSent) {
    email.thread = {{"<a@corp.test>", "Hi Ana"}};
    queue.texts = {{email.step_version, "", "<p>Still there?</p>", {}}};
    begin();

    EXPECT_THAT(transport.message(), HasSubstr("Re: Hi Ana\r\n"));
}

TEST_F(LettersTest, FollowsTheThreadThatTheLastSubjectBegan) {
    email.thread = {{"<a@corp.test>", "Hi Ana"}, {"<b@corp.test>", "Re: Hi Ana"}, {"<c@corp.test>", "Another matter"}};
    queue.texts = {{email.step_version, "", "<p>Still there?</p>", {}}};
    begin();

    EXPECT_THAT(transport.message(), HasSubstr("Re: Another matter\r\nto <c@corp.test>\r\n<p>"));
}

TEST_F(LettersTest, RendersTheThreadsSubjectAgainWhereTheOutcomeWasLost) {
    email.thread = {{"<a@corp.test>", "Hi {{first_name}}", true}};
    queue.texts = {{email.step_version, "", "<p>Still there?</p>", {}}};
    begin();

    EXPECT_THAT(transport.message(), HasSubstr("Re: Hi Ana\r\n"));
}

}  // namespace
}  // namespace sequitur::workers
