-- A mailbox that failed on its own account rests, or waits for a person (`error`). The count grows once per
-- rest: failures of the same connection do not add up.
-- $1 mailbox ids  $2 reasons  $3 details  $4 rests  $5 needs a person
UPDATE mailboxes m
   SET backoff_until = CASE WHEN t.needs_a_person THEN m.backoff_until ELSE clock_timestamp() + t.rest END,
       backoff_count = m.backoff_count + (m.backoff_until <= clock_timestamp())::int,
       status = CASE WHEN t.needs_a_person THEN 'error'::mailbox_status ELSE m.status END,
       state_reason = t.reason, state_detail = t.detail, updated_at = clock_timestamp()
  FROM (SELECT DISTINCT ON (mailbox_id) * FROM unnest($1::uuid[], $2::text[], $3::text[], $4::interval[], $5::boolean[])
          AS t(mailbox_id, reason, detail, rest, needs_a_person) ORDER BY mailbox_id, needs_a_person DESC) t
 WHERE m.id = t.mailbox_id AND m.status = 'active'
   AND (t.needs_a_person OR m.backoff_until <= clock_timestamp())
