-- The entries of these people's addresses whose second transaction is to come. $1 contacts
SELECT s.id FROM unnest($1::uuid[]) AS asked(id)
  JOIN contacts c ON c.id = asked.id
  JOIN suppressions s ON s.value = c.email AND s.kind = 'email'
 WHERE s.settled_at IS NULL
