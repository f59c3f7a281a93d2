"""The mail that runs while things die: mailboxes, sequences, and people who keep being enrolled."""
import itertools
import random
import threading

from rig import Refused, mailbox

MAILBOXES = 60
SMALL_MAILBOXES, SMALL_CAPACITY = 10, 30
STEPS = [{"subject": "Hello {{first_name}}", "content": "<p>Hello {{first_name}}</p>"},
         {"subject": "", "content": "<p>{{first_name}}, again</p>", "wait_days": 1},
         {"subject": "Last", "content": "<p>Good bye, {{first_name}}</p>", "wait_days": 1}]
# (share of the people, what the sink does to them)
MISFORTUNES = [(0.010, "451.dot.x1"), (0.005, "451.rcpt.x2"), (0.0005, "451.mail.x2"), (0.005, "550.rcpt"),
               (0.002, "drop.dot"), (0.002, "dropbefore.dot")]
BACKLOG = 12_000  # mails promised and not yet accepted


def seed_mail(rig, api):
    big = [api("POST", "/api/v1/mailboxes", mailbox(rig, i, 1_000_000))["id"] for i in range(MAILBOXES)]
    small = [api("POST", "/api/v1/mailboxes", mailbox(rig, MAILBOXES + i, SMALL_CAPACITY))["id"]
             for i in range(SMALL_MAILBOXES)]

    def sequence(name, steps, boxes):
        return api("POST", "/api/v1/sequences", {"name": name, "steps": STEPS[:steps], "mailbox_ids": boxes})["id"]

    return [(sequence("A", 3, big), 3), (sequence("B", 2, big), 2), (sequence("C", 3, big), 3)], sequence("S", 2, small)


class Feeder(threading.Thread):
    """Keeps enrolling people, so that mail runs all the time."""

    def __init__(self, seed, api, ledger, sequences, small_sequence):
        super().__init__(daemon=True)
        self.draw = random.Random(f"people {seed}")
        self.api = api
        self.ledger = ledger
        self.sequences = sequences        # [(id, steps)]
        self.small_sequence = small_sequence
        self.people = 0
        self.promised = 0
        self.enrolled = 0
        self.refusals = []
        self.over = threading.Event()

    def run(self):
        for turn in itertools.count():
            while not self.over.is_set() and self.promised - self.ledger.lines > BACKLOG:
                self.over.wait(0.2)
            if self.over.is_set():
                return
            sequence, steps = self.sequences[turn % len(self.sequences)]
            self.enrol(sequence, self.batch(self.draw.choice([200, 500, 1000])), steps)
            if turn % 4 == 0 and turn < 4 * 15:
                self.enrol(self.small_sequence, self.batch(40), 0)

    def batch(self, count):
        batch = []
        for _ in range(count):
            self.people += 1
            dice, local = self.draw.random(), f"p{self.people}"
            for share, script in MISFORTUNES:
                if dice < share:
                    local = f"{script}.{local}"
                    break
                dice -= share
            batch.append({"email": f"{local}@people.test", "first_name": f"Person {self.people}"})
        return batch

    def enrol(self, sequence, people, steps):
        body = {"contacts": people}
        while not self.over.is_set():
            try:
                # The answer may be lost with the process that gave it: posting the same list again adds nobody.
                self.api("POST", f"/api/v1/sequences/{sequence}/contacts", body)
                break
            except Refused as no:
                if no.status != 409:  # paused just now
                    self.refusals.append(str(no))
                    return
                self.over.wait(0.5)
            except TimeoutError:
                pass
        self.enrolled += len(people)
        self.promised += len(people) * steps
