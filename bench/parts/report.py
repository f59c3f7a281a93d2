"""What a bench leaves: a table to read, a JSON file to compare, a picture beside them, all in .dev/bench."""
import json
import os
import sys
import time

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", ".dev", "bench")


def progress(text, done, total):
    """A bar on a terminal, a line every 15 s elsewhere."""
    share = min(1.0, done / total) if total else 1.0
    line = f"{text} [{'#' * int(30 * share):30}] {done:,}/{total:,}"
    if sys.stderr.isatty():
        print(f"\r{line}\033[K", end="\n" if share == 1.0 else "", file=sys.stderr, flush=True)
    elif share == 1.0 or time.monotonic() - progress.last > 15:
        progress.last = time.monotonic()
        print(line, file=sys.stderr, flush=True)


progress.last = 0.0


def number(value):
    if value is None:
        return "–"
    if isinstance(value, str):
        return value
    if value == 0 or abs(value) >= 100:
        return f"{value:,.0f}"
    return f"{value:.1f}" if abs(value) >= 10 else f"{value:.3f}"


def table(heads, rows):
    """Lines of text; the first column to the left, the others to the right."""
    cells = [list(heads)] + [[str(row[0])] + [number(value) for value in row[1:]] for row in rows]
    widths = [max(len(line[i]) for line in cells) for i in range(len(heads))]
    lines = [" | ".join(cell.ljust(width) if i == 0 else cell.rjust(width)
                        for i, (cell, width) in enumerate(zip(line, widths))) for line in cells]
    return "\n".join([lines[0], "-|-".join("-" * width for width in widths), *lines[1:]])


def facts(members):
    width = max(len(name) for name in members)
    return "\n".join(f"{name.ljust(width)}  {value}" for name, value in members.items())


class Report:
    def __init__(self, name):
        os.makedirs(FOLDER, exist_ok=True)
        self.base = os.path.realpath(os.path.join(FOLDER, f"{name}-{time.strftime('%Y%m%d-%H%M%S')}"))
        self.text = []
        self.data = {"bench": name}

    def say(self, text):
        print(text, flush=True)
        self.text.append(text)

    def save(self, **data):
        self.data.update(data)
        with open(self.base + ".json", "w", encoding="utf-8") as file:
            json.dump(self.data, file, indent=1)
        with open(self.base + ".txt", "w", encoding="utf-8") as file:
            file.write("\n".join(self.text) + "\n")
        print(f"\nwritten: {self.base}.txt, .json", flush=True)

    def picture(self):
        return self.base + ".png"
