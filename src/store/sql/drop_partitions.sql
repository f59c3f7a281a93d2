-- Partitions older than what is kept, never one with unpublished rows. $1 age
SELECT drop_partitions($1::interval)
