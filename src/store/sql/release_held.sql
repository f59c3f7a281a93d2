-- One page of held mail: what nothing holds any more goes on (a missing variable: only once the contact is another than
-- the one that was read), what is stopped for good ends. Returns the page's last key, to go on from.
-- $1 attention_at  $2 id  of the last key; $3 emails_max
WITH page AS MATERIALIZED (
  SELECT e.id, e.attention_at, e.reason, e.updated_at FROM email_queues e
   WHERE e.attention_at >= $1::timestamptz AND (e.attention_at, e.id) > ($1::timestamptz, $2::uuid)
     AND e.status = 'held'
   ORDER BY e.attention_at, e.id LIMIT $3::int),
released AS (
  UPDATE email_queues e
     SET status = CASE WHEN o.objection IS NULL THEN 'scheduled' ELSE 'cancelled' END::email_queue_status,
         reason = o.objection,
         cancel_saw_phase = CASE WHEN o.objection IS NOT NULL THEN e.cancel_saw_phase END,
         updated_at = clock_timestamp()
    FROM page JOIN email_objections o ON o.id = page.id
   WHERE e.id = page.id AND e.status = 'held' AND e.updated_at = page.updated_at
     AND o.objection IS DISTINCT FROM 'paused'
     AND (o.objection IS NOT NULL OR page.reason = 'paused'
          OR page.reason = 'missing_variable' AND o.contact_updated_at IS DISTINCT FROM e.rendered_contact_at)
  RETURNING e.id, e.status, e.reason),
told AS (
  INSERT INTO email_events (id, email_queue_id, event_type, event_data)
  SELECT uuid_v7(), id, 'cancelled', jsonb_build_object('reason', reason) FROM released WHERE status = 'cancelled')
SELECT (SELECT count(*) FROM released)::int AS released, (SELECT count(*) FROM page)::int AS looked_at,
       (SELECT attention_at FROM page ORDER BY attention_at DESC, id DESC LIMIT 1) AS last_at,
       (SELECT id FROM page ORDER BY attention_at DESC, id DESC LIMIT 1) AS last_id
