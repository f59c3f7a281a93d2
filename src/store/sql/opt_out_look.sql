-- Whom this mail went to, and whether they said no. $1 email
SELECT CASE WHEN c.erased_at IS NULL THEN c.email ELSE '' END,
       EXISTS (SELECT FROM suppressions s
                WHERE s.value = c.email AND s.kind = 'email' AND s.reason IN ('unsubscribed', 'complained'))
       OR c.status IN ('unsubscribed', 'complained') OR c.erased_at IS NOT NULL
  FROM email_queues e
  JOIN sequence_contacts sc ON sc.id = e.sequence_contact_id
  JOIN contacts c ON c.id = sc.contact_id
 WHERE e.id = $1::uuid
