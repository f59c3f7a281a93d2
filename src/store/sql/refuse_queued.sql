-- What a claim did not take although it is queued: something stands against it (held, cancelled), or its mailbox
-- rests or its day is over (scheduled: only the producer reserves). Its place in the day is given back. $1 ids
WITH refused AS (
  UPDATE email_queues e
     SET status = CASE WHEN o.objection IS NULL THEN 'scheduled' WHEN o.objection = 'paused' THEN 'held'
                       ELSE 'cancelled' END::email_queue_status,
         reason = o.objection, cancel_requested = false,
         cancel_saw_phase = CASE WHEN o.objection IS NOT NULL THEN e.cancel_saw_phase END,
         charged_date = NULL, charged_until = NULL, updated_at = clock_timestamp()
    FROM unnest($1::uuid[]) AS asked(id)
    JOIN email_objections o ON o.id = asked.id
   WHERE e.id = asked.id AND e.status = 'queued' AND o.status = 'queued' AND e.queued_at = o.queued_at
  RETURNING e.id, e.sequence_contact_id, e.mailbox_id, o.charged_date, e.status, e.reason),
released AS (
  UPDATE mailbox_daily_counts c SET reserved_count = c.reserved_count - n.n
    FROM (SELECT mailbox_id, charged_date, count(*)::int AS n FROM refused GROUP BY 1, 2 ORDER BY 1, 2) n
   WHERE c.mailbox_id = n.mailbox_id AND c.date = n.charged_date),
ended AS (  -- who was enrolled while a stop act ran is met here first
  UPDATE sequence_contacts sc
     SET status = 'stopped', reason = d.reason, next_send_at = NULL, completed_at = clock_timestamp(),
         updated_at = clock_timestamp()
    FROM (SELECT sequence_contact_id, reason FROM refused WHERE status = 'cancelled' ORDER BY 1) d
   WHERE sc.id = d.sequence_contact_id AND sc.status IN ('pending', 'active', 'paused')),
told AS (
  INSERT INTO email_events (id, email_queue_id, event_type, event_data)
  SELECT uuid_v7(), id, status::text::email_event_type, jsonb_build_object('reason', reason)
    FROM refused WHERE status IN ('held', 'cancelled'))
SELECT count(*)::int FROM refused
