#include "workers/outcome_writer.hpp"

#include <algorithm>
#include <iterator>
#include <tuple>
#include <utility>

#include "base/log.hpp"
#include "workers/check.hpp"

namespace sequitur::workers {

namespace {

using domain::Flush;

std::size_t rows(const Flush& flush) { return flush.permits.size() + flush.outcomes.size() + flush.troubles.size(); }

/// Moves at most `rows_max` permits and, if asked, as many outcomes, oldest first, out of `from`.
Flush split_off(Flush& from, std::size_t rows_max, bool takes_outcomes) {
    const auto move_front = [&](auto& source) {
        const auto count = static_cast<std::ptrdiff_t>(std::min(rows_max, source.size()));
        std::remove_reference_t<decltype(source)> front{std::make_move_iterator(source.begin()),
                                                        std::make_move_iterator(source.begin() + count)};
        source.erase(source.begin(), source.begin() + count);
        return front;
    };
    Flush front;
    front.permits = move_front(from.permits);
    if (takes_outcomes) front.outcomes = move_front(from.outcomes);
    front.troubles = std::exchange(from.troubles, {});
    front.repeated = from.repeated;
    return front;
}

std::pair<Flush, Flush> halves(const Flush& flush) {
    Flush second = flush;
    Flush first;
    first.repeated = flush.repeated;
    const auto move_half = [](auto& from, auto& to, std::size_t count) {
        const auto middle = from.begin() + static_cast<std::ptrdiff_t>(count);
        to.assign(from.begin(), middle);
        from.erase(from.begin(), middle);
    };
    // Kinds apart first, then each in two.
    if (!second.permits.empty() && rows(second) > second.permits.size()) {
        move_half(second.permits, first.permits, second.permits.size());
    } else if (!second.troubles.empty() && rows(second) > second.troubles.size()) {
        move_half(second.troubles, first.troubles, second.troubles.size());
    } else {
        move_half(second.permits, first.permits, second.permits.size() / 2);
        move_half(second.outcomes, first.outcomes, second.outcomes.size() / 2);
        move_half(second.troubles, first.troubles, second.troubles.size() / 2);
    }
    return {std::move(first), std::move(second)};
}

/// Written before the question, so that the log of a process that dies names every email it may have let go.
void trace(const std::vector<domain::PermitRequest>& permits) {
    if (permits.empty() || !log::is_enabled(log::Level::debug)) return;
    std::string emails;
    for (const auto& permit : permits) emails += permit.id.text() + "#" + std::to_string(permit.epoch) + " ";
    log::debug("asks to send", {{"emails", emails}});
}

}  // namespace

void WriterConfig::check() const {
    require_above_zero("sender.gather", gather);
    require_above_zero("sender.permits_enough", permits_enough);
    require_above_zero("sender.flush_rows_max", rows_max);
}

OutcomeWriter::OutcomeWriter(domain::EmailQueue& queue, PermitListener& listener, Doorbell& producer_bell,
                             Doorbell& relay_bell, WriterConfig config, Surroundings surroundings)
    : Worker("writer", surroundings, bell_),
      queue_(queue),
      listener_(listener),
      producer_bell_(producer_bell),
      relay_bell_(relay_bell),
      config_(config),
      permits_granted_(
          surroundings.metrics.counter("sequitur_permits_total", "Dot permits.", {"result"}).with({"granted"})),
      permits_refused_(
          surroundings.metrics.counter("sequitur_permits_total", "Dot permits.", {"result"}).with({"refused"})),
      duplicates_prevented_(
          surroundings.metrics
              .counter("sequitur_duplicates_prevented_total", "Outcomes that another owner of the email had made void.")
              .series()),
      flush_rows_(surroundings.metrics
                      .histogram("sequitur_flush_rows", "Permits and outcomes in one transaction of the writer.", {},
                                 {1, 5, 10, 20, 50, 100, 200, 400})
                      .series()) {
    config_.check();
}

void OutcomeWriter::ask(const domain::PermitRequest& permit) {
    waiting_.with([&](Waiting& waiting) { waiting.flush.permits.push_back(permit); });
    bell_.ring();
}

void OutcomeWriter::record(domain::Outcome outcome) {
    waiting_.with([&](Waiting& waiting) {
        if (waiting.flush.outcomes.empty()) waiting.outcomes_since = clock().steady_now();
        waiting.flush.outcomes.push_back(std::move(outcome));
    });
    bell_.ring();
}

void OutcomeWriter::report(domain::MailboxTrouble trouble) {
    waiting_.with([&](Waiting& waiting) {
        const auto same = [&](const domain::MailboxTrouble& other) { return other.mailbox == trouble.mailbox; };
        if (std::ranges::none_of(waiting.flush.troubles, same)) waiting.flush.troubles.push_back(std::move(trouble));
    });
    bell_.ring();
}

bool OutcomeWriter::idle() const {
    return waiting_.with([](const Waiting& waiting) { return waiting.flush.empty() && !waiting.writing; });
}

Duration OutcomeWriter::step(const std::stop_token& stop) {
    if (idle()) return std::chrono::seconds{1};
    linger(stop);
    run_once();
    return Duration::zero();
}

void OutcomeWriter::linger(const std::stop_token& stop) {
    const auto count = [&] {
        return waiting_.with([](const Waiting& w) { return std::pair{w.flush.permits.size(), rows(w.flush)}; });
    };
    const auto until = clock().steady_now() + config_.gather_max;
    auto [permits, all] = count();
    while (permits < config_.permits_enough && clock().steady_now() < until && !stop.stop_requested()) {
        Doorbell{}.wait(config_.gather, stop);
        const auto seen = all;
        std::tie(permits, all) = count();
        if (all == seen) return;
    }
}

std::size_t OutcomeWriter::run_once() {
    gather();
    std::size_t written = 0;
    if (unwritten_) {
        try {
            write(*unwritten_);
        } catch (const domain::StoreUnavailable&) {
            // Whether it, or a half of it, was committed is not known: the next try says so.
            unwritten_->repeated = true;
            throw;
        }
        written = rows(*unwritten_);
        unwritten_.reset();
    }
    waiting_.with([](Waiting& waiting) { waiting.writing = false; });
    return written;
}

void OutcomeWriter::gather() {
    if (unwritten_) return;
    waiting_.with([&](Waiting& waiting) {
        if (waiting.flush.empty()) return;
        unwritten_ = split_off(waiting.flush, config_.rows_max, takes_outcomes(waiting));
        waiting.writing = true;
    });
    if (unwritten_) trace(unwritten_->permits);
}

bool OutcomeWriter::takes_outcomes(const Waiting& waiting) const {
    return waiting.flush.permits.empty() || waiting.flush.outcomes.size() >= config_.rows_max ||
           clock().steady_now() - waiting.outcomes_since >= config_.outcomes_wait;
}

void OutcomeWriter::write(const Flush& flush) {
    try {
        tell(flush, queue_.flush(flush));
    } catch (const domain::StoreRefused& error) { write_halves(flush, error); }
}

void OutcomeWriter::write_halves(const Flush& flush, const std::exception& error) {
    if (rows(flush) <= 1) return give_up(flush, error);
    const auto [first, second] = halves(flush);
    write(first);
    write(second);
}

void OutcomeWriter::give_up(const Flush& flush, const std::exception& error) {
    for (const auto& permit : flush.permits) {
        log::error("permit refused by the database, left to its lease",
                   {{"email_id", permit.id.text()}, {"error", error.what()}});
        listener_.refused(permit);
    }
    for (const auto& outcome : flush.outcomes)
        log::error("outcome refused by the database, left to its lease",
                   {{"email_id", outcome.id.text()}, {"error", error.what()}});
    for (const auto& trouble : flush.troubles)
        log::error("mailbox trouble refused by the database",
                   {{"mailbox_id", trouble.mailbox.text()}, {"error", error.what()}});
}

void OutcomeWriter::tell(const Flush& flush, const domain::Flushed& flushed) {
    flush_rows_.observe(static_cast<double>(rows(flush)));
    auto granted = flushed.granted;
    std::ranges::sort(granted);
    for (const auto& permit : flush.permits) {
        const bool yes = std::ranges::binary_search(granted, permit);
        (yes ? permits_granted_ : permits_refused_).add();
        yes ? listener_.permitted(permit) : listener_.refused(permit);
    }
    if (flush.outcomes.empty()) return;
    const auto fenced = flush.outcomes.size() - std::min(flush.outcomes.size(), flushed.recorded.size());
    duplicates_prevented_.add(static_cast<double>(fenced));
    producer_bell_.ring();  // places in the day or in the window became free
    relay_bell_.ring();     // the next step or the retry is in the outbox
}

}  // namespace sequitur::workers
