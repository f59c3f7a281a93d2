-- A mailbox whose login was refused tries once more by itself: whoever mended the account elsewhere need not know of
-- us. Its reason stays until a mail was taken; a second refusal finds `login_probes` and waits for a person.
UPDATE mailboxes
   SET status = 'active', probe_at = NULL, login_probes = login_probes + 1, backoff_until = '-infinity',
       updated_at = clock_timestamp()
 WHERE status = 'error' AND probe_at <= clock_timestamp() AND deleted_at IS NULL
RETURNING id
