#include "base/fault.hpp"

#include <signal.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <atomic>
#include <charconv>
#include <chrono>
#include <memory>
#include <string>
#include <thread>
#include <vector>

namespace sequitur::fault {

namespace {

enum class Action { kill, stop, error, delay };

struct Fault {
    std::string name;
    Action action{};
    long nth = 1;
    std::chrono::milliseconds delay{};
    std::atomic<long> passed{0};
};

// In the order in which one email meets them.
constexpr std::array<std::string_view, 27> points{
    "produce.before_select", "produce.after_commit", "relay.before_publish",     "relay.after_publish",
    "relay.after_mark",      "claim.before_commit",  "claim.after_commit",       "claim.after_offset",
    "smtp.after_connect",    "smtp.after_ehlo",      "smtp.after_auth",          "smtp.after_mail",
    "smtp.after_rcpt",       "smtp.after_354",       "smtp.half_body",           "permit.before_commit",
    "permit.after_commit",   "dot.before_write",     "dot.after_write",          "dot.after_reply",
    "outcome.before_commit", "outcome.after_commit", "followup.before_commit",   "followup.after_commit",
    "retry.before_commit",   "retry.after_commit",   "stop.between_transactions"};

// The same for one hit of a tracking link.
constexpr std::array<std::string_view, 4> hit_points{"hits.before_sync", "hits.after_sync", "hits.before_publish",
                                                     "hits.after_publish"};

// Written once by configure() before any thread starts.
std::vector<std::unique_ptr<Fault>>& faults() {
    static std::vector<std::unique_ptr<Fault>> all;
    return all;
}

long positive_number(std::string_view text, std::string_view part) {
    long number = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
    if (error != std::errc{} || end != text.data() + text.size() || number < 1)
        throw std::invalid_argument("SEQUITUR_FAULT: a number above zero is missing in '" + std::string{part} + "'");
    return number;
}

std::unique_ptr<Fault> parse(std::string_view part) {
    std::vector<std::string_view> words;
    for (std::string_view rest = part; !rest.empty();) {
        const auto colon = std::min(rest.find(':'), rest.size());
        words.push_back(rest.substr(0, colon));
        rest.remove_prefix(std::min(colon + 1, rest.size()));
    }
    if (words.size() < 3 || words.size() > 4)
        throw std::invalid_argument("SEQUITUR_FAULT: '" + std::string{part} + "' is not name:action:nth[:ms]");
    if (std::ranges::find(points, words[0]) == points.end() &&
        std::ranges::find(hit_points, words[0]) == hit_points.end())
        throw std::invalid_argument("SEQUITUR_FAULT: no fault point '" + std::string{words[0]} + "'");
    constexpr std::array<std::string_view, 4> actions{"kill", "stop", "error", "delay"};
    const auto action = std::ranges::find(actions, words[1]);
    if (action == actions.end())
        throw std::invalid_argument("SEQUITUR_FAULT: action '" + std::string{words[1]} +
                                    "' is not kill, stop, error or delay");
    auto fault = std::make_unique<Fault>();
    fault->name = words[0];
    fault->action = static_cast<Action>(action - actions.begin());
    fault->nth = positive_number(words[2], part);
    if (words.size() == 4) fault->delay = std::chrono::milliseconds{positive_number(words[3], part)};
    return fault;
}

void strike(const Fault& fault) {
    switch (fault.action) {
        case Action::kill: ::kill(::getpid(), SIGKILL); break;
        case Action::stop: ::raise(SIGSTOP); break;
        case Action::delay: std::this_thread::sleep_for(fault.delay); break;
        case Action::error: throw InjectedError("injected at " + fault.name);
    }
}

}  // namespace

void configure(std::string_view setting) {
    faults().clear();
    while (!setting.empty()) {
        const auto comma = std::min(setting.find(','), setting.size());
        faults().push_back(parse(setting.substr(0, comma)));
        setting.remove_prefix(std::min(comma + 1, setting.size()));
    }
}

void point(std::string_view name) {
    for (const auto& fault : faults())
        if (fault->name == name && ++fault->passed == fault->nth) strike(*fault);
}

bool armed(std::string_view name) {
    return std::ranges::any_of(faults(), [&](const auto& fault) { return fault->name == name; });
}

}  // namespace sequitur::fault
