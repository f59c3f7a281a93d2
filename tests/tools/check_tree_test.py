#!/usr/bin/env python3
"""check_tree.py finds what it is for: each violation is seeded into a small tree of its own."""
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import check_tree  # noqa: E402

# rule: (file, text that breaks it, text beside it that does not)
SEEDS = {
    "length": ("src/base/x.cpp", "//" + "x" * 119 + "\n", "//" + "x" * 118 + "\n"),
    "tab": ("tools/x.py", "if x:\n\ty()\n", "if x:\n    y()\n"),
    "blank": ("docs/x.md", "word \n", "word\n"),
    "todo": ("src/base/x.cpp", "// TODO later\n", "// todos of a person\n"),
    "path": ("docs/x.md", "see /tmp/x\n", "see /var/tmp/x and https://a.test/work/x\n"),
    "using": ("src/base/x.hpp", "// x\n#pragma once\nusing namespace std;\n", "// x\n#pragma once\nusing std::x;\n"),
    "clock": ("src/mail/x.cpp", "auto t = std::chrono::system_clock::now();\n", "auto t = clock.now();\n"),
    "sql": ("src/http/x.cpp", 'run("SELECT 1");\n', 'run("select a mailbox");\n'),
    "sleep": ("tests/scenario/x_test.py", "time.sleep(1)\n", "wait_until(done)\n"),
    "nolint": ("src/base/x.cpp", "x();  // NOLINT(misc-x)\n", "x();  // NOLINT(misc-x): it must be so\n"),
    "newline": ("docs/x.md", "word", "word\n"),
    "size": ("src/base/x.cpp", "//\n" * 401, "//\n" * 400),
    "pragma": ("src/base/x.hpp", "#pragma once\n", "// What it is for.\n#pragma once\n"),
}


def violations(file, text):
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder, file)
        path.parent.mkdir(parents=True)
        path.write_text(text)
        return list(check_tree.violations(Path(folder)))


class Tree(unittest.TestCase):
    def test_every_rule_finds_its_seed_and_nothing_beside_it(self):
        for rule, (file, wrong, right) in SEEDS.items():
            with self.subTest(rule):
                found = violations(file, wrong)
                self.assertEqual(len(found), 1, found)
                self.assertTrue(found[0].startswith(file + ":") and found[0].endswith(f"({rule})"), found)
                self.assertEqual(violations(file, right), [])

    def test_every_rule_has_a_seed(self):
        self.assertEqual(set(SEEDS), set(check_tree.WORDS))

    def test_rules_of_the_product_do_not_bind_its_tests(self):
        self.assertEqual(violations("src/http/x_test.cpp", 'run("SELECT 1", std::chrono::system_clock::now());\n'), [])
        self.assertEqual(violations("src/store/x.cpp", 'run("SELECT 1");\n'), [])

    def test_an_excuse_needs_a_reason_and_the_name_of_the_rule(self):
        line = "time.sleep(1)  # tree-ok({}\n"
        self.assertEqual(violations("tests/x.py", line.format("sleep): waits for another process")), [])
        self.assertEqual(len(violations("tests/x.py", line.format("sleep):"))), 1)
        self.assertEqual(len(violations("tests/x.py", line.format("sql): waits"))), 1)

    def test_build_folders_are_not_looked_at(self):
        self.assertEqual(violations("build-asan/x.md", "word "), [])


if __name__ == "__main__":
    unittest.main()
