-- One page of active enrolments, by id: those without open mail whose last mail left, so that only a lost record
-- explains why nothing follows. Returns the page's last id in every row. $1 last id  $2 age  $3 enrollments_max
WITH page AS MATERIALIZED (
  SELECT sc.id, sc.status FROM sequence_contacts sc WHERE sc.id > $1::uuid ORDER BY sc.id LIMIT $3::int),
last AS (SELECT max(id::text)::uuid AS id, count(*)::int AS n FROM page)
SELECT last.id AS last_id, last.n AS looked_at, stranded.enrollment_id, stranded.email_id, stranded.step_order
  FROM last
  LEFT JOIN LATERAL (
    SELECT page.id AS enrollment_id, e.id AS email_id, e.step_order
      FROM page
     CROSS JOIN LATERAL (SELECT q.id, q.step_order, q.status, q.sent_at, q.updated_at FROM email_queues q
                          WHERE q.sequence_contact_id = page.id ORDER BY q.step_order DESC LIMIT 1) e
     WHERE page.status = 'active' AND e.status IN ('sent', 'assumed_sent')
       AND e.updated_at <= clock_timestamp() - $2::interval) stranded ON true
