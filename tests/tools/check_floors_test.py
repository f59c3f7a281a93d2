#!/usr/bin/env python3
"""check_floors.py finds what it is for: each violation is seeded into a small tree of its own."""
import sys
import tempfile
import unittest
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[2] / "tools"))
import check_floors  # noqa: E402


class Floors(unittest.TestCase):
    def violations(self, file, text):
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder, file)
            path.parent.mkdir(parents=True)
            path.write_text(text)
            return list(check_floors.violations(Path(folder)))

    def test_reaching_up_is_named_with_file_and_line(self):
        found = self.violations("src/domain/x.cpp", '#include "domain/x.hpp"\n\n#include "store/outbox.hpp"\n')
        self.assertEqual(found, ["domain must not know store (src/domain/x.cpp:3)"])

    def test_floors_on_one_line_do_not_know_each_other(self):
        self.assertEqual(self.violations("src/bus/x.hpp", '#include "store/outbox.hpp"\n'),
                         ["bus must not know store (src/bus/x.hpp:1)"])
        self.assertEqual(self.violations("src/http/x.cpp", '# include "workers/worker.hpp"\n'),
                         ["http must not know workers (src/http/x.cpp:1)"])

    def test_unit_tests_and_ports_obey_too(self):
        self.assertEqual(len(self.violations("src/workers/x_test.cpp", '#include "mail/smtp.hpp"\n')), 1)
        self.assertEqual(len(self.violations("src/domain/ports/x.hpp", '#include "pg/pool.hpp"\n')), 1)

    def test_looking_down_and_third_parties_are_fine(self):
        text = '#include "base/ids.hpp"\n#include "domain/retry.hpp"\n#include "pg/pool.hpp"\n#include <boost/json.hpp>'
        self.assertEqual(self.violations("src/store/x.cpp", text), [])

    def test_a_folder_that_is_no_floor_is_refused(self):
        self.assertEqual(self.violations("src/util/x.cpp", ""), ["util is not a floor (src/util/x.cpp)"])


if __name__ == "__main__":
    unittest.main()
