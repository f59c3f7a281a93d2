#!/usr/bin/python3
"""Hammers the SQL of the embedded bus: does it keep its promises while everything around it dies?

  bus_hammer.py [--seconds 20] [--seed 1] [--mutant NAME | --mutants]

Works on the project's own statements in a database of its own on SEQUITUR_TEST_DATABASE_URL. Producers in processes
publish at once, or inside slow transactions of which a third roll back; some are killed or stopped in the middle. Two
groups on each of two topics; their members join, leave, are SIGKILLed, or SIGSTOPped until they were replaced and then
continued, and then try a commit. A janitor rotates the log, a report holds its tables open now and then. The truth is
kept outside the bus: the producers' acknowledgements in files, what members saw and every change of a lease (by a
trigger, with the session that made it) in tables of the hammer's own.
--mutant breaks one rule of the SQL on purpose: the checks must then fail. --mutants tries them all.
"""
import argparse
import collections
import json
import os
import pathlib
import random
import shutil
import signal
import sys
import tempfile
import time
import uuid

import psycopg2
import psycopg2.extras

import bus_hammer_checks

ROOT = pathlib.Path(__file__).resolve().parents[2]
PARTITIONS = {1: 8, 2: 3}  # topic -> partitions
DLQ = 9
GROUPS = [("g1", 1), ("g2", 1), ("g1", 2), ("g2", 2)]
LEASE, HEARD, HEARTBEAT = 3.0, 1.5, 0.4
TAKEOVER_MAX = LEASE + HEARTBEAT + 2.0  # a tick, and what a busy machine adds
MUTANT_TRIES = 4
# What one process needs before the SQL: the pins of src/bus/session.cpp.
PINS = ("SET enable_seqscan = off; SET enable_bitmapscan = off; SET plan_cache_mode = force_generic_plan;"
        "SET idle_in_transaction_session_timeout = '5s'")
# name: [(file, rule, what a mistake would have written)]
MUTANTS = {
    "commit_of_any_epoch": [("commit", "l.owner = $3::uuid AND l.epoch = c.epoch", "$3::uuid IS NOT NULL")],
    "taking_keeps_the_epoch": [("take", "epoch = l.epoch + 1", "epoch = l.epoch")],
    "fetch_skips_one": [("fetch", "off >= ready.pos", "off > ready.pos")],
    "retention_takes_unread": [("schema", "IF age < r.keep_max AND EXISTS", "IF false AND EXISTS")],
    "lease_never_ends": [("take", "AND m.lease_until > clock_timestamp()", ""),
                         ("view", "AND lease_until > clock_timestamp()", "")],
    "offsets_without_a_lock": [("publish", " FOR NO KEY UPDATE OF p", ""),
                               ("publish", "SET next_off = p.next_off + need.n", "SET next_off = locked.was + need.n"),
                               ("publish", "SELECT p.topic, p.part FROM bus_partition p JOIN need",
                                "SELECT p.topic, p.part, p.next_off AS was FROM bus_partition p JOIN need")],
}
AUDIT = """
CREATE TABLE hammer_seen (n bigserial, grp text, topic int, part int, off bigint, id uuid, epoch bigint, member uuid,
                          at timestamptz DEFAULT clock_timestamp());
CREATE TABLE hammer_audit (n bigserial, grp text, topic int, part int, actor text, old_owner uuid, new_owner uuid,
  old_epoch bigint, new_epoch bigint, old_off bigint, new_off bigint, at timestamptz DEFAULT clock_timestamp());
CREATE FUNCTION hammer_audit() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
  INSERT INTO hammer_audit (grp, topic, part, actor, old_owner, new_owner, old_epoch, new_epoch, old_off, new_off)
  VALUES (NEW.grp, NEW.topic, NEW.part, current_setting('application_name'), OLD.owner, NEW.owner, OLD.epoch,
          NEW.epoch, OLD.committed_off, NEW.committed_off);
  RETURN NULL; END $$;
CREATE TRIGGER hammer_audit AFTER UPDATE ON bus_lease FOR EACH ROW EXECUTE FUNCTION hammer_audit();
"""


def pause(seconds):
    time.sleep(seconds)  # tree-ok(sleep): the pace of the load; nothing waits for it


