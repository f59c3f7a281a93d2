#include "domain/mailbox_choice.hpp"

#include <queue>

namespace sequitur::domain {

namespace {

struct Place {
    std::int64_t load;  ///< with one more
    std::int64_t capacity;
    std::size_t position;

    /// Fractions compared without division; no capacity is an infinite share.
    bool operator<(const Place& other) const {
        const bool full = capacity == 0, other_full = other.capacity == 0;
        if (full != other_full) return other_full;
        const auto mine = full ? load : load * other.capacity;
        const auto theirs = full ? other.load : other.load * capacity;
        return mine != theirs ? mine < theirs : position < other.position;
    }
    bool operator>(const Place& other) const { return other < *this; }
};

}  // namespace

std::vector<MailboxId> choose_mailboxes(const std::vector<MailboxLoad>& mailboxes, std::size_t people) {
    std::vector<MailboxId> chosen;
    if (mailboxes.empty()) return chosen;
    std::priority_queue<Place, std::vector<Place>, std::greater<>> places;
    for (std::size_t i = 0; i < mailboxes.size(); ++i)
        places.push({mailboxes[i].load + 1, mailboxes[i].daily_capacity, i});
    chosen.reserve(people);
    while (chosen.size() < people) {
        auto place = places.top();
        places.pop();
        chosen.push_back(mailboxes[place.position].id);
        ++place.load;
        places.push(place);
    }
    return chosen;
}

}  // namespace sequitur::domain
