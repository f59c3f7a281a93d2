// Addresses beyond ASCII, Reply-To, List-Unsubscribe, custom headers and attachments. The numbers are those of the
// project's list of mail cases.
#include <gtest/gtest.h>

#include <algorithm>

#include "mail/composer.hpp"

namespace sequitur::mail {

namespace {

domain::MailParts parts() {
    domain::MailParts made;
    made.email = *EmailId::parse("0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b");
    made.from_address = "ada@y.test";
    made.to_address = "b@x.test";
    made.subject = "Hello";
    made.html = "<p>Hi</p>";
    return made;
}

std::string compose(const domain::MailParts& made) { return MimeComposer{}.compose(made); }

/// The names of the header fields, as they come.
std::string names(const std::string& message) {
    std::string found;
    for (std::string_view rest = message; !rest.starts_with("\r\n");) {
        const auto line = rest.substr(0, rest.find("\r\n"));
        if (!line.starts_with(' ')) found += std::string{line.substr(0, line.find(':'))} + " ";
        rest.remove_prefix(line.size() + 2);
    }
    return found;
}

bool has(const std::string& message, std::string_view part) { return message.find(part) != std::string::npos; }

TEST(Composer, WritesItsHeadersInOneOrder) {
    auto made = parts();
    made.reply_to = "desk@y.test";
    made.references = {"<1@y.test>"};
    made.unsubscribe_url = "https://t.test/u/T";
    made.custom_headers = {{"X-Campaign", "spring"}, {"Feedback-ID", "1:2:sequitur:y"}};
    EXPECT_EQ(names(compose(made)), "From To Reply-To Subject Date Message-ID In-Reply-To References List-Unsubscribe "
                                    "List-Unsubscribe-Post X-Campaign Feedback-ID X-Sequitur-Id MIME-Version "
                                    "Content-Type ");
    EXPECT_TRUE(has(compose(made), "\r\nReply-To: desk@y.test\r\n"));
    EXPECT_EQ(names(compose(parts())), "From To Subject Date Message-ID X-Sequitur-Id MIME-Version Content-Type ");
}

TEST(Composer, Case12WritesADomainOutsideAsciiAsItsALabel) {
    auto made = parts();
    made.to_address = "bob@xn--mnchen-3ya.test";
    const auto mail = MimeComposer{}.compose(made);
    EXPECT_TRUE(has(mail, "\r\nTo: bob@xn--mnchen-3ya.test\r\n"));
}

TEST(Composer, RefusesAReplyToOutsideAsciiWhichNoEnvelopeTellsOf) {
    auto made = parts();
    made.reply_to = "jörg@x.test";
    EXPECT_THROW(MimeComposer{}.compose(made), std::invalid_argument);
}

TEST(Composer, Case14WritesALocalPartOutsideAsciiAsItIs) {
    auto made = parts();
    made.to_name = "Jörg";
    made.to_address = "jörg@x.test";
    const auto mail = MimeComposer{}.compose(made);
    EXPECT_TRUE(has(mail, "\r\nTo: =?UTF-8?Q?J=C3=B6rg?= <jörg@x.test>\r\n"));
    for (const std::string address :
         {"a\u0085@x.test", "a\u202Eb@x.test", "a\xFF@x.test", "a@münchen.test", "@x.test"}) {
        made.reply_to = address;
        EXPECT_THROW(compose(made), std::invalid_argument) << address;
    }
}

TEST(Composer, Case23FoldsListUnsubscribeOnlyBetweenItsAddresses) {
    auto made = parts();
    made.unsubscribe_url = "https://t.test/u/" + std::string(383, 'T');  // 400 characters
    made.unsubscribe_mailto = "mailto:u+" + std::string(40, 'T') + "@y.test";
    const auto message = compose(made);
    EXPECT_TRUE(has(message, "\r\nList-Unsubscribe: <" + made.unsubscribe_url + ">,\r\n <" + made.unsubscribe_mailto +
                                 ">\r\nList-Unsubscribe-Post: List-Unsubscribe=One-Click\r\n"));
    EXPECT_EQ(message.find("List-Unsubscribe: "), message.rfind("List-Unsubscribe: "));
    EXPECT_FALSE(has(message, "=?"));
    EXPECT_FALSE(has(compose(parts()), "List-"));
    for (const std::string url :
         {"javascript:x", "https://t.test/\r\nBcc: e@x.test", "https://t.test/ x", "https://ü"}) {
        made.unsubscribe_url = url;
        EXPECT_THROW(compose(made), std::invalid_argument) << url;
    }
}

TEST(Composer, Case24PutsAttachmentsBesideBothTexts) {
    auto made = parts();
    made.attachments = {{"a.pdf", "application/pdf", std::string(100, '\xFF')}};
    const auto message = compose(made);
    EXPECT_TRUE(has(message, "Content-Type: multipart/mixed;\r\n boundary=\"=_sequitur_mixed_0193"));
    EXPECT_LT(message.find("multipart/alternative"), message.find("application/pdf"));
    EXPECT_TRUE(has(message, "Content-Disposition: attachment;\r\n filename=\"a.pdf\"\r\n"
                             "Content-Transfer-Encoding: base64\r\n\r\n//////"));
    EXPECT_TRUE(message.ends_with("--=_sequitur_mixed_0193a1b2c3d47e5f8a9b0c1d2e3f4a5b--\r\n"));
}

TEST(Composer, Case29NamesAFileForOldAndForNewReaders) {
    const auto named = [](const std::string& name) {
        auto made = parts();
        made.attachments = {{name, "application/pdf", "x"}};
        const auto message = compose(made);
        const auto from = message.find("filename");
        return message.substr(from, message.find("\r\nContent-Transfer", from) - from);
    };
    EXPECT_EQ(named("отчёт.pdf"), "filename*=UTF-8''%D0%BE%D1%82%D1%87%D1%91%D1%82.pdf;\r\n filename=\"_____.pdf\"");
    EXPECT_EQ(named("../../x"), "filename=\"x\"");
    EXPECT_EQ(named("C:\\docs\\a \"b\".txt"), "filename*=UTF-8''a%20%22b%22.txt;\r\n filename=\"a _b_.txt\"");
    EXPECT_EQ(named("/"), "filename=\"attachment\"");
    EXPECT_EQ(named("a\r\nBcc: e.txt"), "filename=\"aBcc: e.txt\"");
    EXPECT_EQ(named(std::string(30, 'a') + std::string("ёёёёёёёёёё")),
              "filename*0*=UTF-8''" + std::string(30, 'a') + "%D1%91%D1%91%D1%91%D1%91;\r\n filename*1*=" +
                  "%D1%91%D1%91%D1%91%D1%91%D1%91%D1%91;\r\n filename=\"" + std::string(30, 'a') + "__________\"");
}

TEST(Composer, Case30RefusesHeadersThatAreNotOnTheList) {
    for (const auto& [name, value] : std::vector<std::pair<std::string, std::string>>{{"Bcc", "e@x.test"},
                                                                                      {"From", "e@x.test"},
                                                                                      {"X-A", "b\nC: d"},
                                                                                      {"X-Sequitur-Id", "x"},
                                                                                      {"x-mailer", "x"}}) {
        auto made = parts();
        made.custom_headers = {{name, value}};
        EXPECT_THROW(compose(made), std::invalid_argument) << name;
    }
    auto made = parts();
    made.custom_headers = {{"X-Note", "Grüße"}};
    EXPECT_TRUE(has(compose(made), "\r\nX-Note: =?UTF-8?Q?Gr=C3=BC=C3=9Fe?=\r\n"));
}

TEST(Composer, RefusesAttachmentsBeyondTheirLimits) {
    auto made = parts();
    made.attachments.assign(11, {"a.txt", "text/plain", "x"});
    EXPECT_THROW(compose(made), std::invalid_argument);
    made.attachments = {{"a.exe", "application/pdf", "x"}};
    EXPECT_THROW(compose(made), std::invalid_argument);
}

}  // namespace

}  // namespace sequitur::mail
