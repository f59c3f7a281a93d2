-- Which of these ids have no row. $1 ids
SELECT asked.id FROM unnest($1::uuid[]) AS asked(id)
 WHERE NOT EXISTS (SELECT FROM email_queues e WHERE e.id = asked.id)
