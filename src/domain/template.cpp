#include "domain/template.hpp"

#include <algorithm>
#include <boost/container/small_vector.hpp>

#include "base/appender.hpp"
#include "base/buffers.hpp"
#include "domain/template_names.hpp"
#include "domain/template_values.hpp"

namespace sequitur::domain {

namespace {

/// SplitMix64: the same on every machine and in every version, since a retry must choose as the first try did.
std::uint64_t mixed(std::uint64_t x) {
    x += 0x9E3779B97F4A7C15U;
    x = (x ^ x >> 30) * 0xBF58476D1CE4E5B9U;
    x = (x ^ x >> 27) * 0x94D049BB133111EBU;
    return x ^ x >> 31;
}

/// The values of one rendering, each asked for at most once.
class Known {
public:
    Known(const TemplateProgram& program, const Template::Values& values) : program_(program), values_(values) {
        known_.resize(program.variables.size());
    }
    /// nullopt: missing or blank.
    std::optional<std::string_view> value(std::uint32_t variable) {
        auto& known = known_[variable];
        if (!known.is_asked) {
            known.is_asked = true;
            known.value = values_(program_.variables[variable]);
            if (known.value && is_blank_value(*known.value)) known.value.reset();
        }
        return known.value;
    }
    /// The value that there is, as it is written at such a place. A mail names the same few again and again, mostly
    /// at the same kind of place: it is escaped once.
    std::string_view written(std::uint32_t variable, TemplatePlace place) {
        auto& known = known_[variable];
        if (known.place == place) return known.written;
        known.place = place;
        known.written = *known.value;
        if (stands_for_itself(known.written, place)) return known.written;
        known.escaped.clear();
        append_escaped(known.escaped, *known.value, place);
        return known.written = known.escaped;
    }

private:
    struct Entry {
        bool is_asked = false;
        std::optional<std::string_view> value;
        std::optional<TemplatePlace> place;  ///< of `written`
        std::string_view written;
        std::string escaped;
    };
    const TemplateProgram& program_;
    const Template::Values& values_;
    boost::container::small_vector<Entry, 16> known_;
};

bool holds(const TemplateTest& test, Known& known) {
    const auto text = [&](const TemplateTest::Operand& operand) -> std::string_view {
        return operand.variable ? known.value(*operand.variable).value_or("") : operand.text;
    };
    const auto left = text(test.left);
    switch (test.kind) {
        case TemplateTest::Kind::has_value: return !left.empty() && left != "false";
        case TemplateTest::Kind::equal: return left == text(test.right);
        case TemplateTest::Kind::not_equal: return left != text(test.right);
        case TemplateTest::Kind::contains:
            return !left.empty() && left.find(text(test.right)) != std::string_view::npos;
    }
    return false;
}

bool holds(const TemplateCondition& condition, Known& known) {
    bool any = false;
    bool all = false;
    for (const auto& test : condition.tests) {
        if (test.begins_alternative) {
            any = any || all;
            all = true;
        }
        all = all && holds(test, known);
    }
    return (any || all) != condition.is_negated;
}

struct Filtered {
    std::optional<std::string> text;  ///< nullopt: missing
    bool is_encoded = false;  ///< nothing is left to escape
};

Filtered filtered(std::optional<std::string_view> value, const std::vector<TemplateFilterCall>& calls) {
    Filtered made;
    if (value) made.text = std::string{*value};
    for (const auto& call : calls) {
        if (call.filter == TemplateFilter::fallback) {
            if (made.text && !is_blank_value(*made.text)) continue;
            made = {call.text, false};
            continue;
        }
        if (!made.text) continue;
        made.is_encoded = call.filter == TemplateFilter::url_encode;
        switch (call.filter) {
            case TemplateFilter::upcase: made.text = upcased(*made.text); break;
            case TemplateFilter::downcase: made.text = downcased(*made.text); break;
            case TemplateFilter::capitalize: made.text = capitalized(*made.text); break;
            case TemplateFilter::strip: made.text = std::string{without_edge_blanks(*made.text)}; break;
            case TemplateFilter::truncate: made.text = truncated(*made.text, call.number, call.text); break;
            case TemplateFilter::url_encode: made.text = url_encoded(*made.text); break;
            case TemplateFilter::fallback: break;
        }
    }
    return made;
}

bool is_missing(const TemplateValue& value, const Filtered& made) {
    return !value.has_fallback && (!made.text || is_blank_value(*made.text));
}

std::string escaped(std::string_view value, TemplatePlace place) {
    std::string text;
    append_escaped(text, value, place);
    return text;
}

/// Appends to a text; false: the value is missing.
class Writer {
public:
    Writer(std::string& to, Known& known) : out(to), known_(known) {}
    void literal(std::string_view text) { out.append(text); }
    bool value(const TemplateValue& value) {
        const auto found = known_.value(value.variable);
        if (value.filters.empty()) {
            if (found)
                out.append(known_.written(value.variable, value.place));
            else
                out.append(value.fallback);
            return found || value.has_fallback;
        }
        const auto made = filtered(found, value.filters);
        if (is_missing(value, made)) return false;
        if (made.text) out.append(made.is_encoded ? *made.text : escaped(*made.text, value.place));
        return true;
    }
    bool is_full() const { return out.size() > template_output_bytes_max; }

