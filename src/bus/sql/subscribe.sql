-- Makes the group's rows for all partitions of the topic, starting at the oldest record kept (Kafka: `earliest`).
-- A conflict means that the group exists already and goes on where it was.
-- $1 group, $2 topic
INSERT INTO bus_lease (grp, topic, part, committed_off)
SELECT $1::text, topic, part, log_start FROM bus_partition WHERE topic = $2::smallint
ON CONFLICT DO NOTHING
