#include "store/link_key_store.hpp"

#include <sodium.h>

#include <stdexcept>

#include "store/sql.hpp"

namespace sequitur::store {

namespace {

constexpr std::size_t key_bytes = 32;

/// false: another process has made this one.
bool make(pg::Connection& connection, const Secrets& secrets, int id, Duration overlap) {
    std::string bytes(key_bytes, '\0');
    randombytes_buf(bytes.data(), bytes.size());
    const auto sealed = secrets.seal(Secret{std::move(bytes)}, SealedKeyPlace{id});
    return !connection.exec(sql::link_key_insert, pg::Params{id, sealed, overlap}).empty();
}

domain::LinkKeys read(pg::Connection& connection, const Secrets& secrets) {
    const auto result = connection.exec(sql::link_keys);
    domain::LinkKeys keys;
    for (int i = 0; i < result.rows(); ++i) {
        auto row = result.row(i);
        const int id = row.next<int>();
        const auto sealed = row.next<pg::Bytes>();
        keys.push_back(
            {.id = id, .key = secrets.unseal(sealed, SealedKeyPlace{id}), .signs_from = row.next<TimePoint>()});
    }
    return keys;
}

}  // namespace

domain::LinkKeys load_link_keys(pg::Connection& connection, const Secrets& secrets) {
    auto keys = read(connection, secrets);
    if (!keys.empty()) return keys;
    make(connection, secrets, 1, Duration::zero());
    return read(connection, secrets);
}

int rotate_link_keys(pg::Connection& connection, const Secrets& secrets) {
    const auto keys = load_link_keys(connection, secrets);
    const int id = keys.back().id + 1;
    if (id > domain::link_key_id_max) throw std::runtime_error("all 255 ids of link keys are used");
    if (!make(connection, secrets, id, link_key_overlap))
        throw std::runtime_error("another process made a key at this moment; nothing is left to do");
    return id;
}

}  // namespace sequitur::store
