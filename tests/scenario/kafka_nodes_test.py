"""Row 23: of three nodes one may always be away, whichever it is. Mail goes on meanwhile, not only afterwards."""
# ctest: serial
import unittest

from kafka import JOBS, KafkaStory
from world import people

BATCH = 24


class OneOfThreeNodes(KafkaStory):
    nodes = 3

    def start(self):
        world = self.world()
        world.sink()
        world.serve("one")
        world.serve("two", "producer,relay,sender,followup,retry,recorder,janitor")
        self.enrolled = 0
        self.sequence = world.sequence(1, world.mailboxes(6))
        self.batch(world, "at the start")
        return world

    def batch(self, world, when):
        """So many people more, whose mail leaves now."""
        world.enrol(self.sequence, people(BATCH, self.enrolled))
        self.enrolled += BATCH
        self.until(lambda: len(world.ledger()) >= self.enrolled, 30, world, f"mail does not go on {when}")

    def everything(self, world):
        self.until_quiet(world)
        self.assertEqual({"completed": self.enrolled}, world.enrollments())
        self.assertEqual(self.enrolled, self.verify(world)["ledger_lines"])

    def test_the_leader_is_killed(self):
        world = self.start()
        for leader in (world.kafka.leader(), world.bus_records().leader(JOBS)):
            leader.kill()
            self.batch(world, "without a leader")
            leader.start()
            leader.wait()
            self.until(lambda: world.bus_records().in_sync(JOBS) == 3, 60, world, "the node did not catch up")
        self.everything(world)

    def test_each_is_restarted_in_turn(self):
        world = self.start()
        for node in world.kafka.nodes:
            node.stop()
            self.batch(world, "while a node is restarted")
            node.start()
            node.wait()
            self.until(lambda: world.bus_records().in_sync(JOBS) == 3, 60, world, "the node did not catch up")
        self.everything(world)

    def test_one_is_away_all_the_time(self):
        world = self.world()
        world.kafka.nodes[2].kill()
        world.sink()
        world.serve()
        self.enrolled = 0
        self.sequence = world.sequence(1, world.mailboxes(6))
        for _ in range(3):
            self.batch(world, "with one node away")
        self.everything(world)


if __name__ == "__main__":
    unittest.main()
