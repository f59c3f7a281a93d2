-- Which of these are no mailboxes, or deleted ones. $1 ids
SELECT DISTINCT asked.id FROM unnest($1::uuid[]) AS asked(id)
 WHERE NOT EXISTS (SELECT FROM mailboxes m WHERE m.id = asked.id AND m.deleted_at IS NULL)
 ORDER BY asked.id
