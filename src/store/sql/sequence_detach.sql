-- All but these. $1 sequence  $2 mailboxes that stay
DELETE FROM sequence_mailboxes WHERE sequence_id = $1::uuid AND mailbox_id <> ALL ($2::uuid[])
