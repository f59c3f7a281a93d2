-- Whether people of this sequence wait for any mailbox at all; returns the attached mailbox that should take them,
-- an active one first. $1 sequence
SELECT a.mailbox_id
  FROM sequence_mailboxes a JOIN mailboxes m ON m.id = a.mailbox_id AND m.deleted_at IS NULL
 WHERE a.sequence_id = $1::uuid
   AND EXISTS (SELECT FROM sequence_contacts sc WHERE sc.sequence_id = $1::uuid AND sc.mailbox_id IS NULL)
 ORDER BY m.status = 'active' DESC, m.id LIMIT 1
