-- Flow 2, under a lock that a pause waits for: either the pause comes first and nobody is enrolled, or it finds the
-- new mail. The first live step goes along. $1 sequence
SELECT s.status, step.id, step.step_version_id, step.step_order, step.wait_days
  FROM sequences s
  LEFT JOIN LATERAL (SELECT f.id, f.step_version_id, f.step_order, f.wait_days FROM steps f
                      WHERE f.sequence_id = s.id AND f.deleted_at IS NULL ORDER BY f.step_order LIMIT 1) step ON true
 WHERE s.id = $1::uuid AND s.deleted_at IS NULL
   FOR SHARE OF s
