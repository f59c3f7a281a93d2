-- A mailbox that is new or comes back takes its fair share of the first mails that were never tried: of each
-- sequence that it may carry, as much as its part of the active mailboxes' capacity, less what it has. They are
-- taken evenly along the due times, so that the others keep early and late ones. Follow-ups never move: they
-- continue a thread. Rows that a producer holds are left alone.
-- $1 mailbox
WITH pool AS MATERIALIZED (
  SELECT s.id AS sequence_id, sum(m.daily_capacity) FILTER (WHERE m.id = $1::uuid)::numeric
                              / NULLIF(sum(m.daily_capacity), 0) AS share
    FROM sequences s
    JOIN mailboxes m ON m.status = 'active' AND m.deleted_at IS NULL
     AND (EXISTS (SELECT FROM sequence_mailboxes a WHERE a.sequence_id = s.id AND a.mailbox_id = m.id)
          OR NOT EXISTS (SELECT FROM sequence_mailboxes a WHERE a.sequence_id = s.id))
   WHERE s.deleted_at IS NULL
   GROUP BY s.id HAVING bool_or(m.id = $1::uuid)),
untried AS MATERIALIZED (
  SELECT e.id, sc.sequence_id, e.due_at, e.mailbox_id = $1::uuid AS own
    FROM email_queues e
    JOIN sequence_contacts sc ON sc.id = e.sequence_contact_id
   WHERE EXISTS (SELECT FROM pool)  -- asked once: where the mailbox carries nothing, no mail is read
     AND e.due_at IS NOT NULL AND e.lease_epoch = 0 AND e.mailbox_id IS NOT NULL
     AND sc.sequence_id IN (SELECT sequence_id FROM pool)
     AND NOT EXISTS (SELECT FROM email_queues x WHERE x.sequence_contact_id = e.sequence_contact_id AND x.id <> e.id)),
wanted AS (
  SELECT pool.sequence_id, floor(count(*) * pool.share) - count(*) FILTER (WHERE u.own) AS n,
         count(*) FILTER (WHERE NOT u.own) AS others
    FROM pool JOIN untried u ON u.sequence_id = pool.sequence_id GROUP BY pool.sequence_id, pool.share),
chosen AS (
  SELECT r.id FROM (
    SELECT u.id, u.sequence_id, row_number() OVER (PARTITION BY u.sequence_id ORDER BY u.due_at, u.id) AS position
      FROM untried u WHERE NOT u.own) r
    JOIN wanted w ON w.sequence_id = r.sequence_id AND w.n > 0
   WHERE floor(r.position * w.n / w.others) > floor((r.position - 1) * w.n / w.others)),
locked AS MATERIALIZED (
  SELECT e.id FROM chosen JOIN email_queues e ON e.id = chosen.id
   WHERE e.status = 'scheduled' AND e.lease_epoch = 0
   ORDER BY e.id FOR NO KEY UPDATE OF e SKIP LOCKED),
moved AS (
  UPDATE email_queues e SET mailbox_id = $1::uuid, updated_at = clock_timestamp()
    FROM locked WHERE e.id = locked.id AND e.status = 'scheduled' AND e.lease_epoch = 0
  RETURNING e.sequence_contact_id),
kept AS (
  UPDATE sequence_contacts sc SET mailbox_id = $1::uuid, updated_at = clock_timestamp()
    FROM (SELECT sequence_contact_id FROM moved ORDER BY 1) m WHERE sc.id = m.sequence_contact_id)
SELECT count(*)::int FROM moved
