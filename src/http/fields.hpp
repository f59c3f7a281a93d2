// Reads the members of one JSON object, and notes everything that is wrong with them.
//
// Each member is asked for by name and rule; what nobody asked for is refused by refuse_others(),
// with the nearest known name: a silently ignored member is a mail sent too early. A getter whose
// member is wrong notes it and returns nothing, so reading goes on and all problems come at once.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"
#include "domain/sequence.hpp"
#include "http/json.hpp"
#include "http/presence.hpp"

namespace sequitur::http {

using Problems = std::vector<domain::Problem>;

/// null where a member is optional: as if it were not there, or an error (in PATCH, where it would look like "clear").
enum class Null { is_absent, is_wrong };

struct TextRule {
    Presence presence = Presence::optional;
    std::size_t chars_min = 0;
    std::size_t chars_max = SIZE_MAX;
    bool one_line = false;  ///< refuses control characters: it goes into a mail's header
};
struct NumberRule {
    Presence presence = Presence::optional;
    std::int64_t min = INT64_MIN;
    std::int64_t max = INT64_MAX;
};
struct ListRule {
    Presence presence = Presence::optional;
    std::size_t items_max = SIZE_MAX;
};

class Fields {
public:
    /// `value` and `problems` must outlive it; a value that is no object is noted.
    Fields(const json::value& value, std::string pointer, Problems& problems, Null null = Null::is_absent);

    std::optional<std::string> text(std::string_view name, const TextRule& rule = {});
    std::optional<std::string> choice(std::string_view name, std::vector<std::string_view> words);
    std::optional<int> integer(std::string_view name, const NumberRule& rule);
    std::optional<bool> boolean(std::string_view name);
    const json::array* list(std::string_view name, const ListRule& rule = {});
    const json::object* object(std::string_view name);
    /// A list of UUIDs; repeated ones once.
    std::optional<std::vector<Uuid>> ids(std::string_view name, const ListRule& rule = {});

    bool has(std::string_view name) const;
    void refuse_others();
    std::string pointer_to(std::string_view name) const;
    void problem(std::string_view name, std::string code, std::string detail);

private:
    const json::value* find(std::string_view name, Presence presence);
    void wrong_type(std::string_view name, std::string_view wanted, const json::value& found);

    const json::object* object_ = nullptr;
    std::string pointer_;
    Problems& problems_;
    Null null_;
    std::vector<std::string_view> known_;
};

/// "a string", "a number", …
std::string_view kind_name(const json::value& value);

}  // namespace sequitur::http
