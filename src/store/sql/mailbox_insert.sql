-- No row: the address is taken. The password was sealed for this id.
-- $1 id  $2 address  $3 from_name  $4 daily_capacity  $5 provider  $6 host  $7 port  $8 user  $9 sealed password
-- $10 tls  $11 timezone  $12 min_gap_seconds  $13 tracking_host
INSERT INTO mailboxes (id, email, from_name, daily_capacity, provider, smtp_host, smtp_port, smtp_username,
                       encrypted_smtp_password, tls, timezone, min_gap_seconds, tracking_host)
VALUES ($1::uuid, $2::text, $3::text, $4::int, $5::text, $6::text, $7::int, $8::text, $9::bytea, $10::text, $11::text,
        $12::int, NULLIF($13::text, ''))
ON CONFLICT (email) DO NOTHING
RETURNING id
