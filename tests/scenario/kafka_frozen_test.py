"""Row 28: a consumer that sleeps beyond its session, with records it has read and not committed. Another one gets its
partitions; when it wakes up, it neither commits nor sends what is not its own any more."""
import signal
import unittest

from frozen_sender_test import is_stopped
from kafka import KafkaStory
from world import people

OTHERS = "api,producer,relay,followup,retry,recorder,janitor"


class FrozenConsumer(KafkaStory):
    settings = {"sender__lease": "4s"}

    def freeze(self, point, role, steps=1):
        """Two of a role, of which one stops at `point`, with a partition's records in its hands."""
        world = self.world()
        world.sink()
        world.serve("rest", ",".join(name for name in OTHERS.split(",") + ["sender"] if name != role))
        frozen = world.serve("frozen", role, fault=f"{point}:stop:1")
        world.serve("heir", role)
        sequence = world.sequence(steps, world.mailboxes(12))
        enrolled = 0

        def is_reached():
            nonlocal enrolled
            if world.is_quiet() and not is_stopped(frozen):
                world.enrol(sequence, people(12, enrolled))
                enrolled += 12
            return is_stopped(frozen)

        # Which of the two gets a record, and when the second one has joined, is for Kafka to say.
        self.until(is_reached, 60, world, "the frozen one never got a record")
        return world, frozen, sequence, enrolled

    def outlive_its_session(self, world, frozen, sequence, enrolled, steps=1):
        # Some for each mailbox, and so for the partition whose records the frozen one has.
        world.enrol(sequence, people(48, enrolled))
        enrolled += 48
        self.until(lambda: world.enrollments() == {"completed": enrolled}, 40, world, "nobody took its partitions over")

        frozen.signal(signal.SIGCONT)
        # It takes part again, and what comes now is still sent once.
        world.enrol(sequence, people(48, enrolled))
        enrolled += 48
        self.until(lambda: world.enrollments() == {"completed": enrolled}, 40, world, "it disturbs the others")
        self.until(lambda: world.bus_records().behind() == 0, 20, world, "not everything was read")
        self.assertEqual(enrolled * steps, self.verify(world)["ledger_lines"])

    def test_of_jobs_is_fenced_after_its_claim(self):
        self.outlive_its_session(*self.freeze("claim.after_commit", "sender"))

    def test_of_jobs_is_fenced_before_its_claim(self):
        self.outlive_its_session(*self.freeze("claim.before_commit", "sender"))

    def test_of_followups_is_fenced(self):
        self.outlive_its_session(*self.freeze("followup.before_commit", "followup", steps=2), steps=2)


if __name__ == "__main__":
    unittest.main()
