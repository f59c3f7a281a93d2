-- Open mail of these enrolments. $1 ids
SELECT e.id FROM unnest($1::uuid[]) AS asked(id) JOIN email_queues e ON e.sequence_contact_id = asked.id
 WHERE e.status IN ('scheduled', 'queued', 'sending', 'failed', 'held') ORDER BY e.id
