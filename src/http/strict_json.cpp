#include "http/strict_json.hpp"

#include <boost/json/basic_parser_impl.hpp>
#include <charconv>
#include <cmath>
#include <unordered_set>

#include "http/problem.hpp"

namespace sequitur::http {

namespace {

/// Builds the value and knows at each moment where it is.
class Builder {
public:
    static constexpr std::size_t max_object_size = json::object::max_size();
    static constexpr std::size_t max_array_size = json::array::max_size();
    static constexpr std::size_t max_key_size = json::string::max_size();
    static constexpr std::size_t max_string_size = json::string::max_size();

    bool on_document_begin(json::error_code&) { return stack_.reset(), true; }
    bool on_document_end(json::error_code&) { return true; }
    bool on_object_begin(json::error_code&) { return open(true); }
    bool on_object_end(std::size_t members, json::error_code&) {
        stack_.push_object(members);
        return close();
    }
    bool on_array_begin(json::error_code&) { return open(false); }
    bool on_array_end(std::size_t elements, json::error_code&) {
        stack_.push_array(elements);
        return close();
    }
    bool on_key_part(json::string_view part, std::size_t, json::error_code&) {
        partial_.append(part.data(), part.size());
        stack_.push_chars(part);
        return true;
    }
    bool on_key(json::string_view part, std::size_t, json::error_code&) {
        partial_.append(part.data(), part.size());
        stack_.push_key(part);
        auto& level = levels_.back();
        level.at = std::exchange(partial_, {});
        if (!level.names.insert(level.at).second) problem("duplicate_member", "The member is there twice.");
        if (level.at.find('\0') != std::string::npos) problem("nul_character", "A name has a NUL character.");
        return true;
    }
    bool on_string_part(json::string_view part, std::size_t, json::error_code&) {
        note_nul(part);
        stack_.push_chars(part);
        return true;
    }
    bool on_string(json::string_view part, std::size_t, json::error_code&) {
        note_nul(part);
        stack_.push_string(part);
        return next();
    }
    bool on_number_part(json::string_view part, json::error_code&) {
        partial_.append(part.data(), part.size());
        return true;
    }
    bool on_int64(std::int64_t number, json::string_view, json::error_code&) {
        partial_.clear();
        stack_.push_int64(number);
        return next();
    }
    bool on_uint64(std::uint64_t number, json::string_view, json::error_code&) {
        partial_.clear();
        stack_.push_uint64(number);
        return next();
    }
    bool on_double(double, json::string_view part, json::error_code&) {
        // Boost 1.81 may miss the nearest double by one bit, and 19.99 must not become 19.990000000000002 in a mail.
        partial_.append(part.data(), part.size());
        double number = 0;
        const auto result = std::from_chars(partial_.data(), partial_.data() + partial_.size(), number);
        partial_.clear();
        if (result.ec == std::errc::result_out_of_range)
            problem("number_range", "The number is too large or too small.");
        stack_.push_double(number);
        return next();
    }
    bool on_bool(bool value, json::error_code&) {
        stack_.push_bool(value);
        return next();
    }
    bool on_null(json::error_code&) {
        stack_.push_null();
        return next();
    }
    bool on_comment_part(json::string_view, json::error_code&) { return true; }
    bool on_comment(json::string_view, json::error_code&) { return true; }

    json::value take() { return stack_.release(); }
    std::vector<domain::Problem> problems;

private:
    struct Level {
        bool is_object = false;
        std::string at;  ///< the member now
        std::size_t index = 0;  ///< or the element
        std::unordered_set<std::string> names;
    };

    bool open(bool is_object) {
        levels_.emplace_back().is_object = is_object;
        return true;
    }
    bool close() {
        levels_.pop_back();
        return next();
    }
    bool next() {
        if (!levels_.empty() && !levels_.back().is_object) ++levels_.back().index;
        has_nul_ = false;
        return true;
    }
    void note_nul(json::string_view part) {
        if (has_nul_ || part.find('\0') == json::string_view::npos) return;
        has_nul_ = true;
        problem("nul_character", "The text has a NUL character.");
    }
    void problem(std::string code, std::string detail) {
        if (problems.size() > errors_listed_max) return;
        std::string pointer;
        for (const auto& level : levels_)
            pointer += pointer_token(level.is_object ? level.at : std::to_string(level.index));
        problems.push_back({std::move(pointer), std::move(code), std::move(detail)});
    }

    json::value_stack stack_;
    std::vector<Level> levels_;
    std::string partial_;
    bool has_nul_ = false;
};

std::string words(json::error_code error, std::size_t at) {
    if (error == json::error::too_deep)
        return "It is nested deeper than " + std::to_string(json_depth_max) + " levels.";
    return "It is no JSON from byte " + std::to_string(at) + " on: " + error.message() + ".";
}

}  // namespace

StrictJson parse_strictly(std::string_view text) {
    json::parse_options options;
    options.max_depth = json_depth_max;
    json::basic_parser<Builder> parser{options};
    json::error_code error;
    const auto used = parser.write_some(false, text.data(), text.size(), error);
    StrictJson out;
    if (!error && used < text.size()) error = json::error::extra_data;
    if (error) {
        out.malformed = words(error, used);
        return out;
    }
    out.value = parser.handler().take();
    out.problems = std::move(parser.handler().problems);
    return out;
}

std::string pointer_token(std::string_view name) {
    std::string out = "/";
    for (const char c : name) {
        if (c == '~')
            out += "~0";
        else if (c == '/')
            out += "~1";
        else
            out += c;
    }
    return out;
}

}  // namespace sequitur::http
