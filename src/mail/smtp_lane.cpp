#include "mail/smtp_lane.hpp"

#include <algorithm>
#include <array>
#include <tuple>
#include <utility>

#include "base/buffers.hpp"
#include "base/release.hpp"

namespace sequitur::mail {

namespace {

/// While its bytes are here.
void hash(WrittenMail& mail) {
    if (!mail.sha256 && !mail.message.empty()) mail.sha256 = sha256(mail.message);
}

void forget(WrittenMail& mail) {
    hash(mail);
    release(mail.message);
}

}  // namespace

using domain::Abandoned;
using domain::Broken;
using domain::Refused;
using domain::SmtpPhase;

SmtpLane::~SmtpLane() { leave_connection(); }

void SmtpLane::start(Deliveries one) {
    for (const auto& delivery : one) expires_at_ = std::min(expires_at_, delivery.dot_before);
    waiting_.splice(waiting_.end(), one);
    advance();
}

// Takes the next waiting delivery to the connection that there is, or to a new one.
void SmtpLane::advance() {
    if (current_) return;
    skip_expired();
    if (current_) return;
    const bool is_chained = connection_ && connection_->is_chained();
    // The server waits for a mail that is not to be sent any more.
    if (is_chained && (waiting_.empty() || waiting_.front().key != next_->key)) leave_connection();
    if (waiting_.empty()) return;
    if (connection_ && !connection_->is_ready()) return;  // RSET or the end is on its way
    current_ = std::move(waiting_.front());
    waiting_.pop_front();
    permit_asked_ = permitted_ = held_ = reconnected_ = false;
    began_chained_ = is_chained;
    if (connection_ && !is_chained && !(may_take(*current_) && connection_->is_alive())) {
        connection_->quit();
        connection_ = nullptr;
    }
    if (connection_)
        begin();
    else
        connect();
}

bool SmtpLane::may_take(const domain::Delivery& delivery) const {
    return connection_->account().version == delivery.account->version &&
           connection_->mails() < shared_.options.mails_per_connection_max;
}

void SmtpLane::connect() {
    was_ready_ = false;
    connection_ = std::make_shared<SmtpConnection>(loop_, shared_, current_->account, *this, refused_token_);
    connection_->open();
}

void SmtpLane::begin() {
    if (next_ && next_->key == current_->key) written_ = std::move(next_->written);
    next_.reset();
    if (written_.message.empty() && !connection_->is_chained()) written_ = write(current_->key);
    if (!written_.message.empty() || connection_->is_chained()) return connection_->begin(*current_, written_);
    end_current(Abandoned{"unwritable"}, false);
    advance();
}

void SmtpLane::chain_next() {
    skip_expired();
    if (waiting_.empty() || !connection_->may_chain() || !may_take(waiting_.front()) || !write_next()) return;
    hash_both();
    connection_->chain(waiting_.front(), next_->written);
}

// Every other time, so that none is hashed alone.
void SmtpLane::hash_both() {
    if (written_.sha256 || written_.message.empty()) return;
    std::tie(written_.sha256, next_->written.sha256) = sha256_of_two(written_.message, next_->written.message);
}

// One that can not be written ends when its turn has come.
bool SmtpLane::write_next() {
    const auto& key = waiting_.front().key;
    next_ = {key, write(key)};
    return !next_->written.message.empty();
}

// Dots are looked for now, while the bytes are at hand: what waits for its permit has long left the caches.
WrittenMail SmtpLane::write(const domain::DeliveryKey& key) {
    written_at_ = shared_.clock.steady_now();
    WrittenMail written{callbacks_.message(key).value_or(""), false, {}};
    written.may_have_dots = has_dots(written.message);
    return written;
}

// A server that thinks about DATA may take minutes, and thousands of lanes may wait for it.
void SmtpLane::forget_messages(SteadyTime now) {
    if (now < written_at_ + shared_.options.message_kept) return;
    if (next_) forget(next_->written);
    if (written_.message.empty() || !connection_ || permitted_) return;
    if (!connection_->is_before_body() && !connection_->holds_body()) return;
    connection_->supply({});
    forget(written_);
}

void SmtpLane::on_data_ok() {
    if (written_.message.empty()) supply_again();
}

bool SmtpLane::supply_again() {
    written_ = write(current_->key);
    if (written_.message.empty())
        abandon_current("unwritable");
    else
        connection_->supply(written_);
    return !written_.message.empty();
}

void SmtpLane::on_ready() {
    const bool is_new = !std::exchange(was_ready_, true);
    refused_token_ = {};
    if (is_new && current_)
        begin();
    else
        advance();
}

void SmtpLane::on_ready_for_dot() {
    held_ = connection_->holds_body();
    if (!held_) {  // on the wire; many may wait here for a database that is away
        hash(written_);
        give_back(written_.message);
    }
    if (permitted_) return use_permit();
    if (!std::exchange(permit_asked_, true)) callbacks_.ready_for_dot(current_->key);
}

void SmtpLane::proceed(const domain::DeliveryKey& key) {
    if (!current_ || current_->key != key || !permit_asked_ || permitted_) return;
    permitted_ = true;
    permitted_at_ = shared_.clock.steady_now();
    if (connection_ && connection_->awaits_permit()) use_permit();
}

// The lease outlives the answer to the dot by a tenth of the time it may take: a permit that had to wait for another
// connection may be too old.
void SmtpLane::use_permit() {
    if (shared_.clock.steady_now() - permitted_at_ > current_->dot_timeout / 10) return abandon_current("permit_late");
    if (written_.message.empty() && connection_->holds_body() && !supply_again()) return;
    chain_next();
    connection_->proceed();
}

void SmtpLane::abandon(const domain::DeliveryKey& key) {
    if (current_ && current_->key == key) {
        if (!permitted_) abandon_current("permit_refused");
        return;
    }
    const auto found = std::ranges::find(waiting_, key, &domain::Delivery::key);
    if (found == waiting_.end()) return;
    waiting_.erase(found);
    callbacks_.done(key, Abandoned{"permit_refused"}, {});
}

void SmtpLane::abandon_current(std::string_view reason) {
    leave_connection();
    end_current(Abandoned{std::string{reason}}, false);
    advance();
}

void SmtpLane::leave_connection() {
    if (!connection_) return;
    connection_->drop();
    connection_ = nullptr;
}

void SmtpLane::on_finished(domain::SendOutcome outcome, bool dot_written) {
    if (!dot_written && is_stale_connection(outcome)) {
        reconnected_ = true;
        leave_connection();
        connect();
        return;
    }
    const bool is_mailbox = judge(outcome).blame == domain::Blame::mailbox;
    end_current(outcome, dot_written);
    // They were not tried, so they have no outcome of their own; one failure backs the mailbox off once.
    if (is_mailbox) end_waiting(Abandoned{"mailbox_refused"});
}

// A server may close a connection between two mails: its end is then found at MAIL, or, where the group went out with
// the last dot and was answered, as late as in the body; and is no failure. A permit that was asked by then stays good.
bool SmtpLane::is_stale_connection(const domain::SendOutcome& outcome) const {
    if (reconnected_ || (permit_asked_ && !held_) || connection_->mails() < 2) return false;
    const auto last = began_chained_ ? SmtpPhase::body : SmtpPhase::mail;
    if (const auto* broken = std::get_if<Broken>(&outcome))
        return broken->phase >= SmtpPhase::mail && broken->phase <= last;
    const auto* refused = std::get_if<Refused>(&outcome);
    return refused != nullptr && refused->phase == SmtpPhase::mail && refused->reply.code == 421;
}

void SmtpLane::on_closed(const domain::SendOutcome& outcome) {
    const bool was_ready = was_ready_;
    const auto token = connection_->token();
    connection_ = nullptr;
    if (!was_ready && current_ && renews_token(outcome, token)) return connect();
    if (!was_ready) {
        if (current_) end_current(outcome, false);
        end_waiting(outcome);
    }
    advance();
}

// An access token may end before its time: one more is asked for, and no second one, which would only be refused too.
bool SmtpLane::renews_token(const domain::SendOutcome& outcome, const Secret& token) {
    const auto* refused = std::get_if<Refused>(&outcome);
    const bool is_refused = refused != nullptr && refused->phase == SmtpPhase::auth && refused->reply.code >= 500;
    const bool renews = is_refused && !token.empty() && refused_token_.empty();
    refused_token_ = renews ? token : Secret{};
    return renews;
}

void SmtpLane::end_current(const domain::SendOutcome& outcome, bool dot_written) {
    const auto key = current_->key;
    current_.reset();
    hash(written_);
    const auto digest = written_.sha256 ? hex(*written_.sha256) : std::array<char, 64>{};
    give_back(written_.message);
    const std::string_view sha256{digest.data(), written_.sha256 ? digest.size() : 0};
    written_.sha256.reset();
    callbacks_.done(key, outcome, {dot_written, sha256});
}

void SmtpLane::end_waiting(const domain::SendOutcome& outcome) {
    for (const auto& delivery : std::exchange(waiting_, {})) callbacks_.done(delivery.key, outcome, {});
}

void SmtpLane::end_expired(SteadyTime now) {
    if (now < expires_at_) return;
    std::erase_if(waiting_, [&](const domain::Delivery& delivery) {
        if (now < delivery.dot_before) return false;
        callbacks_.done(delivery.key, Abandoned{"budget"}, {});
        return true;
    });
    expires_at_ = SteadyTime::max();
    for (const auto& delivery : waiting_) expires_at_ = std::min(expires_at_, delivery.dot_before);
}

// Whoever waits behind is looked at in the next round.
void SmtpLane::skip_expired() {
    const auto now = shared_.clock.steady_now();
    while (!waiting_.empty() && now >= waiting_.front().dot_before) {
        const auto key = waiting_.front().key;
        waiting_.pop_front();
        callbacks_.done(key, Abandoned{"budget"}, {});
    }
}

void SmtpLane::drain() {
    end_waiting(Abandoned{"shutdown"});
    if (current_ && !permitted_) abandon_current("shutdown");
    if (!current_ && connection_) {
        connection_->quit();
        connection_ = nullptr;
    }
}

void SmtpLane::end() {
    drain();
    leave_connection();
    if (current_) end_current(Broken{SmtpPhase::dot, "ended before the answer", false}, true);
}

void SmtpLane::tick(SteadyTime now) {
    end_expired(now);
    if (current_ && !permit_asked_ && now >= current_->dot_before) abandon_current("budget");
    forget_messages(now);
    if (const auto connection = connection_) connection->tick(now);
}

}  // namespace sequitur::mail
