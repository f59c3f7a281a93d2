-- Whom these entries keep out, and the reason with which their enrolments end. Only an address has an index: a domain
-- reads the contacts once. $1 entry ids
SELECT c.id, CASE WHEN s.reason IN ('unsubscribed', 'complained') THEN s.reason ELSE 'suppressed' END
  FROM unnest($1::uuid[]) AS asked(id)
  JOIN suppressions s ON s.id = asked.id AND s.kind = 'email'
  JOIN contacts c ON c.email = s.value
 UNION
SELECT c.id, CASE WHEN s.reason IN ('unsubscribed', 'complained') THEN s.reason ELSE 'suppressed' END
  FROM unnest($1::uuid[]) AS asked(id)
  JOIN suppressions s ON s.id = asked.id AND s.kind = 'domain'
  JOIN contacts c ON split_part(c.email, '@', 2) = s.value
 ORDER BY 1
