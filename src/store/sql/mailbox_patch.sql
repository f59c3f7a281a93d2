-- NULL leaves a column as it is. Whatever a sender keeps raises the version; what says how the server is reached also
-- ends a back-off and an error: it was changed to help.
-- $1 mailbox  $2 from_name  $3 daily_capacity  $4 provider  $5 host  $6 port  $7 user  $8 sealed password  $9 tls
-- $10 timezone  $11 min_gap_seconds  $12 the connection changes  $13 tracking_host, empty: none
UPDATE mailboxes m
   SET from_name = COALESCE($2::text, m.from_name), daily_capacity = COALESCE($3::int, m.daily_capacity),
       provider = COALESCE($4::text, m.provider), smtp_host = COALESCE($5::text, m.smtp_host),
       smtp_port = COALESCE($6::int, m.smtp_port), smtp_username = COALESCE($7::text, m.smtp_username),
       encrypted_smtp_password = COALESCE($8::bytea, m.encrypted_smtp_password), tls = COALESCE($9::text, m.tls),
       timezone = COALESCE($10::text, m.timezone), min_gap_seconds = COALESCE($11::int, m.min_gap_seconds),
       tracking_host = NULLIF(COALESCE($13::text, m.tracking_host), ''),
       version = m.version + ($12::boolean OR $2::text IS NOT NULL OR $10::text IS NOT NULL
                              OR $13::text IS NOT NULL)::int,
       status = CASE WHEN $12::boolean AND m.status = 'error' THEN 'active' ELSE m.status END,
       state_reason = CASE WHEN $12::boolean AND m.status <> 'paused' THEN NULL ELSE m.state_reason END,
       state_detail = CASE WHEN $12::boolean AND m.status <> 'paused' THEN NULL ELSE m.state_detail END,
       backoff_until = CASE WHEN $12::boolean THEN '-infinity' ELSE m.backoff_until END,
       backoff_count = CASE WHEN $12::boolean THEN 0 ELSE m.backoff_count END,
       next_free_at = CASE WHEN $11::int IS NULL THEN m.next_free_at
                           ELSE LEAST(m.next_free_at, clock_timestamp() + make_interval(secs => $11::int)) END,
       updated_at = clock_timestamp()
 WHERE m.id = $1::uuid AND m.deleted_at IS NULL
RETURNING m.status
