-- Flow 4, first step. queued → sending/pre, epoch + 1, lease; only while nothing stands against it: every status
-- is looked at here, so that a stop act whose first transaction is committed is obeyed even where its second
-- could not see the row yet. What is not claimed but still queued moves on in the same statement.
-- Ids come sorted, so that locks are taken in one order. $1 ids  $2 lease
WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now),
claimed AS (
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
  RETURNING e.id, e.lease_epoch, e.sequence_contact_id, e.mailbox_id, m.version, split_part(m.email, '@', 2) AS domain,
            m.min_gap_seconds, m.backoff_count, e.step_version_id, e.step_order, e.retry_count, e.max_retries,
            e.charged_date, e.first_attempt_at, e.last_attempt_at, c.email, c.first_name, c.last_name, c.company,
            c.phone, c.attributes, e.subject, e.content),
refused AS (
  UPDATE email_queues e
     SET status = CASE WHEN o.objection IS NULL THEN 'scheduled' WHEN o.objection = 'paused' THEN 'held'
                       ELSE 'cancelled' END::email_queue_status,
         reason = o.objection, cancel_requested = false, cancel_saw_phase = CASE WHEN o.objection IS NOT NULL THEN e.cancel_saw_phase END,
         charged_date = NULL, charged_until = NULL, updated_at = clock_timestamp()
    FROM unnest($1::uuid[]) AS asked(id)
    JOIN email_objections o ON o.id = asked.id
   WHERE e.id = asked.id AND e.status = 'queued' AND e.queued_at = o.queued_at
     AND NOT EXISTS (SELECT FROM claimed WHERE claimed.id = asked.id)
  RETURNING e.id, e.mailbox_id, o.charged_date, e.status, e.reason),
released AS (
  UPDATE mailbox_daily_counts c SET reserved_count = c.reserved_count - n.n
    FROM (SELECT mailbox_id, charged_date, count(*)::int AS n FROM refused GROUP BY 1, 2 ORDER BY 1, 2) n
   WHERE c.mailbox_id = n.mailbox_id AND c.date = n.charged_date),
told AS (
  INSERT INTO email_events (id, email_queue_id, event_type, event_data)
  SELECT uuid_v7(), id, status::text::email_event_type, jsonb_build_object('reason', reason)
    FROM refused WHERE status IN ('held', 'cancelled'))
SELECT id, lease_epoch, sequence_contact_id, mailbox_id, version, domain, min_gap_seconds, backoff_count,
       step_version_id, step_order, retry_count, max_retries, charged_date::text, first_attempt_at, last_attempt_at,
       email, first_name, last_name, company, phone, attributes::text, subject, content
  FROM claimed
 UNION ALL
SELECT id, 0, NULL, NULL, 0, NULL, 0, 0, NULL, 0, 0, 0, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL, NULL
  FROM refused
