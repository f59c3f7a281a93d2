// docs/failures.md is written from the tables that the code reads. This test compares; with SEQUITUR_WRITE_DOCS=1 it
// writes the page instead.
#include <gtest/gtest.h>

#include <algorithm>
#include <cstdlib>
#include <fstream>
#include <sstream>

#include "domain/mailbox_rest.hpp"
#include "domain/reply_rules.hpp"
#include "domain/settlement.hpp"

namespace sequitur::domain {
namespace {

constexpr std::string_view head = R"(# What a failure means

Written from the program's own tables (`src/domain/reply_rules.cpp`, `delivery.cpp`, `settlement.cpp`,
`mailbox_rest.cpp`); do not edit. `SEQUITUR_WRITE_DOCS=1` and the test `FailuresPage` write it anew.
Why it is so: [0008](decisions/0008-what-a-reply-means.md), [0040](decisions/0040-what-a-mailbox-does.md).

## A refusal

The first row that fits decides. Where the two codes disagree about temporary or permanent, the milder is taken.

| Phase | Code | Enhanced | Words | At fault | Mail | Mailbox | Reason |
|---|---|---|---|---|---|---|---|
)";

std::string cell(std::string_view text) {
    std::string escaped;
    for (const char c : text) (c == '|' ? escaped += ", " : escaped += c);
    return escaped;
}

std::string quoted(std::string_view text) { return text.empty() ? "" : "`" + std::string{text} + "`"; }

std::string range(std::string_view from, std::string_view to) {
    return from == to ? std::string{from} : std::string{from} + "–" + std::string{to};
}

std::string codes(const ReplyRule& rule) { return range(std::to_string(rule.code_min), std::to_string(rule.code_max)); }

const Consequence& consequence(Blame blame) { return consequences()[static_cast<std::size_t>(blame)]; }

std::string_view words_of(MailboxAct act) {
    switch (act) {
        case MailboxAct::none: return "sends on";
        case MailboxAct::back_off: return "rests 1, 2, 4 … 60 min";
        case MailboxAct::host_back_off: return "rests 1, 2, 4 … 60 min, with its server";
        case MailboxAct::host_thrice: return "rests 1, 2, 4 … 60 min, with its server; a person at the third in a row";
        case MailboxAct::hold: return "rests 1 h";
        case MailboxAct::count_refusal: return "counts a refusal";
        case MailboxAct::pause_login: return "a person; one probe after 1 h";
        case MailboxAct::needs_a_person: return "a person";
    }
    return "";
}

std::string end_of_row(Blame blame, MailboxAct act, std::string_view reason) {
    return std::string{" | "} + std::string{name(blame)} + " | " + quoted(name(consequence(blame).mail)) + " | " +
           std::string{words_of(act)} + " | " + quoted(reason) + " |\n";
}

std::string refusals() {
    std::string text;
    for (const auto& rule : reply_rules())
        text += "| " + range(name(rule.from), name(rule.to)) + " | " + codes(rule) + " | " + cell(rule.enhanced) +
                " | " + cell(rule.words) + end_of_row(rule.blame, rule.act, rule.reason);
    return text;
}

std::string lost() {
    std::string text = "\n## No complete answer\n\n| Phase | Waiting helps | At fault | Mail | Mailbox | Reason |\n"
                       "|---|---|---|---|---|---|\n";
    for (const auto& rule : broken_rules())
        text += "| " + std::string{name(rule.phase)} + " | " + (rule.needs_a_person ? "no" : "yes") +
                end_of_row(rule.blame, rule.act, rule.reason);
    return text;
}

std::string what_follows() {
    std::string text = "\n## What follows for mail and person\n\n| At fault | Mail | Counts as a try | Enrolment | "
                       "Contact | Next try |\n|---|---|---|---|---|---|\n";
    for (const auto& row : consequences())
        text += "| " + std::string{name(row.blame)} + " | " + quoted(name(row.mail)) +
                (row.reason.empty() ? "" : " (" + std::string{row.reason} + ")") + " | " + (row.counts ? "yes" : "no") +
                " | " + std::string{row.enrolment} + " | " + std::string{row.contact} + " | " +
                std::string{row.next_try} + " |\n";
    return text;
}

std::string what_to_do() {
    std::string text = "\n## What a person can do\n\nA mailbox that rests or waits says `state_reason`, the server's "
                       "own words in `state_detail`, and this in `remedy`.\n\n| Reason | Remedy |\n|---|---|\n";
    std::vector<std::string_view> reasons;
    const auto add = [&](std::string_view reason) {
        if (remedy_for(reason).empty() || std::ranges::find(reasons, reason) != reasons.end()) return;
        reasons.push_back(reason);
        text += "| " + quoted(reason) + " | " + std::string{remedy_for(reason)} + " |\n";
    };
    for (const auto& rule : broken_rules()) add(rule.reason);
    for (const auto& rule : reply_rules()) add(rule.reason);
    add("no_credentials");
    add("refused_as_spam");
    return text;
}

TEST(FailuresPage, IsWhatTheTablesSay) {
    const char* source = std::getenv("SEQUITUR_SOURCE_DIR");
    ASSERT_NE(source, nullptr);
    const auto path = std::string{source} + "/docs/failures.md";
    const auto expected = std::string{head} + refusals() + lost() + what_follows() + what_to_do();
    if (std::getenv("SEQUITUR_WRITE_DOCS")) std::ofstream{path} << expected;

    std::stringstream page;
    page << std::ifstream{path}.rdbuf();

    EXPECT_EQ(page.str(), expected) << "write it anew: SEQUITUR_WRITE_DOCS=1";
}

}  // namespace
}  // namespace sequitur::domain