def read_sql(mutant):
    sql = {file.stem: file.read_text() for file in (ROOT / "src/bus/sql").glob("*.sql")}
    sql["schema"] = (ROOT / "db/migrations/0002_bus.sql").read_text()
    for file, rule, mistake in MUTANTS.get(mutant, []):
        if sql[file].count(rule) != 1:
            sys.exit(f"mutant {mutant}: {file}.sql no longer says {rule!r}")
        sql[file] = sql[file].replace(rule, mistake)
    return sql


def uuids(ids):
    return "{" + ",".join(ids) + "}"


class Bus:
    """One session with the statements prepared: bus.run("view", ...)."""

    def __init__(self, url, name, sql):
        self.connection = psycopg2.connect(url, application_name=name)
        self.connection.autocommit = True
        self.connection.cursor().execute(PINS)
        self.sql, self.prepared = sql, set()

    def ask(self, text, *values):
        cursor = self.connection.cursor()
        cursor.execute(text, values or None)
        return cursor.fetchall() if cursor.description else cursor.rowcount

    def run(self, name, *values):
        if name not in self.prepared:
            self.ask(f'PREPARE "{name}" AS {self.sql[name]}')
            self.prepared.add(name)
        places = ", ".join(["%s"] * len(values))
        return self.ask(f'EXECUTE "{name}"' + (f"({places})" if values else ""), *values)

    def publish(self, records):
        """records: (topic, slot, id, payload)"""
        topics, slots, ids, payloads = zip(*records)
        return self.run("publish", list(topics), list(slots), uuids(ids), [psycopg2.Binary(p) for p in payloads])


class Log:
    """Lines that survive SIGKILL: one write() each."""

    def __init__(self, folder, name):
        self.fd = os.open(folder / name, os.O_WRONLY | os.O_CREAT | os.O_APPEND)

    def __call__(self, *what):
        os.write(self.fd, (json.dumps(what) + "\n").encode())


# Producers.
def some_records(rnd):
    for _ in range(rnd.choice([1, 1, 3, 8, 20])):
        poison = rnd.random() < 0.01
        payload = (b"poison " if poison else b"{}") + b"x" * rnd.choice([10, 300, 3000, 9000])
        yield rnd.choice(list(PARTITIONS)), rnd.randrange(64), str(uuid.UUID(int=rnd.getrandbits(128))), payload


def publish_once(bus, rnd, log, slow):
    records = list(some_records(rnd))
    ids = [record[2] for record in records]
    log("try", [(record[2], record[0], record[3].startswith(b"poison")) for record in records])
    bus.connection.autocommit = not slow
    if bus.publish(records) != len(records):
        sys.exit("fewer rows than records")
    if slow:
        pause(rnd.random() ** 3 * 0.4)
        if rnd.random() < 0.33:
            bus.connection.rollback()
            log("rolled", ids)
            return
        bus.connection.commit()
    log("ack", ids)


def producer(url, folder, name, seed, until, sql):
    rnd, log, bus = random.Random(seed), Log(folder, f"producer.{name}"), None
    slow = rnd.random() < 0.5
    while time.time() < until:
        try:
            if bus is None:
                bus = Bus(url, name, sql)
                bus.ask("SET idle_in_transaction_session_timeout = '2s'")
            publish_once(bus, rnd, log, slow)
            pause(rnd.random() * 0.03)
        except psycopg2.Error as error:
            log("error", type(error).__name__)
            bus = None


