#!/usr/bin/env python3
"""Kills whatever runs while mail runs, then counts: called by `./dev crash --minutes N --seed S`.

Every role runs in several processes of its own. A schedule of faults, drawn from the seed alone, kills
them, freezes some beyond their lease, pauses sequences, and pulls PostgreSQL's plug, while people keep
being enrolled. Only the sink is left alone: its ledger is the truth. Then everything is healed, the mail
runs out, and the ledger is compared with the database, by `sequitur verify` and once more here.
"""
import argparse
import collections
import heapq
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from rig import Api, Ledger, Refused, Rig, free_port, mailbox, wait_until  # noqa: E402

PROCESSES = {"api": 2, "producer": 2, "relay": 2, "sender": 3, "followup": 2, "retry": 2, "recorder": 2, "janitor": 2}
LEASE_SECONDS = 8
SETTINGS = {"http.auth": "none", "schedule.day": "5s", "retry.first_delay": "2s", "producer.interval": "5s",
            "sender.lease": f"{LEASE_SECONDS}s", "sender.backoff_first": "500ms", "sender.backoff_max": "3s",
            "janitor.interval": "1s", "janitor.queued_after": "20s", "janitor.failed_after": "15s",
            "janitor.stranded_after": "15s"}
MAILBOXES = 60
SMALL_MAILBOXES, SMALL_CAPACITY = 10, 30
STEPS = [{"subject": "Hello {{first_name}}", "content": "<p>Hello {{first_name}}</p>"},
         {"subject": "", "content": "<p>{{first_name}}, again</p>", "wait_days": 1},
         {"subject": "Last", "content": "<p>Good bye, {{first_name}}</p>", "wait_days": 1}]
# (share of the people, what the sink does to them)
MISFORTUNES = [(0.010, "451.dot.x1"), (0.005, "451.rcpt.x2"), (0.0005, "451.mail.x2"), (0.005, "550.rcpt"),
               (0.002, "drop.dot"), (0.002, "dropbefore.dot")]
BACKLOG = 12_000  # mails promised and not yet accepted


# ---------------------------------------------------------------- the faults, from the seed alone

def slots():
    return [f"{role}-{i}" for role, count in PROCESSES.items() for i in range(count)]


def schedule(seed):
    """(seconds until it, kind, whom, for how long), for ever."""
    draw = random.Random(seed)
    names = slots()
    weights = [3 if name.startswith("sender") else 1 for name in names]
    while True:
        pause = draw.uniform(0.1, 2.0)
        dice = draw.random()
        slot = draw.choices(names, weights)[0]
        if dice < 0.025:
            yield pause, "postgres", "postgres", draw.uniform(0.0, 3.0)
        elif dice < 0.09:
            yield pause, "freeze", slot, draw.uniform(0.5, 1.6 * LEASE_SECONDS)
        elif dice < 0.11:
            yield pause, "pause", draw.randrange(3), draw.uniform(0.5, 4.0)
        else:
            yield pause, "kill", slot, draw.uniform(0.0, 1.0)


class Postgres:
    """The server of SEQUITUR_PG_DATA, whose plug is pulled."""

    def __init__(self):
        self.bin = os.environ["SEQUITUR_PG_BIN"]
        self.data = os.environ["SEQUITUR_PG_DATA"]
        self.user = os.environ.get("SEQUITUR_PG_USER", "")
        self.url = os.environ["SEQUITUR_DATABASE__URL"]

    def pg_ctl(self, *arguments):
        command = [os.path.join(self.bin, "pg_ctl"), "-D", self.data, "-s", *arguments]
        if os.geteuid() == 0 and self.user not in ("", "root"):
            command = ["runuser", "-u", self.user, "--", *command]
        return subprocess.run(command, cwd="/", stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL,
                              stderr=subprocess.DEVNULL, timeout=120).returncode

    def pull_the_plug(self):
        self.pg_ctl("stop", "-m", "immediate")

    def start(self):
        log = os.path.join(os.path.dirname(self.data), "log")
        if self.pg_ctl("start", "-w", "-t", "60", "-l", log) != 0 and self.pg_ctl("status") != 0:
            raise RuntimeError(f"PostgreSQL did not come back; its log: {log}")

    def rows(self, sql):
        psql = [os.path.join(self.bin, "psql"), "-XAtF", "\t", "-v", "ON_ERROR_STOP=1", "-c", sql, self.url]
        done = subprocess.run(psql, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True,
                              timeout=120)
        return [line.split("\t") for line in done.stdout.splitlines()]


