-- The tables of the design document, made to work: docs/decisions/0002-schema.md says what changed and why.

CREATE TYPE sequence_status AS ENUM ('draft', 'active', 'paused', 'archived');
CREATE TYPE mailbox_status AS ENUM ('active', 'paused', 'error');
CREATE TYPE contact_status AS ENUM ('active', 'bounced', 'unsubscribed', 'complained');
CREATE TYPE sequence_contact_status AS ENUM ('pending', 'active', 'paused', 'completed', 'bounced', 'stopped');
CREATE TYPE email_queue_status AS ENUM ('scheduled', 'queued', 'sending', 'sent', 'failed', 'permanent_failure',
                                        'held', 'unknown', 'assumed_sent', 'cancelled');
CREATE TYPE email_event_type AS ENUM ('sent', 'deferred', 'failed', 'bounced', 'unknown', 'assumed_sent', 'held',
                                      'cancelled', 'opened', 'clicked', 'unsubscribed', 'complained', 'replied',
                                      'auto_reply');

-- Version 7: ids grow with time, so new rows share index pages (27 times less WAL after a checkpoint than v4).
CREATE FUNCTION uuid_v7() RETURNS uuid LANGUAGE sql VOLATILE PARALLEL SAFE AS $$
  SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
           PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
           52, 1), 53, 1), 'hex')::uuid
$$;

-- The first version 7 id of an instant: the bound of a partition.
CREATE FUNCTION uuid_v7_floor(at timestamptz) RETURNS uuid LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (encode(substring(int8send((extract(epoch FROM at) * 1000)::bigint) FROM 3), 'hex') || repeat('0', 20))::uuid
$$;

-- The slot (0..63) of a mailbox, fixed for ever: the key of its records on the bus. `slot_of` in base/ids.hpp.
CREATE FUNCTION mailbox_slot(mailbox_id uuid) RETURNS smallint LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT (get_byte(uuid_send(mailbox_id), 15) & 63)::smallint
$$;

CREATE TABLE sequences (
  id                     uuid PRIMARY KEY DEFAULT uuid_v7(),
  name                   varchar(255) NOT NULL CHECK (name <> ''),
  status                 sequence_status NOT NULL DEFAULT 'active',
  open_tracking_enabled  boolean NOT NULL DEFAULT true,
  click_tracking_enabled boolean NOT NULL DEFAULT true,
  timezone               text NOT NULL DEFAULT 'UTC',
  send_window            jsonb,                            -- NULL: any time
  stop_on_reply          boolean NOT NULL DEFAULT true,
  created_at             timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at             timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  deleted_at             timestamptz
);

-- `subject` and `content` are those of the current version, for readers; what is sent is the version's.
CREATE TABLE steps (
  id              uuid PRIMARY KEY DEFAULT uuid_v7(),
  sequence_id     uuid NOT NULL REFERENCES sequences ON DELETE RESTRICT,
  step_order      integer NOT NULL CHECK (step_order >= 0),
  subject         text NOT NULL,
  content         text NOT NULL,
  wait_days       integer NOT NULL DEFAULT 1 CHECK (wait_days BETWEEN 0 AND 365),
  step_version_id uuid,
  created_at      timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at      timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  deleted_at      timestamptz,
  UNIQUE (sequence_id, step_order)
);

-- Immutable: an edit of a step is a new version, so it never changes what was already decided.
CREATE TABLE step_versions (
  id           uuid PRIMARY KEY DEFAULT uuid_v7(),
  step_id      uuid NOT NULL REFERENCES steps ON DELETE RESTRICT,
  subject      text NOT NULL,
  content      text NOT NULL,
  content_text text,                                       -- NULL: derived from the HTML
  created_at   timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP
);
ALTER TABLE steps ADD FOREIGN KEY (step_version_id) REFERENCES step_versions ON DELETE RESTRICT
  DEFERRABLE INITIALLY DEFERRED;

