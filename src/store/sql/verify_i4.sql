-- The counters are what the rows say, and the ledger lies between what is known to be sent and what may be.
-- $1 quiescent; otherwise a mail with its permit may be in the ledger too.
WITH counted AS (
  SELECT e.mailbox_id, e.charged_date AS date,
         count(*) FILTER (WHERE e.status = 'sent') AS sent,
         count(*) FILTER (WHERE e.status IN ('unknown', 'assumed_sent')) AS unknown,
         count(*) FILTER (WHERE e.status IN ('queued', 'sending')) AS reserved,
         count(*) FILTER (WHERE e.status = 'sending' AND e.phase = 'dot' AND NOT $1::boolean) AS leaving
    FROM email_queues e WHERE e.charged_date IS NOT NULL GROUP BY 1, 2),
arrived AS (
  SELECT e.mailbox_id, e.charged_date AS date, count(DISTINCT e.id) AS lines
    FROM verify_ledger l JOIN email_queues e ON e.id = l.email_id WHERE e.charged_date IS NOT NULL GROUP BY 1, 2),
both_sides AS (
  SELECT mailbox_id, date, COALESCE(r.sent, 0) AS sent, COALESCE(r.unknown, 0) AS unknown,
         COALESCE(r.reserved, 0) AS reserved, COALESCE(r.leaving, 0) AS leaving, COALESCE(a.lines, 0) AS lines,
         COALESCE(c.sent_count, 0) AS sent_count, COALESCE(c.unknown_count, 0) AS unknown_count,
         COALESCE(c.reserved_count, 0) AS reserved_count
    FROM counted r FULL JOIN mailbox_daily_counts c USING (mailbox_id, date)
    LEFT JOIN arrived a USING (mailbox_id, date)),
broken AS (
  SELECT format('mailbox %s on %s: counted sent %s, unknown %s, reserved %s; rows %s, %s, %s; ledger %s',
                mailbox_id, date, sent_count, unknown_count, reserved_count, sent, unknown, reserved, lines) AS example
    FROM both_sides
   WHERE sent_count <> sent OR unknown_count <> unknown OR reserved_count <> reserved
      OR lines < sent OR lines > sent + unknown + leaving)
SELECT count(*), COALESCE((array_agg(example))[1:5], '{}') FROM broken
