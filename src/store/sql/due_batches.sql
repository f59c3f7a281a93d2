-- The janitor's look at batches whose time has come: which of their emails are stuck. SKIP LOCKED: several
-- janitors share the work. $1 queued_after  $2 batches_max
WITH due AS MATERIALIZED (
  SELECT b.id, b.email_ids FROM dispatch_batches b WHERE b.check_at <= clock_timestamp()
   ORDER BY b.check_at LIMIT $2::int FOR UPDATE SKIP LOCKED)
SELECT due.id AS batch_id, e.id, e.lease_epoch,
       CASE WHEN e.status = 'queued' AND e.queued_at <= clock_timestamp() - $1::interval THEN 'unclaimed'
            WHEN e.status = 'sending' AND e.lease_until <= clock_timestamp() AND e.phase = 'pre' THEN 'expired_pre'
            WHEN e.status = 'sending' AND e.lease_until <= clock_timestamp() AND e.phase = 'dot' THEN 'expired_dot'
            ELSE 'open' END AS state
  FROM due CROSS JOIN LATERAL unnest(due.email_ids) AS u(id)
  LEFT JOIN email_queues e ON e.id = u.id AND e.status IN ('queued', 'sending')
