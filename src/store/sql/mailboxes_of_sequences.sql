-- $1 sequences
SELECT sm.sequence_id, sm.mailbox_id
  FROM sequence_mailboxes sm JOIN mailboxes m ON m.id = sm.mailbox_id
 WHERE sm.sequence_id = ANY ($1::uuid[]) AND m.deleted_at IS NULL
 ORDER BY sm.sequence_id, sm.mailbox_id
