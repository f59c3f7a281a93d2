-- Flow 4, first step. queued → sending/pre, epoch + 1, lease; only while nothing stands against it: every status
-- is looked at here, so that a stop act whose first transaction is committed is obeyed even where its second
-- could not see the row yet. What is left queued is moved on by `refuse_queued`.
-- Ids come sorted, so that locks are taken in one order. $1 ids  $2 lease
WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now)
UPDATE email_queues e
   SET status = 'sending', phase = 'pre', lease_epoch = e.lease_epoch + 1, lease_until = clock.now + $2::interval,
       first_attempt_at = COALESCE(e.first_attempt_at, clock.now), last_attempt_at = clock.now, dot_at = NULL,
       updated_at = clock.now
  FROM unnest($1::uuid[]) AS asked(id), clock, sequence_contacts sc, sequences s, contacts c, mailboxes m
 WHERE e.id = asked.id AND sc.id = e.sequence_contact_id AND s.id = sc.sequence_id AND c.id = sc.contact_id
   AND m.id = e.mailbox_id
   AND e.status = 'queued' AND NOT e.cancel_requested
   AND sc.status = 'active' AND s.status IN ('active', 'archived') AND s.deleted_at IS NULL
   AND c.status = 'active' AND c.deleted_at IS NULL
   AND NOT EXISTS (SELECT FROM suppressions x WHERE x.value = c.email AND x.kind = 'email')
   AND NOT EXISTS (SELECT FROM suppressions x WHERE x.value = split_part(c.email, '@', 2) AND x.kind = 'domain')
   AND m.status = 'active' AND m.deleted_at IS NULL AND m.backoff_until <= clock.now
   AND e.charged_date = (clock.now AT TIME ZONE m.timezone)::date AND clock.now < e.charged_until
RETURNING e.id, e.lease_epoch, e.sequence_contact_id, e.mailbox_id, m.version,
          m.min_gap_seconds, m.backoff_count, e.step_version_id, e.step_order, e.retry_count, e.max_retries,
          e.charged_date, e.first_attempt_at, c.email, c.first_name, c.last_name, c.company,
          c.phone, c.attributes::text, c.updated_at,
          s.open_tracking_enabled AND NOT c.do_not_track, s.click_tracking_enabled AND NOT c.do_not_track
