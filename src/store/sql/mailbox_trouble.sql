-- A mailbox that failed on its own account rests, or waits for a person (`error`), or tries its login once more later
-- (`probe_at`). The count grows once per rest: failures of the same connection do not add up.
-- A failure of its server's rests the server's other mailboxes too, once enough of them rest because of it
-- (domain::host_rests_from; $8 few, $9 one in so many). They wait a little longer than the one that failed, so that
-- one looks before the others do. Locks: the own rows, then those of others that nobody else has.
-- $1 mailbox ids  $2 reasons  $3 details  $4 rests  $5 needs a person  $6 probe after  $7 is of host
WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now),
told AS (
  SELECT DISTINCT ON (mailbox_id) *
    FROM unnest($1::uuid[], $2::text[], $3::text[], $4::interval[], $5::boolean[], $6::interval[], $7::boolean[])
      AS t(mailbox_id, reason, detail, rest, needs_a_person, probe_after, is_of_host)
   ORDER BY mailbox_id, needs_a_person DESC),
own AS (
  UPDATE mailboxes m
     SET backoff_until = CASE WHEN t.needs_a_person THEN m.backoff_until ELSE clock.now + t.rest END,
         backoff_count = m.backoff_count + (m.backoff_until <= clock.now)::int,
         rest_of_host = t.is_of_host,
         status = CASE WHEN t.needs_a_person THEN 'error'::mailbox_status ELSE m.status END,
         probe_at = CASE WHEN m.login_probes = 0 THEN clock.now + t.probe_after END,
         state_reason = t.reason, state_detail = t.detail, updated_at = clock.now
    FROM told t CROSS JOIN clock
   WHERE m.id = t.mailbox_id AND m.status = 'active' AND (t.needs_a_person OR m.backoff_until <= clock.now)
  RETURNING m.id, m.smtp_host, m.smtp_port, m.backoff_count, m.state_reason, m.state_detail, t.rest, t.is_of_host),
failing AS MATERIALIZED (
  SELECT smtp_host, smtp_port, count(*) AS boxes, max(rest) AS rest, max(backoff_count) AS backoff_count,
         max(state_reason) AS reason, max(state_detail) AS detail
    FROM own WHERE is_of_host GROUP BY 1, 2),
host AS MATERIALIZED (
  SELECT f.* FROM failing f CROSS JOIN clock
   CROSS JOIN LATERAL (
     SELECT count(*) AS boxes,
            count(*) FILTER (WHERE m.rest_of_host AND m.backoff_until > clock.now) AS resting
       FROM mailboxes m
      WHERE m.smtp_host = f.smtp_host AND m.smtp_port = f.smtp_port AND m.status = 'active' AND m.deleted_at IS NULL
        AND m.id NOT IN (SELECT id FROM own)) others
   WHERE f.boxes + others.resting >= LEAST(f.boxes + others.boxes,
                                           GREATEST($8::int, (f.boxes + others.boxes) / $9::int))),
others AS MATERIALIZED (
  SELECT m.id, host.rest, host.backoff_count, host.reason, host.detail
    FROM host CROSS JOIN clock JOIN mailboxes m ON m.smtp_host = host.smtp_host AND m.smtp_port = host.smtp_port
   WHERE m.status = 'active' AND m.deleted_at IS NULL AND m.id NOT IN (SELECT id FROM own)
     AND (m.rest_of_host OR m.backoff_until <= clock.now)  -- who rests for reasons of its own keeps them
   ORDER BY m.id FOR NO KEY UPDATE OF m SKIP LOCKED)
UPDATE mailboxes m
   SET backoff_until = GREATEST(m.backoff_until, clock.now + o.rest * (1 + 0.2 * random())),
       backoff_count = GREATEST(m.backoff_count, o.backoff_count), rest_of_host = true,
       state_reason = o.reason, state_detail = o.detail, updated_at = clock.now
  FROM others o CROSS JOIN clock
 WHERE m.id = o.id
