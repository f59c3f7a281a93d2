// What the sink was told to do by an address: see sink.hpp.
#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <unordered_map>

#include "mail/sink.hpp"

namespace sequitur::mail {

struct SinkScript {
    SinkAct act;
    SinkPhase phase{};
    int tries = 0;  ///< the first so many; 0: always

    /// nullopt: the local part is no script, which means plain success.
    static std::optional<SinkScript> parse(std::string_view address);
};

/// Counts tries by address. Used by one thread.
class SinkScripts {
public:
    /// What to do with this address in this phase now; counts as a try where the script names the phase.
    std::optional<SinkAct> act(std::string_view address, SinkPhase phase);

private:
    std::unordered_map<std::string, int> tries_;
};

}  // namespace sequitur::mail
