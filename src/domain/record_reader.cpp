#include "domain/record_reader.hpp"

#include <algorithm>
#include <boost/json/monotonic_resource.hpp>
#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>
#include <cmath>

#include "domain/messages.hpp"

namespace sequitur::domain {

namespace json = boost::json;

namespace {

bool has_nul(std::string_view text) { return text.find('\0') != std::string_view::npos; }

/// What PostgreSQL could not store, or nothing. No deeper than record_depth_max: the parser saw to that.
std::string_view unstorable(const json::value& value) {
    constexpr std::string_view nul = "a string contains NUL";
    if (const auto* text = value.if_string()) return has_nul({text->data(), text->size()}) ? nul : "";
    if (const auto* number = value.if_double()) return std::isfinite(*number) ? "" : "a number is out of range";
    if (const auto* list = value.if_array()) {
        for (const auto& item : *list)
            if (const auto found = unstorable(item); !found.empty()) return found;
    }
    if (const auto* object = value.if_object()) {
        for (const auto& member : *object) {
            if (has_nul({member.key().data(), member.key().size()})) return nul;
            if (const auto found = unstorable(member.value()); !found.empty()) return found;
        }
    }
    return "";
}

}  // namespace

std::optional<json::value> parse_record(std::string_view payload, std::string& problem) {
    if (payload.size() > record_bytes_max) {
        problem = std::to_string(payload.size()) + " bytes are more than " + std::to_string(record_bytes_max);
        return std::nullopt;
    }
    boost::system::error_code error;
    json::parse_options options;
    options.max_depth = record_depth_max;
    // Built once and thrown away as a whole: its members need no memory of their own.
    auto document = json::parse({payload.data(), payload.size()}, error,
                                json::make_shared_resource<json::monotonic_resource>(), options);
    if (error)
        problem = "not JSON: " + error.message();
    else if (!document.is_object())
        problem = "not a JSON object";
    else
        problem = unstorable(document);
    if (!problem.empty()) return std::nullopt;
    return document;
}

void RecordReader::wrong(std::string_view name, std::string_view words) const {
    if (problem_.empty()) problem_ = path() + std::string{name} + ' ' + std::string{words};
}

std::string RecordReader::path() const {
    if (place_.outer == nullptr) return {};
    return place_.outer->path() + std::string{place_.list} + '[' + std::to_string(place_.number) + "].";
}

const json::value* RecordReader::find(std::string_view name) const {
    const auto* value = object_.if_contains({name.data(), name.size()});
    if (value == nullptr) wrong(name, "is missing");
    return value;
}

const json::array* RecordReader::array(std::string_view name, std::size_t min, std::size_t max) const {
    const auto* value = find(name);
    if (value == nullptr) return nullptr;
    const auto* list = value->if_array();
    if (list == nullptr)
        wrong(name, "is not a list");
    else if (list->size() < min)
        wrong(name, "is empty");
    else if (list->size() > max)
        wrong(name, "has more than " + std::to_string(max) + " items");
    return list;
}

std::string_view RecordReader::text(std::string_view name) const {
    const auto* value = find(name);
    if (value == nullptr) return {};
    if (const auto* string = value->if_string()) return {string->data(), string->size()};
    wrong(name, "is not a string");
    return {};
}

Uuid RecordReader::uuid(std::string_view name) const {
    const auto id = Uuid::parse(text(name));
    if (!id) wrong(name, "is not a UUID");
    return id.value_or(Uuid{});
}

Uuid RecordReader::v7(std::string_view name, TimePoint now) const {
    const auto id = uuid(name);
    if (id.version() != 7)
        wrong(name, "is not a UUID of version 7");
    else if (std::chrono::abs(id.v7_time() - now) > id_skew_max)
        wrong(name, "is too far from now");
    return id;
}

std::int64_t RecordReader::integer(std::string_view name, std::int64_t min, std::int64_t max) const {
    const auto* value = find(name);
    if (value == nullptr) return min;
    const auto* number = value->if_int64();
    if (number == nullptr)
        wrong(name, "is not a whole number in range");
    else if (*number < min || *number > max)
        wrong(name, "is out of range");
    else
        return *number;
    return min;
}

int RecordReader::count(std::string_view name) const {
    return static_cast<int>(integer(name, 0, std::numeric_limits<int>::max()));
}

bool RecordReader::boolean(std::string_view name) const {
    const auto* value = find(name);
    if (value == nullptr) return false;
    if (const auto* yes = value->if_bool()) return *yes;
    wrong(name, "is neither true nor false");
    return false;
}

std::string RecordReader::word(std::string_view name) const {
    const auto word = text(name);
    const bool plain = std::ranges::all_of(word, [](char c) { return (c >= 'a' && c <= 'z') || c == '_'; });
    if (word.empty() || word.size() > 64 || !plain) wrong(name, "is not a word");
    return std::string{word};
}

TimePoint RecordReader::time(std::string_view name) const {
    const auto at = parse_rfc3339(text(name));
    if (!at) wrong(name, "is not a time");
    return at.value_or(TimePoint{});
}

TimePoint RecordReader::time_or_null(std::string_view name) const {
    const auto* value = find(name);
    return value == nullptr || value->is_null() ? TimePoint{} : time(name);
}

std::string RecordReader::object_text(std::string_view name) const {
    const auto* value = find(name);
    if (value == nullptr) return "{}";
    if (value->is_object()) return json::serialize(*value);
    wrong(name, "is not an object");
    return "{}";
}

}  // namespace sequitur::domain
