#include "domain/suppression.hpp"

#include <gtest/gtest.h>

namespace sequitur::domain {
namespace {

std::string parsed(std::string_view text) {
    const auto result = parse_suppressed(text);
    if (const auto* problem = std::get_if<AddressProblem>(&result)) return "refused: " + problem->message;
    const auto& suppressed = std::get<Suppressed>(result);
    return suppressed.kind + " " + suppressed.value;
}

TEST(Suppressed, Case85IsComparedInLowerCaseWithoutFoldingDotsOrTags) {
    EXPECT_EQ(parsed(" A.B+c@EX.test\t"), "email a.b+c@ex.test");
    EXPECT_NE(parsed("A.B+c@EX.test"), parsed("ab@ex.test"));
    EXPECT_NE(parsed("a.b@ex.test"), parsed("ab@ex.test"));
}

TEST(Suppressed, ADomainIsItsALabelWithOrWithoutTheAt) {
    EXPECT_EQ(parsed("Acme.TEST"), "domain acme.test");
    EXPECT_EQ(parsed(" @acme.test "), "domain acme.test");
    EXPECT_EQ(parsed("münchen.test"), "domain xn--mnchen-3ya.test");
}

TEST(Suppressed, IsRefusedWithItsReasonWhereItIsNeither) {
    EXPECT_EQ(parsed(""), "refused: nothing stands after the '@'");
    EXPECT_EQ(parsed("acme"), "refused: the domain has no dot; write it in full, as in name@example.com");
    EXPECT_EQ(parsed("a..b@acme.test").substr(0, 8), "refused:");
    EXPECT_EQ(parsed("*.acme.test").substr(0, 8), "refused:");
}

}  // namespace
}  // namespace sequitur::domain
