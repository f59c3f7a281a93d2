// The lexer of the template language: cuts a source into text, values, tags and the parts of spintax, in linear time.
//
// Braces are spintax only if they close again on the same level and hold a `|` of their own; in <style> and <script>
// they never are. Everything else of braces and bars is text.
#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace sequitur::domain {

struct TemplateToken {
    enum class Kind { text, value, tag, open, bar, close };
    Kind kind{};
    std::size_t from = 0;     ///< in the source
    std::size_t to = 0;       ///< in the source
    std::string_view inside;  ///< of `text`: what it renders as; of `value` and `tag`: between the braces, trimmed
};

struct TemplateTokens {
    std::vector<TemplateToken> tokens;
    std::size_t error_at = 0;
    std::string error;  ///< not empty: the source could not be read beyond `error_at`
};

/// `is_html`: mind <style> and <script>. The tokens borrow `source`.
TemplateTokens template_tokens(std::string_view source, bool is_html);

/// The first word of a tag.
std::string_view tag_word(std::string_view inside);

}  // namespace sequitur::domain