class Trouble:
    """Carries the schedule out. Everything that ends later (a restart, a thaw) stands on one heap."""

    def __init__(self, seed, programs, postgres, api, sequences):
        self.faults = schedule(seed)
        self.programs = programs
        self.postgres = postgres
        self.api = api
        self.sequences = sequences
        self.counts = collections.Counter()
        self.windows = []           # (kind, whom, from, to) in wall time
        self.surprises = []         # processes that ended by themselves
        self.later = []
        self.order = itertools.count()
        self.next_at = time.monotonic()
        self.next_fault = None
        self.down = set()

    def at(self, seconds, act):
        heapq.heappush(self.later, (time.monotonic() + seconds, next(self.order), act))

    def run_until(self, end):
        while time.monotonic() < end:
            if self.next_fault is None:
                self.next_fault = next(self.faults)
                self.next_at = max(self.next_at + self.next_fault[0], time.monotonic() - 1)
            self.do_later()
            if time.monotonic() >= self.next_at:
                self.strike(*self.next_fault[1:])
                self.next_fault = None
            self.look_for_surprises()
            soonest = min([self.next_at, end] + [at for at, *_ in self.later[:1]])
            time.sleep(max(0.0, min(0.1, soonest - time.monotonic())))

    def do_later(self, all_of_it=False):
        while self.later and (all_of_it or self.later[0][0] <= time.monotonic()):
            heapq.heappop(self.later)[2]()

    def strike(self, kind, whom, seconds):
        if whom in self.down:
            return
        self.counts[kind if kind in ("postgres", "pause") else f"{kind} {whom.split('-')[0]}"] += 1
        if kind == "kill":
            self.kill(whom, seconds)
        elif kind == "freeze":
            self.freeze(whom, seconds)
        elif kind == "postgres":
            self.pull_the_plug(seconds)
        else:
            self.pause(self.sequences[whom], seconds)

    def kill(self, whom, seconds):
        self.programs[whom].kill()
        self.windows.append(("kill", whom, time.time(), time.time()))
        self.down.add(whom)
        self.at(seconds, lambda: self.start(whom))

    def start(self, whom):
        self.down.discard(whom)
        self.programs[whom].start()

    def freeze(self, whom, seconds):
        process = self.programs[whom].process
        self.programs[whom].signal(signal.SIGSTOP)
        self.windows.append(("freeze", whom, time.time(), time.time() + seconds))
        # It may have been killed and replaced meanwhile: the signal goes to the one that was frozen.
        self.at(seconds, lambda: process.poll() is None and process.send_signal(signal.SIGCONT))

    def pull_the_plug(self, seconds):
        began = time.time()
        self.postgres.pull_the_plug()
        time.sleep(seconds)
        self.postgres.start()
        self.windows.append(("postgres", "postgres", began, time.time()))

    def pause(self, sequence, seconds):
        def act(path):
            try:
                self.api("POST", f"/api/v1/sequences/{sequence}/{path}")
            except (Refused, TimeoutError) as no:
                self.surprises.append(f"{path}: {no}")

        def pause_and_resume():
            act("pause")
            time.sleep(seconds)
            act("activate")

        thread = threading.Thread(target=pause_and_resume)
        thread.start()
        self.at(seconds + 0.1, thread.join)

    def look_for_surprises(self):
        for whom, program in self.programs.items():
            if whom not in self.down and not program.is_running():
                code = program.process.returncode
                self.surprises.append(f"{whom} ended by itself with {code}:\n{program.last_words(5)}")
                self.start(whom)

    def heal(self):
        self.do_later(all_of_it=True)
        for whom in list(self.down):
            self.start(whom)


# ---------------------------------------------------------------- the mail

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


def start_everything(rig):
    programs, ports = {}, []
    for slot in slots():
        role = slot.split("-")[0]
        more = {}
        if role == "api":
            ports.append(free_port())
            more["http__listen"] = f"127.0.0.1:{ports[-1]}"
        programs[slot] = rig.program(slot, "serve", "--roles", role, **more).start()
    api = Api(ports)
    if not wait_until(lambda: all(api.is_ready(port) for port in ports), 60):
        raise RuntimeError("the API did not get ready:\n" + programs["api-0"].last_words())
    return programs, api


