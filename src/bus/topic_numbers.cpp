#include "bus/topic_numbers.hpp"

#include <algorithm>
#include <iterator>
#include <stdexcept>

#include "domain/messages.hpp"

namespace sequitur::bus {

namespace {

constexpr TopicNumber dead_letters_from = 100;

std::vector<NumberedTopic> number_them() {
    static_assert(std::size(domain::topics::all) < dead_letters_from);
    std::vector<NumberedTopic> topics;
    TopicNumber number = 0;
    for (const auto name : domain::topics::all) {
        ++number;
        topics.push_back({std::string{name}, number, Ring::records});
        topics.push_back({domain::topics::dead_letters(name), static_cast<TopicNumber>(dead_letters_from + number),
                          Ring::dead_letters});
    }
    return topics;
}

}  // namespace

const std::vector<NumberedTopic>& numbered_topics() {
    static const auto topics = number_them();
    return topics;
}

std::optional<TopicNumber> topic_number(std::string_view name) {
    const auto& topics = numbered_topics();
    const auto found = std::ranges::find(topics, name, &NumberedTopic::name);
    return found == topics.end() ? std::nullopt : std::optional{found->number};
}

TopicNumber required_topic_number(std::string_view name) {
    const auto number = topic_number(name);
    if (!number) throw std::logic_error("no topic is named " + std::string{name});
    return *number;
}

void require_publishable(const domain::OutgoingRecord& record) {
    required_topic_number(record.topic);
    if (record.slot < 0 || record.slot >= slots) throw std::logic_error("a record's slot is 0 to 63");
}

}  // namespace sequitur::bus
