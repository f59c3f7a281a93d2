-- A step is never delivered before the one before it, nor before its wait is over. $1 length of a day
WITH pairs AS (
  SELECT e.id, l.at, e.dot_at, s.wait_days, before.id AS before_id, before.status AS before_status,
         before.sent_at AS before_sent_at, b.at AS before_at
    FROM verify_ledger l
    JOIN email_queues e ON e.id = l.email_id
    JOIN steps s ON s.id = e.step_id
   CROSS JOIN LATERAL (SELECT p.id, p.status, p.sent_at FROM email_queues p
                        WHERE p.sequence_contact_id = e.sequence_contact_id AND p.step_order < e.step_order
                        ORDER BY p.step_order DESC LIMIT 1) before
    LEFT JOIN verify_ledger b ON b.email_id = before.id),
broken AS (
  SELECT id || ' went before ' || before_id || CASE WHEN before_at > at THEN '' ELSE ' or its wait' END AS example
    FROM pairs
   WHERE before_status NOT IN ('sent', 'assumed_sent') OR before_at > at
      OR dot_at < before_sent_at + wait_days * $1::interval)
SELECT count(*), COALESCE((array_agg(example))[1:5], '{}') FROM broken