-- `version` grows with every change of how the server is reached: senders keep what they read by it.
CREATE TABLE mailboxes (
  id                      uuid PRIMARY KEY DEFAULT uuid_v7(),
  email                   varchar(255) NOT NULL UNIQUE,
  from_name               text NOT NULL DEFAULT '',
  daily_capacity          integer NOT NULL DEFAULT 30 CHECK (daily_capacity >= 0),
  status                  mailbox_status NOT NULL DEFAULT 'active',
  state_reason            text,
  state_detail            text,                            -- the server's own words
  provider                varchar(100),
  smtp_host               varchar(255) NOT NULL,
  smtp_port               integer NOT NULL CHECK (smtp_port BETWEEN 1 AND 65535),
  smtp_username           varchar(255),
  encrypted_smtp_password bytea,
  tls                     text NOT NULL DEFAULT 'implicit' CHECK (tls IN ('implicit', 'starttls', 'none')),
  timezone                text NOT NULL DEFAULT 'UTC',
  min_gap_seconds         integer NOT NULL DEFAULT 60 CHECK (min_gap_seconds BETWEEN 0 AND 86400),
  next_free_at            timestamptz NOT NULL DEFAULT '-infinity',
  backoff_until           timestamptz NOT NULL DEFAULT '-infinity',
  backoff_count           integer NOT NULL DEFAULT 0,
  version                 bigint NOT NULL DEFAULT 1,
  created_at              timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at              timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  deleted_at              timestamptz
) WITH (fillfactor = 50);

CREATE TABLE sequence_mailboxes (
  sequence_id uuid REFERENCES sequences ON DELETE RESTRICT,
  mailbox_id  uuid REFERENCES mailboxes ON DELETE RESTRICT,
  created_at  timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (sequence_id, mailbox_id)
);

-- One row a person: `email` is the normalised address (domain/address.hpp), `email_given` what was posted.
CREATE TABLE contacts (
  id          uuid PRIMARY KEY DEFAULT uuid_v7(),
  email       varchar(255) NOT NULL UNIQUE,
  email_given text,                                        -- NULL: the same
  first_name  varchar(100),
  last_name   varchar(100),
  company     varchar(255),
  phone       varchar(50),
  timezone    text,
  attributes  jsonb NOT NULL DEFAULT '{}' CHECK (jsonb_typeof(attributes) = 'object'),
  status      contact_status NOT NULL DEFAULT 'active',
  created_at  timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  updated_at  timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  deleted_at  timestamptz
) WITH (fillfactor = 90);

-- An enrolment. `mailbox_id` is sticky: follow-ups leave from the mailbox of the first mail.
-- `current_step` is the step_order the person waits for, or had last when it is over.
CREATE TABLE sequence_contacts (
  id           uuid PRIMARY KEY DEFAULT uuid_v7(),
  sequence_id  uuid NOT NULL REFERENCES sequences ON DELETE RESTRICT,
  contact_id   uuid NOT NULL REFERENCES contacts ON DELETE RESTRICT,
  mailbox_id   uuid REFERENCES mailboxes ON DELETE RESTRICT,
  current_step integer NOT NULL DEFAULT 0,
  updated_at   timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  next_send_at timestamptz,
  status       sequence_contact_status NOT NULL DEFAULT 'pending',
  reason       text CHECK (reason IN ('no_reply', 'replied', 'unsubscribed', 'complained', 'suppressed', 'manual',
                                      'failed', 'deleted', 'bounced')),
  started_at   timestamptz,
  completed_at timestamptz,
  created_at   timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  UNIQUE (sequence_id, contact_id)
) WITH (fillfactor = 50);
CREATE INDEX sequence_contacts_contact ON sequence_contacts (contact_id);
CREATE INDEX sequence_contacts_page ON sequence_contacts (sequence_id, id);  -- one page costs one page, at any size

