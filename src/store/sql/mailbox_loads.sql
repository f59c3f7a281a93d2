-- The mailboxes that may carry this sequence's mail, with the places they gave today: the attached ones, those that
-- are active before the others; if none is attached, every active one. $1 sequence
WITH attached AS MATERIALIZED (
  SELECT m.id, m.status FROM sequence_mailboxes a JOIN mailboxes m ON m.id = a.mailbox_id
   WHERE a.sequence_id = $1::uuid AND m.deleted_at IS NULL)
SELECT m.id, COALESCE(c.reserved_count, 0)::bigint AS load, m.daily_capacity
  FROM mailboxes m
  LEFT JOIN mailbox_daily_counts c ON c.mailbox_id = m.id AND c.date = (clock_timestamp() AT TIME ZONE m.timezone)::date
 WHERE CASE WHEN EXISTS (SELECT FROM attached WHERE status = 'active')
              THEN m.id IN (SELECT id FROM attached WHERE status = 'active')
            WHEN EXISTS (SELECT FROM attached) THEN m.id IN (SELECT id FROM attached)
            ELSE m.status = 'active' AND m.deleted_at IS NULL END
 ORDER BY m.id
