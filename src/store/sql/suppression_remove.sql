-- Whoever was kept out by this entry alone can be mailed again; what was stopped stays stopped. A person's own word,
-- and an erasure, go only with `force`. One row: whether there is such an entry, whether it went.
-- $1 entry  $2 force  $3 why, or NULL
WITH found AS MATERIALIZED (SELECT id FROM suppressions WHERE id = $1::uuid FOR UPDATE),
gone AS (
  DELETE FROM suppressions s USING found
   WHERE s.id = found.id AND ($2::boolean OR s.kind <> 'hash' AND s.reason NOT IN ('unsubscribed', 'complained'))
  RETURNING s.kind, s.value, s.reason, s.email_queue_id),
freed AS (
  UPDATE contacts c SET status = 'active', updated_at = clock_timestamp()
    FROM gone WHERE gone.kind = 'email' AND c.email = gone.value AND c.status::text = gone.reason),
told AS (
  INSERT INTO email_events (id, email_queue_id, event_type, event_data)
  SELECT uuid_v7(), email_queue_id, 'resubscribed', jsonb_build_object('via', 'api', 'was', reason, 'reason', $3::text)
    FROM gone WHERE email_queue_id IS NOT NULL)
SELECT (SELECT count(*) FROM found)::int, (SELECT count(*) FROM gone)::int
