// Against the rules taken one character at a time: what is read in blocks and copied in runs gives the same bytes.
#include "mail/quoted_printable.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace sequitur::mail {

namespace {

std::string escaped(char c) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    const auto byte = static_cast<unsigned char>(c);
    return {'=', digits[byte >> 4], digits[byte & 15]};
}

std::string line_by_characters(std::string_view line) {
    std::string out;
    std::size_t column = 0;
    for (std::size_t at = 0; at < line.size(); ++at) {
        const bool is_last = at + 1 == line.size();
        const auto form = [&] {
            const char c = line[at];
            const bool is_touched = column == 0 && (c == '.' || line.substr(at, 5) == "From ");
            const bool is_blank = c == ' ' || c == '\t';
            const bool is_literal = (c > ' ' && c <= '~' && c != '=') || (is_blank && !is_last);
            return is_literal && !is_touched ? std::string{c} : escaped(c);
        };
        if (column + form().size() > (is_last ? 76U : 75U)) {
            out += "=\r\n";
            column = 0;
        }
        out += form();
        column += form().size();
    }
    return out + "\r\n";
}

std::string by_characters(std::string_view text) {
    std::string out;
    while (!text.empty()) {
        const auto end = std::min(text.find_first_of("\r\n"), text.size());
        out += line_by_characters(text.substr(0, end));
        text.remove_prefix(end);
        if (!text.empty()) text.remove_prefix(text.starts_with("\r\n") ? 2 : 1);
    }
    return out;
}

std::string noise(std::mt19937& random) {
    const std::vector<std::string> words{"word",
                                         " ",
                                         "\t",
                                         "=",
                                         "From ",
                                         ".",
                                         "..",
                                         "\n",
                                         "\r\n",
                                         "\r",
                                         "\x7f",
                                         "\x01",
                                         "\xC3\xBC",
                                         "<a href=\"",
                                         "F",
                                         "\xFF",
                                         "{{x}}",
                                         "&amp;",
                                         std::string(70, 'x'),
                                         std::string(75, 'y')};
    std::string text;
    const auto kinds = 1 + random() % words.size();  // some texts are nearly plain
    for (auto left = random() % 60; left > 0; --left) text += words[random() % kinds];
    return text;
}

TEST(QuotedPrintable, IsWhatTheRulesSayCharacterByCharacter) {
    std::mt19937 random{11};
    for (int i = 0; i < 5'000; ++i) {
        const auto text = noise(random);
        ASSERT_EQ(quoted_printable(text), by_characters(text)) << text;
    }
}

TEST(QuotedPrintable, KeepsTheLastCharacterOfAFullLine) {
    for (std::size_t size = 70; size < 160; ++size) {
        const std::string text(size, 'x');
        ASSERT_EQ(quoted_printable(text), by_characters(text));
        ASSERT_EQ(quoted_printable(text + " "), by_characters(text + " "));
    }
}

}  // namespace

}  // namespace sequitur::mail
