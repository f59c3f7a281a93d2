"""Rows 1 to 10 of the failure matrix: a process may die at every step of the protocol, three times over.

At each fault point three processes of the role that passes it are killed there, while mail runs; then they are
started again. Whatever was on its way goes on by itself; nothing is sent twice, and nothing is unknown that had no
permit. A point at which nothing dies fails: the list is the program's own.
"""
import concurrent.futures
import os
import re
import signal
import sys
import time
import unittest

from world import World, people, wait_until

ROLES = ["api", "producer", "relay", "sender", "followup", "retry", "recorder", "janitor"]
ROLE_OF = {"produce": "producer", "relay": "relay", "followup": "followup", "retry": "retry", "stop": "api"}
VICTIMS = 3
AT_ONCE = 7
# The first mail of a process dies there: then none of its others can have had a permit.
BEFORE_THE_PERMIT = {"claim.before_commit", "claim.after_commit", "claim.after_offset", "smtp.after_connect",
                     "smtp.after_ehlo", "smtp.after_auth", "smtp.after_mail", "smtp.after_rcpt", "smtp.after_354",
                     "smtp.half_body", "permit.before_commit"}
PERMIT_WITHOUT_DOT = {"permit.after_commit", "dot.before_write"}
DOT_WRITTEN = {"dot.after_write", "dot.after_reply", "outcome.before_commit"}

UNKNOWN = """SELECT replace(id::text, '-', '') FROM email_queues WHERE status = 'unknown'"""


def fault_points():
    """As the program has them."""
    source = os.path.join(os.environ["SEQUITUR_SOURCE_DIR"], "src", "base", "fault.cpp")
    with open(source, encoding="utf-8") as file:
        listed = re.search(r"> points\{(.*?)\};", file.read(), re.S).group(1)
    return re.findall(r'"([a-z0-9_.]+)"', listed)


