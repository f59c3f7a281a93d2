-- What a pause had held goes on, unless something else stands against it by now; flags of a pause are taken back
-- from mail that is being sent. $1 ids
WITH resumed AS (
  UPDATE email_queues e
     SET status = CASE WHEN e.status = 'sending' THEN 'sending' WHEN o.objection IS NULL THEN 'scheduled'
                       ELSE 'cancelled' END::email_queue_status,
         reason = CASE WHEN e.status = 'sending' THEN NULL ELSE o.objection END,
         cancel_requested = false, cancel_saw_phase = NULL, updated_at = clock_timestamp()
    FROM unnest($1::uuid[]) AS asked(id)
    JOIN email_objections o ON o.id = asked.id
   WHERE e.id = asked.id AND o.objection IS DISTINCT FROM 'paused'
     AND (e.status = 'held' AND e.reason = 'paused'
          OR e.status = 'sending' AND e.cancel_requested AND e.reason IN ('paused', 'mailbox_paused')
             AND o.objection IS NULL)
  RETURNING e.id, e.status, e.reason),
told AS (
  INSERT INTO email_events (id, email_queue_id, event_type, event_data)
  SELECT uuid_v7(), id, 'cancelled', jsonb_build_object('reason', reason) FROM resumed WHERE status = 'cancelled')
SELECT (count(*) FILTER (WHERE status = 'scheduled'))::int AS scheduled FROM resumed
