-- The answer to a dot that came after its row had become `unknown` (or, for an acceptance, `assumed_sent`): only its
-- own session, by the epoch, may say so. Same shape as `outcome`, without what only a running try needs.
-- $1 ids  $2 epochs  $3 statuses  $4 reasons  $5 error messages  $6 next tries  $7 event ids  $8 event types
-- $9 event data  $10 $11 ids for the records of followup-events and email-retries
WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now),
asked AS MATERIALIZED (
  SELECT * FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::interval[], $7::uuid[],
                       $8::text[], $9::text[])
         AS o(id, epoch, status, reason, error_message, next_try, event_id, event_type, event_data)),
done AS (
  UPDATE email_queues e
     SET status = o.status::email_queue_status, reason = o.reason, error_message = o.error_message,
         retry_count = e.retry_count + (o.status <> 'sent')::int,
         scheduled_for = CASE WHEN o.status = 'failed' AND o.next_try IS NOT NULL THEN clock.now + o.next_try
                              ELSE e.scheduled_for END,
         sent_at = CASE WHEN o.status = 'sent' THEN COALESCE(e.sent_at, clock.now) ELSE e.sent_at END,
         charged_date = CASE WHEN o.status = 'sent' THEN e.charged_date END,
         charged_until = CASE WHEN o.status = 'sent' THEN e.charged_until END,
         updated_at = clock.now
    FROM asked o CROSS JOIN clock
    JOIN LATERAL (SELECT x.charged_date FROM email_queues x WHERE x.id = o.id) was ON true
   WHERE e.id = o.id AND e.lease_epoch = o.epoch
     AND (e.status = 'unknown' AND o.status IN ('sent', 'failed', 'permanent_failure')
          OR e.status = 'assumed_sent' AND o.status = 'sent')
  RETURNING e.id, e.lease_epoch, e.sequence_contact_id, e.mailbox_id, e.step_order, e.status, e.retry_count,
            e.scheduled_for, e.updated_at, was.charged_date AS date, o.next_try, o.event_id, o.event_type,
            o.event_data),
counted AS (
  UPDATE mailbox_daily_counts c
     SET unknown_count = c.unknown_count - d.n, sent_count = c.sent_count + d.sent,
         failed_count = c.failed_count + d.n - d.sent
    FROM (SELECT mailbox_id, date, count(*)::int AS n, (count(*) FILTER (WHERE status = 'sent'))::int AS sent
            FROM done GROUP BY 1, 2 ORDER BY 1, 2) d
   WHERE c.mailbox_id = d.mailbox_id AND c.date = d.date),
told AS (
  INSERT INTO email_events (id, email_queue_id, event_type, event_data)
  SELECT event_id, id, event_type::email_event_type, event_data::jsonb FROM done WHERE event_type <> ''),
announced AS (
  INSERT INTO outbox (id, topic, slot, payload)
  SELECT $10::uuid, 'followup-events', max(mailbox_slot(mailbox_id)),
         json_build_object('v', 1, 'id', $10::uuid, 'at', max(updated_at), 'completed', json_agg(json_build_object(
           'sequence_contact_id', sequence_contact_id, 'email_queue_id', id, 'step_completed', step_order)))::text
    FROM done WHERE status = 'sent' HAVING count(*) > 0
   UNION ALL
  SELECT $11::uuid, 'email-retries', max(mailbox_slot(mailbox_id)),
         json_build_object('v', 1, 'id', $11::uuid, 'at', max(updated_at), 'retries', json_agg(json_build_object(
           'email_queue_id', id, 'epoch', lease_epoch, 'retry_count', retry_count,
           'next_retry_at', CASE WHEN next_try IS NOT NULL THEN scheduled_for END)))::text
    FROM done WHERE status = 'failed' HAVING count(*) > 0)
SELECT COALESCE(array_agg(id), '{}') AS ids, COALESCE(array_agg(lease_epoch), '{}') AS epochs FROM done
