-- For a change of what belongs to the sequence: one at a time. $1 sequence
SELECT id FROM sequences WHERE id = $1::uuid AND deleted_at IS NULL FOR NO KEY UPDATE
