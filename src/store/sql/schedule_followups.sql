-- Flow 5. One guarded statement a batch: `current_step <` lets each step be reached once, whatever is repeated,
-- late or out of order; NOT EXISTS and the UNIQUE hold it a second time (ON CONFLICT would cost 51 bytes of WAL a
-- row). The next live step by step_order, due `wait_days` days after the mail really left, from the same mailbox;
-- or the end.
--   sent    what left
--   course  what follows each step among them: few steps, so few look-ups
--   moved   the one look at the enrolment; it moves on, or is completed where no step follows
-- $1 enrolment ids  $2 email ids  $3 ids for the new rows  $4 length of a day
WITH sent AS MATERIALIZED (
  SELECT asked.enrollment_id, asked.new_id, e.step_id, e.step_order, e.mailbox_id, e.sent_at
    FROM unnest($1::uuid[], $2::uuid[], $3::uuid[]) AS asked(enrollment_id, email_id, new_id)
    JOIN email_queues e ON e.id = asked.email_id AND e.sequence_contact_id = asked.enrollment_id
   WHERE e.status IN ('sent', 'assumed_sent')),
course AS MATERIALIZED (
  SELECT done.step_id, done.step_order, next.id AS next_id, next.step_order AS next_order, next.wait_days,
         next.step_version_id, (SELECT s.status = 'paused' FROM sequences s WHERE s.id = done.sequence_id) AS paused
    FROM (SELECT d.step_id, d.step_order, (SELECT s.sequence_id FROM steps s WHERE s.id = d.step_id) AS sequence_id
            FROM (SELECT DISTINCT step_id, step_order FROM sent) d) done
    LEFT JOIN LATERAL (SELECT n.id, n.step_order, n.wait_days, n.step_version_id FROM steps n
                        WHERE n.sequence_id = done.sequence_id AND n.step_order > done.step_order
                          AND n.deleted_at IS NULL
                        ORDER BY n.step_order LIMIT 1) next ON true),
told AS MATERIALIZED (
  SELECT sent.enrollment_id, sent.new_id, sent.step_order, sent.mailbox_id, sent.sent_at, course.paused,
         course.next_id, course.next_order, course.wait_days, course.step_version_id
    FROM sent JOIN course ON course.step_id = sent.step_id AND course.step_order = sent.step_order
   ORDER BY sent.enrollment_id),
moved AS (
  UPDATE sequence_contacts sc
     SET current_step = COALESCE(told.next_order, sc.current_step), updated_at = clock_timestamp(),
         next_send_at = told.sent_at + told.wait_days * $4::interval,
         status = CASE WHEN told.next_id IS NULL THEN 'completed' ELSE sc.status END,
         reason = CASE WHEN told.next_id IS NULL THEN 'no_reply' ELSE sc.reason END,
         completed_at = CASE WHEN told.next_id IS NULL THEN clock_timestamp() ELSE sc.completed_at END
    FROM told
   WHERE sc.id = told.enrollment_id AND sc.status IN ('active', 'paused')
     AND (told.next_id IS NOT NULL AND sc.current_step < told.next_order
          OR told.next_id IS NULL AND sc.current_step <= told.step_order)
  RETURNING told.new_id, sc.id, told.mailbox_id, told.next_id, told.step_version_id, told.next_order, sc.next_send_at,
            told.paused OR sc.status = 'paused' AS paused),
born AS (
  INSERT INTO email_queues (id, sequence_contact_id, mailbox_id, step_id, step_version_id, step_order, scheduled_for,
                            status, reason)
  SELECT new_id, id, mailbox_id, next_id, step_version_id, next_order, next_send_at,
         CASE WHEN paused THEN 'held' ELSE 'scheduled' END::email_queue_status, CASE WHEN paused THEN 'paused' END
    FROM moved
   WHERE next_id IS NOT NULL
     AND NOT EXISTS (SELECT FROM email_queues e WHERE e.sequence_contact_id = moved.id AND e.step_id = moved.next_id)
  RETURNING status)
SELECT (SELECT count(*) FROM born WHERE status = 'scheduled')::int AS scheduled,
       (SELECT count(*) FROM born WHERE status = 'held')::int AS held,
       (SELECT count(*) FROM moved WHERE next_id IS NULL)::int AS completed
