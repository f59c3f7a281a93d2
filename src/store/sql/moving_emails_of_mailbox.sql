-- Mail of a mailbox that is queued or being sent: all of it stands in an open batch. $1 mailbox
SELECT DISTINCT e.id FROM dispatch_batches b CROSS JOIN LATERAL unnest(b.email_ids) AS u(id)
  JOIN email_queues e ON e.id = u.id
 WHERE e.mailbox_id = $1::uuid AND e.status IN ('queued', 'sending') ORDER BY e.id
