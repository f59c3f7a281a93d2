-- Newest first: the ids grow with time. $1 the last id of the page before, or NULL  $2 limit
SELECT id, name, status, open_tracking_enabled, click_tracking_enabled, created_at, updated_at
  FROM sequences
 WHERE deleted_at IS NULL AND ($1::uuid IS NULL OR id < $1::uuid)
 ORDER BY id DESC LIMIT $2::int
