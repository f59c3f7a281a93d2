// Where in HTML the next byte stands: in text, in an attribute, in a URL. Reads tags as browsers do, byte by byte, in
// pieces of any size; values may stand between the pieces.
#pragma once

#include <optional>
#include <string>
#include <string_view>

#include "domain/template_program.hpp"

namespace sequitur::domain {

class HtmlPlaces {
public:
    void read(std::string_view html);
    /// A value stands here; nullopt where none may stand: as the name of a tag.
    std::optional<TemplatePlace> value();
    /// In <style> or <script>.
    bool is_in_raw_element() const { return state_ == State::raw_element; }

    /// Two branches of one condition end here. False if what follows would stand in another place after one than after
    /// the other. Where in a URL they are is no such difference: then the strictest escaping goes on.
    bool merge(const HtmlPlaces& other);

private:
    enum class State {
        text,
        tag_begin,  ///< after '<'
        tag_name,
        in_tag,
        attribute_name,
        after_equals,
        value_double,
        value_single,
        value_unquoted,
        comment,
        declaration,  ///< <!…> and <?…>
        raw_element,
    };
    enum class Url { none, start, path, query };

    void read(char c);
    void begin_value(State state);
    void read_value(char c);
    void end_tag();

    State state_ = State::text;
    bool is_closing_ = false;
    std::string tag_;  ///< lower case
    std::string attribute_;  ///< lower case
    std::string tail_;  ///< the last bytes, where the end is a word: --> and </style
    Url url_ = Url::none;
};

}  // namespace sequitur::domain