class Killing:
    """One point's run, in a world of its own."""

    def __init__(self, point):
        self.point = point
        self.role = ROLE_OF.get(point.split(".")[0], "sender")
        # Where the first is the hardest, or what must come of it depends on being the first, all die at the first.
        self.nth = [1, 1, 1] if self.role in ("sender", "api") else [1, 2, 3]
        self.world = World("kill", sender__lease="4s", janitor__queued_after="3s", janitor__failed_after="3s",
                           janitor__stranded_after="3s", sender__threads=1, schedule__day="500ms")

    def run(self):
        try:
            self.start()
            self.kill()
            self.check_after_heal()
        finally:
            self.world.close()

    def start(self):
        world = self.world
        world.sink("--user", "somebody:secret")
        self.victims = []
        if self.role == "api":
            world.serve("rest")
            self.begin_mail()
        else:
            world.serve("rest", ",".join(role for role in ROLES if role != self.role))
        for number, nth in enumerate(self.nth):
            self.victims.append(world.serve(f"victim-{number}", self.role, fault=f"{self.point}:kill:{nth}",
                                            wait=self.role == "api"))
        if self.role != "api":
            if self.role in ("sender", "followup", "retry"):
                self.wait_for_shares()
            self.begin_mail()

    def wait_for_shares(self):
        """Each victim owns some partitions: each will see mail."""
        topic = {"sender": "email-jobs", "followup": "followup-events", "retry": "email-retries"}[self.role]
        query = ("SELECT count(DISTINCT owner) FROM bus_lease JOIN bus_topic USING (topic)"
                 " WHERE name = %s AND grp IN (SELECT grp FROM bus_member)")
        self.must(lambda: self.world.one(query, topic) == VICTIMS, 20, "three members share the topic")

    def begin_mail(self):
        world = self.world
        boxes = world.mailboxes(24, smtp_username="somebody", smtp_password="secret")
        self.sequence = world.sequence(2, boxes)
        self.people = 0

    def feed(self):
        # A deferral's outcome needs no permit and would be the first one to come.
        luck = "p{}" if self.role == "sender" else "451.rcpt.x1.p{}"
        self.world.enrol(self.sequence, people(8, self.people) + people(4, self.people + 8, luck))
        self.people += 12

    def kill(self):
        if self.role == "api":
            self.feed()
            # Each victim dies while it answers; the call goes on to the next, at last to the one that lives.
            self.world.api("POST", f"/api/v1/sequences/{self.sequence}/pause")
        next_feed = 0.0

        def all_died():
            nonlocal next_feed
            if self.role != "api" and time.monotonic() >= next_feed:
                self.feed()
                # Later in drops: the last victim must not get the rest of its passes as a single batch.
                next_feed = time.monotonic() + (0.5 if self.people < 240 else 2.0)
            return not any(victim.is_running() for victim in self.victims)

        self.must(all_died, 40, "every victim reached the point")
        codes = [victim.process.returncode for victim in self.victims]
        assert codes == [-signal.SIGKILL] * VICTIMS, f"ended with {codes}: {self.victims[0].last_words()}"
        self.check_before_heal()
        for victim in self.victims:
            self.world.heal(victim)

    def check_before_heal(self):
        world = self.world
        if self.role == "api":
            # The stop act was answered by the last: whatever the others left half done is covered.
            assert world.one("SELECT count(*) FROM email_queues WHERE status IN ('scheduled', 'failed')") == 0
            before = len(world.ledger())
            self.must(lambda: not world.one("SELECT count(*) FROM email_queues WHERE status IN ('queued', 'sending')"),
                      20, "the paused sequence came to rest")
            assert world.one("SELECT count(*) FROM email_queues WHERE status = 'scheduled'") == 0
            held = world.statuses().get("held", 0)
            assert before == len(world.ledger()) or held < self.people, "mail left after the pause was answered"
            world.api("POST", f"/api/v1/sequences/{self.sequence}/activate")

    def check_after_heal(self):
        world = self.world
        self.must(world.is_quiet, 60, "everything comes to rest")
        assert world.died() == {}, world.died()
        world.verify()
        unknown = {row[0] for row in world.sql(UNKNOWN)}
        arrived = {line["message_id"].split("@")[0].split(".")[-1] for line in world.ledger()}
        seen = len(unknown & arrived)
        if self.role != "sender" or self.point in BEFORE_THE_PERMIT:
            assert not unknown, f"{len(unknown)} unknown without a permit"
            assert len(arrived) == 2 * self.people, f"{len(arrived)} mails for {self.people} people"
        elif self.point in PERMIT_WITHOUT_DOT:
            assert len(unknown) >= VICTIMS and seen == 0, f"{len(unknown)} unknown, {seen} arrived"
        elif self.point in DOT_WRITTEN:
            assert len(unknown) >= VICTIMS and seen >= VICTIMS, f"{len(unknown)} unknown, {seen} arrived"
        # Whoever is not waiting for an unknown mail is through.
        waiting = {"completed": self.people - len(unknown), "active": len(unknown)}
        assert world.enrollments() == {status: count for status, count in waiting.items() if count}

    def must(self, condition, seconds, promise):
        if wait_until(condition, seconds, 0.1):
            return
        world = self.world
        words = f"not within {seconds} s: {promise}\n{world.statuses()} {world.enrollments()} {world.moving()}"
        for name, program in world.programs.items():
            words += f"\n--- {name}\n{program.last_words(6)}"
        raise AssertionError(words)


class KillPoints(unittest.TestCase):
    def test_case_57_a_process_may_die_at_any_step(self):
        points = sys.argv[1:] or fault_points()
        with concurrent.futures.ThreadPoolExecutor(AT_ONCE) as pool:
            runs = {point: pool.submit(lambda point=point: Killing(point).run()) for point in points}
            for point, run in runs.items():
                with self.subTest(point):
                    run.result()


if __name__ == "__main__":
    unittest.main(argv=sys.argv[:1])  # the arguments are points, for a look at a few of them
