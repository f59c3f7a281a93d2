"""Row 30: Kafka throws records away that nobody has read yet. The sweepers find their mail."""
import unittest

from kafka import EVENTS, FOLLOWUPS, JOBS, RETRIES, KafkaStory
from world import people

DAY_MS = 86_400_000


class Retention(KafkaStory):
    def expire(self, world, *topics):
        bus = world.bus_records()
        self.until(lambda: world.unpublished() == 0, 20, world, "not everything was published")
        self.assertTrue(bus.dump(*topics))
        for topic in topics:
            bus.retention(topic, 1000)
        self.until(lambda: not bus.dump(*topics), 60, world, "Kafka keeps the records")
        for topic in topics:
            bus.retention(topic, DAY_MS)

    def test_takes_jobs_that_nobody_has_read(self):
        world = self.world()
        world.sink()
        world.serve("first", "api,producer,relay")
        world.enrol(world.sequence(2, world.mailboxes(6)), people(40))
        self.until(lambda: world.statuses() == {"queued": 40}, 30, world)
        self.expire(world, JOBS)

        world.serve("rest", "sender,followup,retry,recorder,janitor")
        self.until(lambda: world.enrollments() == {"completed": 40}, 60, world, "nobody swept")
        self.until_quiet(world)
        self.assertEqual(80, self.verify(world)["ledger_lines"])

    def test_takes_followups_and_retries_that_nobody_has_read(self):
        world = self.world()
        world.sink()
        world.serve("first", "api,producer,relay,sender")
        world.enrol(world.sequence(2, world.mailboxes(6)), people(40) + people(10, 40, "451.rcpt.x1.p{}"))
        self.until(lambda: world.statuses() == {"sent": 40, "failed": 10}, 30, world)
        self.expire(world, FOLLOWUPS, RETRIES, EVENTS)

        world.serve("rest", "followup,retry,recorder,janitor")
        self.until(lambda: world.enrollments() == {"completed": 50}, 60, world, "nobody swept")
        self.until_quiet(world)
        self.assertEqual(100, self.verify(world)["ledger_lines"])


if __name__ == "__main__":
    unittest.main()
