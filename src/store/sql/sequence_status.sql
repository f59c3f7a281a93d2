-- $1 sequence
SELECT status FROM sequences WHERE id = $1::uuid AND deleted_at IS NULL
