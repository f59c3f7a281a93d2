-- At rest, no email is under way and none that could leave is left lying; no record waits to be published; nobody is
-- in a sequence without a mail to wait for. What waits for its mailbox (paused, resting, day used up) is no fault.
WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now),
broken AS (
  SELECT e.id || ' is ' || e.status AS example FROM email_queues e WHERE e.status IN ('queued', 'sending', 'failed')
   UNION ALL
  SELECT e.id || ' is due since ' || e.due_at
    FROM email_queues e CROSS JOIN clock
    JOIN mailboxes m ON m.id = e.mailbox_id
    LEFT JOIN mailbox_daily_counts c ON c.mailbox_id = m.id AND c.date = (clock.now AT TIME ZONE m.timezone)::date
   WHERE e.due_at <= clock.now - interval '5 s'
     AND m.status = 'active' AND m.deleted_at IS NULL AND m.backoff_until <= clock.now AND m.next_free_at <= clock.now
     AND COALESCE(c.cap - c.reserved_count - c.sent_count - c.unknown_count, m.daily_capacity) > 0
   UNION ALL
  SELECT 'record ' || id || ' of ' || topic || ' is unpublished' FROM outbox WHERE published_at IS NULL
   UNION ALL
  SELECT 'enrolment ' || sc.id || ' waits for nothing' FROM sequence_contacts sc
   WHERE sc.status IN ('pending', 'active')
     AND NOT EXISTS (SELECT FROM email_queues e WHERE e.sequence_contact_id = sc.id
                        AND e.status IN ('scheduled', 'queued', 'sending', 'failed', 'held', 'unknown')))
SELECT count(*), COALESCE((array_agg(example))[1:5], '{}') FROM broken
