-- Under a lock of its own, so that of two processes that start on an empty database one makes the key and the other
-- finds it. The number is arbitrary. One row: the fingerprint that is known, and whether anything depends on it.
SELECT (SELECT fingerprint FROM master_keys LIMIT 1) AS fingerprint,
       EXISTS (SELECT FROM mailboxes
                WHERE COALESCE(encrypted_smtp_password, encrypted_oauth_client_secret, encrypted_oauth_refresh_token)
                      IS NOT NULL)
         OR EXISTS (SELECT FROM link_keys)
         OR EXISTS (SELECT FROM suppressions WHERE kind = 'hash') AS sealed_exist
  FROM pg_advisory_xact_lock(4722093318)
