// From a claimed email to finished bytes: its step's text, compiled once and kept, its contact's values, its
// mailbox's name. What is missing in the contact holds the mail; nothing else can go wrong here.
//
// A draft is what the letter is made from; the bytes are made when a connection is ready for them, since thousands
// of mails may wait for a server.
#pragma once

#include <memory>
#include <unordered_map>
#include <variant>
#include <vector>

#include "base/guarded.hpp"
#include "domain/footer.hpp"
#include "domain/letter.hpp"
#include "domain/link_base.hpp"
#include "domain/ports/accounts.hpp"
#include "domain/ports/composer.hpp"
#include "domain/ports/email_queue.hpp"
#include "domain/ports/link_tokens.hpp"
#include "domain/ports/link_tracker.hpp"

namespace sequitur::workers {

struct FinishedLetter {
    std::string subject;
    std::string message;
};
/// The text of a step version, and where its links are.
struct StepLetter {
    domain::LetterTemplate text;
    domain::LinkPlaces places;
};
/// Borrowed. Without a tracker no mail is tracked.
struct Tracking {
    const domain::LinkTracker* tracker = nullptr;
    domain::LinkSettings links = {};
};
/// How people get out: the link of each mail, and what stands at its end. Borrowed; without tokens there is no link.
struct WayOut {
    const domain::LinkTokens* tokens = nullptr;
    domain::Footer footer = {};
};
/// What every letter of a process is made with. Borrows the composer.
struct LetterMaking {
    const domain::Composer& composer;
    Tracking tracking;
    WayOut way_out;
};
/// A mailbox, and where the links in its mail lead to; empty: nowhere, so that it has none.
struct KnownAccount {
    domain::SenderAccount sender;
    std::string link_base;
    std::shared_ptr<const LetterMaking> making;
};
/// Shared with the other letters of its step and of its mailbox.
struct Draft {
    std::shared_ptr<const StepLetter> step;
    std::shared_ptr<const KnownAccount> account;

    /// Thread-safe. `email` is the one that it was drafted for. Throws std::invalid_argument as the composer does.
    FinishedLetter finish(const domain::ClaimedEmail& email) const;

private:
    bool is_tracked(const domain::ClaimedEmail& email) const;
    std::optional<std::string> tracked(const domain::ClaimedEmail& email, const domain::Letter& letter) const;
};
/// The mail can not be written now: `reason` and `detail` are the row's.
struct Unwritable {
    std::string reason;
    std::string detail;
};
/// Its mailbox is gone.
struct NoAccount {};

/// For one thread. Keeps what it loaded: texts are immutable, accounts are known by their version.
class Letters {
public:
    Letters(domain::EmailQueue& queue, domain::Accounts& accounts, const domain::Composer& composer,
            Tracking tracking = {}, WayOut way_out = {})
        : queue_(queue),
          accounts_(accounts),
          making_(
              std::make_shared<const LetterMaking>(LetterMaking{composer, std::move(tracking), std::move(way_out)})) {}

    /// Loads what these emails need and is not known yet, in one question each. Throws StoreUnavailable.
    void prepare(const std::vector<domain::ClaimedEmail>& emails);
    std::variant<Draft, Unwritable, NoAccount> draft(const domain::ClaimedEmail& email) const;

private:
    static constexpr std::size_t steps_kept_max = 1'000;
    static constexpr std::size_t accounts_kept_max = 100'000;

    void load_steps(const std::vector<domain::ClaimedEmail>& emails);
    void load_accounts(const std::vector<domain::ClaimedEmail>& emails);

    domain::EmailQueue& queue_;
    domain::Accounts& accounts_;
    std::shared_ptr<const LetterMaking> making_;
    std::unordered_map<StepVersionId, std::shared_ptr<const StepLetter>> steps_;
    std::unordered_map<MailboxId, std::shared_ptr<const KnownAccount>> known_accounts_;
};

}  // namespace sequitur::workers
