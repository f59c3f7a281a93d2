#include "store/address_hash.hpp"

#include <sodium.h>

#include <array>

namespace sequitur::store {

std::string AddressHash::of(std::string_view address) const {
    std::array<unsigned char, crypto_auth_hmacsha256_BYTES> mac{};
    crypto_auth_hmacsha256(mac.data(), reinterpret_cast<const unsigned char*>(address.data()), address.size(),
                           reinterpret_cast<const unsigned char*>(key_.reveal().data()));
    std::string digits(2 * mac.size() + 1, '\0');
    sodium_bin2hex(digits.data(), digits.size(), mac.data(), mac.size());
    digits.pop_back();
    return digits;
}

}  // namespace sequitur::store
