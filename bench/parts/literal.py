"""The baseline: bench/literal, the design document's flows 3 and 4 to the letter, on its tables in the same server."""
import os
import subprocess

from parts.cpu import cpu_us
from parts.product import LINKS, PARAGRAPH, WIRE_BYTES
from parts.report import progress
from parts.server import Server, database
from parts.sink import Sink, rate
from rig import wait_until

FOLDER = os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "literal")
# The same bytes on the wire for all: it knows no second part, so its one body is as long as both of the product's.
HTML = PARAGRAPH.replace("{{company|your company}}", "your company") * 20 + LINKS
BODY = (HTML * 3)[:WIRE_BYTES - 250]  # the headers
LOAD = """
INSERT INTO sequences (name) VALUES ('bench');
INSERT INTO steps (sequence_id, step_order, subject, content)
  SELECT id, 0, 'The report, {{first_name}}', %(body)s FROM sequences;
INSERT INTO mailboxes (email, daily_capacity, smtp_host, smtp_port)
  SELECT 'sender' || n || '@mail.test', 1000000, '127.0.0.1', %(port)s FROM generate_series(1, %(mailboxes)s) n;
INSERT INTO contacts (email, first_name)
  SELECT 'p' || n || '@acme.test', 'Person ' || n FROM generate_series(1, %(emails)s) n;
INSERT INTO sequence_contacts (sequence_id, contact_id) SELECT s.id, c.id FROM sequences s, contacts c;
INSERT INTO email_queues (sequence_contact_id, mailbox_id, step_order, subject, content, scheduled_for)
  SELECT sc.id, m.id, 0, s.subject, s.content, now() FROM (SELECT id, row_number() OVER () n FROM sequence_contacts) sc
    JOIN (SELECT id, row_number() OVER () n FROM mailboxes) m ON m.n = 1 + sc.n %% %(mailboxes)s, steps s
"""


def ended(process, meanwhile):
    """(code, what it used), once it has ended."""
    while True:
        pid, code, used = os.wait4(process.pid, os.WNOHANG)
        if pid:
            process.returncode = code
            return code, used
        meanwhile()
        wait_until(lambda: False, 0.1)


def literal(count, mailboxes):
    """Flow 5, the follow-ups, is left out of its cost, which is to its advantage."""
    sink = Sink()
    server = Server(database(os.environ["SEQUITUR_DATABASE__URL"], "literal"))
    try:
        with open(os.path.join(FOLDER, "schema.sql"), encoding="utf-8") as schema:
            server.rows(schema.read())
        with server.connection.cursor() as cursor:
            cursor.execute(LOAD, {"body": BODY, "port": sink.port, "mailboxes": mailboxes, "emails": count})
        server.ready_to_count()
        before, cpu_before, sink_before = server.counters(), server.cpu_us(), cpu_us(sink.process.pid)
        process = subprocess.Popen([os.environ["SEQUITUR_BENCH_LITERAL"], server.url], stdin=subprocess.DEVNULL)
        code, used = ended(process, lambda: progress("literal", sink.mails, count))
        progress("literal", count, count)
        cpu = {"client": (used.ru_utime + used.ru_stime) * 1_000_000,
               "PostgreSQL": server.cpu_us() - cpu_before, "sink": cpu_us(sink.process.pid) - sink_before}
        after = server.counters()
        sent = server.one("SELECT count(*) FROM email_queues WHERE status = 'sent'")
        if code or sent != count or sink.mails != count:
            raise RuntimeError(f"void: literal sent {sent} of {count}, {sink.mails} at the sink")
        spent = {name: after[name] - before[name] for name in after}
        hot = 100 * spent.pop("hot") / max(1.0, spent.pop("updates"))
        return {"emails": count, "seconds": sink.samples[-1][0] - sink.samples[0][0], "rate": rate(sink.samples),
                "cpu_us": {name: value / count for name, value in cpu.items()}, "hot_percent": hot,
                "sessions": sink.sessions, "samples": list(sink.samples), "peak_mb": {"client": used.ru_maxrss / 1024},
                "wal_fpi": spent.pop("wal_fpi"), **{name: value / count for name, value in spent.items()}}
    finally:
        server.connection.close()
        sink.stop()
