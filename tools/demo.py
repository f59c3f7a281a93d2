#!/usr/bin/env python3
"""A sequence being sent, before your eyes: called by `./dev demo [--once]`.

One process with every role, a sink as the mail server of everybody, days of ten seconds. 200 people
get three steps; some of their servers answer with a deferral, a bounce, or not at all, and some people
are stopped on the way. At the end of the first round `sequitur verify` compares what the sink accepted
with what the database says. Without --once people keep coming until Ctrl-C.
"""
import argparse
import collections
import itertools
import json
import os
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from reader import Letter  # noqa: E402
from rig import Api, Ledger, Refused, Rig, free_port, mailbox, wait_until  # noqa: E402

DAY_SECONDS = 10
CONTACTS = 200
CAPACITIES = [90, 90, 90, 90, 90, 90, 60, 45]
SETTINGS = {"http.auth": "none", "schedule.day": f"{DAY_SECONDS}s", "retry.first_delay": "3s",
            "sender.unknown_after": "5s", "janitor.interval": "1s"}
FIRST = "Ana Ben Cleo Dan Eva Finn Gwen Hugo Iris Jan Kim Lea Max Nora Omar Pia Quinn Rosa Sam Tess".split()
LAST = "Adler Brandt Cole Diaz Ebert Fox Grant Hall Ito Jung Kern Lopez Meyer Nagy Park Reed Sato Toth Voss Wu".split()
# What the sink does to a person, by the local part of the address; the others are accepted.
MISFORTUNES = [("451.dot.x1", 14, "deferred once"), ("451.rcpt.x2", 6, "deferred twice"),
               ("451.rcpt.x9", 3, "deferred for ever"), ("550.rcpt", 9, "no such user"),
               ("drop.dot", 3, "accepted, but the answer is lost"),
               ("dropbefore.dot", 2, "the connection breaks at the dot, nothing was accepted")]
OPEN = ("queued", "sending", "failed", "unknown")
WORDS = {"sent": "sent", "failed": "deferred, will be retried", "permanent_failure": "failed for good",
         "held": "held", "unknown": "answer lost: unknown", "assumed_sent": "assumed sent", "cancelled": "cancelled"}
SHORT = {"failed": "deferred", "permanent_failure": "permanent", "assumed_sent": "assumed"}


