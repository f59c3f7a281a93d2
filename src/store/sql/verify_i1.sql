-- No Message-ID and no (enrolment, step) twice in the ledger.
WITH broken AS (
  SELECT message_id || ' ' || count(*) || ' times' AS example FROM verify_ledger GROUP BY message_id HAVING count(*) > 1
   UNION ALL
  SELECT 'enrolment ' || e.sequence_contact_id || ' step ' || e.step_id || ' by ' || count(DISTINCT e.id) || ' emails'
    FROM verify_ledger l JOIN email_queues e ON e.id = l.email_id
   GROUP BY e.sequence_contact_id, e.step_id HAVING count(DISTINCT e.id) > 1)
SELECT count(*), COALESCE((array_agg(example))[1:5], '{}') FROM broken
