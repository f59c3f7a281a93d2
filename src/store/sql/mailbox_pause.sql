-- First transaction of the stop act. It waits for a producer that holds the row, so that afterwards nobody reserves
-- for this mailbox any more. $1 mailbox  $2 reason
UPDATE mailboxes SET status = 'paused', state_reason = $2::text, state_detail = NULL, updated_at = clock_timestamp()
 WHERE id = $1::uuid AND deleted_at IS NULL
RETURNING status
