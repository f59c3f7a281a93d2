// Ids are types: a mailbox id does not pass where an email id is asked for.
//
// All are UUIDs, version 7 (RFC 9562 §5.7): they grow with time, so new rows share index pages.
#pragma once

#include <array>
#include <bit>
#include <compare>
#include <cstdint>
#include <cstring>
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"

namespace sequitur {

struct Uuid {
    std::array<std::uint8_t, 16> bytes{};

    std::strong_ordering operator<=>(const Uuid& other) const {
        return half(0) != other.half(0) ? half(0) <=> other.half(0) : half(8) <=> other.half(8);
    }
    bool operator==(const Uuid& other) const { return half(0) == other.half(0) && half(8) == other.half(8); }
    /// Eight bytes from `at` as a number that orders as they do.
    std::uint64_t half(std::size_t at) const {
        std::uint64_t number = 0;
        std::memcpy(&number, bytes.data() + at, sizeof number);
        return std::endian::native == std::endian::little ? __builtin_bswap64(number) : number;
    }

    /// The sixteen bytes as they are; borrowed. (Appended as numbers they would go through a string of their own.)
    std::string_view raw() const { return {reinterpret_cast<const char*>(bytes.data()), bytes.size()}; }
    /// 36 characters, lower case, with hyphens.
    std::string text() const;
    void append_text(std::string& out) const;
    /// 32 hex digits, lower case, without hyphens.
    std::string hex() const;
    std::array<char, 32> hex_digits() const;
    /// Accepts exactly the 36-character form, in either case.
    static std::optional<Uuid> parse(std::string_view text);
    /// A new id whose first 48 bits are `now` in milliseconds. Thread-safe.
    static Uuid v7(TimePoint now);

    int version() const { return bytes[6] >> 4; }
    /// The time inside a version 7 id, to the millisecond.
    TimePoint v7_time() const;
};

template <class Tag> struct Id {
    Uuid uuid;

    auto operator<=>(const Id&) const = default;
    std::string text() const { return uuid.text(); }
    static std::optional<Id> parse(std::string_view text) {
        const auto uuid = Uuid::parse(text);
        return uuid ? std::optional{Id{*uuid}} : std::nullopt;
    }
    static Id make(TimePoint now) { return Id{Uuid::v7(now)}; }
};

using SequenceId = Id<struct SequenceTag>;
using StepId = Id<struct StepTag>;
using StepVersionId = Id<struct StepVersionTag>;
using ContactId = Id<struct ContactTag>;
/// A row of `sequence_contacts`: one contact in one sequence.
using EnrollmentId = Id<struct EnrollmentTag>;
using MailboxId = Id<struct MailboxTag>;
/// A row of `email_queues`.
using EmailId = Id<struct EmailTag>;
using BatchId = Id<struct BatchTag>;
using EventId = Id<struct EventTag>;
using SuppressionId = Id<struct SuppressionTag>;

/// Number of slots: the key of every record on the bus. Fixed for ever.
constexpr int slots = 64;
/// The slot of a mailbox: its id's last six bits. The SQL function `mailbox_slot` says the same.
constexpr int slot_of(const MailboxId& mailbox) { return mailbox.uuid.bytes[15] & (slots - 1); }

}  // namespace sequitur

template <> struct std::hash<sequitur::Uuid> {
    std::size_t operator()(const sequitur::Uuid& uuid) const noexcept { return uuid.half(8); }  // the random half
};
template <class Tag> struct std::hash<sequitur::Id<Tag>> {
    std::size_t operator()(const sequitur::Id<Tag>& id) const noexcept { return std::hash<sequitur::Uuid>{}(id.uuid); }
};
