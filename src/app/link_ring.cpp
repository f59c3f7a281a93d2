#include "app/link_ring.hpp"

#include "base/log.hpp"
#include "mail/sha256.hpp"

namespace sequitur::app {

namespace {

// Well within store::link_key_overlap.
constexpr auto refreshed_every = std::chrono::minutes{1};
// Anybody can ask with a key id that does not exist.
constexpr auto refreshed_at_most_every = std::chrono::seconds{5};

constexpr std::size_t name_digits = 16;

}  // namespace

LinkRing::LinkRing(pg::Pool& pool, const store::Secrets& secrets, const Clock& clock, const domain::LinkKeys& keys)
    : pool_(pool),
      secrets_(secrets),
      name_(mail::sha256_hex(keys.front().key.reveal()).substr(0, name_digits)),
      tokens_(clock, keys, [this] { unknown_key_.ring(); }),
      thread_([this](const std::stop_token& stop) { refresh(stop); }) {}

void LinkRing::refresh(const std::stop_token& stop) {
    Doorbell nobody;
    while (!stop.stop_requested()) {
        nobody.wait(refreshed_at_most_every, stop);
        unknown_key_.wait(refreshed_every, stop);
        if (stop.stop_requested()) return;
        try {
            tokens_.set_keys(store::load_link_keys(*pool_.lease(), secrets_));
        } catch (const std::exception& error) {
            log::warn("the link keys can not be read again; the known ones stay", {{"reason", error.what()}});
        }
    }
}

}  // namespace sequitur::app
