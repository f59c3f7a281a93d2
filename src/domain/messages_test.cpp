#include "domain/messages.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sequitur::domain {
namespace {

using namespace std::chrono_literals;
using testing::HasSubstr;

const TimePoint now = TimePoint{std::chrono::sys_days{std::chrono::year{2026} / 11 / 24}} + 7h + 48min + 15s + 123456us;

std::string id_text(Duration ago = {}) { return Uuid::v7(now - ago).text(); }

std::string reason(const auto& decoded) {
    const auto* poison = std::get_if<Poison>(&decoded);
    return poison == nullptr ? "" : poison->reason;
}

EmailJobs jobs_of(std::size_t emails) {
    EmailJobs jobs{BatchId::make(now), now, {}};
    for (std::size_t i = 0; i < emails; ++i)
        jobs.emails.push_back({EmailId::make(now), EnrollmentId::make(now), MailboxId::make(now), static_cast<int>(i)});
    return jobs;
}

std::string replaced(std::string text, std::string_view what, std::string_view with) {
    const auto at = text.find(what);
    EXPECT_NE(at, std::string::npos) << what;
    return text.replace(at, what.size(), with);
}

std::string event_record(std::string_view data, std::string_view type = "opened") {
    return R"({"v":1,"id":")" + id_text() + R"(","at":"2026-11-24T07:48:15Z","events":[{"id":")" + id_text() +
           R"(","type":")" + std::string{type} + R"(","email_queue_id":")" + id_text() +
           R"(","at":"2026-11-24T07:48:15Z","recorded":false,"data":)" + std::string{data} + "}]}";
}

TEST(Messages, EmailJobsComeBackAsTheyWere) {
    const auto jobs = jobs_of(50);

    const auto back = std::get<EmailJobs>(decode_email_jobs(encode(jobs), now));

    EXPECT_EQ(back.batch_id, jobs.batch_id);
    EXPECT_EQ(back.produced_at, now);
    ASSERT_EQ(back.emails.size(), 50U);
    EXPECT_EQ(back.emails[49].email_queue_id, jobs.emails[49].email_queue_id);
    EXPECT_EQ(back.emails[49].sequence_contact_id, jobs.emails[49].sequence_contact_id);
    EXPECT_EQ(back.emails[49].mailbox_id, jobs.emails[49].mailbox_id);
    EXPECT_EQ(back.emails[49].step_order, 49);
}

TEST(Messages, FollowupEventsComeBackAsTheyWere) {
    const FollowupEvents told{Uuid::v7(now), now, {{EnrollmentId::make(now), EmailId::make(now), 7}}};

    const auto back = std::get<FollowupEvents>(decode_followup_events(encode(told), now));

    EXPECT_EQ(back.id, told.id);
    EXPECT_EQ(back.at, now);
    ASSERT_EQ(back.completed.size(), 1U);
    EXPECT_EQ(back.completed[0].sequence_contact_id, told.completed[0].sequence_contact_id);
    EXPECT_EQ(back.completed[0].email_queue_id, told.completed[0].email_queue_id);
    EXPECT_EQ(back.completed[0].step_completed, 7);
}

TEST(Messages, RetriesComeBackWithAndWithoutANextTime) {
    const EmailRetries told{
        Uuid::v7(now),
        now,
        {{EmailId::make(now), 1'000'000'000'000, 2, now + 1h}, {EmailId::make(now), 3, 3, TimePoint{}}}};

    const auto text = encode(told);
    const auto back = std::get<EmailRetries>(decode_email_retries(text, now));

    EXPECT_THAT(text, HasSubstr(R"("next_retry_at":null)"));
    ASSERT_EQ(back.retries.size(), 2U);
    EXPECT_EQ(back.retries[0].email_queue_id, told.retries[0].email_queue_id);
    EXPECT_EQ(back.retries[0].epoch, 1'000'000'000'000);
    EXPECT_EQ(back.retries[0].retry_count, 2);
    EXPECT_EQ(back.retries[0].next_retry_at, now + 1h);
    EXPECT_EQ(back.retries[1].next_retry_at, TimePoint{});
}

