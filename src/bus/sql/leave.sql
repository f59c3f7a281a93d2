-- The others take over at their next tick, without waiting for the lease. After the last heartbeat, or it would revive.
-- $1 group, $2 topic, $3 member
WITH gone AS (
    DELETE FROM bus_member WHERE grp = $1::text AND topic = $2::smallint AND member = $3::uuid)
UPDATE bus_lease SET owner = NULL WHERE grp = $1::text AND topic = $2::smallint AND owner = $3::uuid
