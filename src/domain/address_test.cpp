#include "domain/address.hpp"

#include <gtest/gtest.h>

namespace sequitur::domain {

namespace {

std::string text(std::string_view input) {
    const auto parsed = parse_address(input);
    if (const auto* problem = std::get_if<AddressProblem>(&parsed)) return "problem: " + problem->message;
    return std::get<Address>(parsed).text();
}

bool is_refused(std::string_view input) { return std::holds_alternative<AddressProblem>(parse_address(input)); }

TEST(Address, Case12TurnsTheDomainIntoItsALabel) {
    EXPECT_EQ(text("bob@münchen.test"), "bob@xn--mnchen-3ya.test");
    EXPECT_EQ(text("bob@MÜNCHEN.test"), "bob@xn--mnchen-3ya.test");
    EXPECT_EQ(text("a@straße.de"), "a@xn--strae-oqa.de");
    EXPECT_EQ(text("a@EXAMPLE.Com"), "a@example.com");
    EXPECT_EQ(text("a@xn--mnchen-3ya.test"), "a@xn--mnchen-3ya.test");
}

TEST(Address, Case13RefusesWhatIsNoDomain) {
    for (const auto* input : {"a@ex_ample.test", "a@a..b", "a@-x.test", "a@x-.test", "a@☃.test", "a@x", "a@.x.test",
                              "a@x.test.", "a@", "a@[127.0.0.1]", "a@127.0.0.1", "a@x test.de", "a@x.te\x01st"})
        EXPECT_TRUE(is_refused(input)) << input;
    EXPECT_TRUE(is_refused("a@" + std::string(64, 'x') + ".test"));
    EXPECT_FALSE(is_refused("a@" + std::string(63, 'x') + ".test"));
}

TEST(Address, RefusesWhatIsNoLocalPart) {
    for (const auto* input : {"@x.test", ".a@x.test", "a.@x.test", "a..b@x.test", "a b@x.test", "\"a\"@x.test",
                              "a,b@x.test", "a@b@x.test", "<a@x.test>", "a\r\nb@x.test", "Bob <b@x.test>", ""})
        EXPECT_TRUE(is_refused(input)) << input;
    EXPECT_TRUE(is_refused(std::string{"a\0b@x.test", 10}));
    EXPECT_TRUE(is_refused(std::string{"a@x\0.test", 9}));
}

TEST(Address, Case14TakesALocalPartOfAnyAlphabet) {
    EXPECT_EQ(text("jörg@x.test"), "jörg@x.test");
    EXPECT_EQ(text("用户.名@例え.test"), "用户.名@xn--r8jz45g.test");
    for (const auto* input :
         {"j\xF6rg@x.test", "a\u0085@x.test", "a\u202Eb@x.test", "a\u200Bb@x.test", "a\u00A0b@x.test",
          "\xED\xA0\x80@x.test", "\xC0\x80@x.test", "ü b@x.test", "ü<@x.test", "\xF0\x9F@x.test"})
        EXPECT_TRUE(is_refused(input)) << input;
    EXPECT_FALSE(is_refused(std::string("üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüü") + "@x.test"));  // 64 bytes
    EXPECT_TRUE(is_refused(std::string("üüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüüa") + "@x.test"));
}

TEST(Address, KeepsTheLimitsOfTheRfc) {
    EXPECT_FALSE(is_refused(std::string(64, 'a') + "@x.test"));
    EXPECT_TRUE(is_refused(std::string(65, 'a') + "@x.test"));
    const std::string label(61, 'd');
    const auto domain = label + "." + label + "." + label;
    EXPECT_FALSE(is_refused(std::string(64, 'a') + "@" + domain + ".tes"));  // 254
    EXPECT_TRUE(is_refused(std::string(64, 'a') + "@" + domain + ".test"));
}

TEST(Address, AcceptsWhatPeopleHave) {
    for (const auto* input :
         {"a+b@x.test", "o'neil@x.test", "first.last@sub.x.test", "a@1and1.de", "_x@x.test", "a=b@x.test"})
        EXPECT_EQ(text(input), input);
    EXPECT_EQ(text(" a@x.test\t\n"), "a@x.test");
}

TEST(Address, ComparesWithoutCaseAndWithoutFolding) {  // mail case 85
    EXPECT_EQ(std::get<Address>(parse_address("A.B+c@EX.test")).normalised(), "a.b+c@ex.test");
    EXPECT_EQ(std::get<Address>(parse_address("A.B+c@EX.test")).text(), "A.B+c@ex.test");
}

TEST(Address, NamesTheRemedy) {
    EXPECT_NE(text("j\xF6rg@x.test").find("not text in UTF-8"), std::string::npos);
    EXPECT_NE(text("bob").find("name@example.com"), std::string::npos);
}

}  // namespace

}  // namespace sequitur::domain