def seed_mail(rig, api):
    big = [api("POST", "/api/v1/mailboxes", mailbox(rig, i, 1_000_000))["id"] for i in range(MAILBOXES)]
    small = [api("POST", "/api/v1/mailboxes", mailbox(rig, MAILBOXES + i, SMALL_CAPACITY))["id"]
             for i in range(SMALL_MAILBOXES)]

    def sequence(name, steps, boxes):
        return api("POST", "/api/v1/sequences", {"name": name, "steps": STEPS[:steps], "mailbox_ids": boxes})["id"]

    return [(sequence("A", 3, big), 3), (sequence("B", 2, big), 2), (sequence("C", 3, big), 3)], sequence("S", 2, small)


# ---------------------------------------------------------------- afterwards

STILL_MOVING = """
WITH full_today AS (SELECT mailbox_id FROM mailbox_daily_counts
                     WHERE date = (now() AT TIME ZONE 'UTC')::date
                       AND reserved_count + sent_count + unknown_count >= cap)
SELECT (SELECT count(*) FROM email_queues WHERE status IN ('queued', 'sending', 'failed')),
       (SELECT count(*) FROM email_queues WHERE status = 'scheduled' AND mailbox_id NOT IN (SELECT * FROM full_today)),
       (SELECT count(*) FROM sequence_contacts sc WHERE status = 'active' AND NOT EXISTS
          (SELECT FROM email_queues e WHERE e.sequence_contact_id = sc.id
              AND e.status IN ('scheduled', 'queued', 'sending', 'failed', 'held', 'unknown')))
"""


def wait_for_quiet(postgres, ledger, seconds):
    """Seconds until nothing moved any more; None if it still does after `seconds`."""
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        moving = [int(n) for n in postgres.rows(STILL_MOVING)[0]]
        ledger.news()
        progress(f"running out: {moving[0]} on their way, {moving[1]} scheduled, {moving[2]} without a next step")
        if not any(moving):
            return time.monotonic() - start
        time.sleep(1)
    return None


