#include "http/fields.hpp"

#include <algorithm>

#include "base/nearest.hpp"
#include "domain/text.hpp"
#include "http/strict_json.hpp"

namespace sequitur::http {

namespace {

std::string one_of(const std::vector<std::string_view>& words) {
    std::string out;
    for (std::size_t i = 0; i < words.size(); ++i)
        out.append(i == 0 ? "" : i + 1 == words.size() ? " or " : ", ").append("`").append(words[i]).append("`");
    return out;
}

// A name may be as long as the body: the answer is not.
constexpr std::size_t unknown_name_bytes_max = 100;

std::string quoted(std::string_view name) { return '`' + std::string{name} + '`'; }

}  // namespace

std::string_view kind_name(const json::value& value) {
    switch (value.kind()) {
        case json::kind::null: return "null";
        case json::kind::bool_: return "true or false";
        case json::kind::int64:
        case json::kind::uint64:
        case json::kind::double_: return "a number";
        case json::kind::string: return "a string";
        case json::kind::array: return "a list";
        case json::kind::object: return "an object";
    }
    return "";
}

Fields::Fields(const json::value& value, std::string pointer, Problems& problems, Null null)
    : object_(value.if_object()), pointer_(std::move(pointer)), problems_(problems), null_(null) {
    if (object_) return;
    problems_.push_back({pointer_, "wrong_type", "It must be an object, not " + std::string{kind_name(value)} + "."});
}

std::string Fields::pointer_to(std::string_view name) const { return pointer_ + pointer_token(name); }

void Fields::problem(std::string_view name, std::string code, std::string detail) {
    problems_.push_back({pointer_to(name), std::move(code), std::move(detail)});
}

bool Fields::has(std::string_view name) const { return object_ && object_->contains(name); }

const json::value* Fields::find(std::string_view name, Presence presence) {
    known_.push_back(name);
    if (!object_) return nullptr;
    const auto* value = object_->if_contains(name);
    const bool is_there = value && (!value->is_null() || null_ == Null::is_wrong);
    if (!is_there && presence == Presence::required) problem(name, "required", quoted(name) + " is missing.");
    return is_there ? value : nullptr;
}

void Fields::wrong_type(std::string_view name, std::string_view wanted, const json::value& found) {
    problem(name, "wrong_type",
            quoted(name) + " must be " + std::string{wanted} + ", not " + std::string{kind_name(found)} + ".");
}

std::optional<std::string> Fields::text(std::string_view name, const TextRule& rule) {
    const auto* value = find(name, rule.presence);
    if (!value) return std::nullopt;
    if (!value->is_string()) return wrong_type(name, "a string", *value), std::nullopt;
    std::string text{value->as_string().data(), value->as_string().size()};
    const auto length = domain::chars(text);
    if (length > rule.chars_max)
        problem(name, "too_long",
                quoted(name) + " may have at most " + std::to_string(rule.chars_max) + " characters.");
    else if (length < rule.chars_min || (rule.chars_min > 0 && domain::is_blank(text)))
        problem(name, "empty", quoted(name) + " must not be empty.");
    else if (rule.one_line && domain::has_control_characters(text))
        problem(name, "control_character", quoted(name) + " must be one line without control characters.");
    else
        return text;
    return std::nullopt;
}

std::optional<std::string> Fields::choice(std::string_view name, std::vector<std::string_view> words) {
    const auto* value = find(name, Presence::optional);
    if (!value) return std::nullopt;
    if (!value->is_string()) return wrong_type(name, "a string", *value), std::nullopt;
    const std::string_view text = value->as_string();
    if (std::ranges::find(words, text) != words.end()) return std::string{text};
    problem(name, "unknown_value", quoted(name) + " must be " + one_of(words) + ".");
    return std::nullopt;
}

std::optional<int> Fields::integer(std::string_view name, const NumberRule& rule) {
    const auto* value = find(name, rule.presence);
    if (!value) return std::nullopt;
    if (!value->is_number()) return wrong_type(name, "a whole number", *value), std::nullopt;
    // 3.0 is the same number as 3 (RFC 8259 names no integers), 3.5 is none.
    json::error_code fraction;
    const auto number = value->to_number<std::int64_t>(fraction);
    if (!fraction && number >= rule.min && number <= rule.max) return static_cast<int>(number);
    problem(name, "out_of_range",
            quoted(name) + " must be a whole number from " + std::to_string(rule.min) + " to " +
                std::to_string(rule.max) + ".");
    return std::nullopt;
}

std::optional<bool> Fields::boolean(std::string_view name) {
    const auto* value = find(name, Presence::optional);
    if (!value) return std::nullopt;
    if (!value->is_bool()) return wrong_type(name, "true or false", *value), std::nullopt;
    return value->as_bool();
}

const json::array* Fields::list(std::string_view name, const ListRule& rule) {
    const auto* value = find(name, rule.presence);
    if (!value) return nullptr;
    const auto* list = value->if_array();
    if (!list) return wrong_type(name, "a list", *value), nullptr;
    if (list->size() <= rule.items_max) return list;
    problem(name, "too_many",
            quoted(name) + " may have at most " + std::to_string(rule.items_max) + " items, not " +
                std::to_string(list->size()) + ".");
    return nullptr;
}

const json::object* Fields::object(std::string_view name) {
    const auto* value = find(name, Presence::optional);
    if (!value) return nullptr;
    if (!value->is_object()) return wrong_type(name, "an object", *value), nullptr;
    return &value->as_object();
}

std::optional<std::vector<Uuid>> Fields::ids(std::string_view name, const ListRule& rule) {
    const auto* items = list(name, rule);
    if (!items) return std::nullopt;
    std::vector<Uuid> ids;
    for (std::size_t i = 0; i < items->size(); ++i) {
        const auto* text = (*items)[i].if_string();
        const auto id = text ? Uuid::parse(std::string_view{*text}) : std::nullopt;
        if (!id)
            problems_.push_back({pointer_to(name) + '/' + std::to_string(i), "not_an_id", "It is not a UUID."});
        else if (std::ranges::find(ids, *id) == ids.end())
            ids.push_back(*id);
    }
    return ids;
}

void Fields::refuse_others() {
    if (!object_) return;
    for (const auto& member : *object_) {
        const std::string_view name = member.key();
        if (std::ranges::find(known_, name) != known_.end()) continue;
        const auto meant = nearest(name, known_);
        const auto shown = name.substr(0, unknown_name_bytes_max);
        problem(shown, "unknown_member",
                "There is no member " + quoted(shown) + " here" +
                    (meant.empty() ? "." : "; did you mean " + quoted(meant) + "?"));
    }
}

}  // namespace sequitur::http
