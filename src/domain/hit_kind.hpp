// Who asked for a pixel or followed a link: a person, a proxy that fetches for one, or a machine; and why we think so.
//
// Nothing is left out: every hit is recorded with its label, and reports show people. What one request can not show
// (a click right after the mail was sent, many links at once) is found where the events are kept
// (src/store/sql/label_machines.sql). Source: mail.md §6.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace sequitur::domain {

enum class HitKind { human, proxy, machine };
std::string_view name(HitKind kind);

/// Headers of a hit; nullopt: not sent.
struct HitHeaders {
    std::optional<std::string_view> user_agent = {};
    std::optional<std::string_view> purpose = {};
    std::optional<std::string_view> sec_purpose = {};
    std::optional<std::string_view> x_moz = {};
};

struct HitLabel {
    HitKind kind = HitKind::human;
    std::string_view reason;  ///< one of our words, empty for a human
};
HitLabel label_of(const HitHeaders& headers);

/// One of a few words, such as "Chrome"; nothing more of it is kept.
std::string_view agent_family(std::optional<std::string_view> user_agent);

}  // namespace sequitur::domain
