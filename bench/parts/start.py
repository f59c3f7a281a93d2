"""Makes `parts` and the tools importable for a program in bench/: imported first, for its effect."""
import os
import signal
import sys

_here = os.path.dirname(os.path.abspath(__file__))
sys.path[:0] = [os.path.dirname(_here), os.path.join(_here, "..", "..", "tools")]


def run(name, main):
    """The exit code of a bench: a run that is void says why in one line. Told to end, it cleans up."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))
    try:
        sys.exit(main())
    except (RuntimeError, TimeoutError) as trouble:
        print(f"bench {name}: {trouble}", file=sys.stderr)
        sys.exit(1)
