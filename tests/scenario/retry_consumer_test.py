# ctest: fast
"""Flow 6: a mail that was put off is tried again, later each time; the third failure is the last."""
import unittest

from world import STEPS, Story, people


class RetryConsumer(Story):
    settings = {"retry.first_delay": "1s"}

    def begin(self, contacts):
        world = self.world()
        world.sink()
        world.serve()
        box = world.mailbox(0)
        sequence = world.sequence(STEPS[:2])
        world.enrol(sequence, contacts)
        return world, box

    def test_case_42_put_off_twice_and_then_accepted_is_sent_once_and_followed_up(self):
        world, box = self.begin(people(5, local="451.dot.x2.p{}") + people(5, local="450.rcpt.x1.p{}"))
        self.until(lambda: world.enrollments() == {"completed": 10}, 30, world)
        tries = dict(world.sql("SELECT split_part(c.email, '.', 1) || q.step_order, array_agg(DISTINCT q.retry_count) "
                               "FROM email_queues q JOIN sequence_contacts sc ON sc.id = q.sequence_contact_id "
                               "JOIN contacts c ON c.id = sc.contact_id GROUP BY 1"))
        self.assertEqual({"4510": [2], "4500": [1], "4511": [0], "4501": [0]}, tries)
        self.assertEqual(20, len(world.ledger()))
        # 1 s and 2 s, each ± 20 %: a later try is never earlier than that.
        waits = [row[0] for row in world.sql(
            "SELECT extract(epoch FROM lead(created_at) OVER (PARTITION BY email_queue_id ORDER BY id) - created_at)"
            "::float FROM email_events WHERE event_type IN ('deferred', 'sent')") if row[0]]
        self.assertEqual(15, len(waits))
        self.assertGreaterEqual(min(waits), 0.8)
        self.assertEqual(0, world.one("SELECT count(*) FROM email_events WHERE event_type = 'bounced'"))
        self.assertEqual(None, world.api("GET", f"/api/v1/mailboxes/{box}")["backoff_until"])
        self.verify(world)

    def test_the_third_failure_ends_the_enrolment_and_leaves_the_person_alone(self):
        world, _ = self.begin(people(3, local="451.dot.p{}"))
        self.until(lambda: world.enrollments() == {"stopped": 3}, 30, world)
        self.assertEqual({"permanent_failure": 3}, world.statuses())
        self.assertEqual([(3, 3)], world.sql("SELECT DISTINCT retry_count, max_retries FROM email_queues"))
        self.assertEqual([("failed",)], world.sql("SELECT DISTINCT reason FROM sequence_contacts"))
        self.assertEqual([("active",)], world.sql("SELECT DISTINCT status::text FROM contacts"))
        self.assertEqual([(0, 0, 0)], world.sql("SELECT sent_count, reserved_count, unknown_count "
                                                "FROM mailbox_daily_counts"))
        mail = world.api("GET", f"/api/v1/emails/{world.one('SELECT id FROM email_queues LIMIT 1')}")
        self.assertEqual(["deferred", "deferred", "failed"], [event["type"] for event in mail["events"]])
        self.assertIn("451", mail["error_message"])
        self.assertEqual([], world.ledger())
        self.verify(world)

    def test_a_mailboxs_own_trouble_costs_no_mail_a_try(self):
        world = self.world()
        world.sink()
        world.serve()
        box = world.mailbox(0, email="451.mail.x2.box@mail.test")
        world.enrol(world.sequence(STEPS[:1]), people(3))
        self.until(lambda: world.enrollments() == {"completed": 3}, 30, world)
        self.assertEqual(0, world.one("SELECT max(retry_count) FROM email_queues"))
        self.assertEqual(("active", None, 3), tuple(world.api("GET", f"/api/v1/mailboxes/{box}")[name] for name in
                                                    ("status", "state_reason", "sent_today")))
        self.verify(world)


if __name__ == "__main__":
    unittest.main()