-- One row per (enrolment, step). No index names `status`, so that a change of state is a HOT update; and an update
-- logs the bytes from the first that changed to the last, so what changes together stands together: claim from
-- first_attempt_at to updated_at, permit phase and dot_at, outcome from status to subject.
--   due_at        what the producer looks for; NULL unless scheduled
--   attention_at  what the janitor looks for; NULL on the main road
--   subject, content  overrides for this one person; after the outcome `subject` is what was really sent
CREATE TABLE email_queues (
  id                   uuid PRIMARY KEY DEFAULT uuid_v7(),
  sequence_contact_id  uuid NOT NULL REFERENCES sequence_contacts ON DELETE RESTRICT,
  mailbox_id           uuid REFERENCES mailboxes ON DELETE RESTRICT,
  step_id              uuid NOT NULL REFERENCES steps ON DELETE RESTRICT,
  step_version_id      uuid NOT NULL REFERENCES step_versions ON DELETE RESTRICT,
  step_order           integer NOT NULL,
  max_retries          integer NOT NULL DEFAULT 3 CHECK (max_retries >= 0),
  created_at           timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  content              text,
  scheduled_for        timestamptz NOT NULL,
  charged_date         date,
  charged_until        timestamptz,
  queued_at            timestamptz,
  retry_count          integer NOT NULL DEFAULT 0,
  cancel_requested     boolean NOT NULL DEFAULT false,
  first_attempt_at     timestamptz,
  last_attempt_at      timestamptz,
  lease_epoch          bigint NOT NULL DEFAULT 0,
  lease_until          timestamptz,
  phase                text CHECK (phase IN ('pre', 'dot')),
  dot_at               timestamptz,
  status               email_queue_status NOT NULL DEFAULT 'scheduled',
  updated_at           timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  sent_at              timestamptz,
  due_at               timestamptz GENERATED ALWAYS AS (CASE WHEN status = 'scheduled' THEN scheduled_for END) STORED,
  attention_at         timestamptz GENERATED ALWAYS AS
                         (CASE WHEN status IN ('failed', 'held', 'unknown') THEN updated_at END) STORED,
  subject              text,
  reason               text,
  cancel_saw_phase     text,
  effective_message_id text,
  error_message        text,
  CONSTRAINT email_queues_once_a_step UNIQUE (sequence_contact_id, step_id),
  CONSTRAINT email_queues_charged CHECK
    ((status IN ('queued', 'sending', 'sent', 'unknown', 'assumed_sent')) = (charged_date IS NOT NULL)),
  CONSTRAINT email_queues_phase CHECK (status <> 'sending' OR phase IS NOT NULL)
) WITH (fillfactor = 45, autovacuum_vacuum_scale_factor = 0.01, autovacuum_vacuum_threshold = 10000,
        autovacuum_vacuum_cost_delay = 0);
CREATE INDEX email_queues_due ON email_queues (mailbox_id, due_at) WHERE due_at IS NOT NULL;
CREATE INDEX email_queues_attention ON email_queues (attention_at) WHERE attention_at IS NOT NULL;

-- The legal moves, a second time: domain/email_status.hpp has the first. The rule is the trigger's WHEN,
-- which costs half of a body in plpgsql; the function only refuses. AFTER, not BEFORE: that one locks every row
-- first, 54 bytes of WAL an update, whatever WHEN says.
CREATE FUNCTION email_queues_refuse_edge() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
  RAISE EXCEPTION 'email % can not go from % to %', OLD.id, OLD.status, NEW.status
    USING ERRCODE = 'check_violation', CONSTRAINT = 'email_queues_edges';
END $$;
CREATE TRIGGER email_queues_edges AFTER UPDATE ON email_queues FOR EACH ROW
  WHEN (OLD.status IS DISTINCT FROM NEW.status AND NOT CASE OLD.status
    WHEN 'scheduled'    THEN NEW.status IN ('queued', 'held', 'cancelled')
    WHEN 'queued'       THEN NEW.status IN ('sending', 'scheduled', 'held', 'cancelled')
    WHEN 'sending'      THEN NEW.status IN ('sent', 'failed', 'permanent_failure', 'unknown', 'scheduled', 'held',
                                            'cancelled')
    WHEN 'failed'       THEN NEW.status IN ('scheduled', 'permanent_failure', 'held', 'cancelled')
    WHEN 'held'         THEN NEW.status IN ('scheduled', 'cancelled')
    WHEN 'unknown'      THEN NEW.status IN ('sent', 'assumed_sent', 'failed', 'permanent_failure')
    WHEN 'assumed_sent' THEN NEW.status = 'sent'
    ELSE false END)
  EXECUTE FUNCTION email_queues_refuse_edge();

-- A mailbox's day, by its own zone. The CHECK holds the limit even against buggy code.
CREATE TABLE mailbox_daily_counts (
  mailbox_id     uuid NOT NULL REFERENCES mailboxes ON DELETE RESTRICT,
  date           date NOT NULL,
  cap            integer NOT NULL,
  reserved_count integer NOT NULL DEFAULT 0,
  sent_count     integer NOT NULL DEFAULT 0,
  unknown_count  integer NOT NULL DEFAULT 0,
  failed_count   integer NOT NULL DEFAULT 0,
  reset_at       timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  PRIMARY KEY (mailbox_id, date),
  CONSTRAINT mailbox_daily_counts_cap CHECK (reserved_count >= 0 AND sent_count >= 0 AND unknown_count >= 0
                                             AND reserved_count + sent_count + unknown_count <= cap)
) WITH (fillfactor = 30, autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 2000,
        autovacuum_vacuum_cost_delay = 0);

