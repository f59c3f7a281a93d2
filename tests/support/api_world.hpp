// A migrated database with the stores of the API on it: for tests of what the API does to the tables.
#pragma once

#include <cstdlib>
#include <filesystem>
#include <string>
#include <vector>

#include "domain/ports/store_error.hpp"
#include "store/account_store.hpp"
#include "store/api_settings.hpp"
#include "store/contact_book_store.hpp"
#include "store/contact_store.hpp"
#include "store/email_store.hpp"
#include "store/event_store.hpp"
#include "store/mailbox_store.hpp"
#include "store/sequence_store.hpp"
#include "store/suppression_store.hpp"
#include "support/migrated_database.hpp"

namespace sequitur::test {

/// A folder of its own, removed at the end.
class TempFolder {
public:
    TempFolder() {
        auto name = (std::filesystem::temp_directory_path() / "sequitur-test-XXXXXX").string();
        if (!::mkdtemp(name.data())) throw std::runtime_error("no temporary folder");
        path = name;
    }
    TempFolder(const TempFolder&) = delete;
    TempFolder& operator=(const TempFolder&) = delete;
    ~TempFolder() { std::filesystem::remove_all(path); }

    std::filesystem::path path;
};

class ApiWorld {
public:
    static constexpr Duration day = std::chrono::hours{24};

    std::string url() const { return database_.url(); }

    SequenceId sequence(const std::vector<int>& wait_days = {0, 3}, const std::vector<MailboxId>& attached = {}) {
        domain::NewSequence draft;
        draft.name = "Q1";
        for (const auto wait : wait_days)
            draft.steps.push_back({"Hi {{first_name}}", "<p>Hello</p>", std::nullopt, wait});
        draft.mailbox_ids = attached;
        return std::get<SequenceId>(sequences.create(draft));
    }
    MailboxId mailbox(int capacity = 30) {
        domain::NewMailbox draft;
        draft.email = "m" + std::to_string(++mailboxes_made_) + "@corp.test";
        draft.daily_capacity = capacity;
        draft.smtp_host = "127.0.0.1";
        draft.min_gap_seconds = 0;
        return std::get<domain::MailboxView>(mailboxes.create(draft)).id;
    }
    std::variant<domain::Enrolled, domain::NoSuchSequence, domain::SequenceNotActive>
    try_enrol(const SequenceId& id, const std::vector<std::string>& emails, bool abort_on_skip = false) {
        std::vector<domain::NewContact> people;
        for (const auto& email : emails) {
            people.emplace_back();
            people.back().email = email;
        }
        return contacts.enrol(id, candidates(people), abort_on_skip);
    }
    domain::Enrolled enrol(const SequenceId& id, const std::vector<std::string>& emails) {
        return std::get<domain::Enrolled>(try_enrol(id, emails));
    }
    static std::vector<domain::Candidate> candidates(const std::vector<domain::NewContact>& people) {
        std::vector<domain::Candidate> all;
        for (std::size_t i = 0; i < people.size(); ++i) all.push_back({i, people[i].email, &people[i]});
        return all;
    }
    static std::vector<std::string> addresses(int count, const std::string& prefix = "p") {
        std::vector<std::string> all;
        for (int i = 0; i < count; ++i) all.push_back(prefix + std::to_string(i) + "@acme.test");
        return all;
    }

    /// The rows of any statement: columns joined by blanks, rows by commas; NULL is nothing.
    std::string rows(const std::string& statement) {
        return sql
            .query("SELECT COALESCE(string_agg(replace(trim(BOTH '()' FROM t::text), ',', ' '), ','), '') FROM (" +
                   statement + ") t")
            .get<std::string>(0, 0);
    }
    void run(const std::string& statements) { sql.script(statements); }

    /// A mail as the producer and the sender leave it at that step: queued, pre or dot.
    void bring_to(const EmailId& email, const std::string& step) {
        run("WITH e AS (UPDATE email_queues SET status = 'queued', queued_at = now(), charged_date = current_date, "
            "charged_until = now() + interval '1 day' WHERE id = '" +
            email.text() +
            "' RETURNING id, mailbox_id), "
            "d AS (INSERT INTO dispatch_batches SELECT uuid_v7(), ARRAY[id], now() + interval '1 hour' FROM e) "
            "INSERT INTO mailbox_daily_counts AS c (mailbox_id, date, cap, reserved_count) "
            "SELECT mailbox_id, current_date, 30, 1 FROM e ON CONFLICT (mailbox_id, date) DO UPDATE SET reserved_count "
            "= c.reserved_count + 1");
        if (step == "queued") return;
        run("UPDATE email_queues SET status = 'sending', phase = 'pre', lease_epoch = 1, first_attempt_at = now(), "
            "lease_until = now() + interval '20 min' WHERE id = '" +
            email.text() + "'");
        if (step == "dot")
            run("UPDATE email_queues SET phase = 'dot', dot_at = now() WHERE id = '" + email.text() + "'");
    }
    std::vector<EmailId> emails() { return sql.query("SELECT id FROM email_queues ORDER BY id").column<EmailId>(0); }

private:
    MigratedDatabase database_;
    TempFolder folder_;
    int mailboxes_made_ = 0;

public:
    pg::Connection sql{database_.url()};
    SystemClock clock;
    int rings = 0;
    store::Secrets secrets = store::Secrets::open(folder_.path / "master.key", sql);
    pg::Pool pool{database_.url(), 60, store::api_settings()};
    store::SequenceStore sequences{pool, clock, store::DueSignal{[this] { ++rings; }}};
    store::ContactStore contacts{pool, clock, secrets, day, store::DueSignal{}};
    store::ContactBookStore book{pool, secrets};
    store::SuppressionStore suppressions{pool, clock, secrets};
    store::MailboxStore mailboxes{pool, secrets, clock, store::DueSignal{}};
    store::EmailStore emails_store{pool};
    store::EventStore events{pool};
    store::AccountStore accounts{pool, secrets};
};

}  // namespace sequitur::test
