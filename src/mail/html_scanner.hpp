// Cuts HTML into text and tags as browsers do, in linear time whatever is left open.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sequitur::mail {

struct HtmlToken {
    enum class Kind { end, text, tag };
    Kind kind = Kind::end;
    std::string_view text;        ///< of `text`, as written
    std::string name;             ///< of `tag`, lower case; empty for comments and the like
    bool is_closing = false;
    std::string_view attributes;  ///< what stands between the name and '>'
};

class HtmlScanner {
public:
    explicit HtmlScanner(std::string_view html) : rest_(html) {}

    HtmlToken next();
    /// Passes everything up to the closing tag of `name`, if there is one.
    void skip_element(std::string_view name);

private:
    HtmlToken tag();
    std::size_t end_of_tag();

    std::string_view rest_;
    bool has_no_more_tags_ = false;
    bool has_no_more_comment_ends_ = false;
    std::vector<std::string> never_closed_;
};

/// The value of an attribute, entities replaced; empty if absent.
std::string attribute(std::string_view attributes, std::string_view name);

}  // namespace sequitur::mail
