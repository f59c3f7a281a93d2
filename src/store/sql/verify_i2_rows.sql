-- Every row that is `sent` has a ledger line.
WITH broken AS (
  SELECT e.id::text AS example FROM email_queues e
   WHERE e.status = 'sent' AND NOT EXISTS (SELECT FROM verify_ledger l WHERE l.email_id = e.id))
SELECT count(*), COALESCE((array_agg(example))[1:5], '{}') FROM broken
