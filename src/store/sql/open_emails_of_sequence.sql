-- Open mail of a sequence; what may leave soonest first, since that must be stopped before the rest. $1 sequence
SELECT e.id FROM sequence_contacts sc JOIN email_queues e ON e.sequence_contact_id = sc.id
 WHERE sc.sequence_id = $1::uuid AND e.status IN ('scheduled', 'queued', 'sending', 'failed', 'held')
 ORDER BY e.status IN ('scheduled', 'held'), e.id
