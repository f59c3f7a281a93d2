-- $1 mailbox
SELECT count(*) FROM email_queues WHERE mailbox_id = $1::uuid AND due_at IS NOT NULL
