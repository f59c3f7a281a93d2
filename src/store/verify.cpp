#include "store/verify.hpp"

#include "pg/transaction.hpp"
#include "store/ledger.hpp"
#include "store/sql.hpp"

namespace sequitur::store {

namespace {

constexpr std::size_t chunk_lines = 50'000;

/// Which parameters a statement takes.
enum class Given { nothing, quiescent, day };

struct Check {
    std::string_view invariant;
    std::string_view promise;
    pg::Statement statement;
    Given given = Given::nothing;
    bool only_quiescent = false;
};

constexpr Check checks[] = {
    {"I1", "no Message-ID and no (enrolment, step) arrives twice", sql::verify_i1},
    {"I2", "every mail that arrived is sent, unknown or assumed_sent", sql::verify_i2_lines, Given::quiescent},
    {"I2", "every sent email arrived", sql::verify_i2_rows},
    {"I3", "at rest, nothing is under way or left lying", sql::verify_i3, Given::nothing, true},
    {"I4", "the day's counters are what the rows and the ledger say", sql::verify_i4, Given::quiescent},
    {"I5", "no mailbox delivers more than its limit on its own day", sql::verify_i5},
    {"I6", "no step arrives before the one before it, nor before its wait", sql::verify_i6, Given::day},
    {"I7", "nothing arrives whose cancel came before its permit", sql::verify_i7},
    {"I8", "every unknown had its permit and has an event", sql::verify_i8},
    {"I11", "the edges are guarded, and the events tell what the states tell", sql::verify_i11},
};

pg::Params params_of(const Check& check, const VerifyOptions& options) {
    switch (check.given) {
        case Given::quiescent: return pg::Params{options.quiescent};
        case Given::day: return pg::Params{options.day};
        case Given::nothing: break;
    }
    return {};
}

std::int64_t load(pg::Connection& connection, std::istream& ledger) {
    LedgerReader reader{ledger};
    std::int64_t loaded = 0;
    for (auto lines = reader.next(chunk_lines); !lines.lines.empty(); lines = reader.next(chunk_lines)) {
        connection.exec(sql::verify_load,
                        pg::Params{lines.lines, lines.times, lines.message_ids, lines.recipients, lines.emails});
        loaded += static_cast<std::int64_t>(lines.lines.size());
    }
    return loaded;
}

}  // namespace

void create_ledger_table(pg::Connection& connection) {
    connection.script("CREATE TEMPORARY TABLE verify_ledger (line integer, at timestamptz, message_id text, "
                      "recipient text, email_id uuid) ON COMMIT DROP");
}

VerifyReport verify(pg::Connection& connection, std::istream& ledger, const VerifyOptions& options) {
    pg::Transaction transaction{connection};
    connection.script("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ; SET LOCAL jit = off");
    // The snapshot comes first: whatever it calls sent was in the ledger before, whatever arrives later is cut off.
    const auto moment = connection.query("SELECT clock_timestamp()").get<TimePoint>(0, 0);
    create_ledger_table(connection);
    VerifyReport report;
    report.ledger_lines = load(connection, ledger);
    if (!options.quiescent)
        report.ledger_lines -=
            connection.query("DELETE FROM verify_ledger WHERE at > $1", pg::Params{moment}).affected();
    connection.script("CREATE INDEX ON verify_ledger (email_id); ANALYZE verify_ledger");

    for (const auto& check : checks) {
        if (check.only_quiescent && !options.quiescent) continue;
        const auto result = connection.exec(check.statement, params_of(check, options));
        const auto count = result.get<std::int64_t>(0, 0);
        if (count > 0)
            report.broken.push_back({std::string{check.invariant}, std::string{check.promise}, count,
                                     result.get<std::vector<std::string>>(0, 1)});
    }
    const auto states = connection.exec(sql::verify_summary);
    for (int i = 0; i < states.rows(); ++i)
        report.emails.push_back({states.get<std::string>(i, 0), states.get<std::int64_t>(i, 1)});
    return report;
}

}  // namespace sequitur::store
