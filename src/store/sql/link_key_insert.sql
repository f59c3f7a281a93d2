-- No row: another process was quicker with this id. $1 id  $2 sealed key  $3 how long it only verifies
INSERT INTO link_keys (id, sealed_key, signs_from) VALUES ($1::smallint, $2::bytea, clock_timestamp() + $3::interval)
ON CONFLICT DO NOTHING RETURNING id
