-- Mailboxes with the counts of their own day. $1 one mailbox, or NULL  $2 the last id of the page before, or NULL
-- $3 limit
SELECT m.id, m.email, m.from_name, m.daily_capacity, m.status, m.state_reason, m.state_detail,
       CASE WHEN m.backoff_until > clock_timestamp() THEN m.backoff_until END AS backoff_until,
       CASE WHEN m.status = 'error' THEN m.probe_at END AS probe_at, m.provider, m.smtp_host, m.smtp_port,
       m.smtp_username, m.encrypted_smtp_password IS NOT NULL AS has_password, m.tls, m.timezone, m.min_gap_seconds,
       m.tracking_host, m.auth, m.oauth_provider, m.oauth_token_url, m.oauth_client_id,
       m.encrypted_oauth_client_secret IS NOT NULL AS has_client_secret,
       m.encrypted_oauth_refresh_token IS NOT NULL AS has_refresh_token, m.ehlo_name, m.dsn, m.reply_to,
       COALESCE(c.sent_count, 0) AS sent, COALESCE(c.reserved_count, 0) AS reserved,
       COALESCE(c.unknown_count, 0) AS unknown,
       m.created_at, m.updated_at
  FROM mailboxes m
  LEFT JOIN mailbox_daily_counts c ON c.mailbox_id = m.id AND c.date = (clock_timestamp() AT TIME ZONE m.timezone)::date
 WHERE m.deleted_at IS NULL AND ($1::uuid IS NULL OR m.id = $1::uuid) AND ($2::uuid IS NULL OR m.id > $2::uuid)
 ORDER BY m.id LIMIT $3::int
