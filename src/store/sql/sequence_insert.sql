-- Flow 1, with step_insert, step_version_insert and sequence_attach in one transaction.
-- $1 id  $2 name  $3 status  $4 open tracking  $5 click tracking
INSERT INTO sequences (id, name, status, open_tracking_enabled, click_tracking_enabled)
VALUES ($1::uuid, $2::text, $3::text::sequence_status, $4::boolean, $5::boolean)
