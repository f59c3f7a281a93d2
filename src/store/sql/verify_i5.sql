-- No mailbox delivers more on a day of its own than its limit, by the moment of the permit.
WITH delivered AS (
  SELECT e.mailbox_id, (e.dot_at AT TIME ZONE m.timezone)::date AS date, count(*) AS lines
    FROM verify_ledger l JOIN email_queues e ON e.id = l.email_id JOIN mailboxes m ON m.id = e.mailbox_id
   WHERE e.dot_at IS NOT NULL GROUP BY 1, 2),
broken AS (
  SELECT format('mailbox %s on %s: %s delivered, limit %s', d.mailbox_id, d.date, d.lines,
                COALESCE(c.cap, 0)) AS example
    FROM delivered d LEFT JOIN mailbox_daily_counts c USING (mailbox_id, date)
   WHERE d.lines > COALESCE(c.cap, 0))
SELECT count(*), COALESCE((array_agg(example))[1:5], '{}') FROM broken
