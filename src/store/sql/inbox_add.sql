-- The records whose work is in this transaction. A second delivery finds them and changes nothing.
-- $1 group  $2 message ids  $3 topics  $4 partitions  $5 offsets  $6 emails in the record
INSERT INTO kafka_batches (message_id, consumer_group, topic, partition, kafka_offset, email_count, batch_size)
SELECT r.message_id, $1::text, r.topic, r.partition, r.kafka_offset, r.email_count, r.email_count
  FROM unnest($2::uuid[], $3::text[], $4::int[], $5::bigint[], $6::int[])
       AS r(message_id, topic, partition, kafka_offset, email_count)
ON CONFLICT DO NOTHING
