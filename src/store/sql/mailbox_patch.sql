-- NULL leaves a column as it is. Whatever a sender keeps raises the version; what says how the server is reached also
-- ends a back-off and an error: it was changed to help.
-- $1 mailbox  $2 from_name  $3 daily_capacity  $4 provider  $5 host  $6 port  $7 user  $8 sealed password  $9 tls
-- $10 timezone  $11 min_gap_seconds  $12 the connection changes  $13 auth  $14 OAuth provider  $15 token URL
-- $16 client id  $17 sealed client secret  $18 sealed refresh token  $19 ehlo_name  $20 dsn  $21 reply_to
-- $22 tracking_host, empty: none
UPDATE mailboxes m
   SET from_name = COALESCE($2::text, m.from_name), daily_capacity = COALESCE($3::int, m.daily_capacity),
       provider = COALESCE($4::text, m.provider), smtp_host = COALESCE($5::text, m.smtp_host),
       smtp_port = COALESCE($6::int, m.smtp_port), smtp_username = COALESCE($7::text, m.smtp_username),
       encrypted_smtp_password = COALESCE($8::bytea, m.encrypted_smtp_password), tls = COALESCE($9::text, m.tls),
       timezone = COALESCE($10::text, m.timezone), min_gap_seconds = COALESCE($11::int, m.min_gap_seconds),
       auth = COALESCE($13::text, m.auth), oauth_provider = COALESCE($14::text, m.oauth_provider),
       oauth_token_url = NULLIF(COALESCE($15::text, m.oauth_token_url), ''),
       oauth_client_id = COALESCE($16::text, m.oauth_client_id),
       encrypted_oauth_client_secret = COALESCE($17::bytea, m.encrypted_oauth_client_secret),
       encrypted_oauth_refresh_token = COALESCE($18::bytea, m.encrypted_oauth_refresh_token),
       ehlo_name = NULLIF(COALESCE($19::text, m.ehlo_name), ''), dsn = COALESCE($20::boolean, m.dsn),
       reply_to = NULLIF(COALESCE($21::text, m.reply_to), ''),
       tracking_host = NULLIF(COALESCE($22::text, m.tracking_host), ''),
       version = m.version + ($12::boolean OR $2::text IS NOT NULL OR $10::text IS NOT NULL
                              OR $21::text IS NOT NULL OR $22::text IS NOT NULL)::int,
       status = CASE WHEN $12::boolean AND m.status = 'error' THEN 'active' ELSE m.status END,
       state_reason = CASE WHEN $12::boolean AND m.status <> 'paused' THEN NULL ELSE m.state_reason END,
       state_detail = CASE WHEN $12::boolean AND m.status <> 'paused' THEN NULL ELSE m.state_detail END,
       backoff_until = CASE WHEN $12::boolean THEN '-infinity' ELSE m.backoff_until END,
       backoff_count = CASE WHEN $12::boolean THEN 0 ELSE m.backoff_count END,
       rest_of_host = m.rest_of_host AND NOT $12::boolean,
       probe_at = CASE WHEN $12::boolean THEN NULL ELSE m.probe_at END,
       login_probes = CASE WHEN $12::boolean THEN 0 ELSE m.login_probes END,
       next_free_at = CASE WHEN $11::int IS NULL THEN m.next_free_at
                           ELSE LEAST(m.next_free_at, clock_timestamp() + make_interval(secs => $11::int)) END,
       updated_at = clock_timestamp()
 WHERE m.id = $1::uuid AND m.deleted_at IS NULL
RETURNING m.status
