-- A batch, any mix of topics and slots, in one statement: the offsets are taken by the UPDATE of the partitions' rows,
-- locked in (topic, part) order, so two publishers can not deadlock; the locks last one insert and one fsync.
-- Fewer rows inserted than sent = an unknown topic: an error of the caller, who must check. Never inside a larger
-- transaction: the partitions would stay locked for all of it.
-- The partition is computed here, from the topic's row: a process that has not heard of new partitions yet uses them.
-- $1 topics, $2 slots, $3 ids, $4 payloads
WITH asked AS MATERIALIZED (
    SELECT t.topic, (u.slot % t.parts)::smallint AS part, u.slot, u.id, u.payload, u.ord
      FROM unnest($1::smallint[], $2::smallint[], $3::uuid[], $4::bytea[])
           WITH ORDINALITY AS u(topic, slot, id, payload, ord)
      JOIN bus_topic t USING (topic)),
need AS MATERIALIZED (
    SELECT topic, part, count(*) AS n FROM asked GROUP BY topic, part),
locked AS MATERIALIZED (
    SELECT p.topic, p.part FROM bus_partition p JOIN need USING (topic, part)
     ORDER BY p.topic, p.part FOR NO KEY UPDATE OF p),
taken AS (
    UPDATE bus_partition p SET next_off = p.next_off + need.n
      FROM locked JOIN need USING (topic, part)
     WHERE p.topic = locked.topic AND p.part = locked.part
    RETURNING p.topic, p.part, p.segment, p.next_off - need.n AS base)
INSERT INTO bus_log (segment, topic, part, off, slot, id, payload)
SELECT t.segment, a.topic, a.part, t.base + row_number() OVER (PARTITION BY a.topic, a.part ORDER BY a.ord) - 1,
       a.slot, a.id, a.payload
  FROM asked a JOIN taken t USING (topic, part)
