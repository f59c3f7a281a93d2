"""Rows 29 and 50: the bus repeats, reorders, delays and loses what it carries. The rows decide; nothing is sent twice
and nobody is left behind."""
import json
import random
import unittest

from bus_records import uuid7
from world import Story, people

FOLLOWUPS = "followup-events"


class EveryRecord(Story):
    def test_comes_three_times_out_of_order_and_again_from_the_start(self):
        draw = random.Random(29)
        world = self.world()
        world.sink()
        world.serve("one")
        world.serve("two")
        bus = world.bus_records()
        sequence = world.sequence(3, world.mailboxes(6))
        mails = 0
        for batch in range(4):
            world.enrol(sequence, people(15, 20 * batch) + people(5, 20 * batch + 15, "451.rcpt.x1.p{}"))
            mails += 60
            # Mail runs: part of it has left, part of it has not.
            self.until(lambda: len(world.ledger()) >= mails - 50, 40, world)
            again = 2 * bus.records()
            draw.shuffle(again)
            bus.publish(again)
            bus.read_again()
        self.until(lambda: len(world.ledger()) >= mails, 60, world)
        self.until_quiet(world)
        self.until(lambda: bus.behind() == 0, 40, world, "not everything was read")
        self.until_quiet(world)
        self.assertEqual({"completed": mails // 3}, world.enrollments())
        self.assertEqual(mails, self.verify(world)["ledger_lines"])
        for topic in ("email-jobs", FOLLOWUPS, "email-retries", "email-events"):
            self.assertEqual([], bus.dead_letters(topic))


class FollowupEvents(Story):
    PEOPLE = 40

    def test_may_be_lost_repeated_late_or_out_of_order(self):
        draw = random.Random(50)
        world = self.world()
        world.sink()
        world.serve("rest", "api,producer,relay,sender,retry,recorder")
        bus = world.bus_records()
        world.enrol(world.sequence(3, world.mailboxes(4)), people(self.PEOPLE))
        self.until(lambda: len(self.completed(bus)) == self.PEOPLE, 40, world, "the first step's events are not there")
        lost, repeated, late, reordered = self.quarters(self.completed(bus))
        world.sql("DELETE FROM bus_log WHERE topic = %s", bus.topics[FOLLOWUPS])
        bus.publish([self.event(step) for step in repeated for _ in range(5)])

        world.serve("followup", "followup")
        world.serve("janitor", "janitor")
        self.until(lambda: len(world.ledger()) >= 2 * self.PEOPLE, 60, world, "somebody was left behind")
        # Events of both steps, the second before the first, five days late where a day is a second.
        steps = self.completed(bus) + late + reordered + lost
        again = [self.event(step) for step in sorted(steps, key=lambda s: -s["step_completed"]) for _ in range(2)]
        bus.publish(again)
        self.until(lambda: world.enrollments() == {"completed": self.PEOPLE}, 60, world, "somebody was left behind")
        draw.shuffle(again)
        bus.publish(again)
        bus.read_again()
        self.until(lambda: bus.behind() == 0, 40, world, "not everything was read")
        self.until_quiet(world)
        self.assertEqual({"completed": self.PEOPLE}, world.enrollments())
        self.assertEqual(3 * self.PEOPLE, self.verify(world)["ledger_lines"])
        self.assertEqual([], bus.dead_letters(FOLLOWUPS))

    @staticmethod
    def completed(bus):
        return [step for *_, payload in bus.records(FOLLOWUPS) for step in json.loads(payload)["completed"]]

    @staticmethod
    def quarters(steps):
        return [steps[part::4] for part in range(4)]

    @staticmethod
    def event(step):
        """A record of its own for one step."""
        record_id = uuid7()
        payload = {"v": 1, "id": str(record_id), "at": "2026-01-01T00:00:00Z", "completed": [step]}
        return FOLLOWUPS, random.randrange(64), record_id, json.dumps(payload).encode()


if __name__ == "__main__":
    unittest.main()
