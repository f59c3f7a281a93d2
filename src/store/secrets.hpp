// Sealed credentials and link keys: XChaCha20-Poly1305 (libsodium), the place they belong to as associated data, so
// a sealed value that is moved to another mailbox, column or key id does not open.
//
// A sealed value is: key id (1 byte), nonce (24 random bytes), ciphertext with its tag. The key lives in a file
// outside the database; the database keeps its fingerprint, so that a wrong key is noticed at the start and
// not at the first mail.
#pragma once

#include <array>
#include <filesystem>
#include <optional>
#include <stdexcept>
#include <string>
#include <string_view>

#include "base/ids.hpp"
#include "base/secret.hpp"
#include "pg/connection.hpp"

namespace sequitur::store {

/// The key is missing, wrong or unreadable, or a sealed value does not open. The text names the remedy.
struct SecretsError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Where a sealed value stands.
struct SealedPlace {
    MailboxId mailbox;
    std::string_view column;
};

/// Where a sealed key of the ring stands (domain/link_key.hpp).
struct SealedKeyPlace {
    int key_id = 0;
};
/// The columns of `mailboxes` that are sealed: part of what a value is sealed for.
namespace sealed_column {
inline constexpr std::string_view smtp_password = "encrypted_smtp_password";
inline constexpr std::string_view oauth_client_secret = "encrypted_oauth_client_secret";
inline constexpr std::string_view oauth_refresh_token = "encrypted_oauth_refresh_token";
}  // namespace sealed_column

/// Thread-safe.
class Secrets {
public:
    /// Reads the key of `file`. It is made (mode 0600) if absent while nothing in the database is sealed.
    /// Throws SecretsError; pg::Error.
    static Secrets open(const std::filesystem::path& file, pg::Connection& connection);

    pg::Bytes seal(const Secret& secret, const SealedPlace& place) const;
    /// Throws SecretsError.
    Secret unseal(const pg::Bytes& sealed, const SealedPlace& place) const;

    pg::Bytes seal(const Secret& secret, const SealedKeyPlace& place) const;
    /// Throws SecretsError.
    Secret unseal(const pg::Bytes& sealed, const SealedKeyPlace& place) const;

    /// A key for one other purpose; the same each time, and it tells nothing about the master key.
    Secret derived(std::string_view purpose) const;

    /// 32 hex digits; tells nothing about the key.
    const std::string& fingerprint() const { return fingerprint_; }

private:
    explicit Secrets(Secret key);

    pg::Bytes seal(const Secret& secret, const std::string& associated_data) const;
    std::optional<Secret> unseal(const pg::Bytes& sealed, const std::string& associated_data) const;
    bool has_my_key(const pg::Bytes& sealed) const;

    Secret key_;
    std::string fingerprint_;
    char key_id_ = 0;
};

}  // namespace sequitur::store
