-- Entries whose second transaction was cut off. $1 age  $2 entries_max
SELECT id FROM suppressions WHERE settled_at IS NULL AND created_at <= clock_timestamp() - $1::interval
 ORDER BY created_at LIMIT $2::int
