-- Policy and spam refusals count against the mailbox and the step. A mailbox keeps how many mails it had finished at
-- its latest ones: nothing of this is written for a mail that was taken. Three among its last twenty pause it; returned
-- are the mailboxes that are paused now, whose mail is stopped in a transaction of its own.
-- $1 ids of the refused mails  $2 refusals that pause  $3 among the last so many
WITH refused AS MATERIALIZED (
  SELECT mailbox_id, step_id, error_message FROM email_queues WHERE id = ANY ($1::uuid[])),
counted AS (
  UPDATE steps s SET refused_count = s.refused_count + r.n, refused_at = clock_timestamp()
    FROM (SELECT step_id, count(*)::int AS n FROM refused GROUP BY 1 ORDER BY 1) r WHERE s.id = r.step_id),
finished AS (
  SELECT r.mailbox_id, r.n, r.words,
         (SELECT COALESCE(sum(c.sent_count + c.unknown_count + c.failed_count), 0)::bigint
            FROM mailbox_daily_counts c WHERE c.mailbox_id = r.mailbox_id) AS mails
    FROM (SELECT mailbox_id, count(*)::int AS n, max(error_message) AS words FROM refused GROUP BY 1) r),
latest AS MATERIALIZED (
  SELECT m.id, f.words,
         ARRAY(SELECT at FROM unnest(m.refusals || array_fill(f.mails, ARRAY[f.n])) AS at
                WHERE at > f.mails - $3::int ORDER BY at DESC LIMIT $2::int) AS refusals
    FROM finished f JOIN mailboxes m ON m.id = f.mailbox_id ORDER BY m.id FOR NO KEY UPDATE OF m),
marked AS (
  UPDATE mailboxes m
     SET refusals = l.refusals, updated_at = clock_timestamp(),
         status = CASE WHEN cardinality(l.refusals) >= $2::int THEN 'paused' ELSE m.status END,
         state_reason = CASE WHEN cardinality(l.refusals) >= $2::int THEN 'refused_as_spam' ELSE m.state_reason END,
         state_detail = CASE WHEN cardinality(l.refusals) >= $2::int THEN l.words ELSE m.state_detail END
    FROM latest l WHERE m.id = l.id AND m.status = 'active'
  RETURNING m.id, m.status)
SELECT id FROM marked WHERE status = 'paused'
