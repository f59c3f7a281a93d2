#include "domain/footer.hpp"

#include <algorithm>

#include "base/ascii.hpp"
#include "base/byte_scan.hpp"
#include "domain/html_escape.hpp"

namespace sequitur::domain {

namespace {

constexpr std::string_view box =
    "<div style=\"margin-top:2em;padding-top:1em;border-top:1px solid #cccccc;color:#666666;font-size:12px;"
    "line-height:1.5\">";

/// Organisation and address, line by line.
void each_line(const Footer& footer, auto&& add) {
    if (!footer.organisation.empty()) add(std::string_view{footer.organisation});
    std::string_view rest = footer.postal_address;
    while (!rest.empty()) {
        const auto end = std::min({rest.find('\n'), rest.find("; "), rest.size()});
        if (end > 0) add(rest.substr(0, end));
        rest.remove_prefix(std::min(end + (rest.substr(end).starts_with("; ") ? 2 : 1), rest.size()));
    }
}

void append_html_footer(std::string& out, const Footer& footer, std::string_view url) {
    out += box;
    each_line(footer, [&](std::string_view line) {
        append_html_escaped(out, line);
        out += "<br>";
    });
    if (!url.empty()) {
        append_html_escaped(out += "<a href=\"", url);
        out += "\" style=\"color:#666666\">Unsubscribe</a>";
    }
    out += "</div>";
}

void append_text_footer(std::string& out, const Footer& footer, std::string_view url) {
    out += "\n\n--\n";
    each_line(footer, [&](std::string_view line) { out.append(line).append("\n"); });
    if (!url.empty()) out.append("Unsubscribe: ").append(url).append("\n");
}

/// Before the end of the body, if the source has one: its last, since values are escaped and can hold none.
std::size_t end_of_body(std::string_view html) {
    constexpr std::string_view tag = "</body";
    const auto is_tag = [&](std::string_view text) {
        return text.size() >= tag.size() && std::ranges::equal(text.substr(0, tag.size()), tag, {}, ascii_lower);
    };
    std::size_t end = html.size();
    std::size_t from = 0;
    for (auto at = scan::pair(html, '<', '/'); at != std::string_view::npos;
         at = scan::pair(html.substr(from), '<', '/')) {
        const auto place = from + at;
        if (is_tag(html.substr(place))) end = place;
        from = place + 1;
    }
    return end;
}

/// The token of the link: it is of this one mail, and nothing in it is ever escaped.
bool shows(std::string_view part, std::string_view url) {
    return !url.empty() && part.find(url.substr(url.rfind('/') + 1)) != std::string_view::npos;
}

void add_footer_to_text(std::string& text, const Footer& footer, std::string_view url, bool names_way_out) {
    if ((footer.empty() && url.empty()) || (names_way_out && shows(text, url))) return;
    while (text.ends_with('\n')) text.pop_back();
    append_text_footer(text, footer, url);
}

}  // namespace

void add_footer(Letter& letter, const Footer& footer, std::string_view unsubscribe_url) {
    add_footer_to_html(letter.html, footer, unsubscribe_url, letter);
    if (letter.text) add_footer_to_text(*letter.text, footer, unsubscribe_url, letter.names_way_out);
}

void add_footer_to_html(std::string& html, const Footer& footer, std::string_view unsubscribe_url,
                        const Letter& letter) {
    if ((footer.empty() && unsubscribe_url.empty()) || (letter.names_way_out && shows(html, unsubscribe_url))) return;
    const auto end = letter.has_body ? end_of_body(html) : html.size();
    const std::string after = html.substr(end);
    html.erase(end);
    append_html_footer(html, footer, unsubscribe_url);
    html += after;
}

}  // namespace sequitur::domain
