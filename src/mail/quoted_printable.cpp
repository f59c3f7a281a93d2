#include "mail/quoted_printable.hpp"

#include <algorithm>
#include <array>
#include <cstring>

#include "base/appender.hpp"
#include "base/byte_scan.hpp"
#include "base/byte_set.hpp"
#include "mail/base64.hpp"
#include "mail/utf8.hpp"

namespace sequitur::mail {

namespace {

constexpr std::size_t line_bytes_max = 76;
constexpr std::size_t soft_bytes_max = line_bytes_max - 1;  // leaves room for the '=' of a soft break
constexpr std::string_view soft_break = "=\r\n";

/// What stands for itself.
constexpr auto literals = ByteSet::of([](char c) { return (c >= ' ' && c <= '~' && c != '=') || c == '\t'; });
constexpr auto plain = ByteSet::of([](char c) { return (c >= ' ' && c <= '~') || c == '\t'; });

constexpr signed char del = 0x7f;

/// How many bytes stand for themselves: up to a control character, `=`, DEL, or what is not ASCII. A tab ends it, too.
std::size_t literal_run(std::string_view text) {
    return scan::first(text, [](scan::Block block) { return (block < ' ') | (block == '=') | (block == del); });
}

void append_escaped(Appender& out, char c) {
    constexpr std::string_view digits = "0123456789ABCDEF";
    const auto value = static_cast<unsigned char>(c);
    const std::array form{'=', digits[value >> 4], digits[value & 15]};
    out.append({form.data(), form.size()});
}

bool is_line_end(char c) { return c == '\n' || c == '\r'; }
bool is_blank(char c) { return c == ' ' || c == '\t'; }

/// A line without its end, and how much of its start stands for itself.
struct Line {
    std::string_view text;
    std::size_t literal = 0;
};

/// Line by line, whatever ends them: CRLF, LF or CR. There is no NUL. Most lines are read once: what ends their
/// literals is their end.
class Lines {
public:
    explicit Lines(std::string_view text) : rest_(text) {}

