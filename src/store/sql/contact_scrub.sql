-- After the second transaction of an erasure: what was written to the person, and what servers said about the address.
-- A mail that was leaving writes its subject and answer once more; the erasure can be repeated. $1 contact
WITH mails AS MATERIALIZED (
  SELECT e.id FROM sequence_contacts sc JOIN email_queues e ON e.sequence_contact_id = sc.id
   WHERE sc.contact_id = $1::uuid ORDER BY e.id),
told AS (
  UPDATE email_events v SET event_data = v.event_data - ARRAY['reply', 'url', 'agent', 'network']
    FROM mails WHERE v.email_queue_id = mails.id AND v.event_data IS NOT NULL)
UPDATE email_queues e SET subject = NULL, content = NULL, error_message = NULL
  FROM mails
 WHERE e.id = mails.id AND (e.subject IS NOT NULL OR e.content IS NOT NULL OR e.error_message IS NOT NULL)
