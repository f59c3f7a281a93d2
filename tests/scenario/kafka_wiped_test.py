"""Row 25: everything in Kafka is lost while mail runs. Offsets begin at 0 again: what was read of the old records
must not swallow the new ones."""
import unittest

from kafka import KafkaStory
from world import people

FLOWS = "producer,relay,sender,followup,retry,recorder"


class EveryTopic(KafkaStory):
    def test_is_lost_and_made_again_while_mail_runs(self):
        world = self.world()
        world.sink()
        world.serve("one", "api," + FLOWS)
        world.serve("two", FLOWS)
        world.serve("janitor", "janitor")
        sequence = world.sequence(3, world.mailboxes(6))
        world.enrol(sequence, people(80) + people(10, 80, "451.rcpt.x1.p{}"))
        self.until(lambda: len(world.ledger()) >= 50, 40, world, "mail does not run")

        world.kafka.wipe()
        world.enrol(sequence, people(30, 90))
        self.until(lambda: world.enrollments() == {"completed": 120}, 90, world, "somebody was left behind")
        self.until_quiet(world)
        bus = world.bus_records()
        self.until(lambda: bus.behind() == 0, 30, world, "not everything was read")
        self.assertEqual(360, self.verify(world)["ledger_lines"])

        # What comes now is read although its offsets were there before, and nobody sweeps any more.
        world.programs.pop("janitor").stop()
        world.enrol(sequence, people(20, 120))
        self.until(lambda: world.enrollments() == {"completed": 140}, 60, world, "new mail does not run")
        self.until_quiet(world)
        self.assertEqual(420, self.verify(world)["ledger_lines"])


if __name__ == "__main__":
    unittest.main()
