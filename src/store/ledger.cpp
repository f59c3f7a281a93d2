#include "store/ledger.hpp"

#include <boost/json.hpp>

#include "domain/messages.hpp"

namespace sequitur::store {

namespace {

std::string_view text_of(const boost::json::object& line, std::string_view name) {
    const auto* const value = line.if_contains(name);
    const auto* const text = value ? value->if_string() : nullptr;
    return text ? std::string_view{*text} : std::string_view{};
}

/// `<sequitur.{32 hex of the row's id}@{domain}>`.
std::optional<EmailId> email_of(std::string_view message_id) {
    constexpr std::string_view start = "sequitur.";
    constexpr std::size_t digits = 32;
    if (message_id.starts_with('<')) message_id.remove_prefix(1);
    if (!message_id.starts_with(start)) return std::nullopt;
    message_id.remove_prefix(start.size());
    if (message_id.size() <= digits || message_id[digits] != '@') return std::nullopt;
    std::string text{message_id.substr(0, digits)};
    for (const std::size_t hyphen : {20U, 16U, 12U, 8U}) text.insert(hyphen, 1, '-');
    return EmailId::parse(text);
}

void add_line(const std::string& text, std::int32_t number, LedgerColumns& into) {
    boost::system::error_code error;
    const auto value = boost::json::parse(text, error);
    const auto* const line = error ? nullptr : value.if_object();
    const auto at = line ? domain::parse_rfc3339(text_of(*line, "at")) : std::nullopt;
    const auto message_id = line ? text_of(*line, "message_id") : std::string_view{};
    if (!at || message_id.empty())
        throw LedgerError("line " + std::to_string(number) +
                          " of the ledger is not an object with `at` and `message_id`");
    into.lines.push_back(number);
    into.times.push_back(*at);
    into.message_ids.emplace_back(message_id);
    into.recipients.emplace_back(text_of(*line, "to"));
    into.emails.push_back(email_of(message_id));
}

}  // namespace

LedgerColumns LedgerReader::next(std::size_t lines_max) {
    LedgerColumns columns;
    std::string text;
    while (columns.lines.size() < lines_max && std::getline(stream_, text)) {
        ++line_;
        if (stream_.eof()) break;
        if (!text.empty()) add_line(text, line_, columns);
    }
    return columns;
}

}  // namespace sequitur::store
