// A sequence: a list of steps with waits between them, and what makes one valid.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "base/ids.hpp"

namespace sequitur::domain {

enum class SequenceStatus { draft, active, paused, archived };
std::string_view name(SequenceStatus status);
std::optional<SequenceStatus> sequence_status(std::string_view name);

constexpr int sequence_name_chars_max = 255;
constexpr int sequence_steps_max = 50;
constexpr int wait_days_max = 365;
constexpr std::size_t step_content_bytes_max = 256 * 1024;

struct NewStep {
    std::string subject;                      ///< empty in a follow-up: continues the thread
    std::string content;                      ///< HTML
    std::optional<std::string> content_text;  ///< replaces the derived text part
    std::optional<int> wait_days;             ///< missing: 0 for the first step, 1 later

    int wait_days_at(std::size_t position) const { return wait_days.value_or(position == 0 ? 0 : 1); }
};

struct NewSequence {
    std::string name;
    SequenceStatus status = SequenceStatus::active;
    bool open_tracking_enabled = true;
    bool click_tracking_enabled = true;
    std::vector<NewStep> steps;
    std::vector<MailboxId> mailbox_ids;
};

/// One thing that is wrong with a request: where (RFC 6901 pointer), a code for programs, words for people.
struct Problem {
    std::string pointer;
    std::string code;
    std::string detail;
};

/// Every problem at once; empty = valid. Templates are compiled on the way.
std::vector<Problem> problems_of(const NewSequence& sequence);

}  // namespace sequitur::domain
