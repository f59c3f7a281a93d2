"""Row 44: many producers and senders at once, more mail than the mailboxes may send: exactly the limit leaves."""
import datetime
import unittest

from world import Story, people


def zone_where_it_is_noon():
    """So that no day ends while the story runs. The sign of these names is turned round: Etc/GMT-2 is ahead."""
    ahead = 12 - datetime.datetime.now(datetime.timezone.utc).hour
    return "Etc/GMT" + (f"{-ahead:+d}" if ahead else "")


class Limits(Story):
    def run_dry(self, producers, senders, mailboxes, capacity, contacts):
        world = self.world(producer__ahead=3)
        world.sink()
        world.serve("rest", "api,relay,followup,retry,recorder,janitor")
        boxes = world.mailboxes(mailboxes, capacity, timezone=zone_where_it_is_noon())
        for number in range(producers):
            world.serve(f"producer-{number}", "producer")
        for number in range(senders):
            world.serve(f"sender-{number}", "sender")
        world.enrol(world.sequence(1, boxes), people(contacts))

        allowed = mailboxes * capacity
        self.until(lambda: len(world.ledger()) >= allowed, 60, world, "the limit was not used up")
        self.until_quiet(world)
        self.assertEqual({"sent": allowed, "scheduled": contacts - allowed}, world.statuses())
        self.assertEqual([(mailboxes, capacity, 0)],
                         world.sql("SELECT count(*), max(sent_count), sum(reserved_count + unknown_count)::int"
                                   " FROM mailbox_daily_counts WHERE sent_count = cap"))
        self.assertEqual(allowed, self.verify(world)["ledger_lines"])

    def test_four_mailboxes_of_seven_a_day_send_twenty_eight(self):
        self.run_dry(producers=3, senders=5, mailboxes=4, capacity=7, contacts=100)

    def test_sixty_mailboxes_of_five_a_day_send_three_hundred(self):
        self.run_dry(producers=3, senders=6, mailboxes=60, capacity=5, contacts=600)


if __name__ == "__main__":
    unittest.main()
