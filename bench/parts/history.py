"""Rows that are there already, made by set-based SQL: what a sequencer has after some months."""
from parts.report import progress

STEP = 100_000
SENT = """
WITH boxes AS (SELECT array_agg(mailbox_id) AS ids FROM sequence_mailboxes WHERE sequence_id = %(sequence)s),
person AS (INSERT INTO contacts (email, first_name)
  SELECT 'old' || n || '@past.test', 'Old ' || n FROM generate_series(%(first)s + 1, %(last)s) n RETURNING id),
numbered AS (SELECT id, row_number() OVER () AS n FROM person),
enrolled AS (INSERT INTO sequence_contacts (sequence_id, contact_id, mailbox_id, status, reason, started_at,
                                            completed_at)
  SELECT %(sequence)s, id, ids[1 + n %% cardinality(ids)], 'completed', 'no_reply', now(), now() FROM numbered, boxes
  RETURNING id, mailbox_id),
mail AS (INSERT INTO email_queues (sequence_contact_id, mailbox_id, step_id, step_version_id, step_order, scheduled_for,
                                   status, phase, lease_epoch, sent_at, charged_date, subject)
  SELECT e.id, e.mailbox_id, s.id, s.step_version_id, 0, now() - interval '2 days', 'sent', 'dot', 1,
         now() - interval '2 days', current_date - 2, s.subject
    FROM enrolled e, steps s WHERE s.sequence_id = %(sequence)s AND s.step_order = 0 RETURNING id)
INSERT INTO email_events (email_queue_id, event_type, event_data)
  SELECT id, 'sent', '{"code": 250, "reply": "Ok: queued", "worker": "somewhere:1", "epoch": 1}' FROM mail
"""
DUE = """
WITH boxes AS (SELECT %(mailboxes)s::uuid[] AS ids),
person AS (INSERT INTO contacts (email, first_name)
  SELECT 'due' || n || '@past.test', 'Due ' || n FROM generate_series(%(first)s + 1, %(last)s) n RETURNING id),
numbered AS (SELECT id, row_number() OVER () AS n FROM person),
enrolled AS (INSERT INTO sequence_contacts (sequence_id, contact_id, mailbox_id, status, next_send_at, started_at)
  SELECT %(sequence)s, id, ids[1 + n %% cardinality(ids)], 'active', now(), now() FROM numbered, boxes
  RETURNING id, mailbox_id)
INSERT INTO email_queues (sequence_contact_id, mailbox_id, step_id, step_version_id, step_order, scheduled_for)
  SELECT e.id, e.mailbox_id, s.id, s.step_version_id, 0, now() - interval '1 hour'
    FROM enrolled e, steps s WHERE s.sequence_id = %(sequence)s AND s.step_order = 0
"""
FULL = """INSERT INTO mailbox_daily_counts (mailbox_id, date, cap, sent_count)
SELECT id, (now() AT TIME ZONE 'UTC')::date, 1, 1 FROM unnest(%(mailboxes)s::uuid[]) id
    ON CONFLICT (mailbox_id, date) DO UPDATE SET sent_count = mailbox_daily_counts.cap"""


def in_steps(server, statement, begin, end, text, **values):
    with server.connection.cursor() as cursor:
        for first in range(begin, end, STEP):
            cursor.execute(statement, {"first": first, "last": min(end, first + STEP), **values})
            progress(text, min(end, first + STEP), end)


def sent_rows(server, sequence, begin, end):
    in_steps(server, SENT, begin, end, "sent mails", sequence=sequence)


def exhausted_rows(server, sequence, mailboxes, count):
    """Fills the day of these mailboxes and adds `count` due mails to them."""
    with server.connection.cursor() as cursor:
        cursor.execute(FULL, {"mailboxes": mailboxes})
    in_steps(server, DUE, 0, count, "exhausted mails", sequence=sequence, mailboxes=mailboxes)
