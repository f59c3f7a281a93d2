-- Open mail of these people in every sequence; what may leave soonest first. $1 contacts
SELECT e.id FROM unnest($1::uuid[]) AS asked(id)
  JOIN sequence_contacts sc ON sc.contact_id = asked.id
  JOIN email_queues e ON e.sequence_contact_id = sc.id
 WHERE e.status IN ('scheduled', 'queued', 'sending', 'failed', 'held')
 ORDER BY e.status IN ('scheduled', 'held'), e.id
