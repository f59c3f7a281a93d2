-- After the delivery reports. A mark lost in a crash is a record published twice, which the inbox swallows.
-- `= ANY` is a look-up by the key whatever the planner believes: joined with unnest, a plan made while the outbox was
-- empty read all of it for every mark. The bounds leave the other days' partitions out.
-- $1 ids, in order
UPDATE outbox SET published_at = clock_timestamp()
 WHERE id = ANY ($1::uuid[]) AND id >= ($1::uuid[])[1] AND id <= ($1::uuid[])[cardinality($1::uuid[])]
