-- $1 email
SELECT id, event_type, created_at, COALESCE(event_data, '{}') FROM email_events
 WHERE email_queue_id = $1::uuid ORDER BY created_at, id
