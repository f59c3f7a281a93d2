# ctest: fast
"""Flow 3: what is due leaves at once, in records that say no more than ids, and never beyond a mailbox's room or
pace."""
import datetime
import json
import unittest
import uuid

from world import STEPS, Story, people, wait_until

ONE_STEP = STEPS[:1]
RECORDS = ("SELECT r.id::text, convert_from(r.payload, 'UTF8'), r.slot, r.part FROM bus_log r JOIN bus_topic t "
           "USING (topic) WHERE t.name = %s ORDER BY part, off")


def noon():
    """A zone where the day is far from its end; the signs of these names are turned around."""
    hours = 12 - datetime.datetime.now(datetime.timezone.utc).hour
    return f"Etc/GMT{-hours:+}" if hours else "Etc/GMT"


def at(text):
    return datetime.datetime.fromisoformat(text.replace("Z", "+00:00"))


class BatchProducer(Story):
    # What leaves at once does so without the interval.
    settings = {"producer.interval": "5m", "janitor.interval": "1h"}

    def records(self, world, topic="email-jobs"):
        return [(key, json.loads(text), slot, part) for key, text, slot, part in world.sql(RECORDS, topic)]

    def test_records_have_the_documented_form_and_carry_ids_only(self):
        world = self.world()
        world.sink()
        world.serve("front", "api,producer,relay")
        boxes = [world.mailbox(number, timezone=noon()) for number in range(3)]
        sequence = world.sequence(ONE_STEP, mailboxes=boxes)
        world.enrol(sequence, people(120))
        self.until(lambda: sum(len(record["emails"]) for _, record, *_ in self.records(world)) == 120, 15, world)

        named = set()
        for key, record, slot, part in self.records(world):
            self.assertEqual({"v", "batch_id", "produced_at", "emails"}, set(record))
            self.assertEqual((1, key), (record["v"], record["batch_id"]))
            self.assertEqual(7, uuid.UUID(key).version)
            self.assertLess(abs(datetime.datetime.now(datetime.timezone.utc) - at(record["produced_at"])).seconds, 60)
            self.assertLessEqual(len(record["emails"]), 50)
            self.assertEqual(slot % world.one("SELECT parts FROM bus_topic WHERE name = 'email-jobs'"), part)
            for one in record["emails"]:
                self.assertEqual({"email_queue_id", "sequence_contact_id", "mailbox_id", "step_order"}, set(one))
                named.add((one["email_queue_id"], one["sequence_contact_id"], one["mailbox_id"], one["step_order"]))
        self.assertEqual(set(world.sql("SELECT id::text, sequence_contact_id::text, mailbox_id::text, step_order "
                                       "FROM email_queues WHERE status = 'queued'")), named)
        self.assertEqual([(40,)] * 3, world.sql("SELECT reserved_count FROM mailbox_daily_counts"))
        self.assertEqual(0, world.one("SELECT count(*) FROM outbox WHERE payload ~ '@|Person'"))

        world.serve("back", "sender,followup,retry,recorder,janitor")
        self.until(lambda: world.enrollments() == {"completed": 120}, 30, world)
        self.check_other_records(world)
        self.verify(world)

    def check_other_records(self, world):
        self.until(lambda: len(self.records(world, "followup-events")) > 0, 10, world)
        for key, record, *_ in self.records(world, "followup-events"):
            self.assertEqual({"v", "id", "at", "completed"}, set(record))
            self.assertEqual((1, key), (record["v"], record["id"]))
            for one in record["completed"]:
                self.assertEqual({"sequence_contact_id", "email_queue_id", "step_completed"}, set(one))
        for key, record, *_ in self.records(world, "email-events"):
            self.assertEqual({"v", "id", "at", "events"}, set(record))
            for one in record["events"]:
                self.assertEqual({"id", "type", "email_queue_id", "at", "recorded", "data"}, set(one))
                self.assertEqual(("sent", True), (one["type"], one["recorded"]))

    def test_several_producers_and_senders_send_each_mailboxs_day_and_not_one_more(self):
        world = self.world()
        world.sink()
        world.serve("api", "api,relay,followup,retry,recorder,janitor")
        boxes = [world.mailbox(number, 7, timezone=noon()) for number in range(4)]
        for number in range(3):
            world.serve(f"producer{number}", "producer")
        for number in range(5):
            world.serve(f"sender{number}", "sender")
        world.enrol(world.sequence(ONE_STEP, mailboxes=boxes), people(100))
        self.until(lambda: world.statuses() == {"sent": 28, "scheduled": 72}, 30, world)

        wait_until(lambda: len(world.ledger()) > 28, 2)  # time enough for one too many
        self.assertEqual({f"sender{number:03}@mail.test": 7 for number in range(4)},
                         {sender: sum(line["from"] == sender for line in world.ledger())
                          for sender in {line["from"] for line in world.ledger()}})
        waiting = {one["waiting_on"] for one in world.api.pages("/api/v1/enrollments")}
        self.assertEqual({None, "mailbox_capacity"}, waiting)
        self.verify(world)

    def test_a_larger_limit_is_used_at_once(self):
        world = self.world()
        world.sink()
        world.serve()
        box = world.mailbox(0, 3, timezone=noon())
        world.enrol(world.sequence(ONE_STEP), people(10))
        self.until(lambda: world.statuses() == {"sent": 3, "scheduled": 7}, 15, world)
        self.assertEqual(3, world.api("GET", f"/api/v1/mailboxes/{box}")["sent_today"])
        world.api("PATCH", f"/api/v1/mailboxes/{box}", {"daily_capacity": 1})
        world.api("PATCH", f"/api/v1/mailboxes/{box}", {"daily_capacity": 8})
        self.until(lambda: world.statuses() == {"sent": 8, "scheduled": 2}, 15, world)
        self.verify(world)

    def test_a_gap_is_kept_between_two_mails_of_a_mailbox_and_holds_up_no_other(self):
        world = self.world()
        world.sink()
        world.serve()
        slow, quick = world.mailbox(0, min_gap_seconds=1), world.mailbox(1)
        sequence = world.sequence(ONE_STEP, mailboxes=[slow, quick])
        world.enrol(sequence, people(8))
        self.until(lambda: world.statuses() == {"sent": 8}, 20, world)
        times = sorted(at(line["at"]) for line in world.ledger() if line["from"].startswith("sender000"))
        others = sorted(at(line["at"]) for line in world.ledger() if line["from"].startswith("sender001"))
        gaps = [(after - before).total_seconds() for before, after in zip(times, times[1:])]
        self.assertEqual(3, len(gaps))
        self.assertGreaterEqual(min(gaps), 1.0)
        self.assertLess(others[-1], times[1])
        self.verify(world)

    def test_who_has_no_mailbox_waits_until_there_is_one(self):
        world = self.world()
        world.sink()
        world.serve()
        sequence = world.sequence(ONE_STEP)
        world.enrol(sequence, people(3))
        self.assertEqual({"no_mailbox"}, {one["waiting_on"] for one in
                                          world.api.pages(f"/api/v1/enrollments?sequence_id={sequence}")})
        world.mailbox(0)
        self.until(lambda: world.statuses() == {"sent": 3}, 15, world)
        self.verify(world)

    def test_a_mail_due_on_an_idle_system_is_accepted_at_once(self):
        world = self.world()
        world.sink()
        world.serve()
        world.mailbox(0)
        sequence = world.sequence(ONE_STEP)
        for person in people(50):
            world.enrol(sequence, [person])
            self.until(lambda: person["email"] in {line["to"] for line in world.ledger()}, 10, world)
        due = {email: at for email, at in world.sql(
            "SELECT c.email, q.scheduled_for FROM email_queues q JOIN sequence_contacts sc "
            "ON sc.id = q.sequence_contact_id JOIN contacts c ON c.id = sc.contact_id")}
        delays = sorted((at(line["at"]) - due[line["to"]]).total_seconds() for line in world.ledger())
        print(f"\ndue -> accepted, 50 mails: p50 {1000 * delays[25]:.0f} ms, p99 {1000 * delays[49]:.0f} ms")
        # The bound is for a machine that is busy with other tests; an idle one stays below 300 ms.
        self.assertLess(delays[49], 2.0)
        self.verify(world)


if __name__ == "__main__":
    unittest.main()
