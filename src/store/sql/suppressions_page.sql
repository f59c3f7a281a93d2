-- $1 one entry, or NULL  $2 the last id of the page before, or NULL  $3 reason, or NULL  $4 limit
SELECT s.id, s.kind, s.value, s.reason, s.note, s.email_queue_id, s.created_at
  FROM suppressions s
 WHERE ($1::uuid IS NULL OR s.id = $1::uuid) AND ($2::uuid IS NULL OR s.id > $2::uuid)
   AND ($3::text IS NULL OR s.reason = $3::text)
 ORDER BY s.id LIMIT $4::int
