-- $1 sequences
SELECT sequence_id, status, count(*) FROM sequence_contacts
 WHERE sequence_id = ANY ($1::uuid[]) GROUP BY 1, 2 ORDER BY 1, 2
