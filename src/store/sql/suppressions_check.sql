-- What keeps this address out, the nearest first. $1 address  $2 its hash
SELECT s.id, s.kind, s.value, s.reason, s.note, s.email_queue_id, s.created_at
  FROM (VALUES (1, 'email', $1::text), (2, 'hash', $2::text), (3, 'domain', split_part($1::text, '@', 2)))
       AS asked(place, kind, value)
  JOIN suppressions s ON s.value = asked.value AND s.kind = asked.kind
 ORDER BY asked.place LIMIT 1
