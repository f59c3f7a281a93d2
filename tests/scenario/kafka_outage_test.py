"""Row 22: the only broker is killed and comes back later. People can be enrolled meanwhile; what the flows want to
tell waits in the outbox."""
import unittest

from kafka import KafkaStory
from world import people

OLDEST_UNPUBLISHED = """SELECT coalesce(extract(epoch FROM clock_timestamp() - min(created_at)), 0)
  FROM outbox WHERE published_at IS NULL"""
AWAY_SECONDS = 10


class TheBroker(KafkaStory):
    def test_is_killed_and_the_outbox_waits_for_it(self):
        world = self.world()
        world.sink()
        world.serve("one")
        world.serve("two", "producer,relay,sender,followup,retry,recorder,janitor")
        sequence = world.sequence(2, world.mailboxes(6))
        world.enrol(sequence, people(60))
        self.until(lambda: len(world.ledger()) >= 20, 40, world, "mail does not run")

        world.kafka.kill()
        added = world.enrol(sequence, people(60, 60))
        self.assertEqual(60, added["contacts_added"])
        self.until(lambda: world.one(OLDEST_UNPUBLISHED) > AWAY_SECONDS, 60, world, "the outbox does not wait")
        self.assertEqual({}, world.died())
        world.enrol(sequence, people(20, 120))

        world.kafka.start()
        self.until(lambda: world.unpublished() == 0, 30, world, "the outbox does not drain")
        self.until(lambda: world.enrollments() == {"completed": 140}, 60, world)
        self.until_quiet(world)
        self.assertEqual(280, self.verify(world)["ledger_lines"])

    def test_is_away_when_a_process_starts(self):
        world = self.world()
        world.sink()
        world.kafka.kill()
        world.serve(wait=False)
        world.kafka.start()
        self.until(lambda: world.api.is_ready(world.api.ports[0]), 40, world, "it did not get ready")
        world.enrol(world.sequence(1, world.mailboxes(2)), people(10))
        self.until(lambda: world.enrollments() == {"completed": 10}, 40, world)
        self.assertEqual(10, self.verify(world)["ledger_lines"])


if __name__ == "__main__":
    unittest.main()
