-- Joins, and renews the leases of all members of a process at once. Only the database's clock counts. The upsert
-- revives a member whose lease ran out or whose row was swept: what it still owns shows in the view, by epoch.
-- $1 groups, $2 topics, $3 members, $4 lease
INSERT INTO bus_member (grp, topic, member, lease_until)
SELECT u.grp, u.topic, u.member, clock_timestamp() + $4::interval
  FROM unnest($1::text[], $2::smallint[], $3::uuid[]) AS u(grp, topic, member)
ON CONFLICT (grp, topic, member) DO UPDATE SET lease_until = clock_timestamp() + $4::interval
