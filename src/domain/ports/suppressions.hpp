// The list of who must not be mailed. Thread-safe. Throws StoreUnavailable, StoreRefused.
#pragma once

#include <optional>
#include <string>
#include <variant>
#include <vector>

#include "base/clock.hpp"
#include "base/ids.hpp"
#include "domain/ports/stop_acts.hpp"
#include "domain/suppression.hpp"

namespace sequitur::domain {

struct NewSuppression {
    Suppressed what;
    std::string reason;  ///< one of suppression_reasons
    std::optional<std::string> note;
};

struct SuppressionView {
    SuppressionId id;
    std::string kind;   ///< email, domain, or hash: of an address whose person asked for erasure
    std::string value;
    std::string reason;
    std::optional<std::string> note;
    std::optional<EmailId> email;  ///< the mail that was the occasion
    TimePoint created_at;
};

class Suppressions {
public:
    virtual ~Suppressions() = default;

    /// Stop act for all open mail of these people, in every sequence; repeatable. What is on the list already is
    /// skipped, except that an opt-out or a complaint replaces a weaker reason.
    struct Added {
        std::int64_t added = 0;
        std::int64_t skipped = 0;
        StopReceipt receipt;
    };
    virtual Added add(const std::vector<NewSuppression>& suppressions) = 0;

    /// By id; `after` = the last id of the page before.
    virtual std::vector<SuppressionView> list(std::optional<std::string> reason, std::optional<SuppressionId> after,
                                              int limit) = 0;
    virtual std::optional<SuppressionView> find(const SuppressionId& id) = 0;
    /// What keeps this (normalised) address out: it, its hash, or its domain.
    virtual std::optional<SuppressionView> check(const std::string& address) = 0;

    enum class Removed { gone, no_such, needs_force };
    /// Mail that was stopped stays so. What a person said, and an erasure, need `force`; `why` is noted.
    virtual Removed remove(const SuppressionId& id, bool force, const std::optional<std::string>& why) = 0;
};

}  // namespace sequitur::domain
