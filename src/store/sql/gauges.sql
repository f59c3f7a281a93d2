-- What a scrape of /metrics asks the database. The oldest due email is looked up by mailbox, as its index is; mail
-- of a mailbox that can not send now (paused, resting, full for today) is not late.
SELECT COALESCE((SELECT max(extract(epoch FROM clock_timestamp() - first.due_at))
                   FROM mailboxes m
                   LEFT JOIN mailbox_daily_counts d ON d.mailbox_id = m.id
                     AND d.date = (clock_timestamp() AT TIME ZONE m.timezone)::date
                  CROSS JOIN LATERAL (SELECT e.due_at FROM email_queues e
                                       WHERE e.mailbox_id = m.id AND e.due_at IS NOT NULL
                                       ORDER BY e.due_at LIMIT 1) first
                  WHERE m.status = 'active' AND m.deleted_at IS NULL AND m.backoff_until <= clock_timestamp()
                    AND COALESCE(d.reserved_count + d.sent_count + d.unknown_count < d.cap, true)), 0)::float8
         AS oldest_due_seconds,
       (SELECT count(*) FROM (SELECT FROM outbox WHERE published_at IS NULL LIMIT 100000) waiting)::bigint
         AS outbox_unpublished
