#include "domain/enrollment.hpp"

#include <gmock/gmock.h>
#include <gtest/gtest.h>

namespace sequitur::domain {
namespace {

using testing::ElementsAre;
using testing::IsEmpty;

NewContact contact(std::string email) {
    NewContact contact;
    contact.email = std::move(email);
    return contact;
}

std::vector<std::string> skipped(const std::vector<NewContact>& contacts) {
    std::vector<std::string> out;
    for (const auto& one : sift(contacts).skipped) out.push_back(std::to_string(one.index) + ' ' + one.code);
    return out;
}

TEST(Sift, TakesContactsWithTheirNormalisedAddress) {
    const std::vector contacts{contact("Ana@Acme.test"), contact(" bob@acme.test ")};

    const auto sifted = sift(contacts);

    ASSERT_EQ(sifted.candidates.size(), 2U);
    EXPECT_EQ(sifted.candidates[0].email, "ana@acme.test");
    EXPECT_EQ(sifted.candidates[1].email, "bob@acme.test");
    EXPECT_EQ(sifted.candidates[1].contact, &contacts[1]);
    EXPECT_EQ(sifted.candidates[1].index, 1U);
    EXPECT_THAT(sifted.skipped, IsEmpty());
}

TEST(Sift, LeavesOutWhatIsNoAddress) {
    const auto sifted = sift({contact("x@"), contact("ok@acme.test"), contact("")});

    ASSERT_EQ(sifted.skipped.size(), 2U);
    EXPECT_EQ(sifted.skipped[0].code, "invalid_email");
    EXPECT_EQ(sifted.skipped[0].email, "x@");
    EXPECT_FALSE(sifted.skipped[0].detail.empty());
    EXPECT_EQ(sifted.skipped[1].index, 2U);
}

TEST(Sift, RepeatsOnlyTheBeginningOfAnAddressWithoutEnd) {
    const auto told = [](const std::string& email) { return sift({contact(email)}).skipped.at(0).email; };

    EXPECT_EQ(told(std::string(320, 'x')), std::string(320, 'x'));
    EXPECT_EQ(told(std::string(1'000'000, 'x')), std::string(320, 'x') + "…");
    EXPECT_EQ(told(std::string(319, 'x') + "üü"), std::string(319, 'x') + "…");
}

TEST(Sift, TakesEveryPersonOnce) {
    EXPECT_THAT(skipped({contact("a@acme.test"), contact("A@ACME.test"), contact("b@acme.test")}),
                ElementsAre("1 duplicate_in_request"));
}

TEST(Sift, APersonLeftOutIsNoDuplicateOfTheNext) {
    auto broken = contact("a@acme.test");
    broken.phone = std::string(51, '1');
    EXPECT_THAT(skipped({broken, contact("a@acme.test")}), ElementsAre("0 invalid_value"));
}

TEST(Sift, LeavesOutValuesThatDoNotFitTheirColumn) {
    auto long_name = contact("a@acme.test");
    long_name.first_name = std::string(101, 'x');
    auto fits = contact("b@acme.test");
    for (int i = 0; i < 100; ++i) *(fits.last_name ? &*fits.last_name : &fits.last_name.emplace()) += "é";
    auto company = contact("c@acme.test");
    company.company = std::string(256, 'x');
    auto attributes = contact("d@acme.test");
    attributes.attributes = "{\"a\":\"" + std::string(70'000, 'x') + "\"}";
    EXPECT_THAT(skipped({long_name, fits, company, attributes}),
                ElementsAre("0 invalid_value", "2 invalid_value", "3 invalid_value"));
}

TEST(Sift, LeavesOutNamesThatWouldBreakAHeader) {
    auto injected = contact("a@acme.test");
    injected.first_name = "Ana\r\nBcc: everybody@acme.test";
    EXPECT_THAT(skipped({injected}), ElementsAre("0 invalid_value"));
}

TEST(Sift, LeavesOutWhatIsNoTimeZone) {
    auto good = contact("a@acme.test");
    good.timezone = "America/Argentina/Buenos_Aires";
    auto bad = contact("b@acme.test");
    bad.timezone = "five o'clock";
    EXPECT_THAT(skipped({good, bad}), ElementsAre("1 invalid_value"));
}

}  // namespace
}  // namespace sequitur::domain
