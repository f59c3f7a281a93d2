-- Mail whose fate stays unknown is taken as sent, so that its sequence goes on; it stays in `unknown_count`, and
-- later only evidence of acceptance counts. $1 age  $2 emails_max  $3 id for the record of followup-events
WITH old AS MATERIALIZED (
  SELECT e.id FROM email_queues e
   WHERE e.attention_at IS NOT NULL AND e.attention_at <= clock_timestamp()
     AND e.status = 'unknown' AND e.dot_at <= clock_timestamp() - $1::interval
   ORDER BY e.attention_at LIMIT $2::int FOR NO KEY UPDATE SKIP LOCKED),
assumed AS (
  UPDATE email_queues e SET status = 'assumed_sent', sent_at = e.dot_at, updated_at = clock_timestamp()
    FROM old WHERE e.id = old.id AND e.status = 'unknown'
  RETURNING e.id, e.sequence_contact_id, e.mailbox_id, e.step_order),
told AS (
  INSERT INTO email_events (id, email_queue_id, event_type, event_data)
  SELECT uuid_v7(), id, 'assumed_sent', '{}' FROM assumed),
announced AS (
  INSERT INTO outbox (id, topic, slot, payload)
  SELECT $3::uuid, 'followup-events', max(mailbox_slot(mailbox_id)),
         json_build_object('v', 1, 'id', $3::uuid, 'at', clock_timestamp(), 'completed', json_agg(json_build_object(
           'sequence_contact_id', sequence_contact_id, 'email_queue_id', id, 'step_completed', step_order)))::text
    FROM assumed HAVING count(*) > 0)
SELECT count(*)::int FROM assumed
