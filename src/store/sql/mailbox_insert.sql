-- No row: the address is taken. What is sealed was sealed for this id.
-- $1 id  $2 address  $3 from_name  $4 daily_capacity  $5 provider  $6 host  $7 port  $8 user  $9 sealed password
-- $10 tls  $11 timezone  $12 min_gap_seconds  $13 auth  $14 OAuth provider  $15 token URL  $16 client id
-- $17 sealed client secret  $18 sealed refresh token  $19 ehlo_name  $20 dsn  $21 reply_to
-- $22 tracking_host
INSERT INTO mailboxes (id, email, from_name, daily_capacity, provider, smtp_host, smtp_port, smtp_username,
                       encrypted_smtp_password, tls, timezone, min_gap_seconds, auth, oauth_provider, oauth_token_url,
                       oauth_client_id, encrypted_oauth_client_secret, encrypted_oauth_refresh_token, ehlo_name, dsn,
                       reply_to, tracking_host)
VALUES ($1::uuid, $2::text, $3::text, $4::int, $5::text, $6::text, $7::int, $8::text, $9::bytea, $10::text, $11::text,
        $12::int, COALESCE($13::text, 'password'), $14::text, NULLIF($15::text, ''), $16::text, $17::bytea, $18::bytea,
        NULLIF($19::text, ''), COALESCE($20::boolean, false), NULLIF($21::text, ''), NULLIF($22::text, ''))
ON CONFLICT (email) DO NOTHING
RETURNING id
