#include "domain/template_html.hpp"

#include <algorithm>
#include <array>

#include "base/ascii.hpp"

namespace sequitur::domain {

namespace {

constexpr std::size_t word_bytes_max = 32;  // longer names are none that matter here

bool is_letter(char c) { return ascii_lower(c) >= 'a' && ascii_lower(c) <= 'z'; }
bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\r' || c == '\n' || c == '\f'; }

void append_word(std::string& word, char c) {
    if (word.size() < word_bytes_max) word += ascii_lower(c);
}

void remember(std::string& tail, char c) {
    if (tail.size() == word_bytes_max) tail.erase(0, word_bytes_max / 2);
    tail += ascii_lower(c);
}

bool is_url(std::string_view attribute) {
    constexpr std::array<std::string_view, 6> names{"href", "src", "action", "background", "poster", "formaction"};
    return std::ranges::find(names, attribute) != names.end();
}

}  // namespace

void HtmlPlaces::read(std::string_view html) {
    for (const char c : html) read(c);
}

void HtmlPlaces::read(char c) {
    switch (state_) {
        case State::text:
            if (c == '<') state_ = State::tag_begin;
            is_closing_ = false;
            tag_.clear();
            return;
        case State::tag_begin:
            if (c == '/' && !is_closing_) {
                is_closing_ = true;
            } else if (is_letter(c)) {
                state_ = State::tag_name;
                append_word(tag_, c);
            } else if (c != '<') {
                state_ = !is_closing_ && (c == '!' || c == '?') ? State::declaration : State::text;
                tail_.clear();
            }
            return;
        case State::tag_name:
            if (c == '>') return end_tag();
            if (is_blank(c) || c == '/')
                state_ = State::in_tag;
            else
                append_word(tag_, c);
            return;
        case State::in_tag:
            if (c == '>') return end_tag();
            if (c == '=' && !attribute_.empty()) {
                state_ = State::after_equals;
            } else if (!is_blank(c) && c != '/') {
                state_ = State::attribute_name;
                attribute_.clear();
                append_word(attribute_, c);
            }
            return;
        case State::attribute_name:
            if (c == '>') return end_tag();
            if (c == '=')
                state_ = State::after_equals;
            else if (is_blank(c) || c == '/')
                state_ = State::in_tag;
            else
                append_word(attribute_, c);
            return;
        case State::after_equals:
            if (c == '>') return end_tag();
            if (c == '"') return begin_value(State::value_double);
            if (c == '\'') return begin_value(State::value_single);
            if (is_blank(c)) return;
            begin_value(State::value_unquoted);
            return read_value(c);
        case State::value_double:
        case State::value_single:
        case State::value_unquoted: return read_value(c);
        case State::comment:
            remember(tail_, c);
            if (tail_.ends_with("-->")) state_ = State::text;
            return;
        case State::declaration:
            remember(tail_, c);
            if (tail_ == "--") state_ = State::comment;
            if (c == '>') state_ = State::text;
            return;
        case State::raw_element:
            remember(tail_, c);
            if (!tail_.ends_with("</" + tag_)) return;
            state_ = State::tag_name;
            is_closing_ = true;
            return;
    }
}

void HtmlPlaces::begin_value(State state) {
    state_ = state;
    url_ = is_url(attribute_) ? Url::start : Url::none;
}

void HtmlPlaces::read_value(char c) {
    const bool is_end = (state_ == State::value_double && c == '"') || (state_ == State::value_single && c == '\'') ||
                        (state_ == State::value_unquoted && is_blank(c));
    if (is_end) {
        state_ = State::in_tag;
        attribute_.clear();
        url_ = Url::none;
    } else if (state_ == State::value_unquoted && c == '>') {
        end_tag();
    } else if (url_ != Url::none && (c == '?' || c == '#')) {
        url_ = Url::query;
    } else if (url_ == Url::start && !is_blank(c)) {
        url_ = Url::path;
    }
}

void HtmlPlaces::end_tag() {
    const bool is_raw = !is_closing_ && (tag_ == "style" || tag_ == "script");
    state_ = is_raw ? State::raw_element : State::text;
    attribute_.clear();
    tail_.clear();
    url_ = Url::none;
}

std::optional<TemplatePlace> HtmlPlaces::value() {
    switch (state_) {
        case State::tag_begin:
        case State::tag_name: return std::nullopt;
        case State::after_equals: begin_value(State::value_unquoted); break;
        case State::in_tag: state_ = State::attribute_name; break;
        default: break;
    }
    const bool is_value =
        state_ == State::value_double || state_ == State::value_single || state_ == State::value_unquoted;
    if (!is_value) return state_ == State::attribute_name ? TemplatePlace::attribute_unquoted : TemplatePlace::html;
    switch (url_) {
        case Url::start: url_ = Url::path; return TemplatePlace::url_start;
        case Url::path: return TemplatePlace::url_path;
        case Url::query: return TemplatePlace::url_query;
        case Url::none: break;
    }
    return state_ == State::value_unquoted ? TemplatePlace::attribute_unquoted : TemplatePlace::attribute;
}

bool HtmlPlaces::merge(const HtmlPlaces& other) {
    if (state_ != other.state_ || is_url(attribute_) != is_url(other.attribute_)) return false;
    if ((url_ == Url::none) != (other.url_ == Url::none)) return false;
    const bool has_tag = state_ != State::text && state_ != State::comment && state_ != State::declaration;
    if (has_tag && (tag_ != other.tag_ || is_closing_ != other.is_closing_)) return false;
    url_ = std::max(url_, other.url_);
    return true;
}

}  // namespace sequitur::domain
