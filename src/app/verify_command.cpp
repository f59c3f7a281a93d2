// `sequitur verify`: what the sink accepted against what the database says. 6 when a promise is broken.
#include <fmt/format.h>

#include <fstream>

#include "app/commands.hpp"
#include "app/database.hpp"
#include "app/exit_code.hpp"
#include "base/log.hpp"
#include "store/verify.hpp"

namespace sequitur::app {

namespace {

std::string json_list(const std::vector<std::string>& texts) {
    std::string list;
    for (const auto& text : texts) list += (list.empty() ? "" : ",") + log::json_quote(text);
    return "[" + list + "]";
}

void print_json(const store::VerifyReport& report) {
    std::string broken;
    for (const auto& one : report.broken)
        broken += fmt::format(R"({}{{"invariant":{},"promise":{},"count":{},"examples":{}}})",
                              broken.empty() ? "" : ",", log::json_quote(one.invariant), log::json_quote(one.promise),
                              one.count, json_list(one.examples));
    std::string emails;
    for (const auto& [state, count] : report.emails)
        emails += fmt::format("{}{}:{}", emails.empty() ? "" : ",", log::json_quote(state), count);
    fmt::print(R"({{"holds":{},"ledger_lines":{},"emails":{{{}}},"broken":[{}]}})"
               "\n",
               report.holds(), report.ledger_lines, emails, broken);
}

void print_text(const store::VerifyReport& report) {
    std::string emails;
    for (const auto& [state, count] : report.emails)
        emails += fmt::format("{}{} {}", emails.empty() ? "" : ", ", count, state);
    fmt::print("ledger: {} mails\nemails: {}\n", report.ledger_lines, emails.empty() ? "none" : emails);
    for (const auto& one : report.broken) {
        fmt::print("BROKEN {}: {} ({} times)\n", one.invariant, one.promise, one.count);
        for (const auto& example : one.examples) fmt::print("  {}\n", example);
    }
    if (report.holds()) fmt::print("verify: every invariant holds\n");
}

}  // namespace

int verify(const Config& config, const VerifyOptions& options) {
    std::ifstream ledger{options.ledger};
    if (!ledger) throw std::runtime_error("can not read the ledger " + options.ledger);
    auto connection = wait_for_database(config.text("database.url"), config.duration("startup.wait"), {});
    const auto report =
        store::verify(connection, ledger, {.quiescent = !options.running, .day = config.duration("schedule.day")});
    options.json ? print_json(report) : print_text(report);
    return report.holds() ? done : check_failed;
}

}  // namespace sequitur::app
