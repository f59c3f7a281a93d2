"""What is done to the processes: drawn from the seed alone, carried out in real time, and written down."""
import collections
import heapq
import itertools
import os
import random
import signal
import subprocess
import threading
import time

from crashing.buses import cut_connections
from rig import Refused

PROCESSES = {"api": 2, "producer": 2, "relay": 2, "sender": 3, "followup": 2, "retry": 2, "recorder": 2, "janitor": 2}
LEASE_SECONDS = 8
BUS_SHARE = 0.06     # of the faults, where the bus is a server of its own
BROKER_SECONDS = 8   # below and beyond what a broker's session is good for


def slots():
    return [f"{role}-{i}" for role, count in PROCESSES.items() for i in range(count)]


def schedule(seed, bus_faults=()):
    """(seconds until it, kind, whom, for how long), for ever."""
    draw = random.Random(seed)
    names = slots()
    weights = [3 if name.startswith("sender") else 1 for name in names]
    while True:
        pause = draw.uniform(0.1, 2.0)
        if bus_faults and draw.random() < BUS_SHARE:
            yield pause, draw.choice(bus_faults), draw.randrange(3), draw.uniform(0.5, BROKER_SECONDS)
            continue
        dice = draw.random()
        slot = draw.choices(names, weights)[0]
        if dice < 0.015:
            yield pause, "postgres", "postgres", draw.uniform(0.0, 3.0)
        elif dice < 0.03:
            yield pause, "kill broker", draw.randrange(3), draw.uniform(0.0, 4.0)
        elif dice < 0.045:
            yield pause, "cut database", "postgres", 0.0
        elif dice < 0.065:
            yield pause, "cut smtp", "sink", 0.0
        elif dice < 0.075:
            yield pause, "cut bus", "broker", 0.0
        elif dice < 0.14:
            yield pause, "freeze", slot, draw.uniform(0.5, 1.6 * LEASE_SECONDS)
        elif dice < 0.16:
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

    def cut_connections(self):
        """Every session of the program, in the middle of whatever it does."""
        return bool(self.rows("SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                              " WHERE datname = current_database() AND pid <> pg_backend_pid()"))

    def rows(self, sql):
        psql = [os.path.join(self.bin, "psql"), "-XAtF", "\t", "-v", "ON_ERROR_STOP=1", "-c", sql, self.url]
        done = subprocess.run(psql, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, text=True, check=True,
                              timeout=120)
        return [line.split("\t") for line in done.stdout.splitlines()]


class Trouble:
    """Carries the schedule out. Everything that ends later (a restart, a thaw) stands on one heap."""

    def __init__(self, seed, programs, postgres, bus, sink_port, api, sequences):
        self.faults = schedule(seed, bus.faults)
        self.bus = bus
        self.sink_port = sink_port
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
        if kind.startswith("cut"):
            self.cut(kind)
        elif kind == "kill":
            self.kill(whom, seconds)
        elif kind == "freeze":
            self.freeze(whom, seconds)
        elif kind == "postgres":
            self.pull_the_plug(seconds)
        elif "broker" in kind:
            self.bus.strike(self, kind, whom, seconds)
        else:
            self.pause(self.sequences[whom], seconds)

    def kill(self, whom, seconds):
        self.counts[f"kill {whom.split('-')[0]}"] += 1
        self.programs[whom].kill()
        self.windows.append(("kill", whom, time.time(), time.time()))
        self.down.add(whom)
        self.at(seconds, lambda: self.start(whom))

    def start(self, whom):
        self.down.discard(whom)
        self.programs[whom].start()

    def freeze(self, whom, seconds):
        self.counts[f"freeze {whom.split('-')[0]}"] += 1
        process = self.programs[whom].process
        self.programs[whom].signal(signal.SIGSTOP)
        self.windows.append(("freeze", whom, time.time(), time.time() + seconds))
        # It may have been killed and replaced meanwhile: the signal goes to the one that was frozen.
        self.at(seconds, lambda: process.poll() is None and process.send_signal(signal.SIGCONT))

    def pull_the_plug(self, seconds):
        self.counts["kill postgres"] += 1
        began = time.time()
        self.postgres.pull_the_plug()
        time.sleep(seconds)
        self.postgres.start()
        self.windows.append(("postgres", "postgres", began, time.time()))

    def cut(self, kind):
        begin = time.time()
        if kind == "cut smtp":
            is_done = cut_connections(self.sink_port)
        elif kind == "cut bus":
            is_done = self.bus.cut()
        else:
            is_done = self.postgres.cut_connections()
        if is_done:
            self.windows.append((kind, "connections", begin, time.time()))
            self.counts[kind] += 1

    def lose_the_bus(self):
        """The last and worst: every topic is emptied, and PostgreSQL crashes meanwhile."""
        self.counts["topics wiped"] += 1
        self.bus.lose()
        self.pull_the_plug(0.5)
        self.bus.come_back()

    def pause(self, sequence, seconds):
        self.counts["pause"] += 1

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
        self.bus.look(self)

    def heal(self):
        self.do_later(all_of_it=True)
        self.bus.heal()
        for whom in list(self.down):
            self.start(whom)
