#include "store/sequence_store.hpp"

#include "base/fault.hpp"
#include "pg/pipeline.hpp"
#include "pg/transaction.hpp"
#include "pg/with_retry.hpp"
#include "store/sequence_views.hpp"
#include "store/sql.hpp"
#include "store/stop_emails.hpp"
#include "store/translate.hpp"

namespace sequitur::store {

namespace {

constexpr int deadlock_tries_max = 5;

std::vector<MailboxId> unknown_mailboxes(pg::Connection& connection, const std::vector<MailboxId>& ids) {
    return connection.exec(sql::mailboxes_unknown, pg::Params{ids}).column<MailboxId>(0);
}

/// The columns of a sequence's steps, as arrays.
struct StepColumns {
    std::vector<StepId> ids;
    std::vector<StepVersionId> versions;
    std::vector<std::string> subjects;
    std::vector<std::string> contents;
    std::vector<std::optional<std::string>> texts;
    std::vector<std::int32_t> waits;
};

StepColumns columns_of(const std::vector<domain::NewStep>& steps, TimePoint now) {
    StepColumns columns;
    for (std::size_t i = 0; i < steps.size(); ++i) {
        columns.ids.push_back(StepId::make(now));
        columns.versions.push_back(StepVersionId::make(now));
        columns.subjects.push_back(steps[i].subject);
        columns.contents.push_back(steps[i].content);
        columns.texts.push_back(steps[i].content_text);
        columns.waits.push_back(steps[i].wait_days_at(i));
    }
    return columns;
}

struct Changed {
    std::string status;              ///< afterwards
    std::optional<TimePoint> since;  ///< nullopt: it was so before
};

/// nullopt = no such sequence. One transaction.
std::optional<Changed> change_status(pg::Connection& connection, const pg::Statement& change, const SequenceId& id) {
    pg::Pipeline pipeline{connection};
    pipeline.add(change, pg::Params{id});
    pipeline.add(sql::sequence_status, pg::Params{id});
    const auto results = pipeline.run();
    if (results[1].empty()) return std::nullopt;
    Changed changed{results[1].get<std::string>(0, 0), std::nullopt};
    if (!results[0].empty()) changed.since = results[0].get<TimePoint>(0, 0);
    return changed;
}

std::vector<EmailId> open_emails(pg::Connection& connection, const SequenceId& id) {
    return connection.exec(sql::open_emails_of_sequence, pg::Params{id}).column<EmailId>(0);
}

}  // namespace

std::variant<SequenceId, domain::UnknownMailboxes> SequenceStore::create(const domain::NewSequence& sequence) {
    return translated([&]() -> std::variant<SequenceId, domain::UnknownMailboxes> {
        const auto connection = pool_.lease();
        if (const auto unknown = unknown_mailboxes(*connection, sequence.mailbox_ids); !unknown.empty())
            return domain::UnknownMailboxes{unknown};

        const auto now = clock_.now();
        const auto id = SequenceId::make(now);
        const auto steps = columns_of(sequence.steps, now);
        pg::Pipeline pipeline{*connection};
        pipeline.add(sql::sequence_insert, pg::Params{id, sequence.name, domain::name(sequence.status),
                                                      sequence.open_tracking_enabled, sequence.click_tracking_enabled});
        pipeline.add(sql::step_insert,
                     pg::Params{id, steps.ids, steps.versions, steps.subjects, steps.contents, steps.waits});
        pipeline.add(sql::step_version_insert,
                     pg::Params{steps.versions, steps.ids, steps.subjects, steps.contents, steps.texts});
        pipeline.add(sql::sequence_attach, pg::Params{id, sequence.mailbox_ids});
        pipeline.run();
        return id;
    });
}

std::optional<domain::SequenceView> SequenceStore::find(const SequenceId& id) {
    return translated([&]() -> std::optional<domain::SequenceView> {
        const auto connection = pool_.lease();
        auto views = sequence_views(*connection, connection->exec(sql::sequence_find, pg::Params{id}));
        if (views.empty()) return std::nullopt;
        return std::move(views.front());
    });
}

std::vector<domain::SequenceView> SequenceStore::list(std::optional<SequenceId> after, int limit) {
    return translated([&] {
        const auto connection = pool_.lease();
        return sequence_views(*connection, connection->exec(sql::sequences_page, pg::Params{after, limit}));
    });
}

std::optional<std::variant<std::vector<MailboxId>, domain::UnknownMailboxes>>
SequenceStore::set_mailboxes(const SequenceId& id, const std::vector<MailboxId>& mailboxes) {
    using Answer = std::optional<std::variant<std::vector<MailboxId>, domain::UnknownMailboxes>>;
    return translated([&]() -> Answer {
        const auto connection = pool_.lease();
        const auto answer = pg::with_retry(deadlock_tries_max, [&]() -> Answer {
            pg::Transaction transaction{*connection};
            if (connection->exec(sql::sequence_lock, pg::Params{id}).empty()) return std::nullopt;
            if (const auto unknown = unknown_mailboxes(*connection, mailboxes); !unknown.empty())
                return domain::UnknownMailboxes{unknown};
            connection->exec(sql::sequence_detach, pg::Params{id, mailboxes});
            connection->exec(sql::sequence_attach, pg::Params{id, mailboxes});
            const auto taker = connection->exec(sql::unassigned_of_sequence, pg::Params{id}).column<MailboxId>(0);
            if (!taker.empty()) connection->exec(sql::mailbox_adopt, pg::Params{taker.front()});
            const auto attached = connection->exec(sql::mailboxes_of_sequences, pg::Params{std::vector{id}});
            transaction.commit();
            return attached.column<MailboxId>(1);
        });
        if (answer) due_.give(*connection);
        return answer;
    });
}

std::optional<domain::StopReceipt> SequenceStore::pause(const SequenceId& id) {
    return translated([&]() -> std::optional<domain::StopReceipt> {
        const auto connection = pool_.lease();
        const auto changed = change_status(*connection, sql::sequence_pause, id);
        if (!changed) return std::nullopt;
        fault::point("stop.between_transactions");
        domain::StopReceipt receipt;
        receipt.status = changed->status;
        if (receipt.status == "paused")
            stop_emails(*connection, open_emails(*connection, id), StopTarget::held, "paused", receipt, changed->since);
        return receipt;
    });
}

std::optional<domain::ResumeReceipt> SequenceStore::activate(const SequenceId& id) {
    return translated([&]() -> std::optional<domain::ResumeReceipt> {
        const auto connection = pool_.lease();
        const auto changed = change_status(*connection, sql::sequence_activate, id);
        if (!changed) return std::nullopt;
        const auto scheduled = resume_emails(*connection, open_emails(*connection, id));
        due_.give(*connection);
        return domain::ResumeReceipt{changed->status, scheduled};
    });
}

}  // namespace sequitur::store
