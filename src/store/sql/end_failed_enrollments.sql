-- After `outcome`, in its transaction, for mails that will never be sent: their enrolment ends. A hard bounce
-- (reason `bounced`) marks the contact and suppresses the address too; a policy or content refusal leaves the
-- contact alone. Returns the contacts that bounced: their other mail is stopped in a transaction of its own.
-- $1 ids  $2 epochs
WITH failed AS MATERIALIZED (
  SELECT e.id, e.sequence_contact_id, e.reason = 'bounced' AS bounced
    FROM unnest($1::uuid[], $2::bigint[]) AS asked(id, epoch)
    JOIN email_queues e ON e.id = asked.id AND e.lease_epoch = asked.epoch
   WHERE e.status = 'permanent_failure' ORDER BY e.sequence_contact_id),
ended AS (
  UPDATE sequence_contacts sc
     SET status = CASE WHEN failed.bounced THEN 'bounced' ELSE 'stopped' END::sequence_contact_status,
         reason = CASE WHEN failed.bounced THEN 'bounced' ELSE 'failed' END, next_send_at = NULL,
         completed_at = clock_timestamp(), updated_at = clock_timestamp()
    FROM failed WHERE sc.id = failed.sequence_contact_id AND sc.status IN ('pending', 'active', 'paused')),
bounced AS (
  UPDATE contacts c SET status = 'bounced', updated_at = clock_timestamp()
    FROM failed JOIN sequence_contacts sc ON sc.id = failed.sequence_contact_id
   WHERE failed.bounced AND c.id = sc.contact_id AND c.status = 'active'
  RETURNING c.id, c.email, failed.id AS email_queue_id),
suppressed AS (
  INSERT INTO suppressions (kind, value, reason, email_queue_id)
  SELECT 'email', email, 'bounced', email_queue_id FROM bounced ON CONFLICT DO NOTHING)
SELECT id FROM bounced
