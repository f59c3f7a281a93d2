-- Enrolments without a mailbox and their open mail get this one, where it may carry their sequence's mail: it is
-- attached to the sequence, or nothing is. $1 mailbox
WITH lonely AS MATERIALIZED (
  SELECT sc.id FROM sequence_contacts sc
   WHERE sc.mailbox_id IS NULL AND sc.status IN ('pending', 'active', 'paused')
     AND (EXISTS (SELECT FROM sequence_mailboxes a WHERE a.sequence_id = sc.sequence_id AND a.mailbox_id = $1::uuid)
          OR NOT EXISTS (SELECT FROM sequence_mailboxes a WHERE a.sequence_id = sc.sequence_id))),
locked AS MATERIALIZED (
  SELECT e.id, e.sequence_contact_id FROM lonely JOIN email_queues e ON e.sequence_contact_id = lonely.id
   WHERE e.mailbox_id IS NULL AND e.status IN ('scheduled', 'held')
   ORDER BY e.id FOR NO KEY UPDATE OF e),
assigned AS (
  UPDATE email_queues e SET mailbox_id = $1::uuid, updated_at = clock_timestamp()
    FROM locked WHERE e.id = locked.id AND e.mailbox_id IS NULL
  RETURNING e.id),
kept AS (
  UPDATE sequence_contacts sc SET mailbox_id = $1::uuid, updated_at = clock_timestamp()
    FROM lonely WHERE sc.id = lonely.id AND sc.mailbox_id IS NULL)
SELECT count(*)::int FROM assigned
