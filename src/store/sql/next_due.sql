-- How long until `produce` can find something: for each mailbox the latest of its first due time, the end of its
-- gap or back-off, and, if the day is used up, the local midnight. $1 ahead. One row; NULL = nothing is scheduled.
SELECT min(GREATEST(head.due_at, m.next_free_at, m.backoff_until,
             CASE WHEN c.reserved_count + c.sent_count + c.unknown_count >= c.cap
                  THEN (c.date + 1)::timestamp AT TIME ZONE m.timezone
                  WHEN 2 * c.reserved_count > CASE WHEN m.min_gap_seconds > 0 THEN 1 ELSE $1::int END
                  THEN clock_timestamp() + interval '50 ms' END)) - clock_timestamp() AS wait
  FROM mailboxes m
  LEFT JOIN mailbox_daily_counts c ON c.mailbox_id = m.id AND c.date = (clock_timestamp() AT TIME ZONE m.timezone)::date
 CROSS JOIN LATERAL (SELECT q.due_at FROM email_queues q
                      WHERE q.mailbox_id = m.id AND q.due_at IS NOT NULL ORDER BY q.due_at LIMIT 1) head
 WHERE m.status = 'active' AND m.deleted_at IS NULL
