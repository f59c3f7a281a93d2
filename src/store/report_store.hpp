// Reports, counted from the events when they are asked for.
#pragma once

#include "domain/ports/reports.hpp"
#include "pg/pool.hpp"

namespace sequitur::store {

class ReportStore final : public domain::Reports {
public:
    explicit ReportStore(pg::Pool& pool) : pool_(pool) {}

    std::optional<std::vector<domain::LinkClicks>> links(const SequenceId& sequence, int rows_max) override;

private:
    pg::Pool& pool_;
};

}  // namespace sequitur::store
