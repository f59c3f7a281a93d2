-- Unpublished records, oldest first, that no other relay holds. $1 records_max
SELECT id, topic, slot, payload FROM outbox WHERE published_at IS NULL
 ORDER BY id LIMIT $1::int FOR UPDATE SKIP LOCKED