# Members.
class Member:
    def __init__(self, url, folder, group, topic, me, seed, sql):
        self.bus, self.group, self.topic, self.me = Bus(url, me, sql), group, topic, me
        self.rnd, self.log = random.Random(seed), Log(folder, f"member.{me}")
        self.held, self.paused, self.leaving = {}, {}, False  # held: partition -> [epoch, position, committed]
        self.bus.ask("SET synchronous_commit = off")
        self.bus.run("subscribe", group, topic)

    def tick(self):
        self.bus.run("heartbeat", [self.group], [self.topic], uuids([self.me]), f"{LEASE} s")
        view = self.bus.run("view", self.group, self.topic, self.me, f"{LEASE - HEARD} s")
        mine = {part: (epoch, off) for part, epoch, off, is_mine, *_ in view if is_mine}
        for part in [p for p, held in self.held.items() if mine.get(p, (None,))[0] != held[0]]:
            del self.held[part]
        for part, (epoch, off) in mine.items():  # a taking whose answer was lost
            self.held.setdefault(part, [epoch, off, off])
        quota = view[0][5]
        if quota is None:
            return
        if len(self.held) > quota:
            self.commit(sorted(self.held)[quota:], release=True)
        free = [(row[0], row[1]) for row in view if row[4]][:max(0, quota - len(self.held))]
        if free:
            for part, epoch, off in self.bus.run("take", self.group, self.topic, self.me, *map(list, zip(*free))):
                self.held[part] = [epoch, off, off]

    def commit(self, parts, release=False, late=False):
        asked = {part: tuple(self.held[part]) for part in parts}
        accepted = {part for (part,) in self.bus.run(
            "commit", self.group, self.topic, self.me, list(asked), [held[0] for held in asked.values()],
            [held[1] for held in asked.values()], [release] * len(asked))}
        for part, held in asked.items():
            self.log("commit", part, held[0], held[1], part in accepted, late)
            if part not in accepted or release:
                del self.held[part]
            else:
                self.held[part][2] = held[1]

    def fetch(self):
        now = time.monotonic()
        ask = {part: held for part, held in self.held.items() if self.paused.get(part, 0) < now}
        if not ask:
            return False
        rows = self.bus.run("fetch", self.group, self.topic, self.me, list(ask), [held[0] for held in ask.values()],
                            [held[1] for held in ask.values()], self.rnd.choice([1, 5, 50]),
                            self.rnd.choice([1, 4000, 1 << 20]))
        if not rows:
            return False
        psycopg2.extras.execute_values(
            self.bus.connection.cursor(),
            "INSERT INTO hammer_seen (grp, topic, part, off, id, epoch, member) VALUES %s",
            [(self.group, self.topic, part, off, rid, self.held[part][0], self.me) for part, off, _, rid, *_ in rows])
        for part, off, slot, rid, _, payload in rows:
            if slot % PARTITIONS[self.topic] != part:
                sys.exit("a record in a partition that is not its slot's")
            if off != self.held[part][1]:
                self.log("gap", part, self.held[part][1], off)
            if bytes(payload[:6]) == b"poison":
                letter = json.dumps({"group": self.group, "id": rid, "part": part, "off": off}).encode()
                self.bus.publish([(DLQ, slot, str(uuid.uuid4()), letter)])
            self.held[part][1] = off + 1
        return True

    def run(self):
        last = beat = time.monotonic()
        self.tick()
        while not self.leaving:
            now = time.monotonic()
            if now - last > LEASE * 0.7 and self.held:  # was frozen: the late commit that must be refused
                self.commit(list(self.held), late=True)
            last = now
            if now - beat >= HEARTBEAT:
                self.tick()
                beat = now
            if self.rnd.random() < 0.01 and self.held:
                self.paused[self.rnd.choice(list(self.held))] = now + 0.5 + self.rnd.random()
            busy = self.fetch()
            dirty = [part for part, held in self.held.items() if held[1] > held[2]]
            if dirty and self.rnd.random() < 0.5:
                self.commit(dirty)
            if not busy:
                pause(0.03)
        if self.held:
            self.commit(list(self.held), release=True)
        self.bus.run("leave", self.group, self.topic, self.me)


def member(url, folder, group, topic, me, seed, sql):
    running = Member(url, folder, group, topic, me, seed, sql)
    signal.signal(signal.SIGTERM, lambda *_: setattr(running, "leaving", True))
    running.run()


def janitor(url, folder, seed, sql):
    bus, log, rnd = Bus(url, "janitor", sql), Log(folder, "janitor"), random.Random(seed)
    report = Bus(url, "report", sql)
    report.connection.autocommit = False
    while True:
        log(bus.run("rotate", 0)[0][0])
        bus.run("lag")
        if rnd.random() < 0.1:
            report.ask("SELECT count(*) FROM bus_log")
            pause(1)
        report.connection.rollback()
        pause(0.5)


# The run.
def spawn(work, *args):
    pid = os.fork()
    if pid:
        return pid
    code = 1
    try:
        work(*args)
        code = 0
    except BaseException as error:  # the child must not go on as a second parent
        sys.stderr.write(f"{work.__name__}: {type(error).__name__} {str(error)[:300]}\n")
    finally:
        os._exit(code)


def end(pid, sig):
    for each in ([signal.SIGCONT] if sig == signal.SIGTERM else []) + [sig]:
        os.kill(pid, each)
    return os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])


