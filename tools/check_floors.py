#!/usr/bin/env python3
"""Which floor may know which: lower floors know nothing of higher ones, floors on one line know
nothing of each other.

Looks at every `#include "floor/..."` below src/ (tests beside the code obey too: a unit test that
needs a higher floor is a scenario). The linker checks the same for what is called; this check also
finds what is only named. Usage: check_floors.py [ROOT]
"""
import re
import sys
from pathlib import Path

# floor: the floors it may include, besides itself. The reason stands where a pair looks tempting.
MAY_KNOW = {
    "base": set(),
    "domain": {"base"},
    "pg": {"base", "domain"},
    "store": {"base", "domain", "pg"},
    "bus": {"base", "domain", "pg"},  # not store: the bus must run on a database without our tables
    "mail": {"base", "domain"},
    "workers": {"base", "domain"},  # not store, bus, mail: every flow runs in a test on fakes of the ports
    "http": {"base", "domain"},  # not workers: the API must run in a process without them
    "app": {"base", "domain", "pg", "store", "bus", "mail", "workers", "http"},
}
INCLUDE = re.compile(r'^\s*#\s*include\s*"([a-z_]+)/')


def violations(root):
    """Yields one sentence for each include that reaches where it must not."""
    for path in sorted((root / "src").rglob("*.[ch]pp")):
        name = path.relative_to(root)
        floor = name.parts[1]
        if floor not in MAY_KNOW:
            yield f"{floor} is not a floor ({name})"
            continue
        for number, line in enumerate(path.read_text(encoding="utf-8").splitlines(), 1):
            found = INCLUDE.match(line)
            if not found or found[1] == floor or found[1] not in MAY_KNOW:
                continue
            if found[1] not in MAY_KNOW[floor]:
                yield f"{floor} must not know {found[1]} ({name}:{number})"


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).parent.parent)
    found = list(violations(root))
    print("\n".join(found) or "floors: every include points downwards")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
