-- Second transaction of every stop act, under the rows' locks: what has not started is moved and gives its place
-- back, what is being sent is flagged, and the phase the flag saw is kept. The permit looks at this flag, so either
-- it came first (phase `dot` here) or it never comes.
-- A row that was queued while its lock was waited for has its place in a counter that this statement's snapshot does
-- not show yet; the CHECK looks at the snapshot's values first, so they are all set from the counter as it was locked.
-- $1 ids  $2 target: held, cancelled or scheduled (a mailbox pauses)  $3 reason
-- $4 since when the act holds, or NULL: mail that a refused claim held for it meanwhile counts as moved
WITH locked AS MATERIALIZED (
  SELECT e.id, e.status, e.phase, e.mailbox_id, e.charged_date,
         e.status = 'held' AND e.reason = $3::text AND e.updated_at >= $4::timestamptz AS held_by_claim
    FROM email_queues e
   WHERE e.id = ANY ($1::uuid[]) AND e.status IN ('scheduled', 'queued', 'sending', 'failed', 'held')
   ORDER BY e.id FOR NO KEY UPDATE),
moved AS (
  UPDATE email_queues e
     SET status = $2::email_queue_status, reason = CASE WHEN $2::text = 'scheduled' THEN NULL ELSE $3::text END,
         charged_date = NULL, charged_until = NULL, updated_at = clock_timestamp()
    FROM locked l
   WHERE e.id = l.id
     AND CASE $2::text WHEN 'scheduled' THEN l.status = 'queued'
                       WHEN 'held' THEN l.status IN ('scheduled', 'queued', 'failed')
                       ELSE l.status IN ('scheduled', 'queued', 'failed', 'held') END
  RETURNING e.id, e.status),
flagged AS (
  UPDATE email_queues e
     SET cancel_requested = true, cancel_saw_phase = l.phase, reason = $3::text, updated_at = clock_timestamp()
    FROM locked l
   WHERE e.id = l.id AND l.status = 'sending'
     AND NOT (e.cancel_requested AND e.reason NOT IN ('paused', 'mailbox_paused'))  -- a cancel outlasts a pause
  RETURNING e.id),
place AS MATERIALIZED (
  SELECT c.mailbox_id, c.date, c.reserved_count - n.n AS reserved, c.sent_count, c.unknown_count, c.cap
    FROM (SELECT mailbox_id, charged_date, count(*)::int AS n FROM locked WHERE status = 'queued' GROUP BY 1, 2) n
    JOIN mailbox_daily_counts c ON c.mailbox_id = n.mailbox_id AND c.date = n.charged_date
   ORDER BY c.mailbox_id, c.date FOR NO KEY UPDATE OF c),
released AS (
  UPDATE mailbox_daily_counts c
     SET reserved_count = p.reserved, sent_count = p.sent_count, unknown_count = p.unknown_count, cap = p.cap
    FROM place p WHERE c.mailbox_id = p.mailbox_id AND c.date = p.date),
told AS (
  INSERT INTO email_events (id, email_queue_id, event_type, event_data)
  SELECT uuid_v7(), id, status::text::email_event_type, jsonb_build_object('reason', $3::text)
    FROM moved WHERE status IN ('held', 'cancelled'))
SELECT l.id, CASE WHEN l.status <> 'sending' THEN 'moved' WHEN l.phase = 'dot' THEN 'leaving'
                  ELSE 'stopping' END AS what
  FROM locked l
 WHERE l.status = 'sending' OR l.held_by_claim OR EXISTS (SELECT FROM moved WHERE moved.id = l.id)
