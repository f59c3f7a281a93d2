#!/usr/bin/env python3
"""A sender with 10,000 SMTP sessions open: resident memory at the greeting, at DATA, and just before the dot.

Each session is of a mailbox of its own with one mail. The server stops answering at the greeting; in a second run at
DATA; let go there, the sessions write their mails and stop before the dot, since the rows are locked and no permit can
come. At the end every mail must arrive once. The kernel's socket buffers are not in the figures.
"""
import argparse
import os
import time

from parts.start import run  # noqa: I001  (first: it finds the other parts)
from parts.cpu import cpu_us, memory_kb
from parts.machine import machine
from parts.plot import plot_memory
from parts.product import Product
from parts.report import Report, facts, progress, table
from parts.server import Server, database
from parts.sink import many_files
from parts.slow import SlowSink
from rig import wait_until

COPIES = """INSERT INTO mailboxes (email, from_name, daily_capacity, smtp_host, smtp_port, tls, min_gap_seconds)
  SELECT 'copy' || n || '@mail.test', from_name, daily_capacity, smtp_host, smtp_port, tls, min_gap_seconds
    FROM mailboxes, generate_series(2, %s) n"""


class Stalled:
    """One run up to a stall."""

    def __init__(self, name, sessions, stall):
        self.sessions = sessions
        self.server = Server(database(os.environ["SEQUITUR_DATABASE__URL"], name))
        self.sink = SlowSink(0, stall)
        self.product = Product(self.server, self.sink.port, **{"sender.in_flight_max": sessions + 1_000})
        self.samples = []

    def begin(self):
        self.product.start_api()
        self.product.mailboxes(1, 1_000)
        self.server.rows(COPIES, self.sessions)
        self.product.enrol(self.product.sequence(), self.sessions)
        self.server.rows("VACUUM (ANALYZE)")
        self.sender = self.product.start("sender").process.pid
        self.empty = memory_kb(self.sender, "VmRSS") / 1024
        for role in ("producer", "relay"):
            self.product.start(role)
        self.started = time.monotonic()

    def measure(self):
        """(resident now, peak so far) in MB, once the sender has nothing more to do."""
        spent = [0.0, cpu_us(self.sender)]

        def is_quiet():
            spent[:] = [spent[1], cpu_us(self.sender)]
            self.look()
            return spent[1] - spent[0] < 50_000
        wait_until(is_quiet, 30, step=1)
        return memory_kb(self.sender, "VmRSS") / 1024, memory_kb(self.sender) / 1024

    def look(self):
        self.samples.append((time.monotonic() - self.started, self.sink.connections,
                             memory_kb(self.sender, "VmRSS") / 1024))

    def wait_for(self, done, text, seconds=100):
        until = time.monotonic() + seconds
        while done() < self.sessions:
            progress(text, done(), self.sessions)
            self.look()
            if time.monotonic() > until or self.product.dead():
                raise RuntimeError(f"{text}: {done()} of {self.sessions}\n{self.product.last_words()}")
            wait_until(lambda: False, 0.25)
        progress(text, self.sessions, self.sessions)

    def close(self):
        for program in self.product.roles.values():
            program.kill()  # sessions in a stall would wait for their answers
        self.product.close()
        self.sink.stop()
        self.server.connection.close()


def at_greeting(sessions, rows):
    stalled = Stalled("greeting", sessions, "greeting")
    try:
        stalled.begin()
        stalled.wait_for(lambda: stalled.sink.stalled, "at the greeting")
        rows.append(["at the greeting", stalled.sink.connections, *stalled.measure()])
        return stalled.samples
    finally:
        stalled.close()


def before_dot(sessions, rows):
    stalled = Stalled("data", sessions, "data")
    try:
        stalled.begin()
        stalled.wait_for(lambda: stalled.sink.stalled, "at DATA")
        rows.append(["at DATA", stalled.sink.connections, *stalled.measure()])
        stalled.server.connection.autocommit = False
        stalled.server.rows("LOCK TABLE email_queues IN EXCLUSIVE MODE")
        stalled.sink.release()
        stalled.wait_for(lambda: sessions - stalled.sink.stalled, "before the dot")
        rows.append(["before the dot, no permit yet", stalled.sink.connections, *stalled.measure()])
        stalled.server.connection.rollback()
        stalled.server.connection.autocommit = True
        stalled.wait_for(lambda: stalled.sink.mails, "delivered")
        rows.append(["all delivered", stalled.sink.connections, *stalled.measure()])
        if stalled.sink.mails != sessions or stalled.sink.twice:
            raise RuntimeError(f"void: {stalled.sink.mails} mails of {sessions}, {stalled.sink.twice} twice")
        return stalled.samples
    finally:
        stalled.close()


def main():
    parser = argparse.ArgumentParser(prog="./dev bench memory", description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--sessions", type=int, default=10_000)
    options = parser.parse_args()
    many_files()
    report = Report("memory")
    about = machine()
    rows = []
    lines = {"stall at the greeting": at_greeting(options.sessions, rows),
             "stall at DATA, then before the dot": before_dot(options.sessions, rows)}
    about["load_average_after"] = " ".join(f"{load:.2f}" for load in os.getloadavg())
    report.say(facts(about) + "\n")
    report.say(table(["sender", "connections", "resident MB", "peak MB", "KB a session"],
                     [[*row, row[2] * 1024 / options.sessions] for row in rows]))
    plot_memory(report.picture(), lines)
    report.save(machine=about, options=vars(options), rows=rows, samples=lines)
    return 0


if __name__ == "__main__":
    run("memory", main)
