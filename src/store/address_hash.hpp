// Addresses of people who asked for erasure, as only we can recognise them: HMAC-SHA256 with a key made from the master
// key, so that the database alone does not tell whether an address is among them.
#pragma once

#include <string>
#include <string_view>

#include "store/secrets.hpp"

namespace sequitur::store {

/// Thread-safe.
class AddressHash {
public:
    explicit AddressHash(const Secrets& secrets) : key_(secrets.derived("sequitur addresses of erased contacts")) {}

    /// 64 hex digits. `address` is normalised.
    std::string of(std::string_view address) const;

private:
    Secret key_;
};

}  // namespace sequitur::store
