#!/usr/bin/env python3
"""A port is given to one asker only: two that ask at once would meet later, one of them at the other's server."""
import random
import subprocess
import sys
import unittest
from pathlib import Path

TOOLS = str(Path(__file__).resolve().parents[2] / "tools")
sys.path.insert(0, TOOLS)
from rig import free_port  # noqa: E402


class FreePort(unittest.TestCase):
    def test_nobody_gets_it_a_second_time_though_nothing_listens_yet(self):
        random.seed(7)
        port = free_port()
        random.seed(7)
        self.assertNotEqual(port, free_port())
        asker = f"import random, rig; random.seed(7); print({port} != rig.free_port())"
        told = subprocess.run([sys.executable, "-B", "-c", asker], cwd=TOOLS, stdout=subprocess.PIPE, text=True,
                              check=True).stdout
        self.assertEqual("True", told.strip())


if __name__ == "__main__":
    unittest.main()
