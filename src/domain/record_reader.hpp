// Reads the JSON of a record from the bus without trusting any byte of it.
//
// The first thing that is wrong is kept, in words that name the member ("emails[3].mailbox_id is
// not a UUID"); after it every answer is empty. No word of the record itself is repeated in them.
// Members that nobody asks for are ignored, so that a newer writer may add some.
#pragma once

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>
#include <boost/json/value.hpp>
#include <limits>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/ids.hpp"

namespace sequitur::domain {

/// A JSON object, or nullopt and the reason in `problem`: too large, not JSON, too deep, not UTF-8,
/// a NUL or half a surrogate pair in a string, a number out of range, not an object.
std::optional<boost::json::value> parse_record(std::string_view payload, std::string& problem);

/// Borrows both.
class RecordReader {
public:
    RecordReader(const boost::json::object& object, std::string& problem) : object_(object), problem_(problem) {}

    Uuid uuid(std::string_view name) const;
    /// Version 7 and within id_skew_max of `now`: what lies outside has no partition it belongs to.
    Uuid v7(std::string_view name, TimePoint now) const;
    std::int64_t integer(std::string_view name, std::int64_t min,
                         std::int64_t max = std::numeric_limits<std::int64_t>::max()) const;
    int count(std::string_view name) const;
    bool boolean(std::string_view name) const;
    /// Lower case letters and '_', 1 to 64 of them.
    std::string word(std::string_view name) const;
    TimePoint time(std::string_view name) const;
    /// The zero time for null.
    TimePoint time_or_null(std::string_view name) const;
    /// A JSON object, as text.
    std::string object_text(std::string_view name) const;

    /// Calls `read` with each object of a list.
    void each(std::string_view name, std::size_t min, std::size_t max, auto&& read) const {
        const auto* list = array(name, min, max);
        if (list == nullptr) return;
        for (std::size_t i = 0; i < list->size() && problem_.empty(); ++i) {
            if (const auto* item = (*list)[i].if_object())
                read(RecordReader{*item, problem_, {this, name, i}});
            else
                wrong(std::string{name} + '[' + std::to_string(i) + ']', "is not an object");
        }
    }
    /// As many as the record's size allows.
    void each(std::string_view name, auto&& read) const {
        each(name, 0, std::numeric_limits<std::size_t>::max(), read);
    }

private:
    /// Of a list's item; told in words only where something is wrong with it.
    struct Place {
        const RecordReader* outer = nullptr;
        std::string_view list;
        std::size_t number = 0;
    };
    RecordReader(const boost::json::object& object, std::string& problem, Place place)
        : object_(object), problem_(problem), place_(place) {}

    std::string path() const;
    const boost::json::value* find(std::string_view name) const;
    const boost::json::array* array(std::string_view name, std::size_t min, std::size_t max) const;
    std::string_view text(std::string_view name) const;
    void wrong(std::string_view name, std::string_view words) const;

    const boost::json::object& object_;
    std::string& problem_;
    Place place_;
};

}  // namespace sequitur::domain
