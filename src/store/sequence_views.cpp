#include "store/sequence_views.hpp"

#include <unordered_map>

#include "pg/pipeline.hpp"
#include "store/sql.hpp"

namespace sequitur::store {

namespace {

using Views = std::unordered_map<SequenceId, domain::SequenceView*>;
using Counts = std::vector<std::pair<std::string, std::int64_t>>;

domain::SequenceView view_of(pg::Row row) {
    domain::SequenceView view;
    view.id = row.next<SequenceId>();
    view.name = row.next<std::string>();
    view.status = domain::sequence_status(row.next<std::string>()).value();
    view.open_tracking_enabled = row.next<bool>();
    view.click_tracking_enabled = row.next<bool>();
    view.created_at = row.next<TimePoint>();
    view.updated_at = row.next<TimePoint>();
    return view;
}

void add_steps(const pg::Result& steps, const Views& views) {
    for (int i = 0; i < steps.rows(); ++i) {
        auto row = steps.row(i);
        auto& into = views.at(row.next<SequenceId>())->steps;
        into.push_back({row.next<StepId>(), row.next<int>(), row.next<std::string>(), row.next<std::string>(),
                        row.next<int>(), row.next<int>()});
    }
}

void add_counts(const pg::Result& counts, const Views& views, Counts domain::SequenceView::* into) {
    for (int i = 0; i < counts.rows(); ++i) {
        auto row = counts.row(i);
        auto& list = views.at(row.next<SequenceId>())->*into;
        list.push_back({row.next<std::string>(), row.next<std::int64_t>()});  // braces: from left to right
    }
}

}  // namespace

std::vector<domain::SequenceView> sequence_views(pg::Connection& connection, const pg::Result& sequences) {
    std::vector<domain::SequenceView> all;
    for (int i = 0; i < sequences.rows(); ++i) all.push_back(view_of(sequences.row(i)));
    if (all.empty()) return all;

    Views views;
    for (auto& view : all) views.emplace(view.id, &view);
    const auto ids = sequences.column<SequenceId>(0);
    pg::Pipeline pipeline{connection};
    for (const auto& statement :
         {sql::steps_of_sequences, sql::mailboxes_of_sequences, sql::enrollment_counts, sql::email_counts})
        pipeline.add(statement, pg::Params{ids});
    const auto results = pipeline.run();

    add_steps(results[0], views);
    for (int i = 0; i < results[1].rows(); ++i)
        views.at(results[1].get<SequenceId>(i, 0))->mailbox_ids.push_back(results[1].get<MailboxId>(i, 1));
    add_counts(results[2], views, &domain::SequenceView::enrollments);
    add_counts(results[3], views, &domain::SequenceView::emails);
    return all;
}

}  // namespace sequitur::store
