-- First transaction of an opt-out: the address is suppressed, the contact and its enrolments say so. An opt-out that
-- was undone and comes again is a new one; a repeated one changes nothing and writes no second event: the UPDATE of an
-- entry sees the newest row, so of two at the same time one is the repeated one. $1 email  $2 via
WITH person AS MATERIALIZED (
  SELECT c.id, c.email, c.erased_at
    FROM email_queues e
    JOIN sequence_contacts sc ON sc.id = e.sequence_contact_id
    JOIN contacts c ON c.id = sc.contact_id
   WHERE e.id = $1::uuid),
listed AS (
  INSERT INTO suppressions AS s (kind, value, reason, email_queue_id)
  SELECT 'email', email, 'unsubscribed', $1::uuid FROM person WHERE erased_at IS NULL
  ON CONFLICT (value, kind) DO UPDATE
     SET former_reason = s.reason, reason = 'unsubscribed', email_queue_id = $1::uuid, settled_at = NULL
   WHERE s.reason NOT IN ('unsubscribed', 'complained')
  RETURNING s.id),
marked AS (
  UPDATE contacts c SET status = 'unsubscribed', updated_at = clock_timestamp()
    FROM person WHERE c.id = person.id AND c.status NOT IN ('unsubscribed', 'complained')),
ended AS (
  UPDATE sequence_contacts sc
     SET status = 'stopped', reason = 'unsubscribed', next_send_at = NULL, completed_at = clock_timestamp(),
         updated_at = clock_timestamp()
    FROM person WHERE sc.contact_id = person.id AND sc.status IN ('pending', 'active', 'paused')),
told AS (
  INSERT INTO email_events (id, email_queue_id, event_type, event_data)
  SELECT uuid_v7(), $1::uuid, 'unsubscribed', jsonb_build_object('via', $2::text) FROM listed)
SELECT person.id, CASE WHEN person.erased_at IS NULL THEN person.email ELSE '' END, EXISTS (SELECT FROM listed)
  FROM person
