"""Rows 12 and 13: a sender that sleeps beyond its lease and wakes up with mail in its hands.

Before the permit it must find that the mail is somebody else's; between the permit and the dot nobody may have taken
the mail meanwhile, and its late answer is the truth.
"""
import signal
import unittest

from world import Story, people

OTHERS = "producer,relay,followup,retry,recorder,janitor"
MAILS = 6


class FrozenSender(Story):
    settings = {"sender__lease": "4s"}

    def start(self, point):
        """One sender, stopped at `point` by its first mail; its API is there for its metrics."""
        world = self.world()
        world.sink()
        world.serve("rest", "api," + OTHERS)
        frozen = world.serve("frozen", "api,sender", fault=f"{point}:stop:1", sender__threads=1)
        frozen_port = world.api.ports.pop(0)
        sequence = world.sequence(1, world.mailboxes(3))
        world.enrol(sequence, people(MAILS))
        self.until(lambda: is_stopped(frozen), 30, world, f"it did not stop at {point}")
        return world, frozen, frozen_port

    def test_is_refused_its_permit_after_its_mail_was_taken_over(self):
        world, frozen, port = self.start("permit.before_commit")
        self.assertEqual([], world.ledger())
        world.serve("heir", "sender")
        self.until(lambda: len(world.ledger()) == MAILS, 40, world, "nobody took the mail over")
        self.until_quiet(world)

        frozen.signal(signal.SIGCONT)
        refused = 'sequitur_permits_total{result="refused"}'
        self.until(lambda: metric(world, port, refused) > 0, 30, world, "it was not refused")
        self.assertEqual(0, metric(world, port, 'sequitur_permits_total{result="granted"}'))
        self.assertEqual({"sent": MAILS}, world.statuses())
        self.assertEqual(MAILS, self.verify(world)["ledger_lines"])

    def test_delivers_late_and_once_what_had_its_permit(self):
        world, frozen, _ = self.start("dot.before_write")
        self.assertEqual([], world.ledger())
        permitted = world.one("SELECT count(*) FROM email_queues WHERE phase = 'dot'")
        self.assertGreater(permitted, 0)
        self.until(lambda: world.statuses().get("unknown") == permitted, 30, world, "the lease did not settle it")
        world.serve("heir", "sender")
        self.until(lambda: world.statuses() == {"unknown": permitted, **sent(MAILS - permitted)}, 40, world,
                   "only what had no permit goes to another")
        self.assertEqual(MAILS - permitted, len(world.ledger()))

        frozen.signal(signal.SIGCONT)
        self.until(lambda: world.statuses() == {"sent": MAILS}, 30, world, "the late answer did not count")
        self.until_quiet(world)
        self.assertEqual(MAILS, self.verify(world)["ledger_lines"])
        events = dict(world.sql("SELECT event_type::text, count(*) FROM email_events GROUP BY 1"))
        self.assertEqual({"unknown": permitted, "sent": MAILS}, events)


def sent(count):
    return {"sent": count} if count else {}


def is_stopped(program):
    with open(f"/proc/{program.process.pid}/stat", encoding="ascii") as file:
        return file.read().rsplit(") ", 1)[1].startswith("T")


def metric(world, port, name):
    text = world.api.once(port, "GET", "/metrics")
    return sum(float(line.split()[-1]) for line in text.splitlines() if line.startswith(name))


if __name__ == "__main__":
    unittest.main()
