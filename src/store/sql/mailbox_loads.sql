-- The mailboxes that may carry this sequence's mail: the attached ones, those that are active before the others; if
-- none is attached, every active one. The load is counted from an index and only to 1,000: above, they are all
-- equally full. $1 sequence
WITH attached AS MATERIALIZED (
  SELECT m.id, m.status FROM sequence_mailboxes a JOIN mailboxes m ON m.id = a.mailbox_id
   WHERE a.sequence_id = $1::uuid AND m.deleted_at IS NULL)
SELECT m.id, COALESCE(c.reserved_count, 0) + waiting.n AS load, m.daily_capacity
  FROM mailboxes m
  LEFT JOIN mailbox_daily_counts c ON c.mailbox_id = m.id AND c.date = (clock_timestamp() AT TIME ZONE m.timezone)::date
 CROSS JOIN LATERAL (SELECT count(*) AS n FROM (SELECT FROM email_queues q
                      WHERE q.mailbox_id = m.id AND q.due_at IS NOT NULL LIMIT 1000) capped) waiting
 WHERE CASE WHEN EXISTS (SELECT FROM attached WHERE status = 'active')
              THEN m.id IN (SELECT id FROM attached WHERE status = 'active')
            WHEN EXISTS (SELECT FROM attached) THEN m.id IN (SELECT id FROM attached)
            ELSE m.status = 'active' AND m.deleted_at IS NULL END
 ORDER BY m.id
