// How each C++ type travels: its OID and its binary form, as the server's send and recv functions
// have it (network byte order). One specialisation a type, used for parameters and for columns.
//
// `read` answers nullopt where the column's type is not one the C++ type can hold without loss.
#pragma once

#include <array>
#include <bit>
#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "base/clock.hpp"
#include "base/ids.hpp"

namespace sequitur::pg {

using TypeOid = unsigned int;

/// Built-in types: src/include/catalog/pg_type.dat; these numbers never change.
namespace oid {
constexpr TypeOid boolean = 16, bytea = 17, name = 19, int8 = 20, int2 = 21, int4 = 23, text = 25, json = 114;
constexpr TypeOid float4 = 700, float8 = 701, bpchar = 1042, varchar = 1043, date = 1082, timestamptz = 1184,
                  interval = 1186;
constexpr TypeOid uuid = 2950, jsonb = 3802;
/// Everything a user creates, enums among it, is numbered from here on.
constexpr TypeOid first_of_users = 16384;
}  // namespace oid

/// A bytea: any bytes.
struct Bytes {
    std::string value;
};

/// Network byte order, into the bytes at `to`.
template <std::integral T> void put_big_endian(char* to, T value) {
    for (int shift = 8 * (static_cast<int>(sizeof(T)) - 1); shift >= 0; shift -= 8)
        *to++ = static_cast<char>(static_cast<std::make_unsigned_t<T>>(value) >> shift);
}

template <std::integral T> void append_big_endian(std::string& out, T value) {
    std::array<char, sizeof(T)> bytes;
    put_big_endian(bytes.data(), value);
    out.append(bytes.data(), bytes.size());
}

template <std::integral T> T big_endian(std::string_view bytes) {
    std::make_unsigned_t<T> value = 0;
    for (std::size_t i = 0; i < sizeof(T); ++i)
        value = static_cast<std::make_unsigned_t<T>>(value << 8 | static_cast<unsigned char>(bytes[i]));
    return static_cast<T>(value);
}

template <class T> struct Codec;

template <> struct Codec<bool> {
    static constexpr TypeOid type = oid::boolean, array_type = 1000;
    static void write(std::string& out, bool value) { out.push_back(value ? 1 : 0); }
    static std::optional<bool> read(TypeOid from, std::string_view bytes) {
        return from == type ? std::optional{bytes[0] != 0} : std::nullopt;
    }
};

/// Columns widen: an int8 does not fit into an int.
template <std::signed_integral T>
    requires(sizeof(T) >= 2)
struct Codec<T> {
    static constexpr TypeOid type = sizeof(T) == 2 ? oid::int2 : sizeof(T) == 4 ? oid::int4 : oid::int8;
    static constexpr TypeOid array_type = sizeof(T) == 2 ? 1005 : sizeof(T) == 4 ? 1007 : 1016;
    static void write(std::string& out, T value) { append_big_endian(out, value); }
    static std::optional<T> read(TypeOid from, std::string_view bytes) {
        if (bytes.size() > sizeof(T)) return std::nullopt;
        if (from == oid::int2) return static_cast<T>(big_endian<std::int16_t>(bytes));
        if (from == oid::int4) return static_cast<T>(big_endian<std::int32_t>(bytes));
        if (from == oid::int8) return static_cast<T>(big_endian<std::int64_t>(bytes));
        return std::nullopt;
    }
};

template <> struct Codec<double> {
    static constexpr TypeOid type = oid::float8, array_type = 1022;
    static void write(std::string& out, double value) { append_big_endian(out, std::bit_cast<std::int64_t>(value)); }
    static std::optional<double> read(TypeOid from, std::string_view bytes) {
        if (from == oid::float4) return std::bit_cast<float>(big_endian<std::int32_t>(bytes));
        if (from == oid::float8) return std::bit_cast<double>(big_endian<std::int64_t>(bytes));
        return std::nullopt;
    }
};

/// Columns: text of any kind, enum labels, json, jsonb without its version byte, and bytea as it is.
template <> struct Codec<std::string> {
    static constexpr TypeOid type = oid::text, array_type = 1009;
    static void write(std::string& out, std::string_view value) { out.append(value); }
    static std::optional<std::string> read(TypeOid from, std::string_view bytes) {
        if (from == oid::jsonb) return std::string{bytes.substr(1)};
        const bool textual = from == oid::text || from == oid::varchar || from == oid::name || from == oid::json ||
                             from == oid::bpchar || from == oid::bytea || from >= oid::first_of_users;
        return textual ? std::optional{std::string{bytes}} : std::nullopt;
    }
};

template <> struct Codec<Bytes> {
    static constexpr TypeOid type = oid::bytea, array_type = 1001;
    static void write(std::string& out, const Bytes& value) { out.append(value.value); }
    static std::optional<Bytes> read(TypeOid from, std::string_view bytes) {
        return from == type ? std::optional{Bytes{std::string{bytes}}} : std::nullopt;
    }
};

template <> struct Codec<Uuid> {
    static constexpr TypeOid type = oid::uuid, array_type = 2951;
    static void write(std::string& out, const Uuid& value) { out += value.raw(); }
    static std::optional<Uuid> read(TypeOid from, std::string_view bytes) {
        if (from != type) return std::nullopt;
        Uuid uuid;
        for (std::size_t i = 0; i < uuid.bytes.size(); ++i) uuid.bytes[i] = static_cast<std::uint8_t>(bytes[i]);
        return uuid;
    }
};

template <class Tag> struct Codec<Id<Tag>> {
    static constexpr TypeOid type = Codec<Uuid>::type, array_type = Codec<Uuid>::array_type;
    static void write(std::string& out, const Id<Tag>& value) { Codec<Uuid>::write(out, value.uuid); }
    static std::optional<Id<Tag>> read(TypeOid from, std::string_view bytes) {
        const auto uuid = Codec<Uuid>::read(from, bytes);
        return uuid ? std::optional{Id<Tag>{*uuid}} : std::nullopt;
    }
};

/// The server counts microseconds from 2000-01-01 UTC.
template <> struct Codec<TimePoint> {
    static constexpr TypeOid type = oid::timestamptz, array_type = 1185;
    static constexpr TimePoint epoch = std::chrono::sys_days{std::chrono::year{2000} / 1 / 1};
    static void write(std::string& out, TimePoint value) {
        append_big_endian(out, std::int64_t{(value - epoch).count()});
    }
    static std::optional<TimePoint> read(TypeOid from, std::string_view bytes) {
        return from == type ? std::optional{epoch + Duration{big_endian<std::int64_t>(bytes)}} : std::nullopt;
    }
};

/// A day of no time zone, counted from 2000-01-01.
template <> struct Codec<std::chrono::sys_days> {
    static constexpr TypeOid type = oid::date, array_type = 1182;
    static constexpr std::chrono::sys_days epoch = std::chrono::year{2000} / 1 / 1;
    static void write(std::string& out, std::chrono::sys_days value) {
        append_big_endian(out, static_cast<std::int32_t>((value - epoch).count()));
    }
    static std::optional<std::chrono::sys_days> read(TypeOid from, std::string_view bytes) {
        return from == type ? std::optional{epoch + std::chrono::days{big_endian<std::int32_t>(bytes)}} : std::nullopt;
    }
};

/// An interval without months; its days count 24 hours.
template <> struct Codec<Duration> {
    static constexpr TypeOid type = oid::interval, array_type = 1187;
    static void write(std::string& out, Duration value) {
        append_big_endian(out, std::int64_t{value.count()});
        append_big_endian(out, std::int64_t{0});
    }
    static std::optional<Duration> read(TypeOid from, std::string_view bytes) {
        if (from != type || big_endian<std::int32_t>(bytes.substr(12)) != 0) return std::nullopt;
        return Duration{big_endian<std::int64_t>(bytes)} + std::chrono::days{big_endian<std::int32_t>(bytes.substr(8))};
    }
};

}  // namespace sequitur::pg
