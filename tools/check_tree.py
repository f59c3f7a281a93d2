#!/usr/bin/env python3
"""House rules that a compiler does not know, checked over every text file of the tree.

A line may break a rule where it says why, in a comment on the same line: `tree-ok(rule): reason`.
Whole files are excused in EXCUSED below. Usage: check_tree.py [ROOT]
"""
import os
import re
import sys
from fnmatch import fnmatch
from pathlib import Path

LINE_MAX = 120
FILE_LINES_MAX = 400
TEST_LINES_MAX = 600
SKIPPED_FOLDERS = {".git", ".dev", "__pycache__", "node_modules"}
CODE = ("*.cpp", "*.hpp", "*.py", "*.sh", "*.sql", "*.cmake", "CMakeLists.txt", "dev")
SOURCE = ("src/*.cpp", "src/*.hpp")
TEST = ("tests/*", "*_test.cpp")

# (rule, files it holds for, files it does not hold for, what no line may contain)
LINE_RULES = [
    ("length", CODE, (), re.compile(rf"^.{{{LINE_MAX + 1},}}")),
    ("tab", CODE, (), re.compile(r"\t")),
    ("blank", ("*",), (), re.compile(r"[ \t\r]$")),
    ("todo", ("*",), (), re.compile(r"\b(TODO|FIXME|XXX)\b")),
    ("path", ("*",), (), re.compile(r"(?<![\w.~])/(tmp|work|root|home)/")),
    ("using", ("*.hpp",), (), re.compile(r"^\s*using\s+namespace\b")),
    ("clock", SOURCE, TEST + ("src/base/clock.cpp",), re.compile(r"\bsystem_clock::now\(\)")),
    ("sql", SOURCE, TEST + ("src/store/*", "src/pg/*", "src/bus/*"),
     re.compile(r'"[^"]*\b(SELECT|INSERT INTO|UPDATE|DELETE FROM|TRUNCATE|CREATE TABLE)\b')),
    ("sleep", TEST, (), re.compile(r"\b(sleep_for|sleep_until|usleep|nanosleep|time\.sleep)\b")),
    ("nolint", ("*.cpp", "*.hpp"), (), re.compile(r"//\s*NOLINT(?!END)\w*(\([^)]*\))?(?!\S*:\s*\S)")),
]
WORDS = {
    "length": f"a line is longer than {LINE_MAX}", "tab": "a tab", "blank": "blanks at the end of a line",
    "todo": "unfinished work belongs into an issue", "path": "a path of one machine",
    "using": "using namespace in a header", "clock": "the time comes from a Clock",
    "sql": "SQL belongs to the floors store, pg and bus", "sleep": "a test must not sleep",
    "nolint": "NOLINT without `: reason`", "newline": "no newline at the end of the file",
    "size": f"more than {FILE_LINES_MAX} lines, or {TEST_LINES_MAX} of tests", "pragma": "a header is a comment with its rule, then #pragma once",
}
# (rule, files): reason
EXCUSED = {
    ("*", "tools/check_tree.py"): "it names what it looks for",
    ("*", "tests/tools/check_tree_test.py"): "it seeds what must be found",
    ("length", "db/schema.sql"): "dumped by a program",
    ("*", "tests/fuzz/corpus/*"): "bytes for a parser, not text",
    ("blank", "src/mail/golden/*.eml"): "lines end in CRLF, as mail travels",
}
TREE_OK = re.compile(r"tree-ok\((\w+)\):\s*\S")


def matches(name, patterns):
    return any(fnmatch(name, pattern) or fnmatch(name, "*/" + pattern) for pattern in patterns)


def is_excused(rule, name):
    return any(rule_or_all in (rule, "*") and fnmatch(name, pattern) for rule_or_all, pattern in EXCUSED)


def line_violations(name, lines):
    rules = [(rule, pattern) for rule, files, others, pattern in LINE_RULES
             if matches(name, files) and not matches(name, others)]
    for number, line in enumerate(lines, 1):
        allowed = set(TREE_OK.findall(line))
        for rule, pattern in rules:
            if rule not in allowed and pattern.search(line):
                yield rule, number


def file_violations(name, text, lines):
    yield from line_violations(name, lines)
    if text and not text.endswith("\n"):
        yield "newline", len(lines)
    lines_max = TEST_LINES_MAX if matches(name, TEST) else FILE_LINES_MAX
    if name.startswith("src/") and len(lines) > lines_max:
        yield "size", len(lines)
    if name.endswith(".hpp"):
        code = next((i for i, line in enumerate(lines) if not line.startswith("//")), 0)
        if code == 0 or lines[code] != "#pragma once":
            yield "pragma", code + 1


def text_files(root):
    for folder, folders, files in os.walk(root):
        folders[:] = sorted(f for f in folders if f not in SKIPPED_FOLDERS and not f.startswith("build"))
        for file in sorted(files):
            path = Path(folder, file)
            if path.is_symlink() or not path.is_file():
                continue
            try:
                yield path.relative_to(root).as_posix(), path.read_bytes().decode("utf-8")
            except UnicodeDecodeError:
                continue


def violations(root):
    """Yields one sentence for each place that breaks a rule."""
    for name, text in text_files(root):
        for rule, number in file_violations(name, text, text.split("\n")[:-1] or text.split("\n")):
            if not is_excused(rule, name):
                yield f"{name}:{number}: {WORDS[rule]} ({rule})"


def main():
    root = Path(sys.argv[1] if len(sys.argv) > 1 else Path(__file__).resolve().parent.parent)
    found = list(violations(root))
    print("\n".join(found) or "tree: every file keeps the house rules")
    return 1 if found else 0


if __name__ == "__main__":
    sys.exit(main())
