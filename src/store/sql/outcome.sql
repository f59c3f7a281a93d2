-- Flow 4, last step. One statement: event, count, pace and outbox are fed by the UPDATE's RETURNING, so a fenced or
-- repeated outcome counts nothing. A row that was flagged meanwhile and did not leave is held or cancelled instead
-- of tried again. Records' JSON is put together as text where it is written for every mail: there is nothing to escape.
-- $1 ids  $2 epochs  $3 statuses  $4 reasons  $5 error messages  $6 subjects  $7 next tries from now
-- $8 event ids  $9 event types ('' = none)  $10 event data  $11 charged dates  $12 minimum gaps  $13 clears back-off
-- $14 $15 $16 ids for the records of followup-events, email-retries, email-events
WITH clock AS MATERIALIZED (SELECT now, to_json(now)::text AS json FROM clock_timestamp() AS now),
done AS (
  UPDATE email_queues e
     SET status = CASE WHEN NOT e.cancel_requested OR o.status NOT IN ('failed', 'scheduled', 'held') THEN o.status
                       WHEN e.reason = 'paused' THEN 'held' WHEN e.reason = 'mailbox_paused' THEN o.status
                       ELSE 'cancelled' END::email_queue_status,
         reason = CASE WHEN e.cancel_requested AND o.status IN ('failed', 'scheduled', 'held')
                            AND e.reason <> 'mailbox_paused' THEN e.reason ELSE o.reason END,
         cancel_requested = e.cancel_requested AND o.status NOT IN ('failed', 'scheduled', 'held'),
         error_message = o.error_message,
         retry_count = e.retry_count + (o.status IN ('failed', 'permanent_failure'))::int,
         scheduled_for = CASE WHEN o.status = 'failed' AND o.next_try IS NOT NULL THEN clock.now + o.next_try
                              ELSE e.scheduled_for END,
         sent_at = CASE WHEN o.status = 'sent' THEN clock.now ELSE e.sent_at END,
         subject = COALESCE(o.subject, e.subject),
         charged_date = CASE WHEN o.status IN ('sent', 'unknown') THEN e.charged_date END,
         charged_until = CASE WHEN o.status IN ('sent', 'unknown') THEN e.charged_until END,
         updated_at = clock.now
    FROM unnest($1::uuid[], $2::bigint[], $3::text[], $4::text[], $5::text[], $6::text[], $7::interval[], $8::uuid[],
                $9::text[], $10::text[], $11::date[], $12::int[], $13::boolean[])
         AS o(id, epoch, status, reason, error_message, subject, next_try, event_id, event_type, event_data,
              charged_date, gap_seconds, clears_back_off)
   CROSS JOIN clock
   WHERE e.id = o.id AND e.lease_epoch = o.epoch AND e.status = 'sending'
  RETURNING e.id, e.lease_epoch, e.sequence_contact_id, e.mailbox_id, e.step_order, e.status, e.retry_count,
            e.scheduled_for, e.updated_at, o.status AS told, o.next_try, o.event_id, o.event_type, o.event_data,
            o.charged_date AS date, o.gap_seconds, o.clears_back_off),
counted AS (
  UPDATE mailbox_daily_counts c
     SET reserved_count = c.reserved_count - d.n, sent_count = c.sent_count + d.sent,
         unknown_count = c.unknown_count + d.unknown, failed_count = c.failed_count + d.failed
    FROM (SELECT mailbox_id, date, count(*)::int AS n, (count(*) FILTER (WHERE told = 'sent'))::int AS sent,
                 (count(*) FILTER (WHERE told = 'unknown'))::int AS unknown,
                 (count(*) FILTER (WHERE told IN ('failed', 'permanent_failure')))::int AS failed
            FROM done GROUP BY 1, 2 ORDER BY 1, 2) d
   WHERE c.mailbox_id = d.mailbox_id AND c.date = d.date),
paced AS (
  UPDATE mailboxes m
     SET next_free_at = CASE WHEN d.gap_seconds > 0 THEN clock.now + make_interval(secs => d.gap_seconds)
                             ELSE m.next_free_at END,
         backoff_count = CASE WHEN d.clears THEN 0 ELSE m.backoff_count END,
         login_probes = CASE WHEN d.clears THEN 0 ELSE m.login_probes END,
         rest_of_host = m.rest_of_host AND NOT d.clears,
         state_reason = CASE WHEN d.clears AND m.status = 'active' THEN NULL ELSE m.state_reason END,
         state_detail = CASE WHEN d.clears AND m.status = 'active' THEN NULL ELSE m.state_detail END
    FROM (SELECT mailbox_id,
                 COALESCE(max(gap_seconds) FILTER (WHERE told NOT IN ('scheduled', 'held')), 0) AS gap_seconds,
                 bool_or(clears_back_off) AS clears
            FROM done WHERE gap_seconds > 0 OR clears_back_off GROUP BY 1 ORDER BY 1) d
   CROSS JOIN clock
   WHERE m.id = d.mailbox_id),
ended AS (  -- a cancelled mail has no next step; most such enrolments are over already
  UPDATE sequence_contacts sc
     SET status = 'stopped', reason = 'manual', next_send_at = NULL, completed_at = clock.now, updated_at = clock.now
    FROM (SELECT sequence_contact_id FROM done WHERE status = 'cancelled' ORDER BY 1) d CROSS JOIN clock
   WHERE sc.id = d.sequence_contact_id AND sc.status IN ('pending', 'active', 'paused')),
told AS (
  INSERT INTO email_events (id, email_queue_id, event_type, event_data)
  SELECT event_id, id,
         CASE WHEN status IN ('held', 'cancelled') THEN status::text ELSE event_type END::email_event_type,
         event_data::jsonb
    FROM done WHERE event_type <> ''),
announced AS (
  INSERT INTO outbox (id, topic, slot, payload)
  SELECT $14::uuid, 'followup-events', max(mailbox_slot(mailbox_id)),
         '{"v":1,"id":"' || $14::uuid || '","at":' || max(clock.json) || ',"completed":[' || string_agg(
           '{"sequence_contact_id":"' || sequence_contact_id || '","email_queue_id":"' || id ||
           '","step_completed":' || step_order || '}', ',') || ']}'
    FROM done CROSS JOIN clock WHERE status = 'sent' HAVING count(*) > 0
   UNION ALL
  SELECT $15::uuid, 'email-retries', max(mailbox_slot(mailbox_id)),
         json_build_object('v', 1, 'id', $15::uuid, 'at', max(updated_at), 'retries', json_agg(json_build_object(
           'email_queue_id', id, 'epoch', lease_epoch, 'retry_count', retry_count,
           'next_retry_at', CASE WHEN next_try IS NOT NULL THEN scheduled_for END)))::text
    FROM done WHERE status = 'failed' HAVING count(*) > 0
   UNION ALL
  SELECT $16::uuid, 'email-events', max(mailbox_slot(mailbox_id)),
         '{"v":1,"id":"' || $16::uuid || '","at":' || max(clock.json) || ',"events":[' || string_agg(
           '{"id":"' || event_id || '","type":"' ||
           CASE WHEN status IN ('held', 'cancelled') THEN status::text ELSE event_type END ||
           '","email_queue_id":"' || id || '","at":' || clock.json || ',"recorded":true,"data":{}}', ',') || ']}'
    FROM done CROSS JOIN clock WHERE event_type <> '' HAVING count(*) > 0)
SELECT COALESCE(array_agg(id), '{}') AS ids, COALESCE(array_agg(lease_epoch), '{}') AS epochs FROM done
