#include "mail/sink_script.hpp"

#include <array>
#include <charconv>
#include <utility>

namespace sequitur::mail {

namespace {

std::string_view take_word(std::string_view& text) {
    const auto dot = text.find('.');
    const auto word = text.substr(0, dot);
    text.remove_prefix(dot == std::string_view::npos ? text.size() : dot + 1);
    return word;
}

std::optional<int> number(std::string_view text) {
    int value = 0;
    const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), value);
    if (error != std::errc{} || end != text.data() + text.size()) return std::nullopt;
    return value;
}

std::optional<SinkPhase> phase_of(std::string_view word) {
    if (word == "mail") return SinkPhase::mail;
    if (word == "rcpt") return SinkPhase::rcpt;
    if (word == "data") return SinkPhase::data;
    if (word == "dot") return SinkPhase::dot;
    return std::nullopt;
}

// The enhanced code that such a refusal usually carries.
std::string_view enhanced(int code, SinkPhase phase) {
    const bool is_rcpt = phase == SinkPhase::rcpt;
    switch (code) {
        case 421: return "4.3.2";
        case 450: return "4.2.1";
        case 451: return "4.3.0";
        case 452: return is_rcpt ? "4.2.2" : "4.3.1";
        case 454: return "4.7.0";
        case 535: return "5.7.8";
        case 550: return is_rcpt ? "5.1.1" : "5.7.1";
        case 552: return is_rcpt ? "5.2.2" : "5.3.4";
        case 554: return "5.7.1";
        default: return code < 500 ? "4.0.0" : "5.0.0";
    }
}

std::optional<SinkAct> act_of(std::string_view word, SinkPhase phase) {
    using Kind = SinkAct::Kind;
    if (word == "stall") return SinkAct{Kind::stall, {}};
    if (word == "dropbefore") return SinkAct{Kind::drop, {}};
    if (word == "drop") return SinkAct{phase == SinkPhase::dot ? Kind::accept_and_drop : Kind::drop, {}};
    const auto code = word.size() == 3 ? number(word) : std::nullopt;
    if (!code || *code < 400 || *code > 599) return std::nullopt;
    return SinkAct{Kind::reply, std::string{word} + ' ' + std::string{enhanced(*code, phase)} + " as the script says"};
}

}  // namespace

std::optional<SinkScript> SinkScript::parse(std::string_view address) {
    auto rest = address.substr(0, address.find('@'));
    const auto word = take_word(rest);
    const auto phase = phase_of(take_word(rest));
    if (!phase) return std::nullopt;
    const auto act = act_of(word, *phase);
    if (!act) return std::nullopt;
    SinkScript script{*act, *phase, 0};
    const auto limit = take_word(rest);
    if (limit.starts_with('x')) script.tries = number(limit.substr(1)).value_or(0);
    return script;
}

std::optional<SinkAct> SinkScripts::act(std::string_view address, SinkPhase phase) {
    const auto script = SinkScript::parse(address);
    if (!script || script->phase != phase) return std::nullopt;
    if (script->tries > 0 && ++tries_[std::string{address}] > script->tries) return std::nullopt;
    return script->act;
}

}  // namespace sequitur::mail
