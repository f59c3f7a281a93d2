-- One mailbox got through, so its server works: the others of it need not rest any longer because of the server.
-- Who is locked is told by somebody else, or ends its rest by itself. $1 mailboxes that sent
WITH others AS MATERIALIZED (
  SELECT m.id
    FROM mailboxes m
   WHERE (m.smtp_host, m.smtp_port) IN (SELECT smtp_host, smtp_port FROM mailboxes WHERE id = ANY ($1::uuid[]))
     AND m.rest_of_host AND m.status = 'active'
   ORDER BY m.id FOR NO KEY UPDATE SKIP LOCKED)
UPDATE mailboxes m
   SET backoff_until = '-infinity', backoff_count = 0, rest_of_host = false, state_reason = NULL, state_detail = NULL,
       updated_at = clock_timestamp()
  FROM others WHERE m.id = others.id
