// The list of who must not be mailed, and the stop act that a new entry is.
#pragma once

#include "domain/ports/suppressions.hpp"
#include "pg/pool.hpp"
#include "store/address_hash.hpp"

namespace sequitur::store {

class SuppressionStore final : public domain::Suppressions {
public:
    SuppressionStore(pg::Pool& pool, const Clock& clock, const Secrets& secrets)
        : pool_(pool), clock_(clock), hash_(secrets) {}

    Added add(const std::vector<domain::NewSuppression>& suppressions) override;
    std::vector<domain::SuppressionView> list(std::optional<std::string> reason, std::optional<SuppressionId> after,
                                              int limit) override;
    std::optional<domain::SuppressionView> find(const SuppressionId& id) override;
    std::optional<domain::SuppressionView> check(const std::string& address) override;
    Removed remove(const SuppressionId& id, bool force, const std::optional<std::string>& why) override;

private:
    pg::Pool& pool_;
    const Clock& clock_;  ///< for the time inside new ids
    AddressHash hash_;
};

}  // namespace sequitur::store
