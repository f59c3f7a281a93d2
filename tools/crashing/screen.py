"""What a person sees of a run: one line while it goes on, one table at its end."""
import sys
import time


def table(lines):
    width = max(len(name) for name, _ in lines)
    print("\n" + "\n".join(f"  {name:{width}}  {value}" for name, value in lines), flush=True)


def progress(text):
    if sys.stdout.isatty():
        print(f"\r{text}\033[K", end="", flush=True)
    elif time.monotonic() - progress.last > 15:
        progress.last = time.monotonic()
        print(text, flush=True)


progress.last = 0.0
