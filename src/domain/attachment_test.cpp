#include "domain/attachment.hpp"

#include <gtest/gtest.h>

namespace sequitur::domain {
namespace {

bool is_refused(const std::vector<Attachment>& attachments) { return problem_of_attachments(attachments).has_value(); }

TEST(Attachment, Case29KeepsNothingOfAPath) {
    EXPECT_EQ(attachment_name("../../x"), "x");
    EXPECT_EQ(attachment_name("C:\\a\\b.txt"), "b.txt");
    EXPECT_EQ(attachment_name("a\r\nb\x01.txt"), "ab.txt");
    EXPECT_EQ(attachment_name("../.."), "attachment");
    EXPECT_EQ(attachment_name(""), "attachment");
}

TEST(Attachment, KeepsTheLimits) {
    const Attachment small{"a.txt", "text/plain", "x"};
    EXPECT_FALSE(is_refused(std::vector(10, small)));
    EXPECT_TRUE(is_refused(std::vector(11, small)));
    const Attachment large{"a.txt", "text/plain", std::string(attachments_bytes_max / 2, 'x')};
    EXPECT_FALSE(is_refused({large, large}));
    EXPECT_TRUE(is_refused({large, large, small}));
    EXPECT_FALSE(is_refused({{std::string(200, 'a'), "text/plain", ""}}));
    EXPECT_TRUE(is_refused({{std::string(201, 'a'), "text/plain", ""}}));
}

TEST(Attachment, RefusesPrograms) {
    for (const auto* name : {"a.exe", "a.EXE", "a.pdf.js", "a.scr. .", "a.vbs", "x/a.bat"})
        EXPECT_TRUE(is_refused({{name, "application/pdf", "x"}})) << name;
    EXPECT_FALSE(is_refused({{"exe", "application/pdf", "x"}}));
}

TEST(Attachment, WantsTheTypeOfAFile) {
    for (const auto* type :
         {"", "pdf", "a/", "/a", "a/b\r\nBcc: x", "a/b; c", "multipart/mixed", "message/rfc822", "ä/b"})
        EXPECT_TRUE(is_refused({{"a.pdf", type, "x"}})) << type;
    EXPECT_FALSE(is_refused({{"a.pdf", "application/vnd.ms-excel", "x"}}));
}

}  // namespace
}  // namespace sequitur::domain