class Hammer:
    def __init__(self, url, seconds, seed, sql, patience):
        self.url, self.seed, self.sql, self.rnd, self.patience = url, seed, sql, random.Random(seed), patience
        self.seconds, self.until = seconds, time.time() + seconds
        self.folder = pathlib.Path(tempfile.mkdtemp(prefix="bus_hammer."))
        self.bus = Bus(url, "hammer", sql)
        self.stats, self.bad = collections.Counter(), []
        self.live, self.frozen, self.watched = {}, {}, []  # member -> (pid, group, topic); member -> since
        self.takeovers = {"killed": [], "frozen": []}
        self.producers, self.stopped = [], None

    def prepare(self):
        self.bus.ask(self.sql["schema"])
        self.bus.ask(AUDIT)
        self.bus.ask("UPDATE bus_ring SET rotate_after = '0.4 s', keep_max = '1 hour'")
        for topic, parts in [*PARTITIONS.items(), (DLQ, 1)]:
            self.bus.run("create_topic", topic, f"topic{topic}", parts, int(topic == DLQ))

    def add_producer(self):
        seed = self.rnd.random()
        self.producers.append(spawn(producer, self.url, self.folder, str(seed), seed, self.until, self.sql))

    def join(self, group, topic):
        me = str(uuid.UUID(int=self.rnd.getrandbits(128)))
        pid = spawn(member, self.url, self.folder, group, topic, me, self.rnd.random(), self.sql)
        self.live[me] = (pid, group, topic)
        self.stats["joined"] += 1

    def watch(self, me, why):
        """What it owned: others must have it soon. Counted anew from a second failure in the same group."""
        _, group, topic = self.live[me]
        owned = dict(self.bus.ask("SELECT part, epoch FROM bus_lease WHERE owner = %s", me))
        for other in self.watched:
            if (other["group"], other["topic"]) == (group, topic):
                other["since"] = time.time()
        self.watched.append({"me": me, "why": why, "group": group, "topic": topic, "owned": owned,
                             "since": time.time()})

    def look(self):
        now = time.time()
        for watch in list(self.watched):
            for part, epoch in self.bus.ask("SELECT part, epoch FROM bus_lease WHERE grp = %s AND topic = %s",
                                            watch["group"], watch["topic"]):
                if epoch > watch["owned"].get(part, epoch):
                    del watch["owned"][part]
            if not watch["owned"]:
                self.takeovers[watch["why"]].append(now - watch["since"])
                self.watched.remove(watch)
            elif now - watch["since"] > TAKEOVER_MAX + self.patience:
                self.bad.append(f"partitions of a {watch['why']} member were never taken over")
                self.watched.remove(watch)
        for me, since in list(self.frozen.items()):
            if now - since > LEASE * 1.2 and not any(watch["me"] == me for watch in self.watched):
                os.kill(self.live[me][0], signal.SIGCONT)
                del self.frozen[me]
                self.stats["continued"] += 1

    def hurt_a_producer(self):
        victim = self.rnd.choice(self.producers)
        if self.rnd.random() < 0.5:
            end(victim, signal.SIGKILL)
            self.producers.remove(victim)
            self.add_producer()
            self.stats["producers killed"] += 1
        else:
            os.kill(victim, signal.SIGSTOP)
            self.stopped = victim
            self.stats["producers stopped"] += 1

    def act(self):
        if self.stopped:
            os.kill(self.stopped, signal.SIGCONT)
            self.stopped = None
        what = self.rnd.choice(["join", "leave", "kill", "freeze", "freeze", "producer"])
        group, topic = self.rnd.choice(GROUPS)
        awake = [me for me, (_, *where) in self.live.items() if where == [group, topic] and me not in self.frozen]
        if what == "producer":
            self.hurt_a_producer()
        elif what == "join" and len(awake) < 4:
            self.join(group, topic)
        elif len(awake) > 1 and what != "join":  # one awake member of each group stays
            me = self.rnd.choice(awake)
            if what == "freeze":
                os.kill(self.live[me][0], signal.SIGSTOP)
                self.frozen[me] = time.time()
                self.watch(me, "frozen")
                self.stats["frozen"] += 1
            elif what == "kill":
                self.watch(me, "killed")
                end(self.live.pop(me)[0], signal.SIGKILL)
                self.stats["killed"] += 1
            else:
                self.stats["left"] += 1
                if end(self.live.pop(me)[0], signal.SIGTERM):
                    self.bad.append("a member ended in error")

    def run(self):
        for _ in range(4):
            self.add_producer()
        keeper = spawn(janitor, self.url, self.folder, self.seed, self.sql)
        for group in GROUPS:
            self.join(*group)
            self.join(*group)
        next_act = time.time() + 2
        while time.time() < self.until or self.watched or self.frozen:
            pause(0.05)
            self.look()
            if next_act < time.time() < self.until:
                self.act()
                next_act = time.time() + 0.2 + self.rnd.random() * 0.6
        if self.stopped:
            os.kill(self.stopped, signal.SIGCONT)
        for pid in self.producers:
            os.waitpid(pid, 0)
        self.settle()
        end(keeper, signal.SIGKILL)

    def settle(self):
        """Everything is read and committed, everybody has a fair share, and all leave."""
        calm = lambda: (sum(row[3] for row in self.bus.run("lag")) == 0 and all(
            max(shares) - min(shares) <= 1 and sum(shares) == PARTITIONS[group[1]] for group, shares in self.shares()))
        deadline = time.time() + self.patience
        while not calm() and time.time() < deadline:
            pause(0.2)
        if not calm():
            behind = sum(row[3] for row in self.bus.run("lag"))
            self.bad.append(f"after {self.patience} s of peace: {behind} records behind, shares {list(self.shares())}")
        for pid, *_ in self.live.values():
            if end(pid, signal.SIGTERM):
                self.bad.append("a member ended in error")
        if self.bus.ask("SELECT count(*) FROM bus_lease WHERE owner IS NOT NULL")[0][0]:
            self.bad.append("somebody still owns a partition after all left")

    def shares(self):
        for group in GROUPS:
            owners = collections.Counter(
                owner for (owner,) in self.bus.ask("SELECT owner FROM bus_lease WHERE grp = %s AND topic = %s", *group))
            yield group, [owners[me] for me, (_, *where) in self.live.items() if where == list(group)]