def compare(postgres, ledger_path):
    """Our own count, independent of `verify`: ids in the ledger against rows in the database."""
    with open(ledger_path, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    by_id = collections.Counter(line["message_id"].strip("<>").split("@")[0].split(".")[-1] for line in lines)
    rows = {row_id.replace("-", ""): status for row_id, status in postgres.rows("SELECT id, status FROM email_queues")}
    per_day = collections.Counter((line["from"], line["at"][:10]) for line in lines)
    caps = dict(postgres.rows("SELECT email, daily_capacity FROM mailboxes"))
    return {
        "mails": len(lines),
        "duplicates": sum(n - 1 for n in by_id.values()),
        "lost": sum(1 for row, status in rows.items() if status == "sent" and row not in by_id),
        "unrecorded": sum(1 for row in by_id if rows.get(row) not in ("sent", "unknown", "assumed_sent")),
        "over a limit": sum(1 for (sender, _), n in per_day.items() if n > int(caps[sender])),
    }


def unknowns(postgres, windows):
    """(all, explained): each by the recipient's script, or by a fault that met its sender or the database."""
    rows = postgres.rows("SELECT extract(epoch FROM e.dot_at), c.email FROM email_queues e"
                         " JOIN sequence_contacts sc ON sc.id = e.sequence_contact_id"
                         " JOIN contacts c ON c.id = sc.contact_id"
                         " WHERE e.status IN ('unknown', 'assumed_sent')")
    dot_timeout = LEASE_SECONDS / 2
    hits = [(begin - dot_timeout - 0.5, end + 0.5) for kind, whom, begin, end in windows
            if kind == "postgres" or whom.startswith("sender")]
    explained = sum(1 for dot_at, email in rows if email.startswith("drop")
                    or any(begin <= float(dot_at) <= end for begin, end in hits))
    return len(rows), explained


def table(lines):
    width = max(len(name) for name, _ in lines)
    print("\n" + "\n".join(f"  {name:{width}}  {value}" for name, value in lines), flush=True)


def judge(rig, postgres, trouble, feeder, ledger, quiet, ran, drained):
    own = compare(postgres, rig.ledger_path)
    unknown, explained = unknowns(postgres, trouble.windows)
    checked = rig.run("verify", "--ledger", rig.ledger_path, "--json", check=False)
    kills = sum(n for kind, n in trouble.counts.items() if kind.startswith("kill")) + trouble.counts["postgres"]
    lines = [("ran for", f"{ran / 60:.1f} min"), ("kills", kills)]
    lines += [(f"  {kind}", n) for kind, n in sorted(trouble.counts.items())]
    lines += [("people enrolled", feeder.enrolled), *own.items()]
    lines += [("unknown", f"{unknown}, explained by a fault: {explained}"),
              ("recovered in", "NOT within the bound" if quiet is None else f"{quiet:.0f} s"),
              ("verify", "ok" if checked.returncode == 0 else f"FAILED with {checked.returncode}")]
    table(lines)
    bad = [f"{name}: {own[name]}" for name in ("duplicates", "lost", "unrecorded", "over a limit") if own[name]]
    bad += [] if unknown == explained else [f"{unknown - explained} unknown without a fault that explains it"]
    bad += [] if quiet is not None else ["mail was still moving long after everything was healed"]
    bad += [] if checked.returncode == 0 else ["verify: " + (checked.stdout or checked.stderr).strip()[:4000]]
    bad += [f"enrolling was refused: {no}" for no in feeder.refusals[:3]] + trouble.surprises
    bad += [] if drained else ["a process did not end on SIGTERM"]
    for violation in bad:
        print(f"\nVIOLATION {violation}", flush=True)
    return 1 if bad else 0


def progress(text):
    if sys.stdout.isatty():
        print(f"\r{text}\033[K", end="", flush=True)
    elif time.monotonic() - progress.last > 15:
        progress.last = time.monotonic()
        print(text, flush=True)


progress.last = 0.0


def run(options):
    postgres = Postgres()
    rig = Rig("crash", SETTINGS)
    code = 1
    try:
        rig.run("migrate", "up")
        rig.start_sink()
        programs, api = start_everything(rig)
        sequences, small = seed_mail(rig, api)
        ledger = Ledger(rig.ledger_path)
        trouble = Trouble(options.seed, programs, postgres, api, [sequence for sequence, _ in sequences])
        feeder = Feeder(options.seed, api, ledger, sequences, small)
        print(f"seed {options.seed}: {len(programs)} processes, {MAILBOXES + SMALL_MAILBOXES} mailboxes; "
              f"logs and ledger in {rig.folder}", flush=True)
        feeder.start()
        ran = strike_while_mail_runs(options, trouble, feeder, ledger)
        feeder.over.set()
        trouble.heal()
        feeder.join(30)
        quiet = wait_for_quiet(postgres, ledger, 300)
        drained = stop_all(programs)
        code = judge(rig, postgres, trouble, feeder, ledger, quiet, ran, drained)
        return code
    finally:
        rig.stop()
        if code == 0:
            rig.remove()
        else:
            print(f"\nLogs, ledger and key are kept in {rig.folder}", flush=True)


def strike_while_mail_runs(options, trouble, feeder, ledger):
    """Until the minutes are over and the mails are sent, but at most three times as long."""
    start = time.monotonic()
    while True:
        trouble.run_until(time.monotonic() + 1)
        ledger.news()
        ran = time.monotonic() - start
        left = max(0.0, options.minutes * 60 - ran)
        rate = ledger.lines / ran
        if options.mails > ledger.lines:
            left = max(left, (options.mails - ledger.lines) / max(rate, 1))
        kills = sum(trouble.counts.values()) - trouble.counts["pause"]
        progress(f"{ran:5.0f} s, {left:4.0f} s to go: {ledger.lines} mails ({rate:.0f}/s), "
                 f"{feeder.enrolled} people, {kills} kills and freezes")
        if left == 0 or ran > options.minutes * 180 + 60:
            print(flush=True)
            return ran


def stop_all(programs):
    for program in programs.values():
        program.ask_to_stop()
    return all([program.stop(30) for program in programs.values()])


def main():
    parser = argparse.ArgumentParser(prog="./dev crash", description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--minutes", type=float, default=10, help="how long faults are injected (10)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed injects the same faults (1)")
    parser.add_argument("--mails", type=int, default=0, help="go on until so many mails were accepted")
    try:
        return run(parser.parse_args())
    except (RuntimeError, TimeoutError) as trouble:
        print(f"crash: {trouble}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
