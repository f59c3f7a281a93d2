-- The fingerprint of the key in use; an earlier one goes, since nothing is sealed with it. $1 fingerprint
WITH former AS (DELETE FROM master_keys WHERE fingerprint <> $1::text)
INSERT INTO master_keys (fingerprint) VALUES ($1::text) ON CONFLICT DO NOTHING
