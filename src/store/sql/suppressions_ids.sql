-- $1 kinds  $2 values
SELECT s.id FROM unnest($1::text[], $2::text[]) AS g(kind, value)
  JOIN suppressions s ON s.value = g.value AND s.kind = g.kind
