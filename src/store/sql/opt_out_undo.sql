-- Takes back what the person said; a reason that stood there before holds again. A complaint is not taken back: it is
-- the provider's word. $1 email. One row: the address, and whether anything of the kind is left.
WITH person AS MATERIALIZED (
  SELECT c.id, c.email, c.erased_at
    FROM email_queues e
    JOIN sequence_contacts sc ON sc.id = e.sequence_contact_id
    JOIN contacts c ON c.id = sc.contact_id
   WHERE e.id = $1::uuid
     FOR NO KEY UPDATE OF c),
restored AS (
  UPDATE suppressions s SET reason = s.former_reason, former_reason = NULL
    FROM person
   WHERE s.value = person.email AND s.kind = 'email' AND s.reason = 'unsubscribed' AND s.former_reason IS NOT NULL
  RETURNING s.reason),
lifted AS (
  DELETE FROM suppressions s USING person
   WHERE s.value = person.email AND s.kind = 'email' AND s.reason = 'unsubscribed' AND s.former_reason IS NULL
  RETURNING s.id),
marked AS (
  UPDATE contacts c
     SET status = CASE WHEN EXISTS (SELECT FROM restored WHERE reason = 'bounced') THEN 'bounced'
                       ELSE 'active' END::contact_status, updated_at = clock_timestamp()
    FROM person
   WHERE c.id = person.id AND person.erased_at IS NULL AND c.status = 'unsubscribed'
  RETURNING c.id),
told AS (
  INSERT INTO email_events (id, email_queue_id, event_type, event_data)
  SELECT uuid_v7(), $1::uuid, 'resubscribed', '{"via": "page"}'
   WHERE EXISTS (SELECT FROM restored) OR EXISTS (SELECT FROM lifted))
SELECT CASE WHEN person.erased_at IS NULL THEN person.email ELSE '' END,
       person.erased_at IS NOT NULL
       OR EXISTS (SELECT FROM suppressions s
                   WHERE s.value = person.email AND s.kind = 'email' AND s.reason = 'complained')
  FROM person
