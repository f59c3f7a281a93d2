// RFC 3339 §5.6, the part of it that programs write: upper-case T and Z, no leap second, any offset
// (PostgreSQL writes the session's), digits beyond microseconds
// cut off; years 1970 to 9999, in UTC.
#include <algorithm>
#include <charconv>
#include <optional>

#include "domain/messages.hpp"

namespace sequitur::domain {

namespace {

constexpr TimePoint end_of_time{std::chrono::sys_days{std::chrono::year{10'000} / 1 / 1}};

/// Eats the text from the left; after the first thing that does not fit, `ok` is false for good.
struct Scanner {
    std::string_view rest;
    bool ok = true;

    int digits(std::size_t n, int min, int max) {
        int number = 0;
        const auto part = rest.substr(0, n);
        const bool plain = part.size() == n && part.find_first_not_of("0123456789") == std::string_view::npos;
        if (ok && plain) std::from_chars(part.data(), part.data() + n, number);
        ok = ok && plain && number >= min && number <= max;
        if (ok) rest.remove_prefix(n);
        return number;
    }
    char one_of(std::string_view chars) {
        ok = ok && !rest.empty() && chars.find(rest.front()) != std::string_view::npos;
        if (!ok) return '\0';
        const char c = rest.front();
        rest.remove_prefix(1);
        return c;
    }
    Duration fraction() {
        if (!ok || rest.empty() || rest.front() != '.') return {};
        rest.remove_prefix(1);
        const auto length = std::min(rest.find_first_not_of("0123456789"), rest.size());
        ok = length >= 1 && length <= 9;
        std::string six{rest.substr(0, std::min<std::size_t>(length, 6))};
        six.resize(6, '0');
        rest.remove_prefix(length);
        return ok ? Duration{std::stol(six)} : Duration{};
    }
    std::chrono::minutes offset() {
        const char sign = one_of("Z+-");
        if (!ok || sign == 'Z') return {};
        const int hours = digits(2, 0, 23);
        one_of(":");
        const std::chrono::minutes east{hours * 60 + digits(2, 0, 59)};
        return sign == '+' ? east : -east;
    }
};

/// The last `width` digits of the number, at a place of the text. By hand, since every event and every hit is told so.
void put(std::string& text, std::size_t at, std::size_t width, std::int64_t number) {
    for (auto i = at + width; i-- > at; number /= 10) text[i] = static_cast<char>('0' + number % 10);
}

}  // namespace

std::string rfc3339(TimePoint at) {
    const auto day = std::chrono::floor<std::chrono::days>(at);
    const std::chrono::year_month_day date{day};
    const std::chrono::hh_mm_ss time{at - day};
    std::string text = "0000-00-00T00:00:00.000000Z";
    put(text, 0, 4, static_cast<int>(date.year()));
    put(text, 5, 2, static_cast<unsigned>(date.month()));
    put(text, 8, 2, static_cast<unsigned>(date.day()));
    put(text, 11, 2, time.hours().count());
    put(text, 14, 2, time.minutes().count());
    put(text, 17, 2, time.seconds().count());
    put(text, 20, 6, time.subseconds().count());
    return text;
}

std::optional<TimePoint> parse_rfc3339(std::string_view text) {
    Scanner in{text};
    const int year = in.digits(4, 1969, 9999);
    in.one_of("-");
    const int month = in.digits(2, 1, 12);
    in.one_of("-");
    const int day = in.digits(2, 1, 31);
    in.one_of("T");
    const int hour = in.digits(2, 0, 23);
    in.one_of(":");
    const int minute = in.digits(2, 0, 59);
    in.one_of(":");
    const int second = in.digits(2, 0, 59);
    const auto fraction = in.fraction();
    const auto offset = in.offset();
    const std::chrono::year_month_day date{std::chrono::year{year}, std::chrono::month{static_cast<unsigned>(month)},
                                           std::chrono::day{static_cast<unsigned>(day)}};
    if (!in.ok || !in.rest.empty() || !date.ok()) return std::nullopt;
    const auto at = TimePoint{std::chrono::sys_days{date}} + std::chrono::hours{hour} + std::chrono::minutes{minute} +
                    std::chrono::seconds{second} + fraction - offset;
    if (at < TimePoint{} || at >= end_of_time) return std::nullopt;
    return at;
}

}  // namespace sequitur::domain
