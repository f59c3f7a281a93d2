// An outbox in memory. Not thread-safe.
#pragma once

#include <algorithm>
#include <cassert>
#include <deque>
#include <vector>

#include "domain/ports/email_queue.hpp"
#include "support/trace.hpp"

namespace sequitur::test {

class FakeOutbox final : public domain::Outbox {
public:
    explicit FakeOutbox(Trace& trace) : trace_(trace) {}

    std::deque<Record> unpublished;
    int marks_to_fail = 0;
    bool is_held = false;

    void add(const std::string& topic, const std::string& payload) {
        unpublished.push_back({.id = {}, .topic = topic, .slot = 0, .payload = payload});
    }

    std::vector<Record> take(int records_max) override {
        trace_.push_back("take");
        assert(!is_held);
        const auto count = std::min<std::size_t>(static_cast<std::size_t>(records_max), unpublished.size());
        taken_ = count;
        is_held = count > 0;
        return {unpublished.begin(), unpublished.begin() + static_cast<std::ptrdiff_t>(count)};
    }
    void mark_published() override {
        trace_.push_back("mark");
        if (marks_to_fail > 0 && marks_to_fail-- > 0) throw domain::StoreUnavailable("mark was told to fail");
        unpublished.erase(unpublished.begin(), unpublished.begin() + static_cast<std::ptrdiff_t>(taken_));
        is_held = false;
    }
    void release() override {
        trace_.push_back("release");
        is_held = false;
    }

private:
    Trace& trace_;
    std::size_t taken_ = 0;
};

}  // namespace sequitur::test
