-- People who are known keep what they have; only what is empty is filled in, and who was deleted is back. Nothing is
-- written where nothing changes: most requests repeat what is known. "Do not track" is only ever set here.
-- $1 addresses  $2 first names  $3 last names  $4 companies  $5 phones  $6 zones  $7 attributes  $8 not to be tracked
WITH changed AS MATERIALIZED (
  SELECT c.id, g.first_name, g.last_name, g.company, g.phone, g.timezone, g.attributes::jsonb AS attributes,
         g.do_not_track
    FROM unnest($1::text[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[],
                $8::boolean[])
         AS g(email, first_name, last_name, company, phone, timezone, attributes, do_not_track)
    JOIN contacts c ON c.email = g.email
   WHERE COALESCE(c.first_name, '') = '' AND g.first_name <> ''
      OR COALESCE(c.last_name, '') = '' AND g.last_name <> ''
      OR COALESCE(c.company, '') = '' AND g.company <> ''
      OR COALESCE(c.phone, '') = '' AND g.phone <> ''
      OR COALESCE(c.timezone, '') = '' AND g.timezone <> ''
      OR g.attributes <> '{}' AND NOT c.attributes @> (g.attributes::jsonb || c.attributes)
      OR g.do_not_track AND NOT c.do_not_track
      OR c.deleted_at IS NOT NULL
   ORDER BY c.email FOR NO KEY UPDATE OF c)
UPDATE contacts c
   SET first_name = COALESCE(NULLIF(c.first_name, ''), g.first_name),
       last_name = COALESCE(NULLIF(c.last_name, ''), g.last_name),
       company = COALESCE(NULLIF(c.company, ''), g.company),
       phone = COALESCE(NULLIF(c.phone, ''), g.phone),
       timezone = COALESCE(NULLIF(c.timezone, ''), g.timezone),
       attributes = g.attributes || c.attributes, do_not_track = c.do_not_track OR g.do_not_track,
       deleted_at = NULL, updated_at = clock_timestamp()
  FROM changed g WHERE c.id = g.id
