// An event log in memory. Not thread-safe.
#pragma once

#include <string>
#include <utility>
#include <vector>

#include "domain/ports/event_log.hpp"
#include "support/trace.hpp"

namespace sequitur::test {

class FakeEventLog final : public domain::EventLog {
public:
    explicit FakeEventLog(Trace& trace) : trace_(trace) {}

    std::string refused_type;  ///< a call with one of these throws StoreRefused
    std::vector<std::string> types;
    std::vector<domain::InboxEntry> inbox;

    std::vector<EmailId> missing;  ///< what the next call says

    domain::EventsRecorded record(std::span<const domain::EmailEvent> events, std::string_view,
                                  const std::vector<domain::InboxEntry>& entries) override {
        for (const auto& event : events)
            if (event.type == refused_type) throw domain::StoreRefused("no such type");
        trace_.push_back("record");
        for (const auto& event : events) types.push_back(event.type);
        inbox.insert(inbox.end(), entries.begin(), entries.end());
        return {static_cast<int>(events.size()), std::exchange(missing, {})};
    }

private:
    Trace& trace_;
};

}  // namespace sequitur::test
