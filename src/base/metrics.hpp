// Metrics: counters, gauges and histograms with labels, written in Prometheus' text format 0.0.4.
//
// One registry a process, made by the wiring and passed by reference. A part registers a family
// once and keeps the references that it gets: `with` costs a lookup under a lock, `add`, `set` and
// `observe` cost an atomic operation. Everything lives as long as the registry. Labels are bounded
// words, never an address. Thread-safe.
#pragma once

#include <atomic>
#include <functional>
#include <initializer_list>
#include <map>
#include <memory>
#include <mutex>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace sequitur::metrics {

class Counter {
public:
    void add(double amount = 1) { value_.fetch_add(amount, std::memory_order_relaxed); }
    double value() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<double> value_{0};
};

class Gauge {
public:
    void set(double value) { value_.store(value, std::memory_order_relaxed); }
    void add(double amount) { value_.fetch_add(amount, std::memory_order_relaxed); }
    double value() const { return value_.load(std::memory_order_relaxed); }

private:
    std::atomic<double> value_{0};
};

class Histogram {
public:
    explicit Histogram(const std::vector<double>& bounds);
    void observe(double value);

    struct Snapshot {
        std::vector<std::uint64_t> cumulative;  ///< one a bound, then +Inf
        double sum = 0;
    };
    Snapshot snapshot() const;
    const std::vector<double>& bounds() const { return bounds_; }

private:
    std::vector<double> bounds_;
    std::vector<std::atomic<std::uint64_t>> counts_;
    std::atomic<double> sum_{0};
};

/// Seconds, from a millisecond to a minute: what suits requests, transactions and SMTP sessions.
extern const std::vector<double> seconds_bounds;

/// All series of one name. M is Counter, Gauge or Histogram.
template <class M> class Family {
public:
    /// The series with these label values, in the order in which the names were registered.
    M& with(const std::vector<std::string>& values);
    /// The series of a family without labels.
    M& series() { return with({}); }

private:
    friend class Registry;
    Family(std::size_t labels, std::vector<double> bounds) : labels_(labels), bounds_(std::move(bounds)) {}

    mutable std::mutex mutex_;
    std::size_t labels_;
    std::vector<double> bounds_;  ///< of a histogram
    std::map<std::vector<std::string>, std::unique_ptr<M>> series_;
};

/// One sample of a gauge that is read when somebody asks.
struct Sample {
    std::vector<std::string> values;
    double value = 0;
};

class Registry {
public:
    Registry();
    Registry(const Registry&) = delete;
    Registry& operator=(const Registry&) = delete;
    ~Registry();

    using Labels = std::vector<std::string>;
    /// A name that is registered again must mean the same; then it is the same family.
    Family<Counter>& counter(std::string_view name, std::string_view help, const Labels& labels = {});
    Family<Gauge>& gauge(std::string_view name, std::string_view help, const Labels& labels = {});
    Family<Histogram>& histogram(std::string_view name, std::string_view help, const Labels& labels = {},
                                 const std::vector<double>& bounds = seconds_bounds);
    using Read = std::function<std::vector<Sample>()>;
    /// `read` runs at each scrape, in the scraping thread, which holds no lock of ours then. What it throws hides this
    /// family's samples only.
    void gauge_read_by(std::string_view name, std::string_view help, const Labels& labels, Read read);

    /// Every family, sorted by name. Content type: `text/plain; version=0.0.4; charset=utf-8`.
    std::string text() const;

private:
    struct Entry;
    Entry& entry(std::string_view name, std::string_view type, std::string_view help, const Labels& labels);

    mutable std::mutex mutex_;
    std::map<std::string, std::unique_ptr<Entry>, std::less<>> entries_;
};

}  // namespace sequitur::metrics
