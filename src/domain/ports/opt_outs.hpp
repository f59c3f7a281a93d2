// A person's own no, by the link in a mail: it holds for the address, in every sequence. Thread-safe. Throws
// StoreUnavailable, StoreRefused.
#pragma once

#include <optional>
#include <string>

#include "base/ids.hpp"
#include "domain/ports/stop_acts.hpp"

namespace sequitur::domain {

struct OptOutState {
    std::string address;     ///< empty: it was erased
    bool opted_out = false;  ///< by this person; an address that is kept out for another reason may still opt out
};

struct OptOutDone {
    std::string address;
    bool repeated = false;  ///< it had been said before: no second event
    StopReceipt receipt;    ///< what had left when this was asked
};

class OptOuts {
public:
    virtual ~OptOuts() = default;

    /// Changes nothing. nullopt, here and below: there is no such email.
    virtual std::optional<OptOutState> look(const EmailId& email) = 0;

    /// Stop act, repeatable: the address is suppressed, the contact `unsubscribed`, its enrolments
    /// `stopped(unsubscribed)`; then its open mail is cancelled. `via` (one_click, page) is for the event.
    virtual std::optional<OptOutDone> opt_out(const EmailId& email, const std::string& via) = 0;

    /// Takes the opt-out back, and nothing else: mail that was cancelled stays so, and another reason to keep the
    /// address out holds again. Repeatable.
    virtual std::optional<OptOutState> undo(const EmailId& email) = 0;
};

}  // namespace sequitur::domain