-- What a person who said no, or an address that died, is kept out by. `value` is a normalised address or a domain.
CREATE TABLE suppressions (
  id         uuid PRIMARY KEY DEFAULT uuid_v7(),
  kind       text NOT NULL CHECK (kind IN ('email', 'domain')),
  value      text NOT NULL,
  reason     text NOT NULL,
  note       text,
  created_at timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  UNIQUE (value, kind)
);

-- Tables that grow: RANGE-partitioned by their version 7 key, so that old data goes by DROP. A unique key on a
-- time column would be refused. No foreign keys: they would forbid the drop.
-- email_events has one index for both uses, "once per id" and "all of an email", instead of a primary key and a
-- second one.
CREATE TABLE email_events (
  id             uuid NOT NULL DEFAULT uuid_v7(),
  email_queue_id uuid,
  event_type     email_event_type NOT NULL,
  event_data     jsonb,
  created_at     timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  UNIQUE NULLS NOT DISTINCT (email_queue_id, id)
) PARTITION BY RANGE (id);
CREATE TABLE email_events_default PARTITION OF email_events DEFAULT;

-- What a transaction wants to tell the others. The relay publishes it and marks it; the payload stands out of line
-- (toast_tuple_target of the partitions), so that a mark does not write it again.
CREATE TABLE outbox (
  id           uuid NOT NULL,
  topic        text NOT NULL,
  slot         smallint NOT NULL CHECK (slot BETWEEN 0 AND 63),
  payload      text COMPRESSION lz4 NOT NULL,
  created_at   timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  published_at timestamptz,
  PRIMARY KEY (id)
) PARTITION BY RANGE (id);
CREATE TABLE outbox_default PARTITION OF outbox DEFAULT WITH (toast_tuple_target = 128);
CREATE INDEX outbox_unpublished ON outbox (id) WHERE published_at IS NULL;

-- The inbox: which records a consumer group has worked off. Only saves work; the rows' compare-and-set protects.
CREATE TABLE kafka_batches (
  message_id     uuid NOT NULL,
  consumer_group varchar(100) NOT NULL,
  topic          varchar(100) NOT NULL,
  partition      integer NOT NULL,
  kafka_offset   bigint NOT NULL,
  processed_at   timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP,
  email_count    integer NOT NULL DEFAULT 0,
  batch_size     integer NOT NULL DEFAULT 0,
  PRIMARY KEY (message_id, consumer_group)
) PARTITION BY RANGE (message_id);
CREATE TABLE kafka_batches_default PARTITION OF kafka_batches DEFAULT;

-- One row a record of email-jobs while its emails are open: how the janitor finds expired leases and queued
-- rows that nobody claimed, without an index on `status`.
CREATE TABLE dispatch_batches (
  id        uuid PRIMARY KEY,
  email_ids uuid[] NOT NULL,
  check_at  timestamptz NOT NULL
) WITH (autovacuum_vacuum_scale_factor = 0, autovacuum_vacuum_threshold = 5000);
CREATE INDEX dispatch_batches_check ON dispatch_batches (check_at);

-- The fingerprint of the master key that sealed the stored credentials.
CREATE TABLE master_keys (
  fingerprint text PRIMARY KEY,
  created_at  timestamptz NOT NULL DEFAULT CURRENT_TIMESTAMP
);

-- What stands against a mail now: NULL, or a reason. `paused` holds it, any other cancels it. The one place that
-- reads the statuses, for the claim, the refused permit, the reaper, the retry and the resume alike. A flag on the
-- row counts by itself unless it came from a pause, whose end shows in the statuses.
CREATE FUNCTION email_objection(cancel_requested boolean, cancel_reason text,
                                enrollment_status sequence_contact_status, enrollment_reason text,
                                sequence_status sequence_status, sequence_deleted_at timestamptz,
                                contact_status contact_status, contact_deleted_at timestamptz,
                                suppressed boolean) RETURNS text LANGUAGE sql IMMUTABLE PARALLEL SAFE AS $$
  SELECT CASE
    WHEN cancel_requested AND cancel_reason NOT IN ('paused', 'mailbox_paused') THEN cancel_reason
    WHEN enrollment_status IN ('completed', 'bounced', 'stopped')
         THEN COALESCE(enrollment_reason, enrollment_status::text)
    WHEN sequence_deleted_at IS NOT NULL OR contact_deleted_at IS NOT NULL THEN 'deleted'
    WHEN contact_status <> 'active' THEN contact_status::text
    WHEN suppressed THEN 'suppressed'
    WHEN sequence_status IN ('draft', 'paused') OR enrollment_status = 'paused' THEN 'paused'
  END
