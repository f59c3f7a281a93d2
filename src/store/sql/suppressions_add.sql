-- First transaction of the stop act that an entry is: the entries, what their people's contacts and enrolments say.
-- An opt-out or a complaint replaces a weaker reason, which is kept for an undo; any other entry that is there already
-- is left as it is. $1 ids  $2 kinds  $3 values  $4 reasons  $5 notes. Returns the ids that are new or say more now.
INSERT INTO suppressions AS s (id, kind, value, reason, note)
SELECT g.id, g.kind, g.value, g.reason, g.note
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[]) AS g(id, kind, value, reason, note)
 ORDER BY g.value, g.kind
ON CONFLICT (value, kind) DO UPDATE
   SET former_reason = s.reason, reason = EXCLUDED.reason, note = COALESCE(EXCLUDED.note, s.note), settled_at = NULL
 WHERE s.reason NOT IN ('unsubscribed', 'complained') AND EXCLUDED.reason IN ('unsubscribed', 'complained')
RETURNING s.id
