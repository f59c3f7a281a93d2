-- Whatever is unknown had its permit, and an event tells how it came about.
WITH broken AS (
  SELECT e.id || CASE WHEN e.dot_at IS NULL THEN ' never had a permit' ELSE ' has no event' END AS example
    FROM email_queues e
   WHERE e.status IN ('unknown', 'assumed_sent')
     AND (e.dot_at IS NULL
          OR NOT EXISTS (SELECT FROM email_events v WHERE v.email_queue_id = e.id AND v.event_type = 'unknown')))
SELECT count(*), COALESCE((array_agg(example))[1:5], '{}') FROM broken
