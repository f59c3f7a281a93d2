-- $1 sequences
SELECT sc.sequence_id, e.status, count(*)
  FROM sequence_contacts sc JOIN email_queues e ON e.sequence_contact_id = sc.id
 WHERE sc.sequence_id = ANY ($1::uuid[]) GROUP BY 1, 2 ORDER BY 1, 2
