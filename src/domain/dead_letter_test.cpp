#include <boost/json/parse.hpp>
#include <gtest/gtest.h>

#include "domain/ports/message_bus.hpp"

namespace sequitur::domain {
namespace {

const TimePoint now{std::chrono::hours{500'000}};

BusRecord record(std::string payload) {
    return {.topic = "email-jobs",
            .partition = 3,
            .offset = 41,
            .slot = 19,
            .id = Uuid::v7(now),
            .at = now,
            .payload = std::move(payload)};
}

boost::json::object letter(const BusRecord& record, std::string_view reason = "bad") {
    return boost::json::parse(dead_letter(record, "sender", reason, now).payload).as_object();
}

TEST(DeadLetter, NamesWhereTheRecordStoodAndWhy) {
    const auto poison = record("{");
    const auto outgoing = dead_letter(poison, "sender", "not \"JSON\"", now);
    EXPECT_EQ(outgoing.topic, "email-jobs.dlq");
    EXPECT_EQ(outgoing.slot, 19);
    EXPECT_EQ(outgoing.id.version(), 7);
    const auto json = boost::json::parse(outgoing.payload).as_object();
    EXPECT_EQ(json.at("v"), 1);
    EXPECT_EQ(json.at("id"), boost::json::value(outgoing.id.text()));
    EXPECT_EQ(json.at("topic"), "email-jobs");
    EXPECT_EQ(json.at("partition"), 3);
    EXPECT_EQ(json.at("offset"), 41);
    EXPECT_EQ(json.at("slot"), 19);
    EXPECT_EQ(json.at("group"), "sender");
    EXPECT_EQ(json.at("reason"), "not \"JSON\"");
    EXPECT_EQ(json.at("record_id"), boost::json::value(poison.id.text()));
}

TEST(DeadLetter, KeepsThePayloadWhateverItIs) {
    // The examples of RFC 4648 §10, and bytes that are no text.
    EXPECT_EQ(letter(record("")).at("payload_base64"), "");
    EXPECT_EQ(letter(record("f")).at("payload_base64"), "Zg==");
    EXPECT_EQ(letter(record("fo")).at("payload_base64"), "Zm8=");
    EXPECT_EQ(letter(record("foobar")).at("payload_base64"), "Zm9vYmFy");
    EXPECT_EQ(letter(record({"\0\xff\xfe", 3})).at("payload_base64"), "AP/+");
}

TEST(DeadLetter, CutsALongPayloadAndSaysSo) {
    const auto json = letter(record(std::string(100'000, 'x')));
    EXPECT_EQ(json.at("payload_base64").as_string().size(), (64 * 1024 + 2) / 3 * 4U);
    EXPECT_EQ(json.at("payload_bytes"), 100'000);
}

TEST(DeadLetter, StaysJsonWhenTheReasonIsNot) {
    EXPECT_TRUE(letter(record("x"), std::string_view{"\xff\0\n", 3}).at("reason").is_string());
}

}  // namespace
}  // namespace sequitur::domain
