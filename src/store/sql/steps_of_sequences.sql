-- $1 sequences
SELECT sequence_id, id, step_order, subject, content, wait_days, refused_count
  FROM steps WHERE sequence_id = ANY ($1::uuid[]) AND deleted_at IS NULL
 ORDER BY sequence_id, step_order
