"""What one email costs the database in a drain: statements, commits, fsyncs, WAL. Counts only, no times.

20,000 first mails over 40 mailboxes, the follow-up of each included, on a server of its own with fsync on.
Bounds: 0.30 statements, 0.25 commits, 0.15 fsyncs, 2.65 KB of WAL per email, full-page images included; at least
68 % of the queue's updates HOT.
"""
# ctest: serial
import os
import sys
import unittest

import psycopg2

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from cluster import Cluster  # noqa: E402
from rig import Api, Ledger, Rig, free_port, mailbox, wait_until  # noqa: E402

MAILS, MAILBOXES = int(os.environ.get("DRAIN_MAILS", 20_000)), 40
COUNTERS = """SELECT
  (SELECT sum(calls) FROM pg_stat_statements WHERE dbid = (SELECT oid FROM pg_database WHERE datname = 'drain')),
  (SELECT xact_commit FROM pg_stat_database WHERE datname = 'drain'),
  (SELECT wal_sync FROM pg_stat_wal), pg_current_wal_lsn() - '0/0', (SELECT wal_fpi FROM pg_stat_wal)"""


class DrainCosts(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.cluster = Cluster(max_wal_size="8GB", checkpoint_timeout="1h", shared_buffers="512MB")
        admin = psycopg2.connect(cls.cluster.url())
        admin.autocommit = True
        admin.cursor().execute("CREATE DATABASE drain")
        os.environ["SEQUITUR_DATABASE__URL"] = cls.cluster.url("drain")
        port = free_port()
        cls.rig = Rig("drain", {"http.auth": "none", "http.listen": f"127.0.0.1:{port}", "log.level": "warn"})
        cls.rig.run("migrate", "up")
        cls.sql = psycopg2.connect(cls.cluster.url("drain"))
        cls.sql.autocommit = True
        cls.one("CREATE EXTENSION pg_stat_statements")
        cls.rig.start_sink()
        cls.api = Api([port])
        cls.role = lambda _, name, *roles: cls.rig.program(name, "serve", "--roles", ",".join(roles)).start()

    @classmethod
    def tearDownClass(cls):
        cls.rig.stop()
        cls.rig.remove()
        cls.cluster.remove()

    @classmethod
    def one(cls, text):
        cursor = cls.sql.cursor()
        cursor.execute(text)
        return cursor.fetchone() if cursor.description else None

    def load(self):
        self.role("api", "api")
        for number in range(MAILBOXES):
            self.api("POST", "/api/v1/mailboxes", mailbox(self.rig, number, MAILS))
        steps = [{"subject": "Hello {{first_name}}", "content": "<p>" + "Good morning, {{first_name}}. " * 60 + "</p>"},
                 {"subject": "", "content": "<p>Still there?</p>", "wait_days": 3}]
        sequence = self.api("POST", "/api/v1/sequences", {"name": "drain", "steps": steps})["id"]
        for start in range(0, MAILS, 5_000):
            numbers = range(start, min(MAILS, start + 5_000))
            people = [{"email": f"p{n}@acme.test", "first_name": f"P{n}"} for n in numbers]
            self.api("POST", f"/api/v1/sequences/{sequence}/contacts", {"contacts": people})

    def test_an_email_costs_no_more_than_its_bounds(self):
        self.one("CHECKPOINT")
        self.load()
        wait_until(lambda: False, 1.5)  # tree-ok(sleep): the server's statistics are published by then
        before = self.one(COUNTERS)
        engine = self.role("engine", "producer", "relay", "sender", "followup", "retry", "recorder", "janitor")
        ledger = Ledger(self.rig.ledger_path)
        sent = wait_until(lambda: ledger.news() is not None and ledger.lines >= MAILS, 240)
        self.assertTrue(sent, engine.last_words())
        followed = "SELECT count(*) FROM email_queues WHERE step_order = 1"
        self.assertTrue(wait_until(lambda: self.one(followed)[0] == MAILS, 60, step=0.5), engine.last_words())
        engine.stop()
        wait_until(lambda: False, 1.5)  # tree-ok(sleep): the server's statistics are published by then
        after = self.one(COUNTERS)

        statements, commits, fsyncs, wal, images = (float(b - a) for a, b in zip(before, after))
        updates, hot = self.one("SELECT n_tup_upd, n_tup_hot_upd FROM pg_stat_user_tables "
                                "WHERE relname = 'email_queues'")
        print(f"\nper email: {statements / MAILS:.3f} statements, {commits / MAILS:.3f} commits, "
              f"{fsyncs / MAILS:.3f} fsyncs, {wal / MAILS:.0f} bytes of WAL, {images:.0f} full-page images among them; "
              f"{100 * hot / updates:.0f} % of updates HOT")
        self.assertLessEqual(statements / MAILS, 0.30)
        self.assertLessEqual(commits / MAILS, 0.25)
        self.assertLessEqual(fsyncs / MAILS, 0.15)
        self.assertLessEqual(wal / MAILS, 2_650)
        self.assertGreaterEqual(hot / updates, 0.68)
        self.assertEqual(self.rig.run("verify", "--ledger", self.rig.ledger_path, check=False).returncode, 0)


if __name__ == "__main__":
    unittest.main()
