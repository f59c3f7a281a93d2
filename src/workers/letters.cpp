#include "workers/letters.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <algorithm>
#include <set>
#include <span>

#include "base/buffers.hpp"
#include "base/log.hpp"
#include "domain/opt_out_link.hpp"

namespace sequitur::workers {

namespace {

using CustomFields = std::map<std::string, std::string, std::less<>>;

/// A contact's own attributes as text: strings as they are, other scalars as JSON writes them.
CustomFields custom_fields(const std::string& attributes) {
    CustomFields fields;
    if (attributes == "{}") return fields;
    const auto parsed = boost::json::parse(attributes);  // jsonb: the database has checked it
    for (const auto& [name, value] : parsed.as_object()) {
        if (value.is_null()) continue;
        fields.emplace(name, value.is_string() ? std::string{value.as_string()} : boost::json::serialize(value));
    }
    return fields;
}

domain::LetterFields fields_of(const domain::ClaimedEmail& email, const domain::LetterTemplate& step,
                               const domain::SenderAccount& account, std::string_view unsubscribe_url) {
    // The subject of a thread is a template of its own.
    const bool has_thread = !email.thread.empty();
    const bool shows_day = has_thread || step.names_today();
    const bool shows_custom = has_thread || step.names_custom();
    return {.id = email.id,
            .email = email.to,
            .first_name = email.first_name,
            .last_name = email.last_name,
            .company = email.company,
            .phone = email.phone,
            .sender_name = account.from_name,
            .sender_email = account.smtp->address,
            .unsubscribe_url = unsubscribe_url,
            .custom = shows_custom ? custom_fields(email.attributes) : CustomFields{},
            .step = std::to_string(email.step_order + 1),
            .today = shows_day ? domain::day_text(email.first_attempt_at, account.utc_offset_minutes) : std::string{}};
}

std::string full_name(const domain::ClaimedEmail& email) {
    auto name = email.first_name.value_or("");
    const std::string_view last = email.last_name ? std::string_view{*email.last_name} : "";
    if (!name.empty() && !last.empty()) name += ' ';
    return name += last;
}

using Thread = std::span<const domain::ThreadEntry>;

/// A step with a subject of its own begins a thread; the ones after it without continue that one.
Thread newest_thread(Thread sent) {
    std::size_t root = 0;
    for (std::size_t i = 1; i < sent.size(); ++i)
        if (!sent[i].subject.empty() && sent[i].subject != domain::answer_subject(sent[root].subject)) root = i;
    return sent.subspan(root);
}

/// As the first mail of the thread had it.
std::string subject_of(Thread thread, domain::LetterFields fields) {
    if (thread.empty()) return {};
    const auto& root = thread.front();
    if (!root.is_template) return root.subject;
    fields.id = root.id;  // its spintax chose by it
    fields.step = std::to_string(root.step_order + 1);
    const auto compiled = domain::LetterTemplate::compile(root.subject, {}, {});
    const auto* text = std::get_if<domain::LetterTemplate>(&compiled);
    const auto letter = text ? text->write(fields, {}) : domain::TooLong{};
    return std::holds_alternative<domain::Letter>(letter) ? std::get<domain::Letter>(letter).subject : root.subject;
}

domain::MailParts parts_of(const domain::ClaimedEmail& email, const domain::SenderAccount& account,
                           domain::Letter letter, Thread thread) {
    domain::MailParts parts;
    parts.email = email.id;
    parts.from_name = account.from_name;
    parts.from_address = account.smtp->address;
    parts.to_name = full_name(email);
    parts.to_address = email.to;
    parts.subject = std::move(letter.subject);
    parts.html = std::move(letter.html);
    parts.text = std::move(letter.text);
    parts.date = email.first_attempt_at;
    parts.utc_offset_minutes = account.utc_offset_minutes;
    parts.reply_to = account.reply_to;
    if (letter.continues_thread)
        for (const auto& earlier : thread) parts.references.push_back(earlier.message_id);
    return parts;
}

}  // namespace

void Letters::prepare(const std::vector<domain::ClaimedEmail>& emails) {
    load_steps(emails);
    load_accounts(emails);
}

void Letters::load_steps(const std::vector<domain::ClaimedEmail>& emails) {
    if (steps_.size() > steps_kept_max) steps_.clear();
    std::set<StepVersionId> unknown;
    for (const auto& email : emails)
        if (!steps_.contains(email.step_version)) unknown.insert(email.step_version);
    if (unknown.empty()) return;
    const auto* tracker = making_->tracking.tracker;
    for (auto& step : queue_.step_texts({unknown.begin(), unknown.end()})) {
        if (!step.content_text) step.content_text = making_->composer.text_source(step.content);
        auto places = tracker != nullptr ? tracker->find(step.content) : domain::LinkPlaces{};
        auto compiled = domain::LetterTemplate::compile(step.subject, step.content, step.content_text, places.marks);
        if (auto* letter = std::get_if<0>(&compiled))
            steps_.insert_or_assign(step.id, std::make_shared<const StepLetter>(std::move(*letter), std::move(places)));
        else
            log::error("the text of a step can not be read", {{"step_version_id", step.id.text()}});
    }
}

void Letters::load_accounts(const std::vector<domain::ClaimedEmail>& emails) {
    if (known_accounts_.size() > accounts_kept_max) known_accounts_.clear();
    std::set<MailboxId> unknown;
    for (const auto& email : emails) {
        const auto found = known_accounts_.find(email.mailbox);
        if (found == known_accounts_.end() || found->second->sender.smtp->version < email.mailbox_version)
            unknown.insert(email.mailbox);
    }
    if (unknown.empty()) return;
    for (const auto& mailbox : unknown) known_accounts_.erase(mailbox);
    for (auto& account : accounts_.load({unknown.begin(), unknown.end()})) {
        const auto mailbox = account.smtp->mailbox;
        auto base = domain::link_base(making_->tracking.links, account.tracking_host, account.smtp->host);
        known_accounts_.insert_or_assign(
            mailbox, std::make_shared<const KnownAccount>(KnownAccount{std::move(account), std::move(base), making_}));
    }
}

std::variant<Draft, Unwritable, NoAccount> Letters::draft(const domain::ClaimedEmail& email) const {
    const auto account = known_accounts_.find(email.mailbox);
    if (account == known_accounts_.end()) return NoAccount{};
    const auto step = steps_.find(email.step_version);
    if (step == steps_.end()) return Unwritable{"content", "the text of the step can not be read"};
    // Whether there is a link at all: its token is made with the letter.
    const auto url = making_->way_out.tokens ? std::string_view{account->second->link_base} : std::string_view{};
    if (const auto missing =
            step->second->text.missing(fields_of(email, step->second->text, account->second->sender, url)))
        return Unwritable{"missing_variable", missing->name};
    return Draft{step->second, account->second};
}

bool Draft::is_tracked(const domain::ClaimedEmail& email) const {
    return account->making->tracking.tracker && (email.tracks_opens || email.tracks_clicks) &&
           !account->link_base.empty();
}

std::optional<std::string> Draft::tracked(const domain::ClaimedEmail& email, const domain::Letter& letter) const {
    if (!is_tracked(email) || letter.html.empty()) return std::nullopt;
    return account->making->tracking.tracker->track(
        letter.html, step->places, letter.marks,
        {.email = email.id, .opens = email.tracks_opens, .clicks = email.tracks_clicks, .base = account->link_base});
}

FinishedLetter Draft::finish(const domain::ClaimedEmail& email) const {
    const auto thread = newest_thread(email.thread);
    const auto& sender = account->sender;
    const auto& [composer, tracking, way_out] = *account->making;
    auto url = way_out.tokens ? domain::opt_out_url(account->link_base, *way_out.tokens, email.id) : std::string{};
    const auto fields = fields_of(email, step->text, sender, url);
    auto written = step->text.write(fields, subject_of(thread, fields), is_tracked(email));
    // Nothing is missing: the draft has looked.
    if (std::holds_alternative<domain::TooLong>(written))
        throw std::invalid_argument("the letter is longer than 1 MiB");
    auto& letter = std::get<domain::Letter>(written);
    auto tracked_html = tracked(email, letter);
    if (tracked_html) domain::add_footer_to_html(*tracked_html, way_out.footer, url, letter);
    domain::add_footer(letter, way_out.footer, url);
    auto parts = parts_of(email, sender, std::move(letter), thread);
    parts.tracked_html = std::move(tracked_html);
    if (domain::may_be_one_click(url)) parts.unsubscribe_url = std::move(url);
    auto message = composer.compose(parts);
    give_back(parts.html);
    if (parts.text) give_back(*parts.text);
    if (parts.tracked_html) give_back(*parts.tracked_html);
    return {std::move(parts.subject), std::move(message)};
}

}  // namespace sequitur::workers
