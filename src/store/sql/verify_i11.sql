-- The trigger that guards the edges is there and on, and the events of a row tell the same as its state.
WITH told AS MATERIALIZED (
  SELECT email_queue_id AS id, count(*) FILTER (WHERE event_type = 'sent') AS sent,
         count(*) FILTER (WHERE event_type IN ('deferred', 'failed', 'bounced')) AS failed,
         bool_or(event_type = 'assumed_sent') AS assumed
    FROM email_events WHERE email_queue_id IS NOT NULL GROUP BY 1),
broken AS (
  SELECT 'the trigger email_queues_edges is missing or off' AS example
   WHERE NOT EXISTS (SELECT FROM pg_trigger WHERE tgrelid = 'email_queues'::regclass AND tgname = 'email_queues_edges'
                        AND tgenabled IN ('O', 'A'))
   UNION ALL
  SELECT format('%s is %s with %s sent and %s failed in its events', e.id, e.status, COALESCE(t.sent, 0),
                COALESCE(t.failed, 0))
    FROM email_queues e LEFT JOIN told t ON t.id = e.id
   WHERE CASE e.status WHEN 'sent' THEN COALESCE(t.sent, 0) <> 1
                       WHEN 'permanent_failure' THEN COALESCE(t.failed, 0) = 0 OR t.sent > 0
                       WHEN 'failed' THEN COALESCE(t.failed, 0) = 0 OR t.sent > 0
                       WHEN 'assumed_sent' THEN t.assumed IS NOT TRUE OR t.sent > 0
                       ELSE COALESCE(t.sent, 0) > 0 END)
SELECT count(*), COALESCE((array_agg(example))[1:5], '{}') FROM broken
