-- Takes free partitions: compare-and-set on the epoch seen in the view, and the owner must still be dead. SKIP LOCKED:
-- a taker never waits, so it can not deadlock with an owner that commits several partitions at once.
-- The only statement of a group that must be durable, on a connection that otherwise does not wait for the disk: a lost
-- taking would hand out one epoch twice. set_config holds for this transaction, its commit included.
-- $1 group, $2 topic, $3 member, $4 partitions, $5 their epochs seen
WITH durable AS MATERIALIZED (
    SELECT set_config('synchronous_commit', 'on', true) AS setting),
pick AS MATERIALIZED (
    SELECT l.part, l.epoch
      FROM bus_lease l
      JOIN unnest($4::smallint[], $5::bigint[]) AS u(part, epoch) ON l.part = u.part AND l.epoch = u.epoch
     WHERE l.grp = $1::text AND l.topic = $2::smallint
       AND NOT EXISTS (SELECT FROM bus_member m WHERE m.grp = $1::text AND m.topic = $2::smallint AND m.member = l.owner
                                                  AND m.lease_until > clock_timestamp())
     ORDER BY l.part FOR NO KEY UPDATE OF l SKIP LOCKED)
UPDATE bus_lease l SET owner = $3::uuid, epoch = l.epoch + 1
  FROM pick, durable
 WHERE durable.setting = 'on'
   AND l.grp = $1::text AND l.topic = $2::smallint AND l.part = pick.part AND l.epoch = pick.epoch
RETURNING l.part, l.epoch, l.committed_off
