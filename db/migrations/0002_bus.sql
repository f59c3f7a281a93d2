-- The embedded bus: a small Kafka-shaped log inside PostgreSQL. Nothing here knows emails.
--
-- Three ideas carry it. (1) An offset is taken by an UPDATE of the partition's row, whose lock is kept until commit: so
-- offsets are dense and in commit order, and a rollback gives its numbers back. (2) A member of a group lives by one
-- heartbeat row; a partition is owned by (owner, epoch); taking one is compare-and-set on the epoch, and a commit must
-- name the epoch it was given. (3) Old records go by TRUNCATE of the oldest of three tables used in turn, so nothing is
-- ever deleted row by row or vacuumed.
-- Every statement of src/bus/sql is a transaction of its own: a client that is frozen or dies between two network
-- packets holds no lock. Why not a bigserial and `id > last`: a reader passes ids that are not committed yet.

-- A ring is three log tables (segments) used in turn, with one retention: 0 for topics, 1 for dead letters.
-- rotate_after is half the promised retention: at a rotation two full segments stay.
CREATE TABLE bus_ring (
    ring            smallint PRIMARY KEY,
    first_segment   smallint NOT NULL,
    segments        smallint NOT NULL CHECK (segments >= 3),
    current_segment smallint NOT NULL,
    opened_at       timestamptz NOT NULL DEFAULT clock_timestamp(),
    rotate_after    interval NOT NULL,
    keep_max        interval NOT NULL  -- so old may it grow while a group lags; then the oldest goes, read or not
);
INSERT INTO bus_ring VALUES (0, 0, 3, 0, clock_timestamp(), '3.5 days', '7 days'),
                            (1, 3, 3, 3, clock_timestamp(), '15 days', '30 days');

CREATE TABLE bus_topic (
    topic smallint PRIMARY KEY,
    name  text NOT NULL UNIQUE,
    parts smallint NOT NULL CHECK (parts BETWEEN 1 AND 64),  -- may grow, never shrink; slot s lives in s % parts
    ring  smallint NOT NULL REFERENCES bus_ring
);

-- One hot row a partition. No index names a changing column, so its updates are HOT; the fillfactor leaves room for the
-- versions of a burst on the same page, and vacuum comes by number of updates, not by share of a handful of rows.
CREATE TABLE bus_partition (
    topic     smallint NOT NULL REFERENCES bus_topic,
    part      smallint NOT NULL,
    next_off  bigint NOT NULL DEFAULT 0,  -- where the next record goes
    log_start bigint NOT NULL DEFAULT 0,  -- the oldest offset kept
    segment   smallint NOT NULL,          -- the table written now
    PRIMARY KEY (topic, part)
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
        autovacuum_vacuum_cost_delay = 0);

-- The first offset of each partition in each segment: what log_start becomes when the segment before it is emptied.
CREATE TABLE bus_segment (
    segment   smallint NOT NULL,
    topic     smallint NOT NULL,
    part      smallint NOT NULL,
    first_off bigint NOT NULL DEFAULT 0,
    PRIMARY KEY (segment, topic, part)
);

-- The log. Compressed and kept in the row: 3 KB of ids become 1.5 KB; pglz would cost twice the CPU.
-- Insert-only until TRUNCATE: an insert-driven vacuum would only rewrite what is thrown away, so it is off.
CREATE TABLE bus_log (
    off     bigint NOT NULL,
    at      timestamptz NOT NULL DEFAULT clock_timestamp(),
    id      uuid NOT NULL,
    segment smallint NOT NULL,
    topic   smallint NOT NULL,
    part    smallint NOT NULL,
    slot    smallint NOT NULL,  -- 0..63, the record's key
    payload bytea NOT NULL,     -- bytes, not text or jsonb: poison must be storable as it came
    PRIMARY KEY (topic, part, off, segment)
) PARTITION BY LIST (segment);
ALTER TABLE bus_log ALTER payload SET STORAGE MAIN;
DO $$ BEGIN
    ALTER TABLE bus_log ALTER payload SET COMPRESSION lz4;
EXCEPTION WHEN feature_not_supported THEN NULL;  -- a server built without lz4 compresses its own way
END $$;
CREATE TABLE bus_log_0 PARTITION OF bus_log FOR VALUES IN (0) WITH (autovacuum_vacuum_insert_threshold = -1);
CREATE TABLE bus_log_1 PARTITION OF bus_log FOR VALUES IN (1) WITH (autovacuum_vacuum_insert_threshold = -1);
CREATE TABLE bus_log_2 PARTITION OF bus_log FOR VALUES IN (2) WITH (autovacuum_vacuum_insert_threshold = -1);
CREATE TABLE bus_log_3 PARTITION OF bus_log FOR VALUES IN (3) WITH (autovacuum_vacuum_insert_threshold = -1);
CREATE TABLE bus_log_4 PARTITION OF bus_log FOR VALUES IN (4) WITH (autovacuum_vacuum_insert_threshold = -1);
CREATE TABLE bus_log_5 PARTITION OF bus_log FOR VALUES IN (5) WITH (autovacuum_vacuum_insert_threshold = -1);

