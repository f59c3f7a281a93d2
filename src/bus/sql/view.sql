-- All that a member needs to decide by itself, after each heartbeat. Its quota is floor or ceil of P/N by age (older
-- members get the ceil): never more than ceil(P/N), always balanced, and a newcomer moves as little as possible.
-- N counts the members heard lately ($4 = the lease that such a one has left), not the whole lease: else the share of a
-- member just frozen keeps another dead one's partitions waiting. NULL quota: the asker itself was not heard lately.
-- $1 group, $2 topic, $3 member, $4 interval
WITH live AS MATERIALIZED (
    SELECT member, joined_at, lease_until FROM bus_member
     WHERE grp = $1::text AND topic = $2::smallint AND lease_until > clock_timestamp()),
heard AS (
    SELECT member, row_number() OVER (ORDER BY joined_at, member) - 1 AS rank, count(*) OVER () AS n
      FROM live WHERE lease_until > clock_timestamp() + $4::interval),
quota AS (
    SELECT (t.parts / n + (rank < t.parts % n)::int)::int AS quota
      FROM heard, bus_topic t WHERE member = $3::uuid AND t.topic = $2::smallint)
SELECT l.part, l.epoch, l.committed_off, l.owner IS NOT DISTINCT FROM $3::uuid AS mine,
       l.owner IS NULL OR NOT EXISTS (SELECT FROM live WHERE live.member = l.owner) AS free,
       (SELECT quota FROM quota) AS quota,
       (SELECT parts FROM bus_topic WHERE topic = $2::smallint) AS parts
  FROM bus_lease l WHERE l.grp = $1::text AND l.topic = $2::smallint ORDER BY l.part
