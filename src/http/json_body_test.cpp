#include "http/json_body.hpp"

#include "http/api_calls_test.hpp"
#include "http/problem.hpp"
#include "http/strict_json.hpp"

namespace sequitur::http {
namespace {

using testing::ElementsAre;
using testing::HasSubstr;
using testing::IsEmpty;

/// "pointer code" of what is wrong with members twice and NULs.
std::vector<std::string> strict(std::string_view text) {
    const auto parsed = parse_strictly(text);
    EXPECT_EQ(parsed.malformed, "");
    std::vector<std::string> out;
    for (const auto& problem : parsed.problems) out.push_back(problem.pointer + ' ' + problem.code);
    return out;
}

TEST(StrictJson, ReadsWhatIsRight) {
    const auto parsed = parse_strictly(R"({"a":[1,2.5,true,null,"x\u00e9\n"],"b":{"a":-1}})");

    EXPECT_EQ(parsed.malformed, "");
    EXPECT_THAT(parsed.problems, IsEmpty());
    EXPECT_EQ(parsed.value, json::parse(R"({"a":[1,2.5,true,null,"x\u00e9\n"],"b":{"a":-1}})"));
}

TEST(StrictJson, RefusesWhatIsNone) {
    for (const std::string_view text :
         {"", " ", "{", "{}x", "{} {}", "[1,]", "{\"a\"}", "'a'", "nul", "{\"a\":\"\xff\"}", "\"\xed\xa0\x80\"",
          "\"\\ud800\"", "\"a\nb\"", "01", "\xEF\xBB\xBF{}", "/**/{}"})
        EXPECT_NE(parse_strictly(text).malformed, "") << text;
}

TEST(StrictJson, RefusesDeepNestingWithoutRunningOutOfStack) {
    std::string deep(10'000, '[');
    EXPECT_THAT(parse_strictly(deep).malformed, HasSubstr("deeper than 32"));
    EXPECT_THAT(parse_strictly(deep + std::string(10'000, ']')).malformed, HasSubstr("deeper than 32"));
    EXPECT_THAT(parse_strictly(std::string(33, '[') + std::string(33, ']')).malformed, HasSubstr("deeper than 32"));
    EXPECT_EQ(parse_strictly(std::string(32, '[') + std::string(32, ']')).malformed, "");
}

TEST(StrictJson, NamesMembersThatAreThereTwice) {
    EXPECT_THAT(strict(R"({"a":1,"b":[{"x":1},{"x":1,"\u0078":2}],"a":2})"),
                ElementsAre("/b/1/x duplicate_member", "/a duplicate_member"));
}

TEST(StrictJson, NamesNulCharactersWhereverTheyAre) {
    EXPECT_THAT(strict(R"({"a":"x\u0000y\u0000","b":["","\u0000"],"c\u0000":1})"),
                ElementsAre("/a nul_character", "/b/1 nul_character", std::string{"/c\0 nul_character", 17}));
}

TEST(StrictJson, NumbersAreExactToTheLastBit) {
    for (const double number : {19.99, 0.1, 9007199254740993.0, 1.7976931348623157e308, 3.141592653589793}) {
        char text[64];
        std::snprintf(text, sizeof text, "%.17g", number);
        EXPECT_EQ(parse_strictly(text).value.to_number<double>(), number) << text;
    }
    EXPECT_THAT(strict("[1e999]"), ElementsAre("/0 number_range"));
}

TEST(StrictJson, PointersEscapeTheirTokens) { EXPECT_EQ(pointer_token("a/b~c"), "/a~1b~0c"); }

Request request_with(std::string body, std::string content_type = "application/json") {
    Request request;
    request.body = std::move(body);
    request.headers.emplace_back("content-type", std::move(content_type));
    return request;
}

TEST(JsonBody, WantsTheContentType) {
    EXPECT_EQ(read_json(request_with("{}", "text/plain")).refusal->status, 415);
    EXPECT_EQ(read_json(Request{}).refusal->status, 415);
    EXPECT_FALSE(read_json(request_with("{}", "Application/JSON ; charset=utf-8")).refusal);
}

TEST(JsonBody, MalformedIs400) { EXPECT_EQ(read_json(request_with("{")).refusal->status, 400); }

TEST(JsonBody, MayBeLeftOutWhereItHasNoRequiredMember) {
    EXPECT_FALSE(read_optional_json(Request{}).refusal);
    EXPECT_FALSE(refuse_members(Request{}));
    EXPECT_FALSE(refuse_members(request_with("{}")));
    EXPECT_EQ(refuse_members(request_with("{\"x\":1}"))->status, 422);
    EXPECT_EQ(refuse_members(request_with("[]"))->status, 422);
}

class FieldsTest : public testing::Test {
protected:
    Fields fields(std::string_view text, Null null = Null::is_absent) {
        value = json::parse(json::string_view{text.data(), text.size()});
        return Fields{value, "/at", problems, null};
    }
    std::vector<std::string> found() const {
        std::vector<std::string> out;
        for (const auto& problem : problems) out.push_back(problem.pointer + ' ' + problem.code);
        return out;
    }
    json::value value;
    Problems problems;
};

TEST_F(FieldsTest, ReadsMembersByRule) {
    auto f = fields(
        R"({"t":"x","i":3,"f":3.0,"b":true,"c":"one","l":[1],"o":{},"u":["00000000-0000-7000-8000-000000000001"]})");

    EXPECT_EQ(f.text("t"), "x");
    EXPECT_EQ(f.integer("i", {.min = 0, .max = 3}), 3);
    EXPECT_EQ(f.integer("f", {.min = 0, .max = 3}), 3);
    EXPECT_EQ(f.boolean("b"), true);
    EXPECT_EQ(f.choice("c", {"one", "two"}), "one");
    EXPECT_EQ(f.list("l")->size(), 1U);
    EXPECT_TRUE(f.object("o"));
    EXPECT_THAT(*f.ids("u"), ElementsAre(uuid_of(1)));
    f.refuse_others();
    EXPECT_THAT(problems, IsEmpty());
}

TEST_F(FieldsTest, NamesEveryWrongType) {
    auto f = fields(R"({"t":1,"i":"3","h":2.5,"b":"yes","c":[],"l":{},"o":[],"u":["x",1]})");

    f.text("t");
    f.integer("i", {});
    f.integer("h", {});
    f.boolean("b");
    f.choice("c", {"one"});
    f.list("l");
    f.object("o");
    f.ids("u");
    EXPECT_THAT(found(), ElementsAre("/at/t wrong_type", "/at/i wrong_type", "/at/h out_of_range", "/at/b wrong_type",
                                     "/at/c wrong_type", "/at/l wrong_type", "/at/o wrong_type", "/at/u/0 not_an_id",
                                     "/at/u/1 not_an_id"));
    EXPECT_EQ(problems[0].detail, "`t` must be a string, not a number.");
}

TEST_F(FieldsTest, NumbersKeepTheirBounds) {
    auto f = fields(R"({"a":-1,"b":4,"c":99999999999999999999,"d":1e300})");
    for (const auto* name : {"a", "b", "c", "d"}) EXPECT_EQ(f.integer(name, {.min = 0, .max = 3}), std::nullopt);
    EXPECT_EQ(problems.size(), 4U);
}

TEST_F(FieldsTest, RequiredMembersAreMissedAndNullIsNone) {
    auto f = fields(R"({"a":null,"c":null})");
    f.text("a", {.presence = Presence::required});
    f.list("b", {.presence = Presence::required});
    EXPECT_EQ(f.text("c"), std::nullopt);
    EXPECT_THAT(found(), ElementsAre("/at/a required", "/at/b required"));
}

TEST_F(FieldsTest, NullIsWrongWhereItWouldLookLikeClearing) {
    fields(R"({"a":null})", Null::is_wrong).text("a");
    EXPECT_THAT(found(), ElementsAre("/at/a wrong_type"));
}

TEST_F(FieldsTest, TextKeepsItsLengthInCharactersAndItsLine) {
    auto f = fields(R"({"a":"üüü","b":"üüüü","c":" ","d":"a\r\nBcc: x","e":"a\u0085"})");
    EXPECT_EQ(f.text("a", {.chars_max = 3}), "üüü");
    f.text("b", {.chars_max = 3});
    f.text("c", {.chars_min = 1});
    f.text("d", {.one_line = true});
    f.text("e", {.one_line = true});
    EXPECT_THAT(found(),
                ElementsAre("/at/b too_long", "/at/c empty", "/at/d control_character", "/at/e control_character"));
}

TEST_F(FieldsTest, RefusesUnknownMembersWithTheNearestKnownName) {
    auto f = fields(R"({"wait_day":3,"xyz":1,"a/b":2})");
    f.integer("wait_days", {});
    f.refuse_others();
    EXPECT_THAT(found(),
                ElementsAre("/at/wait_day unknown_member", "/at/xyz unknown_member", "/at/a~1b unknown_member"));
    EXPECT_THAT(problems[0].detail, HasSubstr("did you mean `wait_days`?"));
    EXPECT_THAT(problems[1].detail, testing::Not(HasSubstr("did you mean")));
}

TEST(Problem, HasTheMembersOfRfc9457AndOurs) {
    Request request;
    request.id = "r-1";
    request.path = "/api/v1/x";
    const auto response = problem(request, {.status = 409,
                                            .code = "some-code",
                                            .title = "Title",
                                            .detail = "De\"tail",
                                            .remedy = "Do that.",
                                            .errors = {{"/a", "x", "y"}, {"?limit", "x", "y"}, {"", "z", "w"}}});

    EXPECT_EQ(response.content_type, "application/problem+json");
    EXPECT_EQ(body_of(response), json::parse(R"({"type":"/problems/some-code","title":"Title","status":409,
        "detail":"De\"tail","instance":"/api/v1/x","code":"some-code","request_id":"r-1","remedy":"Do that.","errors":[
        {"pointer":"/a","code":"x","detail":"y"},{"parameter":"limit","code":"x","detail":"y"},
        {"pointer":"","code":"z","detail":"w"}]})"));
}

TEST(Problem, ListsABoundedNumberOfErrors) {
    const auto response = validation_problem(Request{}, Problems(2'000, {"/a", "x", "y"}));

    EXPECT_EQ(errors_of(response).size(), errors_listed_max);
    EXPECT_THAT(std::string{body_of(response).at("detail").as_string()}, HasSubstr("2000 things"));
}

}  // namespace
}  // namespace sequitur::http