def hammer(server, seconds, seed, mutant):
    """The list of what was wrong."""
    name = f"sequitur_hammer_{os.getpid()}_{seed}"
    url = psycopg2.extensions.make_dsn(server, dbname=name)
    main = psycopg2.connect(server)
    main.autocommit = True
    main.cursor().execute(f"CREATE DATABASE {name}")
    run = Hammer(url, seconds, seed, read_sql(mutant), patience=4 if mutant else 30)
    try:
        run.prepare()
        run.run()
        bad = run.bad + bus_hammer_checks.check(run.bus, run.folder, GROUPS, DLQ)
        worst = {why: max(times, default=0.0) for why, times in run.takeovers.items()}
        bad += [f"{why}: taken over after {t:.1f} s" for why, t in worst.items() if t > TAKEOVER_MAX]
        seen = run.bus.ask("SELECT count(*), count(DISTINCT (grp, topic, part, off)) FROM hammer_seen")[0]
        print(f"seed {seed}, {seconds} s: {seen[0]} deliveries, {seen[0] - seen[1]} of them again; "
              + ", ".join(f"{count} {what}" for what, count in sorted(run.stats.items()))
              + "; taken over at worst after " + ", ".join(f"{t:.1f} s ({why})" for why, t in worst.items()))
    finally:
        run.bus.connection.close()
        main.cursor().execute(f"DROP DATABASE {name} WITH (FORCE)")
        shutil.rmtree(run.folder)
    return bad


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--seconds", type=int, default=20)
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--mutant", choices=MUTANTS)
    parser.add_argument("--mutants", action="store_true")
    options = parser.parse_args()
    server = os.environ.get("SEQUITUR_TEST_DATABASE_URL")
    if not server:
        sys.exit("SEQUITUR_TEST_DATABASE_URL is not set: run by ./dev test")
    failed = False
    for mutant in MUTANTS if options.mutants else [options.mutant]:
        # Races of a mutant need luck, and a busy machine has less of it: a miss is tried again, longer.
        for again in range(MUTANT_TRIES if mutant else 1):
            bad = hammer(server, options.seconds * (again + 1), options.seed + again, mutant)
            if bad:
                break
        for line in bad[:12]:
            print("  ", line)
        failed = failed or bool(bad) != bool(mutant)
        print(f"{mutant or 'the bus'}: {len(bad)} violations" + (" (none was expected)" if bad and not mutant else "")
              + (" (a mutant that nobody notices)" if mutant and not bad else ""), flush=True)
    sys.exit(failed)


if __name__ == "__main__":
    main()
