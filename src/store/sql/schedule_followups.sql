-- Flow 5. One guarded statement a batch: `current_step <` lets each step be reached once, whatever is repeated,
-- late or out of order; NOT EXISTS and the UNIQUE hold it a second time (ON CONFLICT would cost 51 bytes of WAL a
-- row). The next live step by step_order, due `wait_days` days after the mail really left, from the same mailbox;
-- or the end.
-- $1 enrolment ids  $2 email ids  $3 ids for the new rows  $4 length of a day
WITH told AS MATERIALIZED (
  SELECT sc.id, sc.sequence_id, sc.current_step, e.step_order, e.mailbox_id, e.sent_at, asked.new_id,
         next.id AS next_id, next.step_order AS next_order, next.wait_days, next.step_version_id,
         s.status = 'paused' OR sc.status = 'paused' AS paused
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS asked(enrollment_id, email_id, new_id)
    JOIN email_queues e ON e.id = asked.email_id AND e.sequence_contact_id = asked.enrollment_id
    JOIN sequence_contacts sc ON sc.id = e.sequence_contact_id
    JOIN sequences s ON s.id = sc.sequence_id
    LEFT JOIN LATERAL (SELECT n.id, n.step_order, n.wait_days, n.step_version_id FROM steps n
                        WHERE n.sequence_id = sc.sequence_id AND n.step_order > e.step_order AND n.deleted_at IS NULL
                        ORDER BY n.step_order LIMIT 1) next ON true
   WHERE e.status IN ('sent', 'assumed_sent') AND sc.status IN ('active', 'paused')
   ORDER BY sc.id),
moved AS (
  UPDATE sequence_contacts sc
     SET current_step = told.next_order, next_send_at = told.sent_at + told.wait_days * $4::interval,
         updated_at = clock_timestamp()
    FROM told
   WHERE sc.id = told.id AND told.next_id IS NOT NULL AND sc.status IN ('active', 'paused')
     AND sc.current_step < told.next_order
  RETURNING told.new_id, sc.id, told.mailbox_id, told.next_id, told.step_version_id, told.next_order, sc.next_send_at,
            told.paused),
completed AS (
  UPDATE sequence_contacts sc
     SET status = 'completed', reason = 'no_reply', next_send_at = NULL, completed_at = clock_timestamp(),
         updated_at = clock_timestamp()
    FROM told
   WHERE sc.id = told.id AND told.next_id IS NULL AND sc.status IN ('active', 'paused')
     AND sc.current_step <= told.step_order
  RETURNING sc.id),
born AS (
  INSERT INTO email_queues (id, sequence_contact_id, mailbox_id, step_id, step_version_id, step_order, scheduled_for,
                            status, reason)
  SELECT new_id, id, mailbox_id, next_id, step_version_id, next_order, next_send_at,
         CASE WHEN paused THEN 'held' ELSE 'scheduled' END::email_queue_status, CASE WHEN paused THEN 'paused' END
    FROM moved
   WHERE NOT EXISTS (SELECT FROM email_queues e WHERE e.sequence_contact_id = moved.id AND e.step_id = moved.next_id)
  RETURNING status)
SELECT (SELECT count(*) FROM born WHERE status = 'scheduled')::int AS scheduled,
       (SELECT count(*) FROM born WHERE status = 'held')::int AS held,
       (SELECT count(*) FROM completed)::int AS completed
