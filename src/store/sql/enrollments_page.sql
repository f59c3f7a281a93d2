-- A page of enrolments with their emails, and what each waits for, in the words that API and UI share. The nearest
-- cause is named: before its time a mail waits for its time; then for its mailbox.
-- $1 sequence, or NULL  $2 the last id of the page before, or NULL  $3 limit
WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now),
page AS MATERIALIZED (
  SELECT sc.* FROM sequence_contacts sc
   WHERE ($1::uuid IS NULL OR sc.sequence_id = $1::uuid) AND ($2::uuid IS NULL OR sc.id > $2::uuid)
   ORDER BY sc.id LIMIT $3::int)
SELECT page.id, c.email, page.status, page.reason,
       CASE WHEN page.status NOT IN ('pending', 'active', 'paused') THEN NULL
            WHEN s.status IN ('draft', 'paused') THEN 'sequence_paused'
            WHEN page.status = 'paused' THEN 'enrollment_paused'
            WHEN last.status = 'held' THEN CASE WHEN last.reason = 'missing_variable' THEN 'missing_variable'
                                                ELSE 'sequence_paused' END
            WHEN last.status = 'queued' THEN 'in_kafka'
            WHEN last.status = 'failed' THEN 'retry_backoff'
            WHEN last.status IN ('sent', 'assumed_sent') THEN 'in_kafka'
            WHEN last.status = 'unknown' THEN 'delivery_unknown'
            WHEN last.status <> 'scheduled' THEN NULL
            WHEN last.mailbox_id IS NULL THEN 'no_mailbox'
            WHEN last.scheduled_for > clock.now AND last.retry_count > 0 THEN 'retry_backoff'
            WHEN last.scheduled_for > clock.now THEN 'wait_days'
            WHEN m.status = 'paused' THEN 'mailbox_paused'
            WHEN m.status = 'error' AND m.state_reason = 'auth_failed' THEN 'mailbox_login_failed'
            WHEN m.status = 'error' THEN 'mailbox_error'
            WHEN m.backoff_until > clock.now THEN 'mailbox_backoff'
            WHEN m.next_free_at > clock.now OR n.reserved_count > 0
                 OR n.reserved_count + n.sent_count + n.unknown_count >= n.cap OR m.daily_capacity = 0
              THEN 'mailbox_capacity'
            ELSE 'producer_late' END AS waiting_on,
       page.current_step, page.mailbox_id, page.next_send_at,
       mails.ids, mails.orders, mails.statuses
  FROM page
 CROSS JOIN clock
  JOIN contacts c ON c.id = page.contact_id
  JOIN sequences s ON s.id = page.sequence_id
 CROSS JOIN LATERAL (
    SELECT COALESCE(array_agg(e.id ORDER BY e.step_order), '{}') AS ids,
           COALESCE(array_agg(e.step_order ORDER BY e.step_order), '{}') AS orders,
           COALESCE(array_agg(e.status::text ORDER BY e.step_order), '{}') AS statuses
      FROM email_queues e WHERE e.sequence_contact_id = page.id) mails
  LEFT JOIN LATERAL (SELECT e.status, e.reason, e.mailbox_id, e.scheduled_for, e.retry_count
                       FROM email_queues e WHERE e.sequence_contact_id = page.id
                      ORDER BY e.step_order DESC LIMIT 1) last ON true
  LEFT JOIN mailboxes m ON m.id = last.mailbox_id
  LEFT JOIN mailbox_daily_counts n ON n.mailbox_id = m.id AND n.date = (clock.now AT TIME ZONE m.timezone)::date
 ORDER BY page.id
