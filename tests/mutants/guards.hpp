// Guards of the protocol, switched off one at a time.
//
// The statements of the program are taken as they are; on their way to the server the text of a guard is cut out of
// them (the linker gives every call of PQprepare to guards.cpp, in this program only). A guard that is not found word
// for word is an error: whoever renames one has to look here.
#pragma once

#include <string>
#include <vector>

namespace sequitur::test {

struct Change {
    std::string statement;
    std::string guard;
    std::string instead;
};

/// Until it goes out of scope, whatever is prepared is changed like this. One at a time.
class GuardsOff {
public:
    explicit GuardsOff(std::vector<Change> changes);
    GuardsOff(const GuardsOff&) = delete;
    GuardsOff& operator=(const GuardsOff&) = delete;
    ~GuardsOff();

    /// Whether the server was given every change.
    bool all_used() const;
};

}  // namespace sequitur::test
