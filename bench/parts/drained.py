"""A drain: N due mails leave through the product, and what each of them cost whom, its follow-up included."""
import subprocess
import time

from parts.bus import Bus
from parts.cpu import cpu_us
from parts.report import progress
from parts.sink import rate
from rig import wait_until

FOLLOWED = "SELECT /* bench */ count(*) FROM email_queues WHERE step_order = 1"
SENT = "SELECT /* bench */ count(*) FROM email_queues WHERE step_order = 0 AND status = 'sent'"
# What costs nothing to ask again and again: in a drain only follow-ups are inserted.
INSERTED = "SELECT /* bench */ n_tup_ins FROM pg_stat_user_tables WHERE relname = 'email_queues'"
STUCK = """SELECT e.status, e.phase, e.reason, e.error_message, m.status, m.state_reason, m.state_detail,
       m.backoff_until, count(*)
  FROM email_queues e JOIN mailboxes m ON m.id = e.mailbox_id WHERE e.step_order = 0
 GROUP BY 1, 2, 3, 4, 5, 6, 7, 8 ORDER BY count(*) DESC LIMIT 30"""


class Drain:
    """One drain of `emails` first mails; `figures` is what it cost."""

    def __init__(self, emails, server, sink, product, bus=None):
        self.emails, self.server, self.sink, self.product = emails, server, sink, product
        self.bus = bus or Bus("postgres")
        self.figures = {}

    def load(self, mailboxes, first=0):
        """Mailboxes of ample capacity; people numbered from `first`."""
        self.product.start_api()
        ids = self.product.mailboxes(mailboxes, 2 * self.emails, first)
        self.product.enrol(self.product.sequence(mailbox_ids=ids), self.emails, first)

    def run(self, senders=1, together=False, profile=None):
        """`profile`: (role, seconds, file) for perf."""
        n = self.emails
        done = self.server.one(SENT), self.server.one(FOLLOWED)
        self.server.ready_to_count()
        inserted = self.server.one(INSERTED)
        before, cpu_before, role_before = self.server.counters(), self.cpu(), self.server.cpu_by_role()
        begin = self.sink.clear()
        self.product.start_roles(senders, together)
        perf = self.start_profile(*profile) if profile else None
        self.wait_for(lambda: self.sink.mails - begin, n, "draining")
        self.wait_for(lambda: self.server.one(INSERTED) - inserted, n, "follow-ups", step=0.5)
        if perf:
            perf.wait()
        cpu = self.cpu()
        by_role = self.server.cpu_by_role()
        self.figures["peak_mb"] = self.product.peak_mb() | self.bus.peak_mb()
        after = self.server.counters()
        self.judge(n, done, begin)
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
        return {**self.product.cpu_us(), "PostgreSQL": self.server.cpu_us(), **self.bus.cpu_us(),
                "sink": cpu_us(self.sink.process.pid)}

    def start_profile(self, role, seconds, path):
        """From the first mail on; `perf report -i PATH` shows it."""
        begin = self.sink.mails
        self.wait_for(lambda: min(1, self.sink.mails - begin), 1, "first mail")
        pid = self.product.roles[role].process.pid
        return subprocess.Popen(["perf", "record", "-q", "-F", "499", "-g", "-e", "cpu-clock", "-p", str(pid), "-o",
                                 path, "--", "sleep", str(seconds)])

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

    def judge(self, n, before, begin):
        """A run that lost or repeated a mail is void."""
        sent, followed = (self.server.one(query) - was for query, was in zip((SENT, FOLLOWED), before))
        if sent != n or followed != n or self.sink.mails - begin != n:
            raise RuntimeError(f"void: {n} mails, {sent} recorded as sent, {followed} followed up, "
                               f"{self.sink.mails - begin} at the sink")
