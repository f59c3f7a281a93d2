-- Who of these can be enrolled (objection NULL), in the order given. $1 sequence  $2 addresses  $3 their
-- hashes
SELECT c.id,
       CASE WHEN EXISTS (SELECT FROM sequence_contacts sc WHERE sc.sequence_id = $1::uuid AND sc.contact_id = c.id)
              THEN 'already_enrolled'
            WHEN c.status IN ('unsubscribed', 'complained') THEN 'unsubscribed'
            WHEN EXISTS (SELECT FROM suppressions x
                          WHERE (x.value = g.email AND x.kind = 'email' OR x.value = g.hash AND x.kind = 'hash')
                            AND x.reason IN ('unsubscribed', 'complained'))
              THEN 'unsubscribed'
            WHEN c.id IS NULL OR c.status = 'bounced'
                 OR EXISTS (SELECT FROM suppressions x WHERE x.value = g.email AND x.kind = 'email')
                 OR EXISTS (SELECT FROM suppressions x WHERE x.value = g.hash AND x.kind = 'hash')
                 OR EXISTS (SELECT FROM suppressions x
                             WHERE x.value = split_part(g.email, '@', 2) AND x.kind = 'domain')
              THEN 'suppressed' END AS objection
  FROM unnest($2::text[], $3::text[]) WITH ORDINALITY AS g(email, hash, position)
  LEFT JOIN contacts c ON c.email = g.email
 ORDER BY g.position
