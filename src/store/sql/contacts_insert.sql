-- People who are new, in the order of their addresses, so that two requests with the same people wait for each other
-- and never in a circle. Who is suppressed gets no row.
-- $1 ids  $2 addresses  $3 as posted  $4 first names  $5 last names  $6 companies  $7 phones  $8 zones  $9 attributes
-- $10 not to be tracked  $11 hashes of the addresses
INSERT INTO contacts (id, email, email_given, first_name, last_name, company, phone, timezone, attributes, do_not_track)
SELECT g.id, g.email, NULLIF(g.email_given, g.email), g.first_name, g.last_name, g.company, g.phone, g.timezone,
       g.attributes::jsonb, g.do_not_track
  FROM unnest($1::uuid[], $2::text[], $3::text[], $4::text[], $5::text[], $6::text[], $7::text[], $8::text[],
              $9::text[], $10::boolean[], $11::text[])
       AS g(id, email, email_given, first_name, last_name, company, phone, timezone, attributes, do_not_track, hash)
 WHERE NOT EXISTS (SELECT FROM contacts c WHERE c.email = g.email)
   AND NOT EXISTS (SELECT FROM suppressions x WHERE x.value = g.email AND x.kind = 'email')
   AND NOT EXISTS (SELECT FROM suppressions x WHERE x.value = split_part(g.email, '@', 2) AND x.kind = 'domain')
   AND NOT EXISTS (SELECT FROM suppressions x WHERE x.value = g.hash AND x.kind = 'hash')
 ORDER BY g.email
ON CONFLICT DO NOTHING