TEST(Messages, EventsComeBackWithTheirData) {
    const EmailEvents told{
        Uuid::v7(now), now, {{EventId::make(now), "opened", EmailId::make(now), now, true, R"({"agent":"x \"y\""})"}}};

    const auto back = std::get<EmailEvents>(decode_email_events(encode(told), now));

    ASSERT_EQ(back.events.size(), 1U);
    EXPECT_EQ(back.events[0].id, told.events[0].id);
    EXPECT_EQ(back.events[0].type, "opened");
    EXPECT_EQ(back.events[0].at, now);
    EXPECT_TRUE(back.events[0].recorded);
    EXPECT_EQ(back.events[0].data, told.events[0].data);
}

TEST(Messages, ReadWhatPostgresqlWrites) {
    const auto id = id_text();
    const auto text =
        R"({"v" : 1, "id" : ")" + id + R"(", "at" : "2026-11-24T08:48:15.1+01:00", "completed" : [])" + "}";

    const auto back = std::get<FollowupEvents>(decode_followup_events(text, now));

    EXPECT_EQ(back.at, now - 23456us);
}

TEST(Messages, IgnoreMembersOfANewerWriter) {
    const auto text = replaced(encode(jobs_of(1)), R"("step_order":0)", R"("step_order":0,"priority":{"a":[1]})");

    EXPECT_EQ(reason(decode_email_jobs(text, now)), "");
}

TEST(Messages, AnotherVersionIsPoison) {
    const auto text = encode(jobs_of(1));

    EXPECT_EQ(reason(decode_email_jobs(replaced(text, R"("v":1)", R"("v":99)"), now)), "version 99 is not known");
    EXPECT_EQ(reason(decode_email_jobs(replaced(text, R"("v":1)", R"("v":"1")"), now)),
              "v is not a whole number in range");
    EXPECT_EQ(reason(decode_email_jobs(replaced(text, R"("v":1,)", ""), now)), "v is missing");
}

TEST(Messages, EveryHalfWrittenRecordIsPoison) {
    const auto text = encode(jobs_of(2));

    for (std::size_t length = 0; length < text.size(); ++length)
        EXPECT_THAT(reason(decode_email_jobs(std::string_view{text}.substr(0, length), now)), HasSubstr("not JSON"));
}

TEST(Messages, WhatIsNoObjectIsPoison) {
    for (const auto* text : {"[]", "null", "1", "\"v\"", "true"})
        EXPECT_EQ(reason(decode_email_jobs(text, now)), "not a JSON object") << text;
}

TEST(Messages, WrongTypesAreNamedByTheirPlace) {
    const auto text = encode(jobs_of(2));

    EXPECT_EQ(reason(decode_email_jobs(replaced(text, R"("step_order":1)", R"("step_order":"1")"), now)),
              "emails[1].step_order is not a whole number in range");
    EXPECT_EQ(reason(decode_email_jobs(replaced(text, R"("step_order":1)", R"("step_order":-1)"), now)),
              "emails[1].step_order is out of range");
    EXPECT_EQ(reason(decode_email_jobs(replaced(text, R"(,"step_order":1)", ""), now)),
              "emails[1].step_order is missing");
    EXPECT_EQ(reason(decode_email_jobs(replaced(text, R"("emails":[{)", R"("emails":[7,{)"), now)),
              "emails[0] is not an object");
    EXPECT_EQ(reason(decode_email_jobs(replaced(text, R"("emails":)", R"("emails":{},"_":)"), now)),
              "emails is not a list");
    EXPECT_EQ(reason(decode_email_jobs(replaced(text, R"("mailbox_id":")", R"("mailbox_id":"x)"), now)),
              "emails[0].mailbox_id is not a UUID");
    EXPECT_EQ(reason(decode_email_jobs(replaced(text, R"("produced_at":")", R"("produced_at":"x)"), now)),
              "produced_at is not a time");
}

TEST(Messages, ABatchHasOneToFiftyEmails) {
    EXPECT_EQ(reason(decode_email_jobs(encode(jobs_of(0)), now)), "emails is empty");
    EXPECT_EQ(reason(decode_email_jobs(encode(jobs_of(51)), now)), "emails has more than 50 items");
}

TEST(Messages, AnIdThatIsNotOfOurTimeIsPoison) {
    auto jobs = jobs_of(1);
    jobs.batch_id = BatchId::make(now - 31 * 24h);
    EXPECT_EQ(reason(decode_email_jobs(encode(jobs), now)), "batch_id is too far from now");
    jobs.batch_id = BatchId::make(now + 31 * 24h);
    EXPECT_EQ(reason(decode_email_jobs(encode(jobs), now)), "batch_id is too far from now");
    jobs.batch_id = BatchId::make(now - 29 * 24h);
    EXPECT_EQ(reason(decode_email_jobs(encode(jobs), now)), "");
    jobs.batch_id.uuid.bytes[6] = 0x40;
    EXPECT_EQ(reason(decode_email_jobs(encode(jobs), now)), "batch_id is not a UUID of version 7");
}

TEST(Messages, HugeNumbersArePoison) {
    const auto text = encode(jobs_of(1));

    for (const auto* number : {"9999999999999999999999", "1.5", "1e400", "2147483648"})
        EXPECT_THAT(reason(decode_email_jobs(
                        replaced(text, R"("step_order":0)", std::string{R"("step_order":)"} + number), now)),
                    HasSubstr("range"))
            << number;
    EXPECT_EQ(reason(decode_email_events(event_record(R"({"n":1e999})"), now)), "a number is out of range");
}

TEST(Messages, TenMegabytesAreRefusedUnread) {
    EXPECT_EQ(reason(decode_email_jobs(std::string(10'000'000, '['), now)), "10000000 bytes are more than 1000000");
}

TEST(Messages, DepthIsCapped) {
    const auto nested = [](std::size_t depth) { return std::string(depth, '[') + std::string(depth, ']'); };

    EXPECT_THAT(reason(decode_email_jobs(nested(10'000), now)), HasSubstr("not JSON"));
    EXPECT_THAT(reason(decode_email_events(event_record(R"({"a":)" + nested(10'000) + "}"), now)),
                HasSubstr("not JSON"));
    EXPECT_EQ(reason(decode_email_events(event_record(R"({"a":)" + nested(20) + "}"), now)), "");
}

TEST(Messages, TextThatPostgresqlCannotStoreIsPoison) {
    EXPECT_EQ(reason(decode_email_events(event_record(R"({"a":"\u0000"})"), now)), "a string contains NUL");
    EXPECT_EQ(reason(decode_email_events(event_record(R"({"a":{"b\u0000":1}})"), now)), "a string contains NUL");
    EXPECT_EQ(reason(decode_email_events(event_record(R"({"a":[[1,"\u0000"]]})"), now)), "a string contains NUL");
    EXPECT_THAT(reason(decode_email_events(event_record(std::string{"{\"a\":\"x\0y\"}", 11}), now)),
                HasSubstr("not JSON"));
    EXPECT_THAT(reason(decode_email_events(event_record(R"({"a":"\ud800"})"), now)), HasSubstr("not JSON"));
    EXPECT_THAT(reason(decode_email_events(event_record(R"({"a":"\udc00"})"), now)), HasSubstr("not JSON"));
    EXPECT_THAT(reason(decode_email_events(event_record("{\"a\":\"\xff\"}"), now)), HasSubstr("not JSON"));
    EXPECT_THAT(reason(decode_email_events(event_record("{\"a\":\"\xed\xa0\x80\"}"), now)), HasSubstr("not JSON"));
    EXPECT_EQ(reason(decode_email_events(event_record(R"({"a":"\ud83d\ude00"})"), now)), "");
}

TEST(Messages, AnEventNeedsAPlainTypeAndAnObject) {
    EXPECT_EQ(reason(decode_email_events(event_record("{}", "Opened; DROP"), now)), "events[0].type is not a word");
    EXPECT_EQ(reason(decode_email_events(event_record("{}", ""), now)), "events[0].type is not a word");
    EXPECT_EQ(reason(decode_email_events(event_record("[]"), now)), "events[0].data is not an object");
}

TEST(Messages, DeadLettersHaveATopicOfTheirOwn) { EXPECT_EQ(topics::dead_letters("email-jobs"), "email-jobs.dlq"); }

TEST(Rfc3339, IsWrittenInUtcToTheMicrosecond) { EXPECT_EQ(rfc3339(now), "2026-11-24T07:48:15.123456Z"); }

TEST(Rfc3339, IsReadWithAnyOffset) {
    EXPECT_EQ(parse_rfc3339("2026-11-24T07:48:15.123456Z"), now);
    EXPECT_EQ(parse_rfc3339("2026-11-24T07:48:15.123456+00:00"), now);
    EXPECT_EQ(parse_rfc3339("2026-11-24T13:18:15.123456+05:30"), now);
    EXPECT_EQ(parse_rfc3339("2026-11-23T23:48:15.123456789-08:00"), now);
    EXPECT_EQ(parse_rfc3339("2026-11-24T07:48:15Z"), now - 123456us);
    EXPECT_EQ(parse_rfc3339("2028-02-29T00:00:00Z").has_value(), true);
}

TEST(Rfc3339, AnythingElseIsNotATime) {
    for (const auto* text : {"",
                             "2026-11-24",
                             "2026-11-24T07:48:15",
                             "2026-11-24 07:48:15Z",
                             "2026-02-30T00:00:00Z",
                             "2027-02-29T00:00:00Z",
                             "2026-13-01T00:00:00Z",
                             "2026-11-24T24:00:00Z",
                             "2026-11-24T07:60:00Z",
                             "2026-11-24T07:48:61Z",
                             "2026-11-24T07:48:15.Z",
                             "2026-11-24T07:48:15.1234567890Z",
                             "2026-11-24T07:48:15+0000",
                             "2026-11-24T07:48:15+24:00",
                             "2026-11-24T07:48:15ZZ",
                             "+026-11-24T07:48:15Z",
                             "2026-11-24T07:48:-5Z",
                             "infinity",
                             "1969-12-31T23:59:59Z",
                             "1970-01-01T00:00:00+00:01",
                             "9999-12-31T23:59:59-00:01",
                             "0001-01-01T00:00:00Z"})
        EXPECT_EQ(parse_rfc3339(text), std::nullopt) << text;
}

}  // namespace
}  // namespace sequitur::domain
