"""What PostgreSQL counted and used. The bench's own connection is left out of the CPU time."""
import os
import urllib.parse

import psycopg2
from parts.cpu import children, cpu_us, family_cpu_us
from rig import wait_until

COUNTERS = """
WITH product AS (
  SELECT calls, shared_blks_hit + shared_blks_read AS buffers FROM pg_stat_statements
   WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND query !~ '/. bench ./')
SELECT
  (SELECT coalesce(sum(calls), 0) FROM product), (SELECT coalesce(sum(buffers), 0) FROM product),
  (SELECT xact_commit FROM pg_stat_database WHERE datname = current_database()),
  (SELECT wal_sync FROM pg_stat_wal), pg_current_wal_lsn() - '0/0', (SELECT wal_fpi FROM pg_stat_wal),
  (SELECT coalesce(sum(n_tup_upd), 0) FROM pg_stat_user_tables WHERE relname = 'email_queues'),
  (SELECT coalesce(sum(n_tup_hot_upd), 0) FROM pg_stat_user_tables WHERE relname = 'email_queues')"""
NAMES = ("statements", "buffers", "commits", "fsyncs", "wal_bytes", "wal_fpi", "updates", "hot")
SHOWN = ("fsync", "synchronous_commit", "shared_buffers", "max_wal_size", "checkpoint_timeout", "wal_compression",
         "wal_buffers", "full_page_writes", "jit", "commit_delay")
TOP = """SELECT calls, rows, total_exec_time, wal_bytes, wal_records, shared_blks_hit + shared_blks_read,
  regexp_replace(query, '\\s+', ' ', 'g') FROM pg_stat_statements
 WHERE dbid = (SELECT oid FROM pg_database WHERE datname = current_database()) AND query !~ '/. bench ./'
 ORDER BY total_exec_time DESC LIMIT %s"""


def database(url, name):
    """A new one beside the given one: its URL."""
    connection = psycopg2.connect(url)
    connection.autocommit = True
    connection.cursor().execute(f"CREATE DATABASE {name}")
    connection.close()
    return urllib.parse.urlsplit(url)._replace(path="/" + name).geturl()


class Server:
    def __init__(self, url):
        self.url = url
        self.connection = psycopg2.connect(url)
        self.connection.autocommit = True
        with open(os.path.join(os.environ["SEQUITUR_PG_DATA"], "postmaster.pid"), encoding="ascii") as file:
            self.postmaster = int(file.readline())
        self.own = [self.connection.get_backend_pid()]

    def rows(self, text, *arguments):
        with self.connection.cursor() as cursor:
            cursor.execute(text, arguments or None)
            return cursor.fetchall() if cursor.description else []

    def one(self, text, *arguments):
        return (self.rows(text, *arguments) or [(None,)])[0][0]

    def ready_to_count(self):
        """Plans know the tables, nothing dirty is left from loading, and the counters begin at nothing."""
        self.rows("CREATE EXTENSION IF NOT EXISTS pg_stat_statements")
        self.rows("VACUUM (ANALYZE)")
        self.rows("CHECKPOINT")
        self.rows("SELECT pg_stat_statements_reset()")

    def slow_down(self, disk_ms):
        """Whoever flushes the WAL sleeps first, as if the disk took so much longer; those who wait share it."""
        self.rows(f"ALTER SYSTEM SET commit_delay = {round(disk_ms * 1000)}")
        self.rows("ALTER SYSTEM SET commit_siblings = 0")
        self.rows("SELECT pg_reload_conf()")

    def counters(self):
        """The server publishes its statistics about once a second."""
        wait_until(lambda: False, 1.5)
        return dict(zip(NAMES, (float(value) for value in self.rows(COUNTERS)[0])))

    def cpu_us(self):
        return family_cpu_us(self.postmaster, without=self.own)

    def cpu_by_role(self):
        """Of the living backends, by the name that each role gave its connections; `server` is everything else."""
        names = dict(self.rows("SELECT pid, coalesce(nullif(application_name, ''), backend_type) "
                               "FROM pg_stat_activity"))
        spent = {}
        for pid in children(self.postmaster):
            if pid not in self.own:
                name = names.get(pid, "server")
                spent[name] = spent.get(name, 0.0) + cpu_us(pid)
        return spent

    def settings(self):
        return {name: self.one(f"SHOW {name}") for name in SHOWN} | {"version": self.one("SHOW server_version")}

    def top_statements(self, limit=15):
        keys = ("calls", "rows", "ms", "wal_bytes", "wal_records", "buffers", "query")
        return [dict(zip(keys, (float(v) if not isinstance(v, str) else v for v in row)))
                for row in self.rows(TOP, limit)]
