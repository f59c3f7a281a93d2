-- Every ledger line has a row that says so. $1 quiescent; otherwise the answer may still be on its way.
WITH broken AS (
  SELECT l.message_id || ' is ' || COALESCE(e.status::text, 'no email of ours') AS example
    FROM verify_ledger l LEFT JOIN email_queues e ON e.id = l.email_id
   WHERE e.id IS NULL
      OR e.status NOT IN ('sent', 'unknown', 'assumed_sent')
         AND NOT (NOT $1::boolean AND e.status = 'sending' AND e.phase = 'dot'))
SELECT count(*), COALESCE((array_agg(example))[1:5], '{}') FROM broken
