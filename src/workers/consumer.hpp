// What the consumers of followup-events, email-retries and email-events have in common.
//
// A round gathers up to 500 items or for 100 ms, sets poison aside, hands the rest to the flow in as
// few transactions as possible, and commits the offsets last. A batch that the database refuses is
// halved until the bad record is alone; that one is set aside. A record that names emails which do
// not exist is processed for the others, and one dead letter names them.
#pragma once

#include <algorithm>
#include <functional>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/log.hpp"
#include "base/match.hpp"
#include "domain/messages.hpp"
#include "domain/ports/email_queue.hpp"
#include "workers/quarantine.hpp"
#include "workers/record_source.hpp"
#include "workers/worker.hpp"

namespace sequitur::workers {

constexpr std::size_t consumer_items_max = 500;
constexpr std::size_t consumer_records_max = 100;  ///< a poll
constexpr Duration consumer_gather = std::chrono::milliseconds{100};
/// The bus wants to be polled every second.
constexpr Duration consumer_wait = std::chrono::milliseconds{500};

/// A record that could be read.
template <class Message> struct Taken {
    domain::BusRecord record;
    Message message;
    std::vector<EmailId> emails;  ///< one an item
};

/// What a role brings. `group` and `topic` are constants.
template <class Message> struct ConsumerFlow {
    std::string_view group;
    std::string_view topic;
    std::variant<Message, domain::Poison> (*decode)(std::string_view payload, TimePoint now);
    std::vector<EmailId> (*emails)(const Message&);
    /// One transaction. Returns the ids that name no row; everything else was done.
    std::function<std::vector<EmailId>(std::span<const Taken<Message>>)> handle;
};

template <class Message> domain::InboxEntry inbox_entry(const Taken<Message>& taken) {
    return {.message_id = taken.message.id,
            .topic = taken.record.topic,
            .partition = taken.record.partition,
            .offset = taken.record.offset,
            .email_count = static_cast<int>(taken.emails.size())};
}

template <class Message> std::vector<domain::InboxEntry> inbox_entries(std::span<const Taken<Message>> batch) {
    std::vector<domain::InboxEntry> entries;
    std::ranges::transform(batch, std::back_inserter(entries), inbox_entry<Message>);
    return entries;
}

struct Consumed {
    std::size_t items = 0;         ///< of records that were handled
    std::size_t dead_letters = 0;
};

/// Used by one thread.
template <class Message> class Consumer {
public:
    using Batch = std::span<const Taken<Message>>;

    Consumer(domain::MessageBus& bus, ConsumerFlow<Message> flow, Surroundings surroundings)
        : bus_(bus),
          flow_(std::move(flow)),
          clock_(surroundings.clock),
          source_(bus, flow_.group, flow_.topic),
          dead_letters_(surroundings.metrics
                            .counter("sequitur_dead_letters_total", "Records set aside in `<topic>.dlq`.", {"topic"})
                            .with({std::string{flow_.topic}})) {}

    /// Throws BusError, StoreUnavailable; then nothing is committed and everything comes again.
    Consumed run_once(TimePoint now, const std::stop_token& stop = {}) {
        Consumed done;
        RecordSource::Round round{source_};
        const auto taken = gather(round, now, stop, done);
        for (Batch rest = taken; !rest.empty();) {
            const auto batch = rest.first(records_of_one_batch(rest));
            handle(batch, now, done);
            rest = rest.subspan(batch.size());
        }
        round.commit();
        return done;
    }

private:
    std::vector<Taken<Message>> gather(RecordSource::Round& round, TimePoint now, const std::stop_token& stop,
                                       Consumed& done) {
        std::vector<Taken<Message>> taken;
        std::size_t items = 0;
        auto records = round.poll(consumer_records_max, consumer_wait, stop);
        const auto until = clock_.steady_now() + consumer_gather;
        while (!records.empty()) {
            for (auto& record : records) {
                std::visit(match{
                               [&](domain::Poison& poison) { set_aside(record, poison.reason, now, done); },
                               [&](Message& message) {
                                   auto emails = flow_.emails(message);
                                   items += emails.size();
                                   taken.push_back({std::move(record), std::move(message), std::move(emails)});
                               },
                           },
                           as_lvalue(flow_.decode(record.payload, now)));
            }
            const auto left = std::chrono::duration_cast<Duration>(until - clock_.steady_now());
            if (items >= consumer_items_max || left <= Duration::zero()) break;
            records = round.poll(consumer_records_max, left, stop);
        }
        return taken;
    }

    static auto& as_lvalue(auto&& value) { return value; }

    /// As many whole records as have at most consumer_items_max items, but at least one.
    static std::size_t records_of_one_batch(Batch rest) {
        std::size_t items = 0;
        const auto end = std::ranges::find_if(
            rest, [&](const auto& taken) { return (items += taken.emails.size()) > consumer_items_max; });
        return std::max<std::size_t>(1, static_cast<std::size_t>(end - rest.begin()));
    }

    void handle(Batch batch, TimePoint now, Consumed& done) {
        try {
            const auto missing = flow_.handle(batch);
            for (const auto& taken : batch) {
                done.items += taken.emails.size();
                if (!missing.empty()) name_missing(taken, missing, now, done);
            }
        } catch (const domain::StoreRefused& refused) {
            // The answer is about one of these records and will be the same next time.
            if (batch.size() == 1) return set_aside(batch[0].record, refused.what(), now, done);
            handle(batch.first(batch.size() / 2), now, done);
            handle(batch.subspan(batch.size() / 2), now, done);
        }
    }

    void name_missing(const Taken<Message>& taken, const std::vector<EmailId>& missing, TimePoint now, Consumed& done) {
        std::string reason;
        for (const auto& email : taken.emails)
            if (std::ranges::find(missing, email) != missing.end())
                reason += (reason.empty() ? "no such email: " : ", ") + email.text();
        if (!reason.empty()) set_aside(taken.record, reason, now, done);
    }

    void set_aside(const domain::BusRecord& record, std::string_view reason, TimePoint now, Consumed& done) {
        quarantine(bus_, record, flow_.group, reason, now);
        dead_letters_.add();
        ++done.dead_letters;
    }

    domain::MessageBus& bus_;
    const ConsumerFlow<Message> flow_;
    const Clock& clock_;
    RecordSource source_;
    metrics::Counter& dead_letters_;
};

}  // namespace sequitur::workers
