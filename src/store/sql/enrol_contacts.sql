-- Flow 2, the enrolment itself: who was enrolled by somebody else meanwhile is left out, by the UNIQUE.
-- $1 sequence  $2 step  $3 step version  $4 step order  $5 wait  $6 enrolment ids  $7 contacts  $8 mailboxes
-- $9 email ids
WITH due AS MATERIALIZED (SELECT clock_timestamp() AS now, clock_timestamp() + $5::interval AS at),
enrolled AS (
  INSERT INTO sequence_contacts (id, sequence_id, contact_id, mailbox_id, current_step, next_send_at, status,
                                 started_at)
  SELECT g.id, $1::uuid, g.contact_id, g.mailbox_id, $4::int, due.at, 'active', due.now
    FROM unnest($6::uuid[], $7::uuid[], $8::uuid[]) AS g(id, contact_id, mailbox_id) CROSS JOIN due
  ON CONFLICT (sequence_id, contact_id) DO NOTHING
  RETURNING id, contact_id, mailbox_id),
born AS (
  INSERT INTO email_queues (id, sequence_contact_id, mailbox_id, step_id, step_version_id, step_order, scheduled_for)
  SELECT ($9::uuid[])[row_number() OVER ()], enrolled.id, enrolled.mailbox_id, $2::uuid, $3::uuid, $4::int, due.at
    FROM enrolled CROSS JOIN due)
SELECT contact_id FROM enrolled
