-- $1 sequence
SELECT id, name, status, open_tracking_enabled, click_tracking_enabled, created_at, updated_at
  FROM sequences WHERE id = $1::uuid AND deleted_at IS NULL
