-- $1 sequence  $2 mailboxes
INSERT INTO sequence_mailboxes (sequence_id, mailbox_id)
SELECT $1::uuid, id FROM unnest($2::uuid[]) AS asked(id)
ON CONFLICT DO NOTHING