    Appender out;

private:
    Known& known_;
};

/// Looks for what is missing, and writes nothing.
class Looker {
public:
    explicit Looker(Known& known) : known_(known) {}
    void literal(std::string_view) {}
    bool value(const TemplateValue& value) {
        const auto found = known_.value(value.variable);
        if (value.has_fallback || (found && value.filters.empty())) return true;
        return !is_missing(value, filtered(found, value.filters));
    }
    static bool is_full() { return false; }

private:
    Known& known_;
};

enum class End { done, missing, full };
struct Ended {
    End end = End::done;
    std::uint32_t variable = 0;  ///< the missing one
};

/// `at_literal(operation)` is called before the literal of that number.
template <class Sink, class AtLiteral>
Ended run(const TemplateProgram& program, std::uint64_t seed, Known& known, Sink& sink, AtLiteral at_literal) {
    using Kind = TemplateOperation::Kind;
    for (std::uint32_t at = 0; at < program.operations.size();) {
        const auto& operation = program.operations[at];
        switch (operation.kind) {
            case Kind::literal:
                at_literal(at);
                sink.literal(std::string_view{program.text}.substr(operation.a, operation.b - operation.a));
                ++at;
                break;
            case Kind::value: {
                const auto& value = program.values[operation.a];
                if (!sink.value(value)) return {End::missing, value.variable};
                ++at;
                break;
            }
            case Kind::branch: at = holds(program.conditions[operation.a], known) ? at + 1 : operation.b; break;
            case Kind::jump: at = operation.b; break;
            case Kind::choice: {
                const auto& choices = program.choices[operation.a];
                at = choices[mixed(mixed(seed ^ program.salt) + operation.a) % choices.size()];
                break;
            }
        }
        if (sink.is_full()) return {End::full, 0};
    }
    return {};
}

}  // namespace

Template::Rendered Template::render(const Values& values, std::uint64_t seed, std::vector<PlacedMark>* placed) const {
    constexpr std::size_t value_bytes = 32;
    constexpr std::size_t footer_bytes = 768;
    Known known{program_, values};
    auto text = take_buffer(program_.text.size() + program_.values.size() * value_bytes + footer_bytes);
    if (placed != nullptr) placed->reserve(program_.marks.size());
    std::size_t mark = placed == nullptr ? program_.marks.size() : 0;
    const auto ended = [&] {
        Writer writer{text, known};
        return run(program_, seed, known, writer, [&](std::uint32_t at) {
            for (; mark < program_.marks.size() && program_.marks[mark].operation <= at; ++mark)
                if (program_.marks[mark].operation == at)
                    placed->push_back({mark, writer.out.size() + program_.marks[mark].offset});
        });
    }();
    if (ended.end == End::missing) return MissingVariable{program_.variables[ended.variable]};
    if (ended.end == End::full) return TooLong{};
    return text;
}

bool Template::names(std::string_view variable) const {
    return std::ranges::find(program_.variables, variable) != program_.variables.end();
}

std::optional<MissingVariable> Template::missing(const Values& values, std::uint64_t seed) const {
    Known known{program_, values};
    Looker looker{known};
    if (program_.demanded) {
        for (const auto at : *program_.demanded)
            if (const auto& value = program_.values[at]; !looker.value(value))
                return MissingVariable{program_.variables[value.variable]};
        return std::nullopt;
    }
    const auto ended = run(program_, seed, known, looker, [](std::uint32_t) {});
    if (ended.end != End::missing) return std::nullopt;
    return MissingVariable{program_.variables[ended.variable]};
}

std::variant<Template::Preview, TooLong> Template::preview(const Values& values, std::uint64_t seed) const {
    Preview preview;
    Known known{program_, values};
    struct Shower {
        const TemplateProgram& program;
        Writer writer;
        Preview& preview;
        void literal(std::string_view text) { writer.literal(text); }
        bool value(const TemplateValue& value) {
            if (writer.value(value)) return true;
            const auto& name = program.variables[value.variable];
            writer.out.append("{{" + name + "}}");
            if (std::ranges::find(preview.missing, name) == preview.missing.end()) preview.missing.push_back(name);
            return true;
        }
        bool is_full() const { return writer.is_full(); }
    };
    const auto ended = [&] {
        Shower shower{program_, {preview.text, known}, preview};
        return run(program_, seed, known, shower, [](std::uint32_t) {});
    }();
    if (ended.end == End::full) return TooLong{};
    return preview;
}

}  // namespace sequitur::domain
