// Several statements in one round trip and one implicit transaction, without BEGIN and COMMIT: all
// are sent in libpq's pipeline mode with one Sync at the end. The first error undoes them all.
//
// Not inside an open pg::Transaction: its COMMIT would not be the Sync's.
// PostgreSQL manual, §34.5 "Pipeline Mode", §55.2.3 "Extended Query" (implicit transactions).
#pragma once

#include <vector>

#include "pg/connection.hpp"

namespace sequitur::pg {

class Pipeline {
public:
    explicit Pipeline(Connection& connection) : connection_(connection) {}

    void add(const Statement& statement, Params params = {});
    bool empty() const { return steps_.empty(); }
    /// One result a statement, in order; all committed. Throws the first Error: then nothing is
    /// committed, unless the connection was lost. Empty afterwards, ready for the next.
    std::vector<Result> run();

private:
    struct Step {
        Statement statement;
        Params params;
    };

    void send(const std::vector<Step>& steps);
    std::vector<Result> receive(std::size_t steps);

    Connection& connection_;
    std::vector<Step> steps_;
};

}  // namespace sequitur::pg
