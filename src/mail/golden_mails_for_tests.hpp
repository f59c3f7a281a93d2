// Mails of every kind that the composer writes, by name: what the golden files and other readers are tried on.
#pragma once

#include <map>

#include "domain/ports/composer.hpp"

namespace sequitur::mail {

inline domain::MailParts golden_base() {
    domain::MailParts made;
    made.email = *EmailId::parse("0193a1b2-c3d4-7e5f-8a9b-0c1d2e3f4a5b");
    made.from_name = "Ada";
    made.from_address = "ada@y.test";
    made.to_name = "Bob";
    made.to_address = "b@x.test";
    made.subject = "Hello";
    made.html = "<p>Hi Bob,</p>\n<p>how are you?</p>\n";
    made.date = TimePoint{std::chrono::sys_days{std::chrono::year{2025} / 11 / 24} + std::chrono::hours{1} +
                          std::chrono::minutes{2} + std::chrono::seconds{3}};
    return made;
}

inline std::string repeated(std::string_view text, int times) {
    std::string all;
    for (int i = 0; i < times; ++i) all += text;
    return all;
}

/// Name of the golden file, without `.eml`; the numbers are those of the project's list of mail cases.
inline std::map<std::string, domain::MailParts> golden_mails() {
    std::map<std::string, domain::MailParts> mails;
    const auto add = [&](const std::string& name) -> domain::MailParts& {
        return mails.emplace(name, golden_base()).first->second;
    };
    add("01_plain_subject");
    add("02_subject_as_q").subject = "Grüße";
    add("03_subject_as_b").subject = "東京";
    add("03_subject_astral").subject = "🚀";
    add("04_subject_of_many_words").subject = repeated("ü", 200);
    add("06_subject_that_looks_encoded").subject = "=?UTF-8?Q?x?=";
    add("07_subject_folded").subject = repeated("ten chars ", 12);
    add("07_subject_of_one_token").subject = repeated("x", 1'200);
    add("08_no_name").to_name = "";
    add("09_name_quoted").to_name = "Smith, Bob";
    add("09_name_escaped").to_name = "O\"N\\";
    add("10_name_encoded").to_name = "Jørgen Müller";
    add("11_name_of_many_words").to_name = repeated("東", 60);
    add("12_domain_outside_ascii").to_address = "bob@xn--mnchen-3ya.test";
    add("14_local_part_outside_ascii").to_address = "jörg@x.test";
    add("15_date_with_zone").utc_offset_minutes = 330;
    add("18_follow_up").references = {"<1@y.test>"};
    add("19_long_thread").references = {"<1@y.test>", "<2@y.test>", "<" + repeated("3", 60) + "@y.test>"};
    auto& unsubscribe = add("23_list_unsubscribe");
    unsubscribe.unsubscribe_url = "https://t.test/u/" + repeated("T", 383);
    unsubscribe.unsubscribe_mailto = "mailto:u+T@y.test";
    add("24_text_given").text = "Hi in other words";
    auto& text_only = add("24_text_only");
    text_only.html = "";
    text_only.text = "Just text.";
    auto& attached = add("24_attachment");
    attached.attachments = {{"a.pdf", "application/pdf", repeated("\xFF\x01", 100)}};
    add("25_line_ends").text = "ä\nb\r\nc\rd";
    add("26_long_line").text = repeated("x", 1'200);
    add("27_touched_lines").text = "foo = bar \nFrom me\n.\n.x\nend\t";
    add("28_base64").text = "Привет, как дела?";
    auto& named = add("29_file_names");
    named.attachments = {{"отчёт.pdf", "application/pdf", "x"}, {"../../x", "text/plain", "y"}};
    add("30_custom_headers").custom_headers = {{"X-Campaign", "spring"}, {"X-Note", "Grüße"}};
    add("31_text_from_html").html = "<p>A</p><p>B<br>C <a href=\"https://x.test\">site</a></p>";
    auto& all = add("all_at_once");
    all.reply_to = "desk@y.test";
    all.references = {"<1@y.test>"};
    all.unsubscribe_url = "https://t.test/u/T";
    all.custom_headers = {{"Feedback-ID", "1:2:sequitur:y"}};
    all.attachments = {{"ü.txt", "text/plain", "x"}};
    return mails;
}

}  // namespace sequitur::mail
