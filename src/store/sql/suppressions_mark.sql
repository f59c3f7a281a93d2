-- What these entries name: the people of each, marked where the entry is about what they said or what became of their
-- address. $1 entry ids
WITH named AS MATERIALIZED (
  SELECT c.id, s.reason FROM unnest($1::uuid[]) AS asked(id)
    JOIN suppressions s ON s.id = asked.id AND s.kind = 'email'
    JOIN contacts c ON c.email = s.value
   WHERE s.reason IN ('unsubscribed', 'complained', 'bounced') ORDER BY c.id)
UPDATE contacts c SET status = named.reason::contact_status, updated_at = clock_timestamp()
  FROM named
 WHERE c.id = named.id AND c.status <> named.reason::contact_status
   AND (c.status = 'active' OR named.reason IN ('unsubscribed', 'complained') AND c.status = 'bounced')
