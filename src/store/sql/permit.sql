-- The dot permit: the last look before the dot, at the row alone. Joins here cost 25 µs a mail and order nothing;
-- the stop acts set the flag under this row's lock (docs/decisions/0006-stop-acts.md).
-- The lease must outlive the wait for the answer, and the day must not be over.
-- $4: the same request was sent before and its end is not known; then a permit of this epoch is ours, to be used once.
-- Answers in two arrays: a row of the answer costs both sides more than an element.
-- $1 ids  $2 epochs  $3 lease that must be left  $4 repeated
WITH granted AS (
  UPDATE email_queues e
     SET phase = 'dot', dot_at = CASE WHEN e.phase = 'pre' THEN clock_timestamp() ELSE e.dot_at END
    FROM unnest($1::uuid[], $2::bigint[]) AS asked(id, epoch)
   WHERE e.id = asked.id AND e.lease_epoch = asked.epoch AND e.status = 'sending'
     AND (e.phase = 'pre' AND NOT e.cancel_requested AND e.lease_until > clock_timestamp() + $3::interval
                          AND clock_timestamp() < e.charged_until
          OR $4::boolean AND e.phase = 'dot')
  RETURNING e.id, e.lease_epoch)
SELECT COALESCE(array_agg(id), '{}') AS ids, COALESCE(array_agg(lease_epoch), '{}') AS epochs FROM granted
