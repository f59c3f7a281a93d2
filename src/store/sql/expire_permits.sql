-- The reaper's other half: the lease ran out after the permit. The dot may have left, so the mail is `unknown`,
-- keeps its place in the day, and is never sent again by guess. $1 ids  $2 epochs
WITH expired AS (
  UPDATE email_queues e SET status = 'unknown', reason = 'lease_expired', updated_at = clock_timestamp()
    FROM unnest($1::uuid[], $2::bigint[]) AS asked(id, epoch)
   WHERE e.id = asked.id AND e.lease_epoch = asked.epoch AND e.status = 'sending' AND e.phase = 'dot'
     AND e.lease_until <= clock_timestamp()
  RETURNING e.id, e.mailbox_id, e.charged_date, e.lease_epoch, e.dot_at),
counted AS (
  UPDATE mailbox_daily_counts c SET reserved_count = c.reserved_count - n.n, unknown_count = c.unknown_count + n.n
    FROM (SELECT mailbox_id, charged_date, count(*)::int AS n FROM expired GROUP BY 1, 2 ORDER BY 1, 2) n
   WHERE c.mailbox_id = n.mailbox_id AND c.date = n.charged_date),
told AS (
  INSERT INTO email_events (id, email_queue_id, event_type, event_data)
  SELECT uuid_v7(), id, 'unknown', jsonb_build_object('reason', 'lease_expired', 'epoch', lease_epoch, 'dot_at', dot_at)
    FROM expired)
SELECT count(*)::int FROM expired
