-- How the servers of these mailboxes are reached. $1 ids
SELECT m.id, m.version, m.email, m.from_name, m.smtp_host, m.smtp_port, m.tls, m.smtp_username,
       m.encrypted_smtp_password, m.auth, m.oauth_provider, m.oauth_token_url, m.oauth_client_id,
       m.encrypted_oauth_client_secret, m.encrypted_oauth_refresh_token, m.ehlo_name, m.dsn, m.reply_to,
       (extract(epoch FROM (clock.now AT TIME ZONE m.timezone) - (clock.now AT TIME ZONE 'UTC')) / 60)::int
         AS utc_offset,
       COALESCE(m.tracking_host, '') AS tracking_host
  FROM unnest($1::uuid[]) AS asked(id)
  JOIN mailboxes m ON m.id = asked.id
 CROSS JOIN (SELECT clock_timestamp() AS now) clock
 WHERE m.deleted_at IS NULL