    bool is_over() const { return rest_.empty(); }
    Line next() {
        const auto literal = literal_run(rest_);
        auto end = literal;
        if (end < rest_.size() && !is_line_end(rest_[end])) end += scan::line_end(rest_.substr(end));
        const auto line = rest_.substr(0, end);
        rest_.remove_prefix(std::min(rest_.size(), end + (rest_.substr(end, 2) == "\r\n" ? 2 : 1)));
        return {line, literal};
    }

private:
    std::string_view rest_;
};

/// Whatever mail software changes at the start of a line.
bool is_touched(std::string_view line) { return line[0] == '.' || (line[0] == 'F' && line.starts_with("From ")); }

void append_line(Appender& out, Line whole) {
    const auto line = whole.text;
    auto literal_until = whole.literal;
    std::size_t column = 0;
    for (std::size_t at = 0; at < line.size();) {
        if (at > literal_until) literal_until = at + literal_run(line.substr(at));
        const auto left = line.size() - at;
        const bool is_start = column == 0 && is_touched(line.substr(at));
        // Most of a mail: a full line, and more to come; and the last of a line.
        if (column == 0 && !is_start && literal_until - at >= soft_bytes_max && left > line_bytes_max) {
            auto* const to = out.room(soft_bytes_max + soft_break.size());
            std::memcpy(to, line.data() + at, soft_bytes_max);
            std::memcpy(to + soft_bytes_max, soft_break.data(), soft_break.size());
            out.took(soft_bytes_max + soft_break.size());
            at += soft_bytes_max;
            continue;
        }
        if (!is_start && literal_until == line.size() && column + left <= line_bytes_max && !is_blank(line.back())) {
            out.append(line.substr(at));
            break;
        }
        // Runs end before the last character, which alone may fill the line and may not be a blank.
        const auto run = is_start ? 0 : std::min({left - 1, soft_bytes_max - column, literal_until - at});
        if (run > 0) {
            out.append(line.substr(at, run));
            column += run;
            at += run;
            continue;
        }
        const bool is_last = left == 1;
        const bool is_escaped = is_start || (is_last && is_blank(line[at])) || !literals.has(line[at]);
        const std::size_t bytes = is_escaped ? 3 : 1;
        if (column + bytes > (is_last ? line_bytes_max : soft_bytes_max)) {
            out.append(soft_break);
            column = 0;
            continue;
        }
        if (is_escaped)
            append_escaped(out, line[at]);
        else
            out.append(line[at]);
        column += bytes;
        ++at;
    }
    out.append("\r\n");
}

bool may_stay_as_it_is(std::string_view text) {
    for (Lines lines{text}; !lines.is_over();) {
        const auto line = lines.next().text;
        const bool is_plain = line.size() <= line_bytes_max && !line.ends_with(' ') && !line.ends_with('\t') &&
                              !line.starts_with("From ") && !line.starts_with('.') &&
                              plain.run_within(line) == line.size();
        if (!is_plain) return false;
    }
    return true;
}

/// Then it is well-formed as it stands, and never goes as base64. Control characters are escaped like any other, but
/// for NUL, which is dropped.
bool is_ascii_text(std::string_view text) {
    return scan::nowhere(text, [](scan::Block block) { return block < 1; });
}

bool is_mostly_ascii(std::string_view text) {
    const auto is_ascii = [](char c) { return static_cast<unsigned char>(c) < 0x80; };
    const auto is_first = [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; };
    return std::ranges::count_if(text, is_ascii) * 2 >= std::ranges::count_if(text, is_first);
}

void append_with_crlf(std::string& out, std::string_view text) {
    const auto from = out.size();
    while (!text.empty()) {
        const auto run = scan::line_end(text);
        out += text.substr(0, run);
        text.remove_prefix(run);
        if (text.empty()) break;
        const bool is_pair = text.starts_with("\r\n");
        if (text.front() != '\0') out += "\r\n";
        text.remove_prefix(is_pair ? 2 : 1);
    }
    if (!std::string_view{out}.substr(from).ends_with("\r\n")) out += "\r\n";
}

void append_quoted_printable(std::string& message, std::string_view text) {
    Appender out{message};
    for (Lines lines{text}; !lines.is_over();) append_line(out, lines.next());
}

}  // namespace

void append_base64_lines(std::string& out, std::string_view bytes) {
    constexpr std::size_t bytes_a_line = line_bytes_max / 4 * 3;
    out.reserve(out.size() + bytes.size() / bytes_a_line * (line_bytes_max + 2) + line_bytes_max + 2);
    for (; !bytes.empty(); bytes.remove_prefix(std::min(bytes.size(), bytes_a_line))) {
        out += base64(bytes.substr(0, bytes_a_line));
        out += "\r\n";
    }
}

std::string with_crlf(std::string_view text) {
    std::string result;
    result.reserve(text.size() + text.size() / 16 + 2);
    append_with_crlf(result, text);
    return result;
}

std::string quoted_printable(std::string_view text) {
    std::string out;
    out.reserve(text.size() + text.size() / 8);
    append_quoted_printable(out, text);
    return out;
}

EncodedBody::EncodedBody(std::string_view text) : text_(text) {
    const bool is_ascii = is_ascii_text(text);
    if (!is_ascii) text_ = well_formed_ = with_crlf(well_formed(text));
    if (may_stay_as_it_is(text_)) return;
    form_ = is_ascii || is_mostly_ascii(text_) ? Form::quoted_printable : Form::base64;
}

std::string_view EncodedBody::encoding() const {
    switch (form_) {
        case Form::seven_bit: return "7bit";
        case Form::quoted_printable: return "quoted-printable";
        case Form::base64: return "base64";
    }
    return {};
}

void EncodedBody::append_to(std::string& message) const {
    switch (form_) {
        case Form::seven_bit: return append_with_crlf(message, text_);
        case Form::quoted_printable: return append_quoted_printable(message, text_);
        case Form::base64: return append_base64_lines(message, text_);
    }
}

}  // namespace sequitur::mail
