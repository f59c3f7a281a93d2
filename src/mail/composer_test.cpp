// The numbers are those of the project's list of mail cases.
#include "mail/composer.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <clocale>
#include <random>

#include "mail/base64.hpp"
#include "mail/golden_mails_for_tests.hpp"
#include "mail/header_field.hpp"
#include "mail/quoted_printable.hpp"

namespace sequitur::mail {

namespace {

constexpr std::string_view id_hex = "0193a1b2c3d47e5f8a9b0c1d2e3f4a5b";

domain::MailParts parts() {
    auto made = golden_base();
    made.html = "<p>Hi</p>";
    return made;
}

std::string compose(const domain::MailParts& made) { return MimeComposer{}.compose(made); }

/// The field as it stands in the mail, folds included, without its last CRLF.
std::string field(const std::string& message, const std::string& name) {
    const auto head = "\r\n" + message.substr(0, message.find("\r\n\r\n") + 2);
    const auto from = head.find("\r\n" + name + ": ");
    if (from == std::string::npos) return {};
    auto end = head.find("\r\n", from + 2);
    while (end + 2 < head.size() && head[end + 2] == ' ') end = head.find("\r\n", end + 2);
    return head.substr(from + 2, end - from - 2);
}

std::string without_folds(std::string text) {
    for (auto at = text.find("\r\n"); at != std::string::npos; at = text.find("\r\n")) text.erase(at, 2);
    return text;
}

std::string subject(const std::string& value) {
    auto made = parts();
    made.subject = value;
    return field(compose(made), "Subject");
}

std::string to(const std::string& name) {
    auto made = parts();
    made.to_name = name;
    return field(compose(made), "To");
}

std::string q_decoded(std::string_view text) {
    std::string result;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text[i] == '=') {
            result += static_cast<char>(std::stoi(std::string{text.substr(i + 1, 2)}, nullptr, 16));
            i += 2;
        } else {
            result += text[i] == '_' ? ' ' : text[i];
        }
    }
    return result;
}

/// The encoded-words of a field, each checked for its length, decoded.
std::string decoded(std::string_view text) {
    std::string result;
    for (auto at = text.find("=?UTF-8?"); at != std::string_view::npos; at = text.find("=?UTF-8?", at)) {
        const auto end = text.find("?=", at + 10);
        EXPECT_LE(end + 2 - at, 75U);
        const auto inside = text.substr(at + 10, end - at - 10);
        result += text[at + 8] == 'B' ? base64_decode(inside).value() : q_decoded(inside);
        at = end + 2;
    }
    return result;
}

std::string encoded(std::string_view text) {
    std::string bytes;
    EncodedBody{text}.append_to(bytes);
    return bytes;
}

std::size_t longest_line(std::string_view text) {
    std::size_t longest = 0;
    while (!text.empty()) {
        const auto end = std::min(text.find("\r\n"), text.size());
        longest = std::max(longest, end);
        text.remove_prefix(std::min(end + 2, text.size()));
    }
    return longest;
}

TEST(Composer, Case01WritesAPlainSubjectAsItIs) { EXPECT_EQ(subject("Hello"), "Subject: Hello"); }

TEST(Composer, Case02EncodesReadableTextAsQ) { EXPECT_EQ(subject("Grüße"), "Subject: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?="); }

TEST(Composer, Case03EncodesOtherAlphabetsAsB) {
    EXPECT_EQ(subject("東京"), "Subject: =?UTF-8?B?5p2x5Lqs?=");
    EXPECT_EQ(subject("🚀"), "Subject: =?UTF-8?B?8J+agA==?=");
}

TEST(Composer, Case04SplitsLongTextBetweenCharacters) {
    std::string text;
    for (int i = 0; i < 200; ++i) text += "ü";

    const auto line = subject(text);

    EXPECT_EQ(decoded(line), text);
    EXPECT_LE(longest_line(line), 76U);
}

TEST(Composer, Case05RefusesLineBreaksInHeaders) {
    const std::vector<std::string> bad_values{"a\r\nBcc: e@x.test", "a\nb", "a\rb", std::string{"a\0b", 3}};
    for (const auto& bad : bad_values) {
        for (auto member : {&domain::MailParts::from_name, &domain::MailParts::from_address,
                            &domain::MailParts::to_name, &domain::MailParts::to_address, &domain::MailParts::subject}) {
            auto made = parts();
            made.*member = bad;
            EXPECT_THROW(compose(made), std::invalid_argument);
        }
        auto made = parts();
        made.references = {"<a@b>", "<" + bad + ">"};
        EXPECT_THROW(compose(made), std::invalid_argument);
    }
    auto made = parts();
    made.to_address = "a@b.test>, <c@d.test";
    EXPECT_THROW(compose(made), std::invalid_argument);
}

TEST(Composer, Case06EncodesWhatLooksEncoded) {
    const std::string text = "=?UTF-8?Q?x?=";

    const auto line = subject(text);

    EXPECT_EQ(line.find(text), std::string::npos);
    EXPECT_EQ(decoded(line), text);
}