-- One row a live member of a group on a topic, a new UUID at every subscribe: a restarted process is another member.
-- The lease ends with the member: one row to renew, not one a partition.
CREATE TABLE bus_member (
    grp         text NOT NULL,
    topic       smallint NOT NULL REFERENCES bus_topic,
    member      uuid NOT NULL,
    joined_at   timestamptz NOT NULL DEFAULT clock_timestamp(),
    lease_until timestamptz NOT NULL,
    PRIMARY KEY (grp, topic, member)
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000);

CREATE TABLE bus_lease (
    grp           text NOT NULL,
    topic         smallint NOT NULL,
    part          smallint NOT NULL,
    owner         uuid,                       -- NULL: given back. No foreign key: a swept member is simply not alive
    epoch         bigint NOT NULL DEFAULT 0,  -- +1 at every taking
    committed_off bigint NOT NULL,            -- the next offset to read
    PRIMARY KEY (grp, topic, part),
    FOREIGN KEY (topic, part) REFERENCES bus_partition
) WITH (fillfactor = 10, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
        autovacuum_vacuum_cost_delay = 0);

-- Creates a topic or adds partitions to one. New partitions start in the ring's current segment, and the groups that
-- are there already own them too. FOR SHARE: no rotation meanwhile.
CREATE FUNCTION bus_create_topic(p_topic smallint, p_name text, p_parts smallint, p_ring smallint) RETURNS void
LANGUAGE sql AS $$
    INSERT INTO bus_topic VALUES (p_topic, p_name, p_parts, p_ring)
        ON CONFLICT (topic) DO UPDATE SET parts = EXCLUDED.parts WHERE bus_topic.parts < EXCLUDED.parts;
    INSERT INTO bus_partition (topic, part, segment)
        SELECT p_topic, g, current_segment FROM bus_ring, generate_series(0, p_parts - 1) g WHERE ring = p_ring
        FOR SHARE OF bus_ring
        ON CONFLICT DO NOTHING;
    INSERT INTO bus_segment (segment, topic, part)
        SELECT first_segment + s, p_topic, g
          FROM bus_ring, generate_series(0, segments - 1) s, generate_series(0, p_parts - 1) g WHERE ring = p_ring
        ON CONFLICT DO NOTHING;
    INSERT INTO bus_lease (grp, topic, part, committed_off)
        SELECT g.grp, p_topic, p.part, p.log_start
          FROM (SELECT DISTINCT grp FROM bus_lease WHERE topic = p_topic) g, bus_partition p WHERE p.topic = p_topic
        ON CONFLICT DO NOTHING;
$$;

-- Retention: empties the oldest segment of a ring and writes there from now on. One at a time. Refuses, and says why,
-- while the current segment is young, or a group still needs the oldest one, unless keep_max has passed.
-- Lock order: the table first, under a short lock_timeout, since a dump or a report may hold it for hours; then the
-- partitions' rows in sorted order. The other way round a waiting TRUNCATE would stop every publisher.
CREATE FUNCTION bus_rotate(p_ring smallint) RETURNS text LANGUAGE plpgsql AS $$
DECLARE
    r      bus_ring;
    oldest smallint;
    second smallint;
    age    interval;
BEGIN
    SELECT * INTO r FROM bus_ring WHERE ring = p_ring FOR UPDATE SKIP LOCKED;
    IF NOT FOUND THEN RETURN 'busy'; END IF;
    age := clock_timestamp() - r.opened_at;
    IF age < r.rotate_after THEN RETURN 'young'; END IF;
    oldest := r.first_segment + (r.current_segment - r.first_segment + 1) % r.segments;
    second := r.first_segment + (r.current_segment - r.first_segment + 2) % r.segments;
    IF age < r.keep_max AND EXISTS (SELECT FROM bus_lease l JOIN bus_segment s USING (topic, part)
                                     WHERE s.segment = second AND l.committed_off < s.first_off) THEN
        RETURN 'needed';
    END IF;
    SET LOCAL lock_timeout = '200ms';
    BEGIN
        EXECUTE format('LOCK TABLE bus_log_%s IN ACCESS EXCLUSIVE MODE', oldest);
        PERFORM FROM bus_partition p JOIN bus_topic t USING (topic) WHERE t.ring = p_ring
          ORDER BY p.topic, p.part FOR NO KEY UPDATE OF p;
    EXCEPTION WHEN lock_not_available THEN RETURN 'locked';
    END;
    EXECUTE format('TRUNCATE bus_log_%s', oldest);
    UPDATE bus_partition p SET segment = oldest, log_start = s.first_off
      FROM bus_segment s WHERE s.segment = second AND (s.topic, s.part) = (p.topic, p.part);
    UPDATE bus_segment s SET first_off = p.next_off
      FROM bus_partition p WHERE s.segment = oldest AND (s.topic, s.part) = (p.topic, p.part);
    UPDATE bus_ring SET current_segment = oldest, opened_at = clock_timestamp() WHERE ring = p_ring;
    RETURN 'rotated';
END $$;
