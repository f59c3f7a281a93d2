-- Flow 6. failed → scheduled at the time the outcome wrote, while `retry_count < max_retries`; else permanent_failure
-- and the enrolment is stopped(failed). Only reschedules: publishing as well would send it twice.
-- $1 ids  $2 epochs
WITH settled AS (
  UPDATE email_queues e
     SET status = CASE WHEN o.objection = 'paused' THEN 'held' WHEN o.objection IS NOT NULL THEN 'cancelled'
                       WHEN e.retry_count < e.max_retries THEN 'scheduled'
                       ELSE 'permanent_failure' END::email_queue_status,
         reason = COALESCE(o.objection, CASE WHEN e.retry_count >= e.max_retries THEN 'retries_exhausted' END),
         updated_at = clock_timestamp()
    FROM unnest($1::uuid[], $2::bigint[]) AS asked(id, epoch)
    JOIN email_objections o ON o.id = asked.id
   WHERE e.id = asked.id AND e.lease_epoch = asked.epoch AND e.status = 'failed'
  RETURNING e.id, e.sequence_contact_id, e.status, e.reason),
ended AS (
  UPDATE sequence_contacts sc
     SET status = 'stopped', reason = 'failed', next_send_at = NULL, completed_at = clock_timestamp(),
         updated_at = clock_timestamp()
    FROM (SELECT sequence_contact_id FROM settled WHERE status = 'permanent_failure' ORDER BY 1) f
   WHERE sc.id = f.sequence_contact_id AND sc.status IN ('pending', 'active', 'paused')),
told AS (
  INSERT INTO email_events (id, email_queue_id, event_type, event_data)
  SELECT uuid_v7(), id, status::text::email_event_type, jsonb_build_object('reason', reason)
    FROM settled WHERE status IN ('held', 'cancelled'))
SELECT (count(*) FILTER (WHERE status = 'scheduled'))::int AS scheduled,
       (count(*) FILTER (WHERE status = 'permanent_failure'))::int AS permanent,
       (count(*) FILTER (WHERE status IN ('held', 'cancelled')))::int AS stopped FROM settled
