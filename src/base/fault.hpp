// Fault points: named steps of the protocol at which a test may kill, stop, delay or fail a process.
//
// SEQUITUR_FAULT=name:action:nth[:ms] with action kill | stop | error | delay; nth counts from 1;
// several, comma separated. Unset, a point costs one load. The names are listed in fault.cpp, and a test fails
// for a name that no test ever fires.
#pragma once

#include <stdexcept>
#include <string_view>

namespace sequitur::fault {

/// What the action `error` throws: stands for broken surroundings.
struct InjectedError : std::runtime_error {
    using std::runtime_error::runtime_error;
};

/// Reads SEQUITUR_FAULT; throws std::invalid_argument naming the part that is wrong.
void configure(std::string_view setting);

/// Passes the point `name`, which must be one of those in fault.cpp.
void point(std::string_view name);

/// Whether the setting names this point: for a point that costs more to reach than to pass.
bool armed(std::string_view name);

}  // namespace sequitur::fault
