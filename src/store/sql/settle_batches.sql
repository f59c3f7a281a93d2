-- After the sweep: a batch without open emails is forgotten, another is looked at again when its next email can be
-- stuck. $1 batch ids  $2 queued_after
WITH open AS MATERIALIZED (
  SELECT b.id, array_agg(e.id ORDER BY e.id) AS email_ids,
         min(CASE WHEN e.status = 'sending' THEN e.lease_until ELSE e.queued_at + $2::interval END) AS check_at
    FROM unnest($1::uuid[]) AS asked(id)
    JOIN dispatch_batches b ON b.id = asked.id
   CROSS JOIN LATERAL unnest(b.email_ids) AS u(id)
    JOIN email_queues e ON e.id = u.id AND e.status IN ('queued', 'sending')
   GROUP BY b.id),
kept AS (
  UPDATE dispatch_batches b
     SET email_ids = open.email_ids, check_at = GREATEST(open.check_at, clock_timestamp() + interval '100 ms')
    FROM open WHERE b.id = open.id)
DELETE FROM dispatch_batches b
 WHERE b.id = ANY ($1::uuid[]) AND NOT EXISTS (SELECT FROM open WHERE open.id = b.id)
