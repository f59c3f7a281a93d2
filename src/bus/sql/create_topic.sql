-- Creates a topic or adds partitions to one; run at every start, changes nothing when nothing is new.
-- $1 topic, $2 name, $3 partitions, $4 ring
SELECT bus_create_topic($1::smallint, $2::text, $3::smallint, $4::smallint)
