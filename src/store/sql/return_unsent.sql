-- Rows that are provably unsent and whose owner is gone or was refused: queued for too long, or sending before the
-- permit. They go where the statuses say (held, cancelled, else scheduled) and give their place back.
-- The phase test is what keeps a mail with a permit from being sent twice.
-- $1 ids  $2 epochs
WITH returned AS (
  UPDATE email_queues e
     SET status = CASE WHEN o.objection IS NULL THEN 'scheduled' WHEN o.objection = 'paused' THEN 'held'
                       ELSE 'cancelled' END::email_queue_status,
         reason = o.objection, cancel_requested = false,
         cancel_saw_phase = CASE WHEN o.objection IS NOT NULL THEN e.cancel_saw_phase END,
         charged_date = NULL, charged_until = NULL, updated_at = clock_timestamp()
    FROM unnest($1::uuid[], $2::bigint[]) AS asked(id, epoch)
    JOIN email_objections o ON o.id = asked.id
   WHERE e.id = asked.id AND e.lease_epoch = asked.epoch AND o.lease_epoch = asked.epoch
     AND e.queued_at = o.queued_at AND e.charged_date = o.charged_date
     AND (e.status = 'queued' OR e.status = 'sending' AND e.phase = 'pre')
  RETURNING e.id, e.sequence_contact_id, e.lease_epoch, e.mailbox_id, o.charged_date, e.status, e.reason),
released AS (
  UPDATE mailbox_daily_counts c SET reserved_count = c.reserved_count - n.n
    FROM (SELECT mailbox_id, charged_date, count(*)::int AS n FROM returned GROUP BY 1, 2 ORDER BY 1, 2) n
   WHERE c.mailbox_id = n.mailbox_id AND c.date = n.charged_date),
ended AS (  -- who was enrolled while a stop act ran is met here first
  UPDATE sequence_contacts sc
     SET status = 'stopped', reason = d.reason, next_send_at = NULL, completed_at = clock_timestamp(),
         updated_at = clock_timestamp()
    FROM (SELECT sequence_contact_id, reason FROM returned WHERE status = 'cancelled' ORDER BY 1) d
   WHERE sc.id = d.sequence_contact_id AND sc.status IN ('pending', 'active', 'paused')),
told AS (
  INSERT INTO email_events (id, email_queue_id, event_type, event_data)
  SELECT uuid_v7(), id, status::text::email_event_type, jsonb_build_object('reason', reason)
    FROM returned WHERE status IN ('held', 'cancelled'))
SELECT id, lease_epoch, status::text FROM returned
