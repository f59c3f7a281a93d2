#!/usr/bin/env python3
"""N due mails from the database to a sink, as fast as they go: rate, and what each mail cost whom.

Beside it, in the same run on the same sink: the design document's flows 3 and 4 to the letter, and Postfix's
smtp-source as the floor of what any client can do here. Counted per mail: everything up to the follow-up of each
mail being written. Not counted: enrolment.
"""
import argparse
import os
import subprocess
import sys
import time

sys.path[:0] = [os.path.dirname(os.path.abspath(__file__)),
                os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tools")]
from parts.cpu import cpu_us  # noqa: E402
from parts.floor import smtp_source  # noqa: E402
from parts.literal import literal  # noqa: E402
from parts.machine import machine  # noqa: E402
from parts.plot import plot_drain  # noqa: E402
from parts.product import Product  # noqa: E402
from parts.report import Report, facts, progress, table  # noqa: E402
from parts.server import Server  # noqa: E402
from parts.sink import Sink, rate  # noqa: E402
from rig import wait_until  # noqa: E402

FOLLOWED = "SELECT /* bench */ count(*) FROM email_queues WHERE step_order = 1"
SENT = "SELECT /* bench */ count(*) FROM email_queues WHERE step_order = 0 AND status = 'sent'"

STUCK = """SELECT e.status, e.phase, e.reason, e.error_message, m.status, m.state_reason, m.state_detail,
       m.backoff_until, count(*)
  FROM email_queues e JOIN mailboxes m ON m.id = e.mailbox_id WHERE e.step_order = 0
 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY count(*) DESC LIMIT 30"""


class Drain:
    """One drain of the product; `figures` is what it cost."""

    def __init__(self, options, server, sink):
        self.options, self.server, self.sink = options, server, sink
        bus = {"bus.kind": "kafka", "kafka.brokers": options.brokers} if options.bus == "kafka" else {}
        self.product = Product(server, sink.port, **bus)
        self.figures = {}

    def load(self):
        self.product.start_api()
        self.product.mailboxes(self.options.mailboxes, 2 * self.options.emails)
        start = time.monotonic()
        self.product.enrol(self.product.sequence(), self.options.emails)
        self.figures["enrolled_per_second"] = self.options.emails / (time.monotonic() - start)

    def run(self):
        n = self.options.emails
        self.server.ready_to_count()
        before, cpu_before, role_before = self.server.counters(), self.cpu(), self.server.cpu_by_role()
        begin = self.sink.clear()
        self.product.start_roles(self.options.senders, self.options.together)
        profile = self.start_profile()
        self.wait_for(lambda: self.sink.mails - begin, n, "draining")
        self.wait_for(lambda: self.server.one(FOLLOWED), n, "follow-ups", step=1.0)
        if profile:
            profile.wait()
        cpu = self.cpu()
        by_role = self.server.cpu_by_role()
        self.figures["peak_mb"] = self.product.peak_mb()
        after = self.server.counters()
        self.judge(n, begin)
        count = {name: after[name] - before[name] for name in after}
        hot = 100 * count.pop("hot") / max(1.0, count.pop("updates"))
        self.figures.update(
            emails=n, seconds=self.sink.samples[-1][0] - self.sink.samples[0][0], rate=rate(self.sink.samples),
            cpu_us={name: (value - cpu_before.get(name, 0)) / n for name, value in cpu.items()},
            postgres_us={name: (value - role_before.get(name, 0)) / n for name, value in by_role.items()},
            hot_percent=hot,
            sessions=self.sink.sessions, wal_fpi=count.pop("wal_fpi"),
            top=self.server.top_statements(), samples=list(self.sink.samples),
            **{name: value / n for name, value in count.items()})

    def cpu(self):
        spent = {**self.product.cpu_us(), "PostgreSQL": self.server.cpu_us(), "sink": cpu_us(self.sink.process.pid)}
        return spent

    def start_profile(self):
        """`perf` on one process for the middle of the drain; its report lies beside the table."""
        if not self.options.profile:
            return None
        self.wait_for(lambda: min(1, self.sink.mails), 1, "first mail")
        pid = self.product.roles[self.options.profile].process.pid
        return subprocess.Popen(["perf", "record", "-q", "-F", "499", "-g", "-e", "cpu-clock", "-p", str(pid), "-o",
                                 self.options.report.base + ".perf", "--", "sleep", str(self.options.profile_seconds)])

    def wait_for(self, done, total, text, step=0.1):
        seen, since = -1, time.monotonic()
        while (now := done()) < total:
            progress(text, now, total)
            if now > seen:
                seen, since = now, time.monotonic()
            if time.monotonic() - since > 90 or self.product.dead():
                raise RuntimeError(f"{text} stands at {now} of {total}; dead: {self.product.dead()}\n{self.stuck()}\n"
                                   + self.product.last_words())
            wait_until(lambda: False, step)
        progress(text, total, total)

    def stuck(self):
        return "\n".join(str(row) for row in self.server.rows(STUCK))

    def judge(self, n, begin):
        """A run that lost or repeated a mail is void."""
        sent = self.server.one(SENT)
        if sent != n or self.sink.mails - begin != n:
            raise RuntimeError(f"void: {n} mails, {sent} recorded as sent, {self.sink.mails - begin} at the sink")


def lines_of(columns):
    """Rows of the table; a column is the figures of one way to send."""
    def row(name, get):
        return [name, *(get(figures) for figures in columns)]

    processes = list(dict.fromkeys(name for figures in columns for name in figures["cpu_us"]))
    yield row("emails", lambda f: f["emails"])
    yield row("seconds at the sink", lambda f: f["seconds"])
    yield row("emails/s", lambda f: f["rate"])
    for name in processes:
        yield row(f"CPU µs/email: {name}", lambda f, name=name: f["cpu_us"].get(name))
    yield row("CPU µs/email: sum", lambda f: sum(f["cpu_us"].values()))
    for name in ("statements", "commits", "fsyncs"):
        yield row(f"{name}/email", lambda f, name=name: f.get(name))
    yield row("WAL bytes/email", lambda f: f.get("wal_bytes"))
    yield row("HOT updates of the queue, %", lambda f: f.get("hot_percent"))
    yield row("SMTP connections", lambda f: f.get("sessions"))
    yield row("peak MB, sum of the program", lambda f: sum(f["peak_mb"].values()) if f.get("peak_mb") else None)


def statements_text(figures):
    n = figures["emails"]
    rows = [[f"{top['ms'] * 1000 / n:.1f} µs/email  {top['query'][:70]}", top["calls"], top["rows"],
             top["ms"] / max(1, top["calls"]), top["wal_bytes"] / n] for top in figures["top"]]
    return table(["statement, by time", "calls", "rows", "ms/call", "WAL/email"], rows)


def main():
    parser = argparse.ArgumentParser(prog="./dev bench drain", description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--emails", type=int, default=100_000)
    parser.add_argument("--mailboxes", type=int, default=400)
    parser.add_argument("--senders", type=int, default=1)
    parser.add_argument("--bus", choices=("postgres", "kafka"), default="postgres")
    parser.add_argument("--brokers", default="127.0.0.1:19092", help="of --bus kafka")
    parser.add_argument("--together", action="store_true", help="all roles in one process")
    parser.add_argument("--literal", type=int, default=3_000, help="mails for the document's flows (0: leave it out)")
    parser.add_argument("--source", type=int, default=100_000, help="mails for smtp-source (0: leave it out)")
    parser.add_argument("--profile", metavar="ROLE", help="perf on this role's process")
    parser.add_argument("--profile-seconds", type=int, default=10)
    options = parser.parse_args()

    report = options.report = Report("drain")
    about = machine()
    server = Server(os.environ["SEQUITUR_DATABASE__URL"])
    sink = Sink()
    columns, heads = [], []
    drain = Drain(options, server, sink)
    try:
        drain.load()
        drain.run()
    finally:
        drain.product.close()
        sink.stop()
    heads.append(f"sequitur, {options.bus} bus")
    columns.append(drain.figures)
    for name, count, run in (("literal", options.literal, literal), ("smtp-source", options.source, smtp_source)):
        if count:
            heads.append(name)
            columns.append(run(count, options.mailboxes))
    about["load_average_after"] = " ".join(f"{load:.2f}" for load in os.getloadavg())
    report.say(facts(about) + "\n\n" + facts(server.settings()) + "\n")
    report.say(table(["per email", *heads], list(lines_of(columns))) + "\n")
    report.say(table(["PostgreSQL's CPU by whom it worked for", "µs/email"],
                     sorted(drain.figures["postgres_us"].items(), key=lambda item: -item[1])) + "\n")
    report.say(table(["peak memory", "MB"], list(drain.figures["peak_mb"].items())) + "\n")
    report.say(statements_text(drain.figures))
    plot_drain(report.picture(), heads, columns)
    report.save(machine=about, server=server.settings(), runs=dict(zip(heads, columns)),
                options={name: value for name, value in vars(options).items() if name != "report"})
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except RuntimeError as trouble:
        print(f"bench drain: {trouble}", file=sys.stderr)
        sys.exit(1)
