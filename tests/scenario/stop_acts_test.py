# ctest: fast
"""Pause, stop and cancel: what the receipt says is what happens, and whoever asks to go on goes on."""
import signal
import threading
import unittest

from world import STEPS, Refused, Story, people

ONE_STEP = STEPS[:1]
NOTHING = {"held": 0, "cancelled": 0, "rescheduled": 0, "stopping": 0, "already_leaving": []}


class StopActs(Story):
    def begin(self, **settings):
        world = self.world(**settings)
        world.sink()
        world.serve()
        return world

    def act(self, world, path, receipt=None, status=None):
        answer = world.api("POST", f"/api/v1/{path}")
        self.assertEqual({"id", "status", "receipt"}, set(answer))
        if receipt is not None:
            self.assertEqual(receipt, answer["receipt"])
        if status:
            self.assertEqual(status, answer["status"])
        return answer["receipt"]

    def refused(self, world, path, status, code):
        with self.assertRaises(Refused) as no:
            world.api("POST", f"/api/v1/{path}")
        self.assertEqual((status, code), (no.exception.status, no.exception.body["code"]))

    def enrolments(self, world, sequence):
        return list(world.api.pages(f"/api/v1/enrollments?sequence_id={sequence}"))

    def test_a_paused_sequence_sends_nothing_and_goes_on_where_it_was(self):
        world = self.begin()
        world.mailbox(0)
        sequence = world.sequence([ONE_STEP[0], {**STEPS[1], "wait_days": 1}])
        later = world.sequence([{**ONE_STEP[0], "wait_days": 1}])
        world.enrol(later, people(2, local="later{}"))
        world.enrol(sequence, people(5))
        self.until(lambda: len(world.ledger()) == 5, 15, world)
        self.until(lambda: world.statuses().get("scheduled") == 7, 15, world)
        self.act(world, f"sequences/{later}/pause", {**NOTHING, "held": 2}, "paused")
        self.act(world, f"sequences/{sequence}/pause", {**NOTHING, "held": 5}, "paused")
        self.act(world, f"sequences/{sequence}/pause", NOTHING, "paused")
        self.assertEqual({"held": 7, "sent": 5}, world.statuses())
        self.assertEqual({"sequence_paused"}, {one["waiting_on"] for one in self.enrolments(world, sequence)})
        self.assertEqual(409, world.call("POST", f"/api/v1/sequences/{sequence}/contacts",
                                         {"contacts": people(1)})[0])

        self.assertEqual({"scheduled": 5}, self.act(world, f"sequences/{sequence}/activate", status="active"))
        self.assertEqual({"scheduled": 0}, self.act(world, f"sequences/{sequence}/activate", status="active"))
        self.until(lambda: len(world.ledger()) == 10, 15, world)
        self.assertEqual(2, world.statuses().get("held"))
        self.act(world, f"sequences/{later}/activate")
        self.until(lambda: world.enrollments() == {"completed": 7}, 15, world)
        self.verify(world)

    def test_a_pause_while_mails_are_on_the_wire_names_the_one_that_may_arrive(self):
        world = self.begin()
        boxes = world.mailboxes(3)
        sequence = world.sequence(ONE_STEP, mailboxes=boxes)
        world.enrol(sequence, people(1, local="stall.dot.p{}") + people(1, local="stall.data.p{}"))
        self.until(lambda: world.sql("SELECT count(*) FILTER (WHERE phase = 'dot'), count(*) FROM email_queues "
                                     "WHERE status = 'sending'") == [(1, 2)], 15, world)
        receipt = self.act(world, f"sequences/{sequence}/pause", status="paused")
        leaving = world.one("SELECT id FROM email_queues WHERE phase = 'dot'")
        self.assertEqual({**NOTHING, "stopping": 1, "already_leaving": [leaving]}, receipt)
        self.until(lambda: world.statuses() == {"held": 1, "unknown": 1}, 20, world)
        self.assertEqual([], world.ledger())
        self.assertEqual({}, world.died())

    def test_what_a_claim_refuses_in_the_midst_of_a_pause_is_counted_as_held(self):
        """The API is frozen between its two commits, and a sender comes by."""
        world = self.world(janitor__queued_after="60s")
        world.sink()
        world.serve("rest", "producer,relay")
        api = world.serve("api", "api", fault="stop.between_transactions:stop:1")
        world.mailbox(0)
        sequence = world.sequence(ONE_STEP)
        world.enrol(sequence, people(5))
        self.until(lambda: world.statuses() == {"queued": 5}, 20, world)
        receipts = []
        pause = threading.Thread(target=lambda: receipts.append(
            world.call("POST", f"/api/v1/sequences/{sequence}/pause", {})[2]["receipt"]))
        pause.start()
        self.until(lambda: world.one("SELECT status FROM sequences") == "paused", 20, world)
        world.serve("sender", "sender")
        self.until(lambda: world.statuses() == {"held": 5}, 20, world, "the claim refused nothing")
        self.assertEqual([], receipts)
        api.signal(signal.SIGCONT)
        pause.join(20)
        self.assertEqual([{**NOTHING, "held": 5}], receipts)
        self.act(world, f"sequences/{sequence}/pause", NOTHING, "paused")
        self.act(world, f"sequences/{sequence}/activate", {"scheduled": 5}, "active")
        self.until(lambda: world.statuses() == {"sent": 5}, 20, world)
        self.assertEqual({}, world.died())

    def test_a_stopped_enrolment_gets_nothing_more_and_the_others_do(self):
        world = self.begin()
        world.mailbox(0)
        sequence = world.sequence([ONE_STEP[0], {**STEPS[1], "wait_days": 2}])
        world.enrol(sequence, people(3))
        self.until(lambda: len(world.ledger()) == 3, 15, world)
        self.until(lambda: world.statuses().get("scheduled") == 3, 15, world)
        one = self.enrolments(world, sequence)[0]
        self.act(world, f"enrollments/{one['id']}/stop", {**NOTHING, "cancelled": 1}, "stopped")
        self.refused(world, f"enrollments/{one['id']}/stop", 409, "enrollment-over")
        self.refused(world, "enrollments/018f0000-0000-7000-8000-000000000000/stop", 404, "not-found")
        self.until(lambda: world.enrollments() == {"completed": 2, "stopped": 1}, 15, world)
        self.assertEqual(5, len(world.ledger()))
        stopped = [entry for entry in self.enrolments(world, sequence) if entry["id"] == one["id"]][0]
        self.assertEqual(("stopped", "manual", None, ["sent", "cancelled"]),
                         (stopped["status"], stopped["reason"], stopped["waiting_on"],
                          [mail["status"] for mail in stopped["emails"]]))
        self.verify(world)

    def test_a_cancelled_mail_never_leaves_and_a_sent_one_can_not_be_cancelled(self):
        world = self.begin()
        world.mailbox(0)
        sequence = world.sequence([{**ONE_STEP[0], "wait_days": 2}])
        world.enrol(sequence, people(2))
        first, second = (one["emails"][0]["id"] for one in self.enrolments(world, sequence))
        self.act(world, f"emails/{first}/cancel", {**NOTHING, "cancelled": 1}, "cancelled")
        self.until(lambda: world.statuses() == {"cancelled": 1, "sent": 1}, 15, world)
        self.refused(world, f"emails/{second}/cancel", 409, "too-late")
        self.assertEqual(["cancelled"],
                         [event["type"] for event in world.api("GET", f"/api/v1/emails/{first}")["events"]])
        self.until_quiet(world)
        self.verify(world)

    def test_a_paused_mailbox_gives_its_places_back_and_a_resumed_one_goes_on(self):
        world = self.begin()
        box = world.mailbox(0, min_gap_seconds=1)
        world.enrol(world.sequence(ONE_STEP), people(4))
        self.until(lambda: len(world.ledger()) == 1, 15, world)
        world.call("POST", f"/api/v1/mailboxes/{box}/pause", {"reason": "on holiday"})
        shown = world.api("GET", f"/api/v1/mailboxes/{box}")
        self.assertEqual(("paused", "on holiday"), (shown["status"], shown["state_reason"]))
        self.until(lambda: not world.moving()[0], 10, world)
        sent = len(world.ledger())
        self.assertEqual(4 - sent, world.statuses()["scheduled"])
        self.assertEqual(0, world.api("GET", f"/api/v1/mailboxes/{box}")["reserved_today"])
        self.assertEqual({"mailbox_paused"}, {one["waiting_on"] for one in world.api.pages("/api/v1/enrollments")
                                              if one["emails"][0]["status"] == "scheduled"})
        self.act(world, f"mailboxes/{box}/resume", status="active")
        self.until(lambda: world.enrollments() == {"completed": 4}, 20, world)
        self.verify(world)

    def test_a_missing_value_holds_the_mail_until_somebody_fills_it_in(self):
        world = self.begin()
        world.mailbox(0)
        sequence = world.sequence([{"subject": "Hello {{company}}", "content": "<p>x</p>"}])
        blank = [{"email": "a@people.test"}, {"email": "b@people.test", "company": " "},
                 {"email": "c@people.test", "company": "Acme"}]
        world.enrol(sequence, blank)
        self.until(lambda: world.statuses() == {"held": 2, "sent": 1}, 15, world)
        held = [one for one in self.enrolments(world, sequence) if one["emails"][0]["status"] == "held"]
        self.assertEqual({"missing_variable"}, {one["waiting_on"] for one in held})
        mail = world.api("GET", f"/api/v1/emails/{held[0]['emails'][0]['id']}")
        self.assertEqual(("held", "missing_variable"), (mail["status"], mail["reason"]))
        self.assertIn("company", mail["error_message"])
        self.assertEqual(1, world.one("SELECT sent_count + reserved_count FROM mailbox_daily_counts"))

        world.enrol(sequence, [{"email": "a@people.test", "company": "Borg"}])  # known already, now whole
        world.enrol(world.sequence([{**ONE_STEP[0], "wait_days": 300}]),
                    [{"email": "b@people.test", "company": "Core"}])
        self.until(lambda: world.statuses() == {"sent": 3, "scheduled": 1}, 15, world)
        self.assertEqual({"Hello Acme", "Hello Borg", "Hello Core"},
                         {row[0] for row in world.sql("SELECT subject FROM email_queues WHERE status = 'sent'")})
        self.until(lambda: world.enrollments() == {"completed": 3, "active": 1}, 15, world)
        self.verify(world)


if __name__ == "__main__":
    unittest.main()
