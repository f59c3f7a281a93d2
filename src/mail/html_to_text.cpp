#include "mail/html_to_text.hpp"

#include <algorithm>
#include <array>

#include "base/byte_set.hpp"
#include "mail/html_entity.hpp"
#include "mail/html_scanner.hpp"

namespace sequitur::mail {

namespace {

constexpr std::array<std::string_view, 5> unread{"head", "script", "style", "title", "template"};
constexpr std::array<std::string_view, 13> paragraphs{"p",  "h1", "h2", "h3",    "h4",         "h5", "h6",
                                                      "ul", "ol", "dl", "table", "blockquote", "pre"};
constexpr std::array<std::string_view, 12> lines{"div",    "tr", "section", "article", "header",  "footer",
                                                 "center", "li", "dt",      "dd",      "address", "hr"};

bool is_one_of(const auto& list, std::string_view name) { return std::ranges::find(list, name) != list.end(); }

// Text as it grows: blanks collapse, line breaks wait until something follows them.
class Paper {
public:
    void text(std::string_view words) {
        // U+00A0 is a blank here: mail uses it for space, not for meaning.
        constexpr std::string_view nbsp = "\u00A0";
        static constexpr ByteSet blanks{" \t\r\n\f"};
        static constexpr ByteSet word_ends{" \t\r\n\f\xC2"};
        while (!words.empty()) {
            const bool is_nbsp = words.starts_with(nbsp);
            if (is_nbsp || blanks.has(words.front())) {
                blank_ = true;
                words.remove_prefix(is_nbsp ? nbsp.size() : 1);
                continue;
            }
            // The first byte of U+00A0 begins other characters too, so it is one of a word here.
            const auto run = 1 + word_ends.run_without(words.substr(1));
            settle();
            out_ += words.substr(0, run);
            words.remove_prefix(run);
        }
    }
    void line_break() {
        breaks_ = std::min(breaks_ + 1, 2);
        blank_ = false;
    }
    /// At least so many line ends before what comes next.
    void block(int breaks) {
        breaks_ = std::max(breaks_, breaks);
        blank_ = false;
    }
    std::size_t mark() {
        if (blank_ || breaks_ > 0) settle();
        return out_.size();
    }
    std::string_view since(std::size_t mark) const {
        return std::string_view{out_}.substr(std::min(mark, out_.size()));
    }
    std::string take() {
        if (!out_.empty()) out_ += '\n';
        return std::move(out_);
    }

private:
    void settle() {
        if (!out_.empty()) {
            if (breaks_ > 0)
                out_.append(static_cast<std::size_t>(breaks_), '\n');
            else if (blank_ && out_.back() != '\n' && out_.back() != ' ')
                out_ += ' ';
        }
        breaks_ = 0;
        blank_ = false;
    }

    std::string out_;
    int breaks_ = 0;
    bool blank_ = false;
};

class Reader {
public:
    explicit Reader(std::string_view html) : scanner_(html) {}

    std::string read() {
        for (auto token = scanner_.next(); token.kind != HtmlToken::Kind::end; token = scanner_.next()) {
            if (token.kind == HtmlToken::Kind::text)
                paper_.text(without_entities(token.text));
            else
                tag(token);
        }
        end_link();
        return paper_.take();
    }

private:
    void tag(const HtmlToken& token) {
        if (is_one_of(unread, token.name) && !token.is_closing) return scanner_.skip_element(token.name);
        if (token.name == "br") return paper_.line_break();
        if (is_one_of(paragraphs, token.name)) return paper_.block(2);
        if (is_one_of(lines, token.name)) {
            paper_.block(1);
            if (token.name == "li" && !token.is_closing) paper_.text("- ");
            return;
        }
        if (token.name == "td" || token.name == "th") return paper_.text(" ");
        if (token.name == "img" && !token.is_closing) return paper_.text(attribute(token.attributes, "alt"));
        if (token.name != "a") return;
        end_link();
        if (!token.is_closing) begin_link(attribute(token.attributes, "href"));
    }

    void begin_link(const std::string& target) {
        constexpr std::array<std::string_view, 4> shown{"http://", "https://", "mailto:", "tel:"};
        const bool is_shown = std::ranges::any_of(shown, [&](auto scheme) { return target.starts_with(scheme); });
        if (!is_shown) return;
        target_ = target;
        link_from_ = paper_.mark();
    }

    void end_link() {
        if (target_.empty()) return;
        const auto words = paper_.since(link_from_);
        const auto address = std::string_view{target_}.substr(target_.starts_with("mailto:") ? 7
                                                              : target_.starts_with("tel:")  ? 4
                                                                                             : 0);
        if (words.empty())
            paper_.text(address);
        else if (words != address && words != target_)
            paper_.text(" (" + std::string{address} + ")");
        target_.clear();
    }

    HtmlScanner scanner_;
    Paper paper_;
    std::string target_;
    std::size_t link_from_ = 0;
};

}  // namespace

std::string html_to_text(std::string_view html) { return Reader{html}.read(); }

}  // namespace sequitur::mail
