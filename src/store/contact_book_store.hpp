// People by themselves: shown, changed, deleted, erased.
#pragma once

#include "domain/ports/contact_book.hpp"
#include "pg/pool.hpp"
#include "store/address_hash.hpp"

namespace sequitur::store {

class ContactBookStore final : public domain::ContactBook {
public:
    ContactBookStore(pg::Pool& pool, const Secrets& secrets) : pool_(pool), hash_(secrets) {}

    std::vector<domain::ContactView> list(const std::optional<std::string>& email, std::optional<ContactId> after,
                                          int limit) override;
    std::optional<domain::ContactView> find(const ContactId& id) override;
    std::optional<domain::ContactView> patch(const ContactId& id, const domain::ContactPatch& patch) override;
    std::optional<domain::StopReceipt> remove(const ContactId& id, Removal removal) override;

private:
    bool begin_removal(pg::Connection& connection, const ContactId& id, Removal removal) const;

    pg::Pool& pool_;
    AddressHash hash_;
};

}  // namespace sequitur::store
