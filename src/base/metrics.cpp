#include "base/metrics.hpp"

#include <algorithm>
#include <array>
#include <cassert>
#include <charconv>
#include <cmath>
#include <exception>
#include <tuple>

#include "base/log.hpp"

namespace sequitur::metrics {

namespace {

std::string number_text(double value) {
    if (std::isnan(value)) return "NaN";
    if (std::isinf(value)) return value > 0 ? "+Inf" : "-Inf";
    std::array<char, 64> text{};
    const auto [end, error] = std::to_chars(text.data(), text.data() + text.size(), value);
    assert(error == std::errc{});
    return {text.data(), end};
}

std::string escaped(std::string_view text, bool quotes_too) {
    std::string out;
    for (const char c : text) {
        if (c == '\\' || (c == '"' && quotes_too)) out += '\\';
        if (c == '\n')
            out += "\\n";
        else
            out += c;
    }
    return out;
}

/// `{a="x",b="y"}`, with `le` as a last label where it is given; empty without any.
std::string label_text(const std::vector<std::string>& names, const std::vector<std::string>& values,
                       std::string_view le = {}) {
    std::string out;
    for (std::size_t i = 0; i < names.size(); ++i)
        out += (out.empty() ? "{" : ",") + names[i] + "=\"" + escaped(values[i], true) + '"';
    if (!le.empty()) out += (out.empty() ? "{le=\"" : ",le=\"") + std::string{le} + '"';
    return out.empty() ? out : out + '}';
}

void write_sample(std::string& out, const std::string& name, const std::string& labels, double value) {
    out += name + labels + ' ' + number_text(value) + '\n';
}

void write_histogram(std::string& out, const std::string& name, const std::vector<std::string>& names,
                     const std::vector<std::string>& values, const Histogram& histogram) {
    const auto shot = histogram.snapshot();
    for (std::size_t i = 0; i < shot.cumulative.size(); ++i) {
        const auto le = i < histogram.bounds().size() ? number_text(histogram.bounds()[i]) : "+Inf";
        write_sample(out, name + "_bucket", label_text(names, values, le), static_cast<double>(shot.cumulative[i]));
    }
    const auto labels = label_text(names, values);
    write_sample(out, name + "_sum", labels, shot.sum);
    write_sample(out, name + "_count", labels, static_cast<double>(shot.cumulative.back()));
}

}  // namespace

const std::vector<double> seconds_bounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25,
                                         0.5,   1,      2.5,   5,    10,    30,   60};

Histogram::Histogram(const std::vector<double>& bounds) : bounds_(bounds), counts_(bounds.size() + 1) {
    assert(std::ranges::is_sorted(bounds));
}

void Histogram::observe(double value) {
    const auto at = std::ranges::lower_bound(bounds_, value) - bounds_.begin();
    counts_[static_cast<std::size_t>(at)].fetch_add(1, std::memory_order_relaxed);
    sum_.fetch_add(value, std::memory_order_relaxed);
}

Histogram::Snapshot Histogram::snapshot() const {
    Snapshot shot;
    std::uint64_t below = 0;
    for (const auto& count : counts_) shot.cumulative.push_back(below += count.load(std::memory_order_relaxed));
    shot.sum = sum_.load(std::memory_order_relaxed);
    return shot;
}

template <class M> M& Family<M>::with(const std::vector<std::string>& values) {
    assert(values.size() == labels_);
    const std::scoped_lock lock{mutex_};
    auto& series = series_[values];
    if (series) return *series;
    if constexpr (std::is_same_v<M, Histogram>)
        series = std::make_unique<M>(bounds_);
    else
        series = std::make_unique<M>();
    return *series;
}

template class Family<Counter>;
template class Family<Gauge>;
template class Family<Histogram>;

struct Registry::Entry {
    std::string type;
    std::string help;
    Labels labels;
    std::unique_ptr<Family<Counter>> counters;
    std::unique_ptr<Family<Gauge>> gauges;
    std::unique_ptr<Family<Histogram>> histograms;
    Read read;

    void write_samples(std::string& out, const std::string& name, const Read& read_now) const;
};

Registry::Registry() = default;
Registry::~Registry() = default;

Registry::Entry& Registry::entry(std::string_view name, std::string_view type, std::string_view help,
                                 const Labels& labels) {
    auto found = entries_.find(name);
    if (found == entries_.end()) {
        auto made = std::make_unique<Entry>();
        made->type = type;
        made->help = help;
        made->labels = labels;
        found = entries_.emplace(name, std::move(made)).first;
    }
    assert(found->second->type == type && found->second->labels == labels);
    return *found->second;
}

Family<Counter>& Registry::counter(std::string_view name, std::string_view help, const Labels& labels) {
    const std::scoped_lock lock{mutex_};
    auto& family = entry(name, "counter", help, labels).counters;
    if (!family) family.reset(new Family<Counter>{labels.size(), {}});
    return *family;
}

Family<Gauge>& Registry::gauge(std::string_view name, std::string_view help, const Labels& labels) {
    const std::scoped_lock lock{mutex_};
    auto& family = entry(name, "gauge", help, labels).gauges;
    if (!family) family.reset(new Family<Gauge>{labels.size(), {}});
    return *family;
}

Family<Histogram>& Registry::histogram(std::string_view name, std::string_view help, const Labels& labels,
                                       const std::vector<double>& bounds) {
    const std::scoped_lock lock{mutex_};
    auto& family = entry(name, "histogram", help, labels).histograms;
    if (!family) family.reset(new Family<Histogram>{labels.size(), bounds});
    return *family;
}

void Registry::gauge_read_by(std::string_view name, std::string_view help, const Labels& labels, Read read) {
    const std::scoped_lock lock{mutex_};
    entry(name, "gauge", help, labels).read = std::move(read);
}

void Registry::Entry::write_samples(std::string& out, const std::string& name, const Read& read_now) const {
    const auto each = [](const auto& family, const auto& write) {
        if (!family) return;
        const std::scoped_lock lock{family->mutex_};
        for (const auto& [values, series] : family->series_) write(values, *series);
    };
    const auto write_value = [&](const auto& values, const auto& series) {
        write_sample(out, name, label_text(labels, values), series.value());
    };
    each(counters, write_value);
    each(gauges, write_value);
    each(histograms,
         [&](const auto& values, const auto& series) { write_histogram(out, name, labels, values, series); });
    if (!read_now) return;
    try {
        for (const auto& sample : read_now()) write_sample(out, name, label_text(labels, sample.values), sample.value);
    } catch (const std::exception& error) {
        // A scrape must show what can be shown: the database being away is when the rest is needed.
        log::warn("metric not read", {{"metric", name}, {"reason", error.what()}});
    }
}

// What is read may take a while, and locks of its own: whoever registers meanwhile does not wait for it. An entry that
// is there stays, and has its family; what it is read by may be replaced.
std::string Registry::text() const {
    std::vector<std::tuple<const std::string*, const Entry*, Read>> entries;
    {
        const std::scoped_lock lock{mutex_};
        for (const auto& [name, entry] : entries_) entries.emplace_back(&name, entry.get(), entry->read);
    }
    std::string out;
    for (const auto& [name, entry, read] : entries) {
        std::string samples;
        entry->write_samples(samples, *name, read);
        if (samples.empty()) continue;
        out += "# HELP " + *name + ' ' + escaped(entry->help, false) + '\n';
        out += "# TYPE " + *name + ' ' + entry->type + '\n';
        out += samples;
    }
    return out;
}

}  // namespace sequitur::metrics
