#include "mail/link_places.hpp"

#include <gumbo.h>

#include <algorithm>
#include <map>
#include <memory>

#include "mail/html_nesting.hpp"

namespace sequitur::mail {

namespace {

constexpr auto npos = std::string_view::npos;

struct Destroy {
    void operator()(GumboOutput* output) const { gumbo_destroy_output(&kGumboDefaultOptions, output); }
};

/// The elements in their order, without recursion.
template <class Visit> void walk(const GumboNode* root, Visit visit) {
    std::vector<const GumboNode*> open{root};
    while (!open.empty()) {
        const auto* node = open.back();
        open.pop_back();
        if (node->type != GUMBO_NODE_ELEMENT) continue;  // also not into <template>: nobody sees it
        visit(*node);
        const auto& children = node->v.element.children;
        for (unsigned i = children.length; i > 0; --i)
            open.push_back(static_cast<const GumboNode*>(children.data[i - 1]));
    }
}

const GumboAttribute* attribute(const GumboElement& element, const char* name) {
    return gumbo_get_attribute(&element.attributes, name);
}

/// The first words that stand in it.
std::string_view visible_text(const GumboNode& link) {
    const GumboNode* node = &link;
    std::vector<const GumboNode*> open{node};
    while (!open.empty()) {
        node = open.back();
        open.pop_back();
        if (node->type == GUMBO_NODE_TEXT) return node->v.text.text;
        if (node->type != GUMBO_NODE_ELEMENT) continue;
        const auto& children = node->v.element.children;
        for (unsigned i = children.length; i > 0; --i)
            open.push_back(static_cast<const GumboNode*>(children.data[i - 1]));
    }
    return {};
}

bool is_web_address(std::string_view text) {
    const auto from = std::min(text.find_first_not_of(" \t\r\n\f"), text.size());
    text.remove_prefix(from);
    return text.starts_with("http://") || text.starts_with("https://") || text.starts_with("www.");
}

bool is_trackable(const GumboNode& node) {
    const auto& element = node.v.element;
    if (element.tag_namespace != GUMBO_NAMESPACE_HTML) return false;
    if (element.tag != GUMBO_TAG_A && element.tag != GUMBO_TAG_AREA) return false;
    if (attribute(element, "data-no-track") != nullptr) return false;
    return element.tag == GUMBO_TAG_AREA || !is_web_address(visible_text(node));
}

/// Begin and end by begin: Gumbo repeats an element that formatting rules repeat, with the same place.
using Hrefs = std::map<std::size_t, std::size_t>;

void take_href(std::string_view source, const GumboNode& node, Hrefs& hrefs) {
    const auto* href = attribute(node.v.element, "href");
    if (href == nullptr || href->original_value.length == 0) return;
    std::string_view value{href->original_value.data, href->original_value.length};
    if (value.front() == '"' || value.front() == '\'') {
        if (value.size() < 2 || value.back() != value.front()) return;
        value = value.substr(1, value.size() - 2);
    }
    const auto begin = static_cast<std::size_t>(value.data() - source.data());
    if (!value.empty()) hrefs.emplace(begin, begin + value.size());
}

/// Before the last `</body>`; npos: there is none.
std::size_t end_of_body(std::string_view source, const GumboOutput& output) {
    auto end = npos;
    walk(output.root, [&](const GumboNode& node) {
        const auto& tag = node.v.element.original_end_tag;
        if (node.v.element.tag == GUMBO_TAG_BODY && tag.length > 0 && *tag.data == '<')
            end = static_cast<std::size_t>(tag.data - source.data());
    });
    return end;
}

}  // namespace

domain::LinkPlaces find_link_places(std::string_view source) {
    domain::LinkPlaces places;
    if (source.empty() || source.size() > tracked_html_bytes_max || !is_nested_within_reason(source)) return places;
    const std::unique_ptr<GumboOutput, Destroy> output{
        gumbo_parse_with_options(&kGumboDefaultOptions, source.data(), source.size())};
    Hrefs hrefs;
    walk(output->root, [&](const GumboNode& node) {
        if (is_trackable(node)) take_href(source, node, hrefs);
    });
    const auto pixel = end_of_body(source, *output);
    for (const auto& [begin, end] : hrefs) {
        if (end > pixel) break;  // behind the end of the body; marks ascend
        places.marks.insert(places.marks.end(), {begin, end});
    }
    places.links = places.marks.size() / 2;
    places.has_pixel_place = pixel != npos;
    if (places.has_pixel_place) places.marks.push_back(pixel);
    return places;
}

}  // namespace sequitur::mail
