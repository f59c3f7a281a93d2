-- Ends pause, error and back-off. $1 mailbox
UPDATE mailboxes
   SET status = 'active', state_reason = NULL, state_detail = NULL, backoff_until = '-infinity', backoff_count = 0,
       rest_of_host = false, probe_at = NULL, login_probes = 0, refusals = '{}',
       updated_at = clock_timestamp()
 WHERE id = $1::uuid AND deleted_at IS NULL
RETURNING status
