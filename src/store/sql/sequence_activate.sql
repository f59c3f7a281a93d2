-- $1 sequence
UPDATE sequences SET status = 'active', updated_at = clock_timestamp()
 WHERE id = $1::uuid AND deleted_at IS NULL AND status <> 'active'
