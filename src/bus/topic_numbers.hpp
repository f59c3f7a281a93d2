// The topics of the embedded bus by number: rows of the log carry two bytes instead of a name.
// The numbers are stored in databases, so they never change.
#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domain/ports/message_bus.hpp"

namespace sequitur::bus {

using TopicNumber = std::int16_t;

/// Retentions: which ring of log tables a topic is kept in (0002_bus.sql).
enum class Ring : std::int16_t { records = 0, dead_letters = 1 };

struct NumberedTopic {
    std::string name;
    TopicNumber number;
    Ring ring;
};

/// Every topic there is, with its dead letters.
const std::vector<NumberedTopic>& numbered_topics();
/// Throws std::logic_error for a name that is not a topic: a bug of the caller.
TopicNumber required_topic_number(std::string_view name);
/// Throws std::logic_error for a topic or a slot that there is not: a bug of the caller.
void require_publishable(const domain::OutgoingRecord& record);
/// nullopt for a name that is not a topic.
std::optional<TopicNumber> topic_number(std::string_view name);

}  // namespace sequitur::bus
