-- From several partitions at once, each from its own position (kept in memory, not the committed offset), at most $7
-- records in all, and about $8 bytes a partition, at least one record. Each gets a share of what waits in it, so that
-- records of a busy partition wait no longer than those of others; what retention took does not wait. The first
-- partitions of the list come first: the caller turns the list, so none starves.
-- The join on bus_partition makes an idle poll cost no look at the log; the join on bus_lease gives nothing to a former
-- owner (a courtesy: nothing may depend on it). A first offset above the position = retention took records.
-- $1 group, $2 topic, $3 member, $4 partitions, $5 epochs, $6 positions, $7 records, $8 bytes
WITH ready AS MATERIALIZED (
    SELECT part, pos, ord, ceil($7::float8 * (next_off - pos) / sum(next_off - pos) OVER ())::int AS share
      FROM (SELECT q.part, q.ord, GREATEST(q.pos, p.log_start) AS pos, p.next_off
              FROM unnest($4::smallint[], $5::bigint[], $6::bigint[]) WITH ORDINALITY AS q(part, epoch, pos, ord)
              JOIN bus_partition p ON p.topic = $2::smallint AND p.part = q.part
              JOIN bus_lease l ON l.grp = $1::text AND l.topic = $2::smallint AND l.part = q.part
                              AND l.owner = $3::uuid AND l.epoch = q.epoch) held
     WHERE next_off > pos)
SELECT ready.part, r.off, r.slot, r.id, r.at, r.payload
  FROM ready CROSS JOIN LATERAL (
    SELECT b.off, b.slot, b.id, b.at, b.payload
      FROM (SELECT off, slot, id, at, payload,
                   sum(octet_length(payload)) OVER (ORDER BY off ROWS UNBOUNDED PRECEDING) - octet_length(payload)
                       AS bytes_before
              FROM bus_log WHERE topic = $2::smallint AND part = ready.part AND off >= ready.pos
             ORDER BY off LIMIT ready.share) b
     WHERE bytes_before < $8::int) r
 ORDER BY ready.ord, r.off LIMIT $7::int