TEST(Composer, Case07FoldsALongSubjectBeforeBlanks) {
    std::string text;
    while (text.size() < 120) text += "seven77 ";
    text += "end";

    const auto line = subject(text);

    EXPECT_LE(longest_line(line), 78U);
    EXPECT_NE(line.find("\r\n "), std::string::npos);
    EXPECT_EQ(without_folds(line), "Subject: " + text);
    const std::string token(1200, 'x');
    EXPECT_EQ(decoded(subject(token)), token);
}

TEST(Composer, Case08WritesASimpleNameBare) {
    EXPECT_EQ(to("Bob"), "To: Bob <b@x.test>");
    EXPECT_EQ(to("Bob Smith"), "To: Bob Smith <b@x.test>");
    EXPECT_EQ(to(""), "To: b@x.test");
    EXPECT_EQ(to("  "), "To: b@x.test");
}

TEST(Composer, Case09QuotesANameWithOtherSigns) {
    EXPECT_EQ(to("Smith, Bob"), R"(To: "Smith, Bob" <b@x.test>)");
    EXPECT_EQ(to(R"(O"N\)"), R"(To: "O\"N\\" <b@x.test>)");
    EXPECT_EQ(to("J. Q. Public"), R"(To: "J. Q. Public" <b@x.test>)");
}

TEST(Composer, Case10EncodesANameOutsideAscii) {
    EXPECT_EQ(to("Jørgen Müller"), "To: =?UTF-8?Q?J=C3=B8rgen_M=C3=BCller?= <b@x.test>");
    EXPECT_EQ(to(R"(Jørgen "Joe" Müller, Sales)"),
              "To: =?UTF-8?Q?J=C3=B8rgen_=22Joe=22_M=C3=BCller=2C_Sales?= <b@x.test>");
}

TEST(Composer, Case11SplitsALongNameIntoWords) {
    std::string name;
    for (int i = 0; i < 60; ++i) name += "東";

    const auto line = to(name);

    EXPECT_EQ(decoded(line), name);
    EXPECT_EQ(line.find('"'), std::string::npos);
    EXPECT_LE(longest_line(line), 76U);
    EXPECT_TRUE(line.ends_with(" <b@x.test>"));
}

TEST(Composer, LeavesDirectionMarksOutOfNames) { EXPECT_EQ(to("Bob\u202Etxt.exe"), R"(To: "Bobtxt.exe" <b@x.test>)"); }

TEST(Composer, Case15WritesTheDateInTheZoneOfTheMailbox) {
    auto made = parts();
    made.utc_offset_minutes = 330;
    const auto* before = std::setlocale(LC_ALL, "de_DE.UTF-8");
    EXPECT_EQ(field(compose(made), "Date"), "Date: Mon, 24 Nov 2025 06:32:03 +0530");
    made.utc_offset_minutes = -570;
    EXPECT_EQ(field(compose(made), "Date"), "Date: Sun, 23 Nov 2025 15:32:03 -0930");
    std::setlocale(LC_ALL, before == nullptr ? "C" : before);
}

TEST(Composer, Case16GivesTheSameBytesAgain) { EXPECT_EQ(compose(parts()), compose(parts())); }

TEST(Composer, Case17MakesTheMessageIdFromTheRow) {
    EXPECT_EQ(field(compose(parts()), "Message-ID"), "Message-ID: <sequitur." + std::string{id_hex} + "@y.test>");
}

TEST(Composer, Case18NamesTheMailThatItAnswers) {
    auto made = parts();
    made.references = {"<1@y.test>"};

    const auto message = compose(made);

    EXPECT_EQ(field(message, "In-Reply-To"), "In-Reply-To: <1@y.test>");
    EXPECT_EQ(field(message, "References"), "References: <1@y.test>");
}

TEST(Composer, Case19NamesTheWholeThread) {
    auto made = parts();
    made.references = {"<1@y.test>", "<2@y.test>"};
    EXPECT_EQ(field(compose(made), "In-Reply-To"), "In-Reply-To: <2@y.test>");
    EXPECT_EQ(field(compose(made), "References"), "References: <1@y.test> <2@y.test>");

    made.references.clear();
    for (int i = 0; i < 50; ++i)
        made.references.push_back("<sequitur." + std::string{id_hex} + std::to_string(100 + i) + "@y.test>");
    const auto line = field(compose(made), "References");
    EXPECT_LE(longest_line(line), 78U);
    EXPECT_EQ(std::ranges::count(line, '<'), 30);
    EXPECT_NE(line.find("114@y.test>\r\n"), std::string::npos);
    EXPECT_EQ(line.find("115@y.test>"), std::string::npos);
    EXPECT_EQ(line.find("134@y.test>"), std::string::npos);
    EXPECT_NE(line.find("135@y.test>"), std::string::npos);
}

TEST(Composer, Case20StartsAThreadWithoutReferences) {
    EXPECT_EQ(field(compose(parts()), "In-Reply-To"), "");
    EXPECT_EQ(field(compose(parts()), "References"), "");
}

TEST(Composer, Case24PutsTextBeforeHtml) {
    auto made = parts();
    made.text = "plain";

    const auto boundary = "=_sequitur_" + std::string{id_hex};
    EXPECT_EQ(compose(made),
              "From: Ada <ada@y.test>\r\n"
              "To: Bob <b@x.test>\r\n"
              "Subject: Hello\r\n"
              "Date: Mon, 24 Nov 2025 01:02:03 +0000\r\n"
              "Message-ID: <sequitur.0193a1b2c3d47e5f8a9b0c1d2e3f4a5b@y.test>\r\n"
              "X-Sequitur-Id: 0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b\r\n"
              "MIME-Version: 1.0\r\n"
              "Content-Type: multipart/alternative;\r\n boundary=\"" +
                  boundary +
                  "\"\r\n"
                  "\r\n--" +
                  boundary +
                  "\r\n"
                  "Content-Type: text/plain; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\nplain\r\n"
                  "\r\n--" +
                  boundary +
                  "\r\n"
                  "Content-Type: text/html; charset=utf-8\r\nContent-Transfer-Encoding: 7bit\r\n\r\n<p>Hi</p>\r\n"
                  "\r\n--" +
                  boundary + "--\r\n");
    made.html.clear();
    EXPECT_EQ(compose(made).find("multipart"), std::string::npos);
    EXPECT_TRUE(compose(made).ends_with("\r\n\r\nplain\r\n"));
}

TEST(Composer, DerivesTheTextPartFromTheHtml) {
    EXPECT_NE(compose(parts()).find("7bit\r\n\r\nHi\r\n"), std::string::npos);
}

TEST(Composer, Case25TurnsEveryLineEndIntoCrlf) {
    EXPECT_EQ(with_crlf("a\nb\r\nc\rd"), "a\r\nb\r\nc\r\nd\r\n");
    EXPECT_EQ(quoted_printable(with_crlf("a\nb\r\nc\rd")), "a\r\nb\r\nc\r\nd\r\n");
    EXPECT_EQ(with_crlf(std::string_view{"a\0\r\nb\0\n\n", 8}), "a\r\nb\r\n\r\n");
}

TEST(Composer, DropsNulsAndEscapesOtherControlCharacters) {
    auto made = parts();
    made.html.clear();
    made.text = std::string{"a\0b \x01\x7f.\n", 8};

    EXPECT_TRUE(compose(made).ends_with("quoted-printable\r\n\r\nab =01=7F.\r\n")) << compose(made);
}

TEST(Composer, Case26BreaksLongLines) {
    const auto text = quoted_printable(std::string(1200, 'x') + "\r\n");

    EXPECT_LE(longest_line(text), 76U);
    std::string joined;
    for (std::size_t i = 0; i < text.size(); ++i) {
        if (text.compare(i, 3, "=\r\n") == 0)
            i += 2;
        else
            joined += text[i];
    }
    EXPECT_EQ(joined, std::string(1200, 'x') + "\r\n");
}

TEST(Composer, Case27HidesWhatMailSoftwareTouches) {
    EXPECT_EQ(quoted_printable("foo = bar \r\n"), "foo =3D bar=20\r\n");
    EXPECT_EQ(quoted_printable("From me\r\n"), "=46rom me\r\n");
    EXPECT_EQ(quoted_printable(".\r\n"), "=2E\r\n");
    EXPECT_EQ(encoded("foo = bar \n"), "foo =3D bar=20\r\n");
    EXPECT_EQ(EncodedBody{"From me\n"}.encoding(), "quoted-printable");
}

TEST(Composer, Case28ChoosesTheEncodingByTheText) {
    EXPECT_EQ(EncodedBody{"short\nlines\n"}.encoding(), "7bit");
    EXPECT_EQ(EncodedBody{"Привет, мир"}.encoding(), "base64");
    EXPECT_EQ(EncodedBody{"Grüße aus Köln"}.encoding(), "quoted-printable");
    EXPECT_LE(longest_line(encoded(std::string(500, 'x') + "Привет")), 76U);
}

TEST(Composer, WritesOnlyLawfulLinesWhateverComes) {
    std::mt19937 random{7};
    constexpr std::string_view alphabet = " .=\"\\<>aFrom\t\xC3\xBC\xFF?_-\xE6\x9D\xB1";
    const auto noise = [&](std::size_t bytes_max) {
        std::string text(random() % bytes_max, ' ');
        for (auto& c : text) c = alphabet[random() % alphabet.size()];
        return text;
    };
    for (int i = 0; i < 300; ++i) {
        auto made = parts();
        made.to_name = noise(2000);
        made.from_name = std::string(random() % 1200, "\" \\x"[random() % 4]);
        made.subject = noise(3000);
        made.html = noise(4000);
        const auto message = compose(made);
        EXPECT_LE(longest_line(message), 998U);
        EXPECT_TRUE(std::ranges::all_of(message, [](char c) { return c > 0; }));
        EXPECT_TRUE(message.ends_with("\r\n"));
    }
}

}  // namespace

}  // namespace sequitur::mail
