-- The order is the position in the arrays, from 0. The version's foreign key is deferred: the versions follow.
-- $1 sequence  $2 step ids  $3 version ids  $4 subjects  $5 contents  $6 waits in days
INSERT INTO steps (id, sequence_id, step_order, subject, content, wait_days, step_version_id)
SELECT s.id, $1::uuid, s.position - 1, s.subject, s.content, s.wait_days, s.version_id
  FROM unnest($2::uuid[], $3::uuid[], $4::text[], $5::text[], $6::int[]) WITH ORDINALITY
       AS s(id, version_id, subject, content, wait_days, position)
