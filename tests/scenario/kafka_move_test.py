"""From the embedded bus to Kafka and back, each time with work in progress: two settings, nothing is migrated."""
import unittest

from kafka import KafkaStory
from world import people

OTHERS = "producer,relay,sender,followup,retry,recorder,janitor"


class OneBusToTheOther(KafkaStory):
    def on(self, world, kind):
        """Every process, with another bus: the old ones end first, as in an upgrade."""
        for name in ("one", "two"):
            if name in world.programs:
                self.assertTrue(world.programs.pop(name).stop(30), f"{name} did not end by itself")
        world.api.ports.clear()
        world.serve("one", bus__kind=kind)
        world.serve("two", OTHERS, bus__kind=kind)

    def work(self, world, sequence, start):
        """Mail runs: some has left, some is on its way, some waits to be followed up or tried again."""
        left = len(world.ledger())
        world.enrol(sequence, people(60, start) + people(10, start + 60, "451.rcpt.x1.p{}"))
        self.until(lambda: len(world.ledger()) >= left + 40, 40, world, "mail does not run")

    def move(self, kinds):
        world = self.world()
        world.sink()
        self.on(world, kinds[0])
        sequence = world.sequence(3, world.mailboxes(6))
        for turn, kind in enumerate(kinds):
            if turn:
                self.on(world, kind)
            self.work(world, sequence, 70 * turn)
        mails = 3 * 70 * len(kinds)
        self.until(lambda: world.enrollments() == {"completed": 70 * len(kinds)}, 90, world, "somebody was left behind")
        self.until_quiet(world)
        self.assertEqual(mails, self.verify(world)["ledger_lines"])

    def test_embedded_to_kafka_and_back(self):
        self.move(["postgres", "kafka", "postgres"])

    def test_kafka_to_embedded_and_back(self):
        self.move(["kafka", "postgres", "kafka"])


if __name__ == "__main__":
    unittest.main()
