-- $1 version ids  $2 step ids  $3 subjects  $4 contents  $5 text parts, NULL = derived
INSERT INTO step_versions (id, step_id, subject, content, content_text)
SELECT v.id, v.step_id, v.subject, v.content, v.content_text
  FROM unnest($1::uuid[], $2::uuid[], $3::text[], $4::text[], $5::text[])
       AS v(id, step_id, subject, content, content_text)
