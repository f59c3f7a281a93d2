"""Rows 15 and 17: PostgreSQL loses its power, or single connections are cut, while mail runs. What was acknowledged
stays, every process lives on by itself, and nobody's mail is lost, doubled or in doubt."""
import time
import unittest

from cluster import Cluster
from world import Story, people, wait_until


class DatabaseFaults(Story):
    # In doubt is only what the lease ends before the server is back.
    settings = {"sender__lease": "20s"}

    def start(self, **settings):
        world = self.world(**settings)
        world.sink()
        world.serve("one")
        world.serve("two")
        self.sequence = world.sequence(2, world.mailboxes(8))
        return world

    def everything_was_sent(self, world, count):
        self.until(lambda: len(world.ledger()) >= 2 * count, 60, world, "not all mail left")
        self.until_quiet(world)
        self.assertEqual({"sent": 2 * count}, world.statuses())
        self.assertEqual({"completed": count}, world.enrollments())
        self.assertEqual(2 * count, self.verify(world)["ledger_lines"])

    def test_the_server_loses_its_power_ten_times(self):
        # At a crash PostgreSQL syncs its whole data folder, file by file or at once.
        server = Cluster(recovery_init_sync_method="syncfs")
        self.addCleanup(server.remove)
        world = self.start(server=server.url())
        for turn in range(10):
            before = len(world.ledger())
            world.enrol(self.sequence, people(20, 20 * turn))
            self.until(lambda: len(world.ledger()) >= before + 10, 40, says="no mail runs")
            acknowledged = {row[0] for row in world.sql("SELECT id FROM email_queues WHERE status = 'sent'")}
            server.stop("immediate")
            world.disconnect()
            server.start()
            kept = {row[0] for row in world.sql("SELECT id FROM email_queues WHERE status = 'sent'")}
            self.assertEqual(set(), acknowledged - kept)
        self.everything_was_sent(world, 200)

    def test_connections_are_cut_five_times_a_second(self):
        world = self.start()
        cut, enrolled, end = 0, 0, time.monotonic() + 10
        while time.monotonic() < end:
            world.enrol(self.sequence, people(5, enrolled))
            enrolled += 5
            cut += len(world.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                                 " WHERE datname = current_database() AND pid <> pg_backend_pid()"
                                 " ORDER BY random() LIMIT 1"))
            wait_until(lambda: False, 0.2)  # the pace of the faults
        self.assertGreaterEqual(cut, 20)
        self.everything_was_sent(world, enrolled)


if __name__ == "__main__":
    unittest.main()
