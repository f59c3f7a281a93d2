-- Several partitions, with or without giving them back. No row back for a partition = refused: owner and epoch are not
-- the ones given any more, so it is lost. Never moves backwards. Runs with synchronous_commit off: a commit lost in a
-- crash of the server is a redelivery. The lease's end is not checked: late but not yet replaced is still the owner.
-- $1 group, $2 topic, $3 member, $4 partitions, $5 epochs, $6 offsets, $7 which are given back
UPDATE bus_lease l SET committed_off = GREATEST(l.committed_off, c.off),
                       owner = CASE WHEN c.release THEN NULL ELSE l.owner END
  FROM unnest($4::smallint[], $5::bigint[], $6::bigint[], $7::boolean[]) AS c(part, epoch, off, release)
 WHERE l.grp = $1::text AND l.topic = $2::smallint AND l.part = c.part AND l.owner = $3::uuid AND l.epoch = c.epoch
RETURNING l.part
