-- A provider gave a new one along with an access token. Not where somebody has set another meanwhile. The version
-- stays: whoever keeps the account keeps what it knows. $1 mailbox  $2 version of the account  $3 sealed
UPDATE mailboxes SET encrypted_oauth_refresh_token = $3::bytea, updated_at = clock_timestamp()
 WHERE id = $1::uuid AND version = $2::bigint AND deleted_at IS NULL
