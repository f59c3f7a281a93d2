-- Partitions of the tables that grow, for today and the days ahead. $1 days
SELECT ensure_partitions($1::int)
