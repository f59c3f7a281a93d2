// What a refusal means, as a table: the first row that fits decides.
//
// Order within the table is precedence: enhanced code, basic code and phase, words. Where basic and
// enhanced code disagree about temporary or permanent, the milder is taken before the table is read.
// Source: docs/decisions/0008-what-a-reply-means.md, RFC 3463, RFC 5321 §4.2.
#pragma once

#include <span>
#include <string_view>

#include "domain/delivery.hpp"

namespace sequitur::domain {

struct ReplyRule {
    SmtpPhase from{};           ///< first phase it applies to
    SmtpPhase to{};             ///< last phase it applies to
    int code_min = 400;
    int code_max = 599;
    std::string_view enhanced;  ///< alternatives by '|', "5.7.*" = any detail, "none" = no or an empty code (x.0.0)
    std::string_view words;     ///< alternatives by '|', lower case; one must be in the text
    Blame blame{};
    MailboxAct act{};
    std::string_view reason;
};

std::span<const ReplyRule> reply_rules();

/// The row that decides; there is one for every 4yz and 5yz in every phase.
const ReplyRule& rule_for(SmtpPhase phase, const SmtpReply& reply);

}  // namespace sequitur::domain
