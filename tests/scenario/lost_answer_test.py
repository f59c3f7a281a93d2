"""Rows 36 and 37: the server hangs up after the dot, with the mail or without it, and nobody can tell which.

Such a mail is `unknown`, is never sent again, keeps its place in the day, and is taken as sent after a while, so that
its sequence goes on.
"""
import unittest

from world import Story, people

PEOPLE = 5
IN_DOUBT = "SELECT unknown_count FROM mailbox_daily_counts"


class LostAnswer(Story):
    def start(self, local, steps, **settings):
        world = self.world(**settings)
        world.sink()
        world.serve()
        sequence = world.sequence(steps, world.mailboxes(1, capacity=100))
        world.enrol(sequence, people(PEOPLE, local=local) + people(PEOPLE, PEOPLE))
        return world

    def test_row_36_case_49_is_assumed_to_mean_sent_after_a_while_and_the_sequence_goes_on(self):
        world = self.start("drop.dot.x1.p{}", 2, sender__unknown_after="2s")
        self.until(lambda: world.enrollments() == {"completed": 2 * PEOPLE}, 40, world)
        self.until_quiet(world)
        self.assertEqual({"sent": 3 * PEOPLE, "assumed_sent": PEOPLE}, world.statuses())
        self.assertEqual(PEOPLE, world.one(IN_DOUBT))
        self.assertEqual(4 * PEOPLE, self.verify(world)["ledger_lines"])
        never_told = world.one("SELECT count(*) FROM email_queues e WHERE status = 'assumed_sent' AND NOT EXISTS"
                               " (SELECT FROM email_events v WHERE v.email_queue_id = e.id AND event_type = 'unknown')")
        self.assertEqual(0, never_told)

    def test_row_36_case_49_stays_unknown_until_then_and_is_not_tried_again(self):
        world = self.start("drop.dot.p{}", 2)
        done = {"sent": 2 * PEOPLE, "unknown": PEOPLE}
        self.until(lambda: world.statuses() == done, 40, world)
        self.until_quiet(world)
        self.assertEqual({"active": PEOPLE, "completed": PEOPLE}, world.enrollments())
        self.assertEqual(PEOPLE, world.one(IN_DOUBT))
        self.assertEqual(3 * PEOPLE, self.verify(world)["ledger_lines"])

    def test_row_37_is_not_tried_again_even_where_the_server_did_not_take_the_mail(self):
        world = self.start("dropbefore.dot.p{}", 1, sender__unknown_after="2s")
        self.until(lambda: world.statuses() == {"sent": PEOPLE, "assumed_sent": PEOPLE}, 40, world)
        self.until_quiet(world)
        self.assertEqual(PEOPLE, self.verify(world)["ledger_lines"])
        self.assertEqual([], [line for line in world.ledger() if line["to"].startswith("dropbefore")])
        bounced = world.one("SELECT count(*) FROM contacts WHERE status <> 'active'")
        self.assertEqual(0, bounced)


if __name__ == "__main__":
    unittest.main()