def people(count, start=0):
    """Contacts, the unlucky ones spread among them; their local parts are the sink's script."""
    unlucky = list(itertools.chain.from_iterable([script] * many for script, many, _ in MISFORTUNES))
    places = {i * count // len(unlucky): script for i, script in enumerate(unlucky)} if start == 0 else {}
    for i in range(count):
        number = start + i
        first, last = FIRST[number % len(FIRST)], LAST[number // len(FIRST) % len(LAST)]
        name = f"{first}.{last}{number}".lower()
        local = f"{places[i]}.{name}" if i in places else name
        person = {"email": f"{local}@people.test", "first_name": first, "last_name": last,
                  "company": f"{last} & Sons"}
        # Of some nothing is known but the address: the letter has another word for them.
        yield {"email": person["email"]} if number % 10 == 9 else person


STEPS = [
    {"subject": "{Hello|Good day} {{first_name|there}}",
     "content": "<p>Hello {{first_name|there}}, {% if company %}does {{company}} write{% else %}do you write{% endif %}"
                " letters?</p>\n<p><a href=\"https://letters.example/why?for={{company|you}}\">Why one should</a></p>"},
    {"subject": "", "content": "<p>{{first_name | default: \"You\" }}, did you see my mail?</p>", "wait_days": 1},
    {"subject": "Last one, {{first_name|there}}", "content": "<p>I will not write again. Promised.</p>",
     "wait_days": 1},
]
# The server does not let this one send: the sink's script works on a sender's address, too.
REFUSED = "550.mail.newcomer@mail.test"


class Watch:
    """What the API tells about the sequence, and what changed since the last look."""

    def __init__(self, api, sequence):
        self.api = api
        self.sequence = sequence
        self.started = time.monotonic()
        self.events = collections.deque(maxlen=8)
        self.emails = {}        # (enrolment, step) -> status
        self.enrollments = []
        self.mailboxes = []
        self.refused = {}       # the body that makes a mailbox of it

    def look(self):
        # In this order: a mail that still waits after its mailbox was seen full is not the one that filled it.
        self.mailboxes = list(self.api.pages("/api/v1/mailboxes"))
        self.enrollments = list(self.api.pages(f"/api/v1/enrollments?sequence_id={self.sequence}"))
        for person in self.enrollments:
            for email in person["emails"]:
                key = (person["id"], email["step_order"])
                if self.emails.get(key) != email["status"]:
                    self.emails[key] = email["status"]
                    self.note(person["email"], email["step_order"], email["status"])

    def note(self, address, step, status):
        if status not in ("scheduled", "queued", "sending"):
            self.say(f"step {step + 1}  {address.split('@')[0]}: {WORDS[status]}")

    def say(self, words):
        self.events.append(f"{time.monotonic() - self.started:5.1f} s  {words}")

    def count(self, step=None):
        return collections.Counter(status for (_, at), status in self.emails.items() if step in (None, at))

    def full_mailboxes(self):
        return {m["id"] for m in self.mailboxes if used(m) >= m["daily_capacity"]}

    def is_over(self):
        """Nothing moves any more: everybody is through, or waits for a mailbox that is full for today."""
        full = self.full_mailboxes()
        for person in self.enrollments:
            statuses = [email["status"] for email in person["emails"]]
            if any(status in OPEN for status in statuses):
                return False
            if person["status"] == "active" and not ("scheduled" in statuses and person["mailbox_id"] in full):
                return False
        return bool(self.enrollments)


def used(mailbox_view):
    return mailbox_view["sent_today"] + mailbox_view.get("unknown_today", 0)


class Screen:
    """One screen on a terminal, one line every two seconds elsewhere."""

    def __init__(self, live):
        self.live = live
        self.last_line = 0.0
        if live:
            print("\033[2J", end="")

    def show(self, watch, ledger, header):
        counts = watch.count()
        if not self.live:
            if time.monotonic() - self.last_line >= 2:
                self.last_line = time.monotonic()
                words = ", ".join(f"{n} {status}" for status, n in sorted(counts.items()))
                print(f"{time.monotonic() - watch.started:5.1f} s  accepted {ledger.lines:4}  {words}", flush=True)
            return
        lines = [*header, "", f"  {'mails accepted by the sink':34}{ledger.lines}", ""]
        lines.append("          " + "".join(f"{SHORT.get(s, s):>10}" for s in self.columns(counts)))
        for step in range(len(STEPS)):
            at = watch.count(step)
            lines.append(f"  step {step + 1}  " + "".join(f"{at[s] or '·':>10}" for s in self.columns(counts)))
        lines += ["", "  mailbox              sent today"]
        for m in watch.mailboxes:
            lines.append("  " + bar(m))
        lines += ["", "  last events"] + [f"  {event}" for event in watch.events]
        print("\033[H" + "\n".join(line + "\033[K" for line in lines) + "\033[J", flush=True)

    @staticmethod
    def columns(counts):
        usual = ["scheduled", "queued", "sending", "sent"]
        return usual + [status for status in WORDS if status in counts and status not in usual]


def bar(m, width=30):
    share = min(1.0, used(m) / max(1, m["daily_capacity"]))
    text = "█" * int(share * width) + "░" * (width - int(share * width))
    why = m["state_reason"] or ("full for today" if share == 1.0 else "")
    return f"{m['email'].split('@')[0]:20} {text} {used(m):3}/{m['daily_capacity']:<3} {why}"


def curl(method, url, body):
    """Shows the call as a reader would type it, and what came back."""
    text = json.dumps(body)
    print(f"\n$ curl -s -X {method} {url} -H 'Content-Type: application/json' -d '\n{text}'")
    done = subprocess.run(["curl", "-sS", "-X", method, url, "-H", "Content-Type: application/json", "-d", text],
                          stdout=subprocess.PIPE, text=True, check=True)
    print(done.stdout.rstrip(), flush=True)
    return json.loads(done.stdout)


def documents_calls(base):
    """The two calls of the design document."""
    made = curl("POST", f"{base}/api/v1/sequences", {
        "name": "Q1 outreach", "open_tracking_enabled": True, "click_tracking_enabled": True,
        "steps": [{"subject": "Hi {{first_name}}", "content": "<p>Shall we talk?</p>", "wait_days": 0},
                  {"subject": "Following up", "content": "<p>Still there?</p>", "wait_days": 3}]})
    curl("POST", f"{base}/api/v1/sequences/{made['id']}/contacts", {
        "contacts": [{"email": "ana@acme.test", "first_name": "Ana", "last_name": "Li", "company": "Acme"}]})
    print(flush=True)


def interfere(api, watch, letters, over):
    """People say no or click, a mailbox is refused, and somebody at the desk pauses everything for a moment."""
    if over.wait(DAY_SECONDS * 0.4):
        return
    add_refused_mailbox(api, watch)
    opting_out = letters.newest(2)
    for letter in opting_out:
        letter.opt_out()
        watch.say(f"{letter.to.split('@')[0]} clicked List-Unsubscribe: no further mail")
    if over.wait(DAY_SECONDS * 0.2):
        return
    waiting = [p for p in watch.enrollments if p["status"] == "active"]
    for person in waiting[5:8]:
        api("POST", f"/api/v1/enrollments/{person['id']}/stop")
        watch.say(f"you stopped {person['email'].split('@')[0]}")
    if over.wait(DAY_SECONDS * 0.6):
        return
    receipt = api("POST", f"/api/v1/sequences/{watch.sequence}/pause")["receipt"]
    watch.say(f"you paused the sequence: {receipt['held']} emails wait, "
              f"{len(receipt['already_leaving'])} had left already")
    over.wait(2)
    receipt = api("POST", f"/api/v1/sequences/{watch.sequence}/activate")["receipt"]
    watch.say(f"you resumed it: {receipt['scheduled']} emails go on")
    for letter in letters.first(3):
        watch.say(f"{letter.to.split('@')[0]} clicked: {letter.click()}")


def add_refused_mailbox(api, watch):
    made = api("POST", "/api/v1/mailboxes", {**watch.refused, "min_gap_seconds": 0})
    sequence = api("POST", "/api/v1/sequences", {"name": "From a newcomer", "mailbox_ids": [made["id"]],
                                                 "steps": [{"subject": "Hi", "content": "<p>Hi</p>"}]})
    api("POST", f"/api/v1/sequences/{sequence['id']}/contacts", {"contacts": [{"email": "zoe.last@people.test"}]})
    watch.say("you added a mailbox that its server does not let send")


class Letters:
    """What the sink has accepted of the first step, as its readers see it."""

    def __init__(self, rig, folder):
        self.ledger = Ledger(rig.ledger_path)
        self.folder = folder
        self.lines = []

    def newest(self, count):
        return self._letters(reversed(self._look()), count)

    def first(self, count):
        return self._letters(self._look(), count)

    def _look(self):
        self.lines += [line for line in self.ledger.news() if line["to"][0].isalpha() and "people" in line["to"]]
        return self.lines

    def _letters(self, lines, count):
        letters = (Letter(self.folder, line) for line in lines if not line["to"].startswith("drop"))
        return list(itertools.islice((letter for letter in letters if letter.links()), count))


def summary(watch, ledger, seconds):
    counts = watch.count()
    over = collections.Counter(f"{p['status']} ({p['reason'] or 'waits for capacity'})" for p in watch.enrollments)
    print(f"\nThe first round took {seconds:.0f} s: {ledger.lines} mails accepted by the sink.")
    print("  emails   " + ", ".join(f"{n} {s.replace('_', ' ')}" for s, n in counts.most_common()))
    print("  people   " + ", ".join(f"{n} {s}" for s, n in over.most_common()))
    for link in watch.api("GET", f"/api/v1/reports/links?sequence_id={watch.sequence}")["items"]:
        print(f"  clicks   {link['clicks']['human']} on {link['url']}")
    for box in watch.mailboxes:
        if box["status"] == "error":
            print(f"  mailbox  {box['email']}: {box['state_reason']}, {box['state_detail']}")
            print(f"           {box['remedy']}")


def run(once):
    rig = Rig("demo", SETTINGS)
    port = free_port()
    base = f"http://127.0.0.1:{port}"
    api = Api([port])
    ended = threading.Event()
    signal.signal(signal.SIGINT, lambda *_: ended.set())
    signal.signal(signal.SIGTERM, lambda *_: ended.set())
    try:
        rig.run("migrate", "up")
        letters = os.path.join(rig.folder, "letters")
        rig.start_sink("--mails", letters)
        server = rig.program("serve", "serve", http__listen=f"127.0.0.1:{port}").start()
        if not wait_until(lambda: api.is_ready(port) or not server.is_running(), 30) or not server.is_running():
            raise RuntimeError("sequitur serve did not get ready:\n" + server.last_words())
        return show(rig, api, base, Letters(rig, letters), ended, once)
    finally:
        rig.stop()
        rig.remove()


def show(rig, api, base, letters, ended, once):
    print(f"API        {base}/api/v1   (metrics: {base}/metrics)")
    print(f"Mail goes  to a sink on 127.0.0.1:{rig.sink_port}, nowhere else. One day is {DAY_SECONDS} s.")
    boxes = [api("POST", "/api/v1/mailboxes", mailbox(rig, i, cap))["id"] for i, cap in enumerate(CAPACITIES)]
    documents_calls(base)
    made = api("POST", "/api/v1/sequences", {"name": "Letters", "steps": STEPS, "mailbox_ids": boxes})
    watch, ledger = Watch(api, made["id"]), Ledger(rig.ledger_path)
    added = api("POST", f"/api/v1/sequences/{made['id']}/contacts", {"contacts": list(people(CONTACTS))})
    watch.say(f"{added['contacts_added']} people enrolled in {len(STEPS)} steps")
    watch.refused = {**mailbox(rig, len(boxes), 10), "email": REFUSED, "from_name": "Newcomer"}
    threading.Thread(target=interfere, args=(api, watch, letters, ended), daemon=True).start()
    live = sys.stdout.isatty() and not once
    if live:
        ended.wait(5)  # time to read the two calls before the screen is cleared
    header = [f"  sequitur demo: {base}/api/v1 · one day = {DAY_SECONDS} s · Ctrl-C ends"]
    code = first_round(rig, watch, ledger, Screen(live), header, ended)
    if once or ended.is_set() or code:
        return code
    header.append("  the first round was verified: every invariant holds; people keep coming")
    print("\nPeople keep coming; Ctrl-C ends.", flush=True)
    ended.wait(6)
    endless(api, watch, ledger, Screen(live), header, ended)
    return 0


def first_round(rig, watch, ledger, screen, header, ended, longest=80):
    while not ended.wait(0.5):
        watch.look()
        ledger.news()
        screen.show(watch, ledger, header)
        seconds = time.monotonic() - watch.started
        if watch.is_over():
            break
        if seconds > longest:
            print(f"\nThe first round is not over after {longest} s: {dict(watch.count())}")
            return 1
    if ended.is_set():
        return 0
    ledger.news()
    summary(watch, ledger, seconds)
    print("\n$ sequitur verify --ledger", rig.ledger_path, flush=True)
    checked = verified(rig)
    print(checked.stdout.rstrip() or checked.stderr.rstrip(), flush=True)
    return checked.returncode


def verified(rig):
    """The two calls at the start made a sequence of their own, whose second mail may be on its way."""
    answers = []

    def holds():
        answers.append(rig.run("verify", "--ledger", rig.ledger_path, check=False))
        return answers[-1].returncode == 0

    wait_until(holds, 5, step=0.5)
    return answers[-1]


def endless(api, watch, ledger, screen, header, ended):
    newcomers = CONTACTS
    while not ended.wait(1):
        if newcomers % 2 == 0:
            api("POST", f"/api/v1/sequences/{watch.sequence}/contacts", {"contacts": list(people(1, newcomers))})
        newcomers += 1
        watch.look()
        ledger.news()
        screen.show(watch, ledger, header)


def main():
    arguments = argparse.ArgumentParser(prog="./dev demo", description=__doc__.split("\n\n", maxsplit=1)[0])
    arguments.add_argument("--once", action="store_true", help="end after the first round, with verify's answer")
    try:
        return run(arguments.parse_args().once)
    except (Refused, RuntimeError, TimeoutError) as trouble:
        print(f"demo: {trouble}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