$$;

CREATE VIEW email_objections AS
SELECT e.id, e.lease_epoch, e.status, e.phase, e.mailbox_id, e.charged_date, e.queued_at,
       email_objection(e.cancel_requested, e.reason, sc.status, sc.reason, s.status, s.deleted_at, c.status,
         c.deleted_at,
         EXISTS (SELECT FROM suppressions x WHERE x.value = c.email AND x.kind = 'email')
         OR EXISTS (SELECT FROM suppressions x
                     WHERE x.value = split_part(c.email, '@', 2) AND x.kind = 'domain')) AS objection,
       c.updated_at AS contact_updated_at
  FROM email_queues e
  JOIN sequence_contacts sc ON sc.id = e.sequence_contact_id
  JOIN sequences s ON s.id = sc.sequence_id
  JOIN contacts c ON c.id = sc.contact_id;

-- Time partitions of the tables that grow, for the days from today to `days` ahead. Safe to repeat.
CREATE FUNCTION ensure_partitions(days integer) RETURNS void LANGUAGE plpgsql AS $$
DECLARE parent text; day date; name text;
BEGIN
  FOREACH parent IN ARRAY ARRAY['email_events', 'outbox', 'kafka_batches'] LOOP
    FOR i IN 0..days LOOP
      day := (clock_timestamp() AT TIME ZONE 'UTC')::date + i;
      name := parent || '_' || to_char(day, 'YYYYMMDD');
      CONTINUE WHEN to_regclass(name) IS NOT NULL;
      BEGIN
        EXECUTE format('CREATE TABLE %I PARTITION OF %I FOR VALUES FROM (%L) TO (%L) %s', name, parent,
          uuid_v7_floor(day::timestamp AT TIME ZONE 'UTC'), uuid_v7_floor((day + 1)::timestamp AT TIME ZONE 'UTC'),
          CASE parent WHEN 'outbox' THEN 'WITH (toast_tuple_target = 128)' ELSE '' END);
      EXCEPTION
        WHEN duplicate_table THEN NULL;                    -- another janitor was quicker
        WHEN check_violation THEN NULL;                    -- rows of that day stand in the default partition already
      END;
    END LOOP;
  END LOOP;
END $$;
SELECT ensure_partitions(14);

-- Drops the partitions whose last day is older than `keep`. A plain DETACH (CONCURRENTLY is refused beside a DEFAULT
-- partition) under a short lock_timeout: a report that holds the table makes it wait for the next round, not the mail.
CREATE FUNCTION drop_partitions(keep interval) RETURNS integer LANGUAGE plpgsql AS $$
DECLARE child record; dropped integer := 0; unpublished boolean;
BEGIN
  SET LOCAL lock_timeout = '200ms';
  FOR child IN
    SELECT p.relname AS parent, c.relname AS name
      FROM pg_inherits i JOIN pg_class p ON p.oid = i.inhparent JOIN pg_class c ON c.oid = i.inhrelid
     WHERE p.relname IN ('email_events', 'outbox', 'kafka_batches') AND p.relkind = 'p' AND c.relname ~ '_[0-9]{8}$'
       AND to_date(right(c.relname, 8), 'YYYYMMDD') + 1 < (clock_timestamp() - keep)::date
     ORDER BY c.relname
  LOOP
    IF child.parent = 'outbox' THEN
      EXECUTE format('SELECT EXISTS (SELECT FROM %I WHERE published_at IS NULL)', child.name) INTO unpublished;
      CONTINUE WHEN unpublished;
    END IF;
    BEGIN
      EXECUTE format('ALTER TABLE %I DETACH PARTITION %I', child.parent, child.name);
      EXECUTE format('DROP TABLE %I', child.name);
      dropped := dropped + 1;
    EXCEPTION WHEN lock_not_available THEN NULL;
    END;
  END LOOP;
  RETURN dropped;
END $$;
