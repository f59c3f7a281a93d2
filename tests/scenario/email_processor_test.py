# ctest: fast
"""Flow 4, by what a user sees of it: what the server answers decides what becomes of the mail and of its person."""
import unittest

from world import STEPS, Story, people

ONE_STEP = STEPS[:1]


class EmailProcessor(Story):
    def person(self, local):
        return {"email": f"{local}@people.test", "first_name": "Ana"}

    def begin(self, **settings):
        world = self.world(**settings)
        world.sink()
        world.serve()
        world.mailbox(0)
        return world

    def shown(self, world, sequence, local):
        """The person's enrolment and first email, as the API shows them."""
        one = next(one for one in world.api.pages(f"/api/v1/enrollments?sequence_id={sequence}")
                   if one["email"].startswith(local))
        return one, world.api("GET", f"/api/v1/emails/{one['emails'][0]['id']}")

    def test_an_accepted_mail_shows_who_took_it_when_and_in_which_words(self):
        world = self.begin()
        sequence = world.sequence(ONE_STEP)
        world.enrol(sequence, [self.person("ana")])
        self.until(lambda: world.enrollments() == {"completed": 1}, 15, world)
        enrolment, mail = self.shown(world, sequence, "ana")
        line = world.ledger()[0]
        self.assertEqual(("completed", "no_reply", None), (enrolment["status"], enrolment["reason"],
                                                           enrolment["waiting_on"]))
        self.assertEqual(("sent", 0, "Hello Ana", line["message_id"]),
                         (mail["status"], mail["retry_count"], mail["subject"], mail["message_id"]))
        event, = mail["events"]
        data = event["data"]
        self.assertEqual(("sent", line["sha256"]), (event["type"], data["sha256"]))
        self.assertEqual(line["reply"], f"{data['code']} {data['enhanced']} {data['reply']}")
        self.assertEqual([(1, 0, 0)], world.sql("SELECT sent_count, reserved_count, unknown_count "
                                                "FROM mailbox_daily_counts"))
        self.verify(world)

    def test_an_address_that_does_not_exist_bounces_everywhere_and_is_never_mailed_again(self):
        world = self.begin()
        later = world.sequence([{**ONE_STEP[0], "wait_days": 300}])
        world.enrol(later, [self.person("550.rcpt.x")])
        sequence = world.sequence(2)
        world.enrol(sequence, [self.person("550.rcpt.x"), self.person("fine")])
        self.until(lambda: world.statuses().get("permanent_failure") == 1 and
                   world.statuses().get("cancelled") == 1, 15, world)
        enrolment, mail = self.shown(world, sequence, "550")
        self.assertEqual(("bounced", "bounced"), (enrolment["status"], enrolment["reason"]))
        self.assertEqual(("permanent_failure", "bounced"), (mail["status"], mail["reason"]))
        self.assertEqual(["bounced"], [event["type"] for event in mail["events"]])
        self.assertIn("550 5.1.1", mail["error_message"])
        enrolment, mail = self.shown(world, later, "550")
        self.assertEqual(("stopped", "suppressed", "cancelled"), (enrolment["status"], enrolment["reason"],
                                                                  mail["status"]))
        self.assertEqual("bounced", world.one("SELECT status::text FROM contacts WHERE email LIKE '550%%'"))
        self.assertEqual([("email", "550.rcpt.x@people.test", "bounced")],
                         world.sql("SELECT kind::text, value, reason FROM suppressions"))
        again = world.enrol(world.sequence(ONE_STEP), [self.person("550.rcpt.x")])
        self.assertEqual((0, "suppressed"), (again["contacts_added"], again["skipped"][0]["code"]))
        self.until_quiet(world)
        self.verify(world)

    def test_a_refusal_of_the_text_ends_the_enrolment_and_leaves_the_person_alone(self):
        world = self.begin()
        sequence = world.sequence(2)
        world.enrol(sequence, [self.person("554.dot.x")])
        self.until(lambda: world.enrollments() == {"stopped": 1}, 15, world)
        enrolment, mail = self.shown(world, sequence, "554")
        self.assertEqual("failed", enrolment["reason"])
        self.assertIn(mail["reason"], ("content", "blocked"))
        self.assertEqual("active", world.one("SELECT status::text FROM contacts"))
        self.assertEqual(0, world.one("SELECT count(*) FROM suppressions"))
        self.until_quiet(world)
        self.verify(world)

    def test_a_lost_answer_to_the_dot_is_unknown_and_never_sent_again(self):
        world = self.begin(sender__unknown_after="2s")
        sequence = world.sequence(2)
        world.enrol(sequence, [self.person("drop.dot.x1.x")])
        self.until(lambda: world.statuses().get("unknown") == 1, 15, world)
        self.assertEqual("delivery_unknown", self.shown(world, sequence, "drop")[0]["waiting_on"])
        self.assertEqual([(0, 0, 1)], world.sql("SELECT sent_count, reserved_count, unknown_count "
                                                "FROM mailbox_daily_counts"))
        self.until(lambda: world.enrollments() == {"completed": 1}, 20, world, "the follow-up did not come")
        self.assertEqual({"assumed_sent": 1, "sent": 1}, world.statuses())
        self.assertEqual(["unknown", "assumed_sent"],
                         [event["type"] for event in self.shown(world, sequence, "drop")[1]["events"]])
        self.assertEqual(2, len(world.ledger()))
        self.verify(world)

    def test_a_connection_that_breaks_before_the_dot_proves_that_nothing_left(self):
        world = self.begin()
        sequence = world.sequence(ONE_STEP)
        world.enrol(sequence, [self.person("drop.data.x1.x"), self.person("dropbefore.dot.x1.x")] + people(5))
        self.until(lambda: world.statuses().get("sent") == 6, 20, world)
        self.assertEqual(["deferred", "sent"],
                         [event["type"] for event in self.shown(world, sequence, "drop.data")[1]["events"]])
        # After the dot nobody knows, even if the server took nothing.
        self.assertEqual("unknown", self.shown(world, sequence, "dropbefore")[1]["status"])
        self.assertEqual(6, len(world.ledger()))
        self.assertEqual({}, world.died())


if __name__ == "__main__":
    unittest.main()
