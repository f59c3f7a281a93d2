#include "domain/html_escape.hpp"

namespace sequitur::domain {

void append_html_escaped(std::string& out, std::string_view text) {
    for (auto end = text.find_first_of("&<>\""); end != std::string_view::npos; end = text.find_first_of("&<>\"")) {
        out += text.substr(0, end);
        switch (text[end]) {
            case '&': out += "&amp;"; break;
            case '<': out += "&lt;"; break;
            case '>': out += "&gt;"; break;
            default: out += "&quot;";
        }
        text.remove_prefix(end + 1);
    }
    out += text;
}

std::string html_escaped(std::string_view text) {
    std::string out;
    append_html_escaped(out, text);
    return out;
}

}  // namespace sequitur::domain
