// What a command answers to the shell: README.md says the same to people.
#pragma once

namespace sequitur::app {

enum ExitCode : int {
    done = 0,
    failed = 1,
    usage = 2,
    check_failed = 6,
};

}  // namespace sequitur::app
