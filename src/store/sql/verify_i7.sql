-- Nothing was delivered of a mail whose cancel came before its permit.
WITH broken AS (
  SELECT DISTINCT e.id::text AS example FROM verify_ledger l JOIN email_queues e ON e.id = l.email_id
   WHERE e.cancel_saw_phase IS NOT NULL AND e.cancel_saw_phase <> 'dot')
SELECT count(*), COALESCE((array_agg(example))[1:5], '{}') FROM broken
