#include "store/secrets.hpp"

#include <sodium.h>

#include "pg/transaction.hpp"
#include "store/master_key_file.hpp"
#include "store/sql.hpp"

namespace sequitur::store {

namespace {

constexpr std::size_t nonce_bytes = crypto_aead_xchacha20poly1305_ietf_NPUBBYTES;
constexpr std::size_t tag_bytes = crypto_aead_xchacha20poly1305_ietf_ABYTES;
constexpr std::size_t fingerprint_bytes = 16;

const unsigned char* bytes(const std::string& text) { return reinterpret_cast<const unsigned char*>(text.data()); }
unsigned char* bytes(std::string& text) { return reinterpret_cast<unsigned char*>(text.data()); }

std::string associated_data(const SealedPlace& place) {
    const auto& id = place.mailbox.uuid.bytes;
    return std::string{id.begin(), id.end()}.append(place.column);
}

std::string associated_data(const SealedKeyPlace& place) { return "link key " + std::to_string(place.key_id); }

std::string derived_bytes(const Secret& key, std::string_view purpose, std::size_t count) {
    std::string hash(count, '\0');
    crypto_generichash(bytes(hash), hash.size(), reinterpret_cast<const unsigned char*>(purpose.data()), purpose.size(),
                       bytes(key.reveal()), key.reveal().size());
    return hash;
}

std::string fingerprint_of(const Secret& key) {
    const auto hash = derived_bytes(key, "sequitur master key fingerprint", fingerprint_bytes);
    std::string digits(2 * hash.size() + 1, '\0');
    sodium_bin2hex(digits.data(), digits.size(), bytes(hash), hash.size());
    digits.pop_back();
    return digits;
}

[[noreturn]] void refuse(const std::filesystem::path& file, std::string_view problem) {
    throw SecretsError(
        "master key " + file.string() + ": " + std::string{problem} +
        ". Put the key back that sealed the mailboxes' passwords and the link keys; if it is lost, clear "
        "them (UPDATE mailboxes SET encrypted_smtp_password = NULL; DELETE FROM link_keys), start again "
        "and set each password anew. The links in mails that were sent lead nowhere then, and erased contacts "
        "can not be recognised any more (DELETE FROM suppressions WHERE kind = 'hash').");
}

}  // namespace

Secrets::Secrets(Secret key) : key_(std::move(key)), fingerprint_(fingerprint_of(key_)) {
    key_id_ = static_cast<char>(std::stoi(fingerprint_.substr(0, 2), nullptr, 16));
}

Secrets Secrets::open(const std::filesystem::path& file, pg::Connection& connection) {
    if (sodium_init() < 0) throw SecretsError("libsodium can not start");
    pg::Transaction transaction{connection};
    const auto known = connection.exec(sql::master_key_lock);
    const auto fingerprint = known.get<std::optional<std::string>>(0, 0);
    const bool sealed_exist = known.get<bool>(0, 1);

    auto key = read_master_key(file);
    if (!key && sealed_exist) refuse(file, "the file does not exist, but the database has passwords sealed with it");
    if (!key) key = make_master_key(file);
    Secrets secrets{*std::move(key)};
    if (sealed_exist && fingerprint && *fingerprint != secrets.fingerprint())
        refuse(file, "this is another key than the one that sealed the passwords in the database");
    if (fingerprint != secrets.fingerprint()) connection.exec(sql::master_key_set, pg::Params{secrets.fingerprint()});
    transaction.commit();
    return secrets;
}

Secret Secrets::derived(std::string_view purpose) const {
    return Secret{derived_bytes(key_, purpose, crypto_auth_hmacsha256_KEYBYTES)};
}

pg::Bytes Secrets::seal(const Secret& secret, const SealedPlace& place) const {
    return seal(secret, associated_data(place));
}

pg::Bytes Secrets::seal(const Secret& secret, const SealedKeyPlace& place) const {
    return seal(secret, associated_data(place));
}

Secret Secrets::unseal(const pg::Bytes& sealed, const SealedPlace& place) const {
    if (!has_my_key(sealed))
        throw SecretsError("the password of mailbox " + place.mailbox.text() +
                           " was sealed with another key; set it anew");
    if (auto secret = unseal(sealed, associated_data(place))) return *std::move(secret);
    throw SecretsError("the password of mailbox " + place.mailbox.text() +
                       " does not open: it was changed or moved in the database; set it anew");
}

Secret Secrets::unseal(const pg::Bytes& sealed, const SealedKeyPlace& place) const {
    auto secret = has_my_key(sealed) ? unseal(sealed, associated_data(place)) : std::nullopt;
    if (secret) return *std::move(secret);
    throw SecretsError("link key " + std::to_string(place.key_id) +
                       " does not open: it was changed in the database, or sealed with another master key. Restore the "
                       "table link_keys; or delete this row, and the links that were signed with it lead nowhere");
}

bool Secrets::has_my_key(const pg::Bytes& sealed) const {
    return sealed.value.size() >= 1 + nonce_bytes + tag_bytes && sealed.value[0] == key_id_;
}

pg::Bytes Secrets::seal(const Secret& secret, const std::string& data) const {
    const auto& plain = secret.reveal();
    std::string sealed(1 + nonce_bytes + plain.size() + tag_bytes, '\0');
    sealed[0] = key_id_;
    auto* const nonce = bytes(sealed) + 1;
    randombytes_buf(nonce, nonce_bytes);
    crypto_aead_xchacha20poly1305_ietf_encrypt(nonce + nonce_bytes, nullptr, bytes(plain), plain.size(), bytes(data),
                                               data.size(), nullptr, nonce, bytes(key_.reveal()));
    return pg::Bytes{std::move(sealed)};
}

std::optional<Secret> Secrets::unseal(const pg::Bytes& sealed, const std::string& data) const {
    const auto& value = sealed.value;
    const auto* const nonce = bytes(value) + 1;
    std::string plain(value.size() - 1 - nonce_bytes - tag_bytes, '\0');
    if (crypto_aead_xchacha20poly1305_ietf_decrypt(bytes(plain), nullptr, nullptr, nonce + nonce_bytes,
                                                   value.size() - 1 - nonce_bytes, bytes(data), data.size(), nonce,
                                                   bytes(key_.reveal())) != 0)
        return std::nullopt;
    return Secret{std::move(plain)};
}

}  // namespace sequitur::store
