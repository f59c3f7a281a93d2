#include "domain/template_tokens.hpp"

#include "domain/template_html.hpp"
#include "domain/template_names.hpp"

namespace sequitur::domain {

namespace {

constexpr auto npos = std::string_view::npos;
constexpr std::size_t inside_bytes_max = 2'000;
constexpr std::size_t endraw_bytes_max = 64;  // blanks included

using Kind = TemplateToken::Kind;

/// Where a quotation may begin: after a blank, a colon, a comma or an operator. So `y'all` has none.
bool may_open_quote(char before) { return std::string_view{" \t\r\n:,=("}.find(before) != npos; }

/// The `closer` outside of quotations.
std::size_t end_of(std::string_view source, std::size_t from, std::string_view closer) {
    const auto window = source.substr(0, std::min(source.size(), from + inside_bytes_max));
    for (auto at = from; at + 1 < window.size(); ++at) {
        const char c = window[at];
        if (window.substr(at, closer.size()) == closer) return at;
        if ((c != '"' && c != '\'') || !may_open_quote(window[at - 1])) continue;
        if (const auto end = window.find(c, at + 1); end != npos) at = end;
    }
    return npos;
}

class Lexer {
public:
    Lexer(std::string_view source, bool is_html) : source_(source), is_html_(is_html) {}

    TemplateTokens read() {
        while (at_ < source_.size() && out_.error.empty()) step();
        // What is still open stays text.
        return std::move(out_);
    }

private:
    /// An open brace, or the beginning of an `if`, beyond which no brace closes.
    struct Open {
        bool is_brace = false;
        std::vector<std::size_t> tokens;  ///< the brace and its bars
    };

    void step() {
        const auto special = std::min(source_.find_first_of("{}|\\", at_), source_.size());
        if (special > at_) text(special, source_.substr(at_, special - at_));
        if (at_ == source_.size()) return;
        const auto rest = source_.substr(at_);
        if (rest.starts_with('\\')) return backslash(rest);
        if (rest.starts_with("{{")) return value();
        if (rest.starts_with("{%")) return tag();
        brace(rest.front());
    }

    void text(std::size_t to, std::string_view inside) {
        if (is_html_) html_.read(inside);
        push(Kind::text, to, inside);
    }
    void push(Kind kind, std::size_t to, std::string_view inside) {
        out_.tokens.push_back({kind, at_, to, inside});
        at_ = to;
    }
    void fail(std::string message) {
        out_.error_at = at_;
        out_.error = std::move(message);
    }

    void backslash(std::string_view rest) {
        const bool is_opener = rest.starts_with("\\{{") || rest.starts_with("\\{%");
        const bool is_sign = rest.starts_with("\\{") || rest.starts_with("\\}") ||
                             (rest.starts_with("\\|") && !open_.empty() && open_.back().is_brace);
        const std::size_t bytes = is_opener ? 2 : 1;
        if (is_sign) return text(at_ + 1 + bytes, rest.substr(1, bytes));
        text(at_ + 1, rest.substr(0, 1));
    }

    void value() {
        const auto end = end_of(source_, at_ + 2, "}}");
        if (end == npos) return fail("{{ without }}");
        push(Kind::value, end + 2, without_edge_blanks(source_.substr(at_ + 2, end - at_ - 2)));
    }

    void tag() {
        const auto end = end_of(source_, at_ + 2, "%}");
        if (end == npos) return fail("{% without %}");
        const auto inside = without_edge_blanks(source_.substr(at_ + 2, end - at_ - 2));
        if (inside == "raw") return raw(end + 2);
        const auto word = tag_word(inside);
        const bool opens = word == "if" || word == "unless";
        if (!opens) drop_braces();
        const bool closes = word == "endif" || word == "endunless";
        if (closes && !open_.empty()) open_.pop_back();
        push(Kind::tag, end + 2, inside);
        if (opens) open_.push_back({});
    }

    void raw(std::size_t from) {
        for (auto at = source_.find("{%", from); at != npos; at = source_.find("{%", at + 2)) {
            const auto window = source_.substr(at + 2, endraw_bytes_max);
            const auto end = window.find("%}");
            if (end == npos || without_edge_blanks(window.substr(0, end)) != "endraw") continue;
            at_ = from;
            text(at, source_.substr(from, at - from));
            at_ = at + 2 + end + 2;
            return;
        }
        fail("{% raw %} without {% endraw %}");
    }

    void brace(char c) {
        const bool is_style = html_.is_in_raw_element();
        const bool in_brace = !is_style && !open_.empty() && open_.back().is_brace;
        if (c == '{' && !is_style) open_.push_back({true, {out_.tokens.size()}});
        if (c == '|' && in_brace) open_.back().tokens.push_back(out_.tokens.size());
        text(at_ + 1, source_.substr(at_, 1));
        if (c != '}' || !in_brace) return;
        const auto& parts = open_.back().tokens;
        if (parts.size() > 1) {
            for (const auto part : parts) out_.tokens[part].kind = Kind::bar;
            out_.tokens[parts.front()].kind = Kind::open;
            out_.tokens.back().kind = Kind::close;
        }
        open_.pop_back();
    }

    void drop_braces() {
        while (!open_.empty() && open_.back().is_brace) open_.pop_back();
    }

    std::string_view source_;
    bool is_html_;
    HtmlPlaces html_;
    std::size_t at_ = 0;
    std::vector<Open> open_;
    TemplateTokens out_;
};

}  // namespace

TemplateTokens template_tokens(std::string_view source, bool is_html) { return Lexer{source, is_html}.read(); }

std::string_view tag_word(std::string_view inside) { return inside.substr(0, inside.find_first_of(" \t\r\n")); }

}  // namespace sequitur::domain
