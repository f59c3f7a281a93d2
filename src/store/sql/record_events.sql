-- Events that come from elsewhere, once per id, of emails that there are.
-- $1 ids  $2 email ids  $3 types  $4 times  $5 data
INSERT INTO email_events (id, email_queue_id, event_type, event_data, created_at)
SELECT r.id, r.email_queue_id, r.event_type::email_event_type, r.event_data::jsonb, r.at
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::timestamptz[], $5::text[])
       AS r(id, email_queue_id, event_type, at, event_data)
 WHERE EXISTS (SELECT FROM email_queues e WHERE e.id = r.email_queue_id)
ON CONFLICT DO NOTHING
