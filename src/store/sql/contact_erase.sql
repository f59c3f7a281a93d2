-- In the first transaction, after the deletion: the person's data goes. The address becomes one that nobody has, and
-- what keeps it out becomes its hash; what was known of it is kept as the reason. Enrolling looks at the contact by its
-- address first, and so waits for this row. $1 contact  $2 hash of the address
WITH person AS MATERIALIZED (SELECT id, email, status::text FROM contacts WHERE id = $1::uuid AND erased_at IS NULL),
listed AS (
  DELETE FROM suppressions s USING person WHERE s.value = person.email AND s.kind = 'email' RETURNING s.reason),
hashed AS (
  INSERT INTO suppressions (kind, value, reason, settled_at)
  SELECT 'hash', $2::text,
         COALESCE((SELECT reason FROM listed), CASE WHEN person.status = 'active' THEN 'manual' ELSE person.status END),
         clock_timestamp()
    FROM person
  ON CONFLICT DO NOTHING)
UPDATE contacts c
   SET email = 'erased-' || c.id || '@erased.invalid', email_given = NULL, first_name = NULL, last_name = NULL,
       company = NULL, phone = NULL, timezone = NULL, attributes = '{}', erased_at = clock_timestamp()
  FROM person WHERE c.id = person.id
