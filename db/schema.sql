-- Dumped from the migrations by tools/dump_schema.sh, without the daily partitions; do not edit.

CREATE TYPE public.contact_status AS ENUM (
    'active',
    'bounced',
    'unsubscribed',
    'complained'
);

CREATE TYPE public.email_event_type AS ENUM (
    'sent',
    'deferred',
    'failed',
    'bounced',
    'unknown',
    'assumed_sent',
    'held',
    'cancelled',
    'opened',
    'clicked',
    'unsubscribed',
    'complained',
    'replied',
    'auto_reply',
    'resubscribed'
);

CREATE TYPE public.email_queue_status AS ENUM (
    'scheduled',
    'queued',
    'sending',
    'sent',
    'failed',
    'permanent_failure',
    'held',
    'unknown',
    'assumed_sent',
    'cancelled'
);

CREATE TYPE public.mailbox_status AS ENUM (
    'active',
    'paused',
    'error'
);

CREATE TYPE public.sequence_contact_status AS ENUM (
    'pending',
    'active',
    'paused',
    'completed',
    'bounced',
    'stopped'
);

CREATE TYPE public.sequence_status AS ENUM (
    'draft',
    'active',
    'paused',
    'archived'
);

CREATE FUNCTION public.bus_create_topic(p_topic smallint, p_name text, p_parts smallint, p_ring smallint) RETURNS void
    LANGUAGE sql
    AS $$
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

CREATE FUNCTION public.bus_rotate(p_ring smallint) RETURNS text
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.drop_partitions(keep interval) RETURNS integer
    LANGUAGE plpgsql
    AS $_$
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
END $_$;

CREATE FUNCTION public.email_objection(cancel_requested boolean, cancel_reason text, enrollment_status public.sequence_contact_status, enrollment_reason text, sequence_status public.sequence_status, sequence_deleted_at timestamp with time zone, contact_status public.contact_status, contact_deleted_at timestamp with time zone, suppressed boolean) RETURNS text
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
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

CREATE FUNCTION public.email_queues_refuse_edge() RETURNS trigger
    LANGUAGE plpgsql
    AS $$
BEGIN
  RAISE EXCEPTION 'email % can not go from % to %', OLD.id, OLD.status, NEW.status
    USING ERRCODE = 'check_violation', CONSTRAINT = 'email_queues_edges';
END $$;

CREATE FUNCTION public.ensure_partitions(days integer) RETURNS void
    LANGUAGE plpgsql
    AS $$
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

CREATE FUNCTION public.mailbox_slot(mailbox_id uuid) RETURNS smallint
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
  SELECT (get_byte(uuid_send(mailbox_id), 15) & 63)::smallint
$$;

CREATE FUNCTION public.uuid_v7() RETURNS uuid
    LANGUAGE sql PARALLEL SAFE
    AS $$
  SELECT encode(set_bit(set_bit(overlay(uuid_send(gen_random_uuid())
           PLACING substring(int8send((extract(epoch FROM clock_timestamp()) * 1000)::bigint) FROM 3) FROM 1 FOR 6),
           52, 1), 53, 1), 'hex')::uuid
$$;

CREATE FUNCTION public.uuid_v7_floor(at timestamp with time zone) RETURNS uuid
    LANGUAGE sql IMMUTABLE PARALLEL SAFE
    AS $$
  SELECT (encode(substring(int8send((extract(epoch FROM at) * 1000)::bigint) FROM 3), 'hex') || repeat('0', 20))::uuid
$$;

CREATE TABLE public.bus_lease (
    grp text NOT NULL,
    topic smallint NOT NULL,
    part smallint NOT NULL,
    owner uuid,
    epoch bigint DEFAULT 0 NOT NULL,
    committed_off bigint NOT NULL
)
WITH (fillfactor='10', autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='2000', autovacuum_vacuum_cost_delay='0');

CREATE TABLE public.bus_log (
    off bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    id uuid NOT NULL,
    segment smallint NOT NULL,
    topic smallint NOT NULL,
    part smallint NOT NULL,
    slot smallint NOT NULL,
    payload bytea NOT NULL
)
PARTITION BY LIST (segment);
ALTER TABLE ONLY public.bus_log ALTER COLUMN payload SET STORAGE MAIN;
ALTER TABLE ONLY public.bus_log ALTER COLUMN payload SET COMPRESSION lz4;

CREATE TABLE public.bus_log_0 (
    off bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    id uuid NOT NULL,
    segment smallint NOT NULL,
    topic smallint NOT NULL,
    part smallint NOT NULL,
    slot smallint NOT NULL,
    payload bytea NOT NULL
)
WITH (autovacuum_vacuum_insert_threshold='-1');
ALTER TABLE ONLY public.bus_log_0 ALTER COLUMN payload SET STORAGE MAIN;
ALTER TABLE ONLY public.bus_log_0 ALTER COLUMN payload SET COMPRESSION lz4;

CREATE TABLE public.bus_log_1 (
    off bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    id uuid NOT NULL,
    segment smallint NOT NULL,
    topic smallint NOT NULL,
    part smallint NOT NULL,
    slot smallint NOT NULL,
    payload bytea NOT NULL
)
WITH (autovacuum_vacuum_insert_threshold='-1');
ALTER TABLE ONLY public.bus_log_1 ALTER COLUMN payload SET STORAGE MAIN;
ALTER TABLE ONLY public.bus_log_1 ALTER COLUMN payload SET COMPRESSION lz4;

CREATE TABLE public.bus_log_2 (
    off bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    id uuid NOT NULL,
    segment smallint NOT NULL,
    topic smallint NOT NULL,
    part smallint NOT NULL,
    slot smallint NOT NULL,
    payload bytea NOT NULL
)
WITH (autovacuum_vacuum_insert_threshold='-1');
ALTER TABLE ONLY public.bus_log_2 ALTER COLUMN payload SET STORAGE MAIN;
ALTER TABLE ONLY public.bus_log_2 ALTER COLUMN payload SET COMPRESSION lz4;

CREATE TABLE public.bus_log_3 (
    off bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    id uuid NOT NULL,
    segment smallint NOT NULL,
    topic smallint NOT NULL,
    part smallint NOT NULL,
    slot smallint NOT NULL,
    payload bytea NOT NULL
)
WITH (autovacuum_vacuum_insert_threshold='-1');
ALTER TABLE ONLY public.bus_log_3 ALTER COLUMN payload SET STORAGE MAIN;
ALTER TABLE ONLY public.bus_log_3 ALTER COLUMN payload SET COMPRESSION lz4;

CREATE TABLE public.bus_log_4 (
    off bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    id uuid NOT NULL,
    segment smallint NOT NULL,
    topic smallint NOT NULL,
    part smallint NOT NULL,
    slot smallint NOT NULL,
    payload bytea NOT NULL
)
WITH (autovacuum_vacuum_insert_threshold='-1');
ALTER TABLE ONLY public.bus_log_4 ALTER COLUMN payload SET STORAGE MAIN;
ALTER TABLE ONLY public.bus_log_4 ALTER COLUMN payload SET COMPRESSION lz4;

CREATE TABLE public.bus_log_5 (
    off bigint NOT NULL,
    at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    id uuid NOT NULL,
    segment smallint NOT NULL,
    topic smallint NOT NULL,
    part smallint NOT NULL,
    slot smallint NOT NULL,
    payload bytea NOT NULL
)
WITH (autovacuum_vacuum_insert_threshold='-1');
ALTER TABLE ONLY public.bus_log_5 ALTER COLUMN payload SET STORAGE MAIN;
ALTER TABLE ONLY public.bus_log_5 ALTER COLUMN payload SET COMPRESSION lz4;

CREATE TABLE public.bus_member (
    grp text NOT NULL,
    topic smallint NOT NULL,
    member uuid NOT NULL,
    joined_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    lease_until timestamp with time zone NOT NULL
)
WITH (fillfactor='10', autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='2000');

CREATE TABLE public.bus_partition (
    topic smallint NOT NULL,
    part smallint NOT NULL,
    next_off bigint DEFAULT 0 NOT NULL,
    log_start bigint DEFAULT 0 NOT NULL,
    segment smallint NOT NULL
)
WITH (fillfactor='10', autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='2000', autovacuum_vacuum_cost_delay='0');

CREATE TABLE public.bus_ring (
    ring smallint NOT NULL,
    first_segment smallint NOT NULL,
    segments smallint NOT NULL,
    current_segment smallint NOT NULL,
    opened_at timestamp with time zone DEFAULT clock_timestamp() NOT NULL,
    rotate_after interval NOT NULL,
    keep_max interval NOT NULL,
    CONSTRAINT bus_ring_segments_check CHECK ((segments >= 3))
);

CREATE TABLE public.bus_segment (
    segment smallint NOT NULL,
    topic smallint NOT NULL,
    part smallint NOT NULL,
    first_off bigint DEFAULT 0 NOT NULL
);

CREATE TABLE public.bus_topic (
    topic smallint NOT NULL,
    name text NOT NULL,
    parts smallint NOT NULL,
    ring smallint NOT NULL,
    CONSTRAINT bus_topic_parts_check CHECK (((parts >= 1) AND (parts <= 64)))
);

CREATE TABLE public.contacts (
    id uuid DEFAULT public.uuid_v7() NOT NULL,
    email character varying(255) NOT NULL,
    email_given text,
    first_name character varying(100),
    last_name character varying(100),
    company character varying(255),
    phone character varying(50),
    timezone text,
    attributes jsonb DEFAULT '{}'::jsonb NOT NULL,
    status public.contact_status DEFAULT 'active'::public.contact_status NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    deleted_at timestamp with time zone,
    do_not_track boolean DEFAULT false NOT NULL,
    erased_at timestamp with time zone,
    CONSTRAINT contacts_attributes_check CHECK ((jsonb_typeof(attributes) = 'object'::text))
)
WITH (fillfactor='90');

CREATE TABLE public.dispatch_batches (
    id uuid NOT NULL,
    email_ids uuid[] NOT NULL,
    check_at timestamp with time zone NOT NULL
)
WITH (autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='5000');

CREATE TABLE public.email_events (
    id uuid DEFAULT public.uuid_v7() NOT NULL,
    email_queue_id uuid,
    event_type public.email_event_type NOT NULL,
    event_data jsonb,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL
)
PARTITION BY RANGE (id);

CREATE TABLE public.email_events_default (
    id uuid DEFAULT public.uuid_v7() NOT NULL,
    email_queue_id uuid,
    event_type public.email_event_type NOT NULL,
    event_data jsonb,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL
);

CREATE TABLE public.email_queues (
    id uuid DEFAULT public.uuid_v7() NOT NULL,
    sequence_contact_id uuid NOT NULL,
    mailbox_id uuid,
    step_id uuid NOT NULL,
    step_version_id uuid NOT NULL,
    step_order integer NOT NULL,
    max_retries integer DEFAULT 3 NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    content text,
    scheduled_for timestamp with time zone NOT NULL,
    charged_date date,
    charged_until timestamp with time zone,
    queued_at timestamp with time zone,
    retry_count integer DEFAULT 0 NOT NULL,
    cancel_requested boolean DEFAULT false NOT NULL,
    first_attempt_at timestamp with time zone,
    last_attempt_at timestamp with time zone,
    lease_epoch bigint DEFAULT 0 NOT NULL,
    lease_until timestamp with time zone,
    phase text,
    dot_at timestamp with time zone,
    status public.email_queue_status DEFAULT 'scheduled'::public.email_queue_status NOT NULL,
    updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    sent_at timestamp with time zone,
    due_at timestamp with time zone GENERATED ALWAYS AS (
CASE
    WHEN (status = 'scheduled'::public.email_queue_status) THEN scheduled_for
    ELSE NULL::timestamp with time zone
END) STORED,
    attention_at timestamp with time zone GENERATED ALWAYS AS (
CASE
    WHEN (status = ANY (ARRAY['failed'::public.email_queue_status, 'held'::public.email_queue_status, 'unknown'::public.email_queue_status])) THEN updated_at
    ELSE NULL::timestamp with time zone
END) STORED,
    subject text,
    reason text,
    cancel_saw_phase text,
    effective_message_id text,
    error_message text,
    rendered_contact_at timestamp with time zone,
    CONSTRAINT email_queues_charged CHECK (((status = ANY (ARRAY['queued'::public.email_queue_status, 'sending'::public.email_queue_status, 'sent'::public.email_queue_status, 'unknown'::public.email_queue_status, 'assumed_sent'::public.email_queue_status])) = (charged_date IS NOT NULL))),
    CONSTRAINT email_queues_max_retries_check CHECK ((max_retries >= 0)),
    CONSTRAINT email_queues_phase CHECK (((status <> 'sending'::public.email_queue_status) OR (phase IS NOT NULL))),
    CONSTRAINT email_queues_phase_check CHECK ((phase = ANY (ARRAY['pre'::text, 'dot'::text])))
)
WITH (fillfactor='45', autovacuum_vacuum_scale_factor='0.01', autovacuum_vacuum_threshold='10000', autovacuum_vacuum_cost_delay='0');

CREATE TABLE public.sequence_contacts (
    id uuid DEFAULT public.uuid_v7() NOT NULL,
    sequence_id uuid NOT NULL,
    contact_id uuid NOT NULL,
    mailbox_id uuid,
    current_step integer DEFAULT 0 NOT NULL,
    updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    next_send_at timestamp with time zone,
    status public.sequence_contact_status DEFAULT 'pending'::public.sequence_contact_status NOT NULL,
    reason text,
    started_at timestamp with time zone,
    completed_at timestamp with time zone,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT sequence_contacts_reason_check CHECK ((reason = ANY (ARRAY['no_reply'::text, 'replied'::text, 'unsubscribed'::text, 'complained'::text, 'suppressed'::text, 'manual'::text, 'failed'::text, 'deleted'::text, 'bounced'::text])))
)
WITH (fillfactor='50');

CREATE TABLE public.sequences (
    id uuid DEFAULT public.uuid_v7() NOT NULL,
    name character varying(255) NOT NULL,
    status public.sequence_status DEFAULT 'active'::public.sequence_status NOT NULL,
    open_tracking_enabled boolean DEFAULT true NOT NULL,
    click_tracking_enabled boolean DEFAULT true NOT NULL,
    timezone text DEFAULT 'UTC'::text NOT NULL,
    send_window jsonb,
    stop_on_reply boolean DEFAULT true NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    deleted_at timestamp with time zone,
    CONSTRAINT sequences_name_check CHECK (((name)::text <> ''::text))
);

CREATE TABLE public.suppressions (
    id uuid DEFAULT public.uuid_v7() NOT NULL,
    kind text NOT NULL,
    value text NOT NULL,
    reason text NOT NULL,
    note text,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    email_queue_id uuid,
    former_reason text,
    settled_at timestamp with time zone,
    CONSTRAINT suppressions_kind_check CHECK ((kind = ANY (ARRAY['email'::text, 'domain'::text, 'hash'::text]))),
    CONSTRAINT suppressions_reason_check CHECK ((reason = ANY (ARRAY['unsubscribed'::text, 'bounced'::text, 'complained'::text, 'manual'::text, 'import'::text])))
);

CREATE VIEW public.email_objections AS
 SELECT e.id,
    e.lease_epoch,
    e.status,
    e.phase,
    e.mailbox_id,
    e.charged_date,
    e.queued_at,
    public.email_objection(e.cancel_requested, e.reason, sc.status, sc.reason, s.status, s.deleted_at, c.status, c.deleted_at, ((EXISTS ( SELECT
           FROM public.suppressions x
          WHERE ((x.value = (c.email)::text) AND (x.kind = 'email'::text)))) OR (EXISTS ( SELECT
           FROM public.suppressions x
          WHERE ((x.value = split_part((c.email)::text, '@'::text, 2)) AND (x.kind = 'domain'::text)))))) AS objection,
    c.updated_at AS contact_updated_at
   FROM (((public.email_queues e
     JOIN public.sequence_contacts sc ON ((sc.id = e.sequence_contact_id)))
     JOIN public.sequences s ON ((s.id = sc.sequence_id)))
     JOIN public.contacts c ON ((c.id = sc.contact_id)));

CREATE TABLE public.kafka_batches (
    message_id uuid NOT NULL,
    consumer_group character varying(100) NOT NULL,
    topic character varying(100) NOT NULL,
    partition integer NOT NULL,
    kafka_offset bigint NOT NULL,
    processed_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    email_count integer DEFAULT 0 NOT NULL,
    batch_size integer DEFAULT 0 NOT NULL
)
PARTITION BY RANGE (message_id);

CREATE TABLE public.kafka_batches_default (
    message_id uuid NOT NULL,
    consumer_group character varying(100) NOT NULL,
    topic character varying(100) NOT NULL,
    partition integer NOT NULL,
    kafka_offset bigint NOT NULL,
    processed_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    email_count integer DEFAULT 0 NOT NULL,
    batch_size integer DEFAULT 0 NOT NULL
);

CREATE TABLE public.link_keys (
    id smallint NOT NULL,
    sealed_key bytea NOT NULL,
    signs_from timestamp with time zone NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT link_keys_id_check CHECK (((id >= 1) AND (id <= 255)))
);

CREATE TABLE public.mailbox_daily_counts (
    mailbox_id uuid NOT NULL,
    date date NOT NULL,
    cap integer NOT NULL,
    reserved_count integer DEFAULT 0 NOT NULL,
    sent_count integer DEFAULT 0 NOT NULL,
    unknown_count integer DEFAULT 0 NOT NULL,
    failed_count integer DEFAULT 0 NOT NULL,
    reset_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    CONSTRAINT mailbox_daily_counts_cap CHECK (((reserved_count >= 0) AND (sent_count >= 0) AND (unknown_count >= 0) AND (((reserved_count + sent_count) + unknown_count) <= cap)))
)
WITH (fillfactor='30', autovacuum_vacuum_scale_factor='0', autovacuum_vacuum_threshold='2000', autovacuum_vacuum_cost_delay='0');

CREATE TABLE public.mailboxes (
    id uuid DEFAULT public.uuid_v7() NOT NULL,
    email character varying(255) NOT NULL,
    from_name text DEFAULT ''::text NOT NULL,
    daily_capacity integer DEFAULT 30 NOT NULL,
    status public.mailbox_status DEFAULT 'active'::public.mailbox_status NOT NULL,
    state_reason text,
    state_detail text,
    provider character varying(100),
    smtp_host character varying(255) NOT NULL,
    smtp_port integer NOT NULL,
    smtp_username character varying(255),
    encrypted_smtp_password bytea,
    tls text DEFAULT 'implicit'::text NOT NULL,
    timezone text DEFAULT 'UTC'::text NOT NULL,
    min_gap_seconds integer DEFAULT 60 NOT NULL,
    next_free_at timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    backoff_until timestamp with time zone DEFAULT '-infinity'::timestamp with time zone NOT NULL,
    backoff_count integer DEFAULT 0 NOT NULL,
    version bigint DEFAULT 1 NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    deleted_at timestamp with time zone,
    rest_of_host boolean DEFAULT false NOT NULL,
    probe_at timestamp with time zone,
    login_probes smallint DEFAULT 0 NOT NULL,
    refusals bigint[] DEFAULT '{}'::bigint[] NOT NULL,
    auth text DEFAULT 'password'::text NOT NULL,
    oauth_provider text,
    oauth_token_url text,
    oauth_client_id text,
    encrypted_oauth_client_secret bytea,
    encrypted_oauth_refresh_token bytea,
    ehlo_name text,
    dsn boolean DEFAULT false NOT NULL,
    reply_to text,
    tracking_host character varying(255),
    CONSTRAINT mailboxes_auth_check CHECK ((auth = ANY (ARRAY['password'::text, 'cram_md5'::text, 'oauth2'::text]))),
    CONSTRAINT mailboxes_daily_capacity_check CHECK ((daily_capacity >= 0)),
    CONSTRAINT mailboxes_min_gap_seconds_check CHECK (((min_gap_seconds >= 0) AND (min_gap_seconds <= 86400))),
    CONSTRAINT mailboxes_oauth_provider_check CHECK ((oauth_provider = ANY (ARRAY['google'::text, 'microsoft'::text, 'custom'::text]))),
    CONSTRAINT mailboxes_smtp_port_check CHECK (((smtp_port >= 1) AND (smtp_port <= 65535))),
    CONSTRAINT mailboxes_tls_check CHECK ((tls = ANY (ARRAY['implicit'::text, 'starttls'::text, 'none'::text])))
)
WITH (fillfactor='50');

CREATE TABLE public.master_keys (
    fingerprint text NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL
);

CREATE TABLE public.outbox (
    id uuid NOT NULL,
    topic text NOT NULL,
    slot smallint NOT NULL,
    payload text NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    published_at timestamp with time zone,
    CONSTRAINT outbox_slot_check CHECK (((slot >= 0) AND (slot <= 63)))
)
PARTITION BY RANGE (id);
ALTER TABLE ONLY public.outbox ALTER COLUMN payload SET COMPRESSION lz4;

CREATE TABLE public.outbox_default (
    id uuid NOT NULL,
    topic text NOT NULL,
    slot smallint NOT NULL,
    payload text NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    published_at timestamp with time zone,
    CONSTRAINT outbox_slot_check CHECK (((slot >= 0) AND (slot <= 63)))
)
WITH (toast_tuple_target='128');
ALTER TABLE ONLY public.outbox_default ALTER COLUMN payload SET COMPRESSION lz4;

CREATE TABLE public.sequence_mailboxes (
    sequence_id uuid NOT NULL,
    mailbox_id uuid NOT NULL,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL
);

CREATE TABLE public.step_versions (
    id uuid DEFAULT public.uuid_v7() NOT NULL,
    step_id uuid NOT NULL,
    subject text NOT NULL,
    content text NOT NULL,
    content_text text,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL
);

CREATE TABLE public.steps (
    id uuid DEFAULT public.uuid_v7() NOT NULL,
    sequence_id uuid NOT NULL,
    step_order integer NOT NULL,
    subject text NOT NULL,
    content text NOT NULL,
    wait_days integer DEFAULT 1 NOT NULL,
    step_version_id uuid,
    created_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    updated_at timestamp with time zone DEFAULT CURRENT_TIMESTAMP NOT NULL,
    deleted_at timestamp with time zone,
    refused_count integer DEFAULT 0 NOT NULL,
    refused_at timestamp with time zone,
    CONSTRAINT steps_step_order_check CHECK ((step_order >= 0)),
    CONSTRAINT steps_wait_days_check CHECK (((wait_days >= 0) AND (wait_days <= 365)))
);

ALTER TABLE ONLY public.bus_log ATTACH PARTITION public.bus_log_0 FOR VALUES IN ('0');

ALTER TABLE ONLY public.bus_log ATTACH PARTITION public.bus_log_1 FOR VALUES IN ('1');

ALTER TABLE ONLY public.bus_log ATTACH PARTITION public.bus_log_2 FOR VALUES IN ('2');

ALTER TABLE ONLY public.bus_log ATTACH PARTITION public.bus_log_3 FOR VALUES IN ('3');

ALTER TABLE ONLY public.bus_log ATTACH PARTITION public.bus_log_4 FOR VALUES IN ('4');

ALTER TABLE ONLY public.bus_log ATTACH PARTITION public.bus_log_5 FOR VALUES IN ('5');

ALTER TABLE ONLY public.email_events ATTACH PARTITION public.email_events_default DEFAULT;

ALTER TABLE ONLY public.kafka_batches ATTACH PARTITION public.kafka_batches_default DEFAULT;

ALTER TABLE ONLY public.outbox ATTACH PARTITION public.outbox_default DEFAULT;

ALTER TABLE ONLY public.bus_lease
    ADD CONSTRAINT bus_lease_pkey PRIMARY KEY (grp, topic, part);

ALTER TABLE ONLY public.bus_log
    ADD CONSTRAINT bus_log_pkey PRIMARY KEY (topic, part, off, segment);

ALTER TABLE ONLY public.bus_log_0
    ADD CONSTRAINT bus_log_0_pkey PRIMARY KEY (topic, part, off, segment);

ALTER TABLE ONLY public.bus_log_1
    ADD CONSTRAINT bus_log_1_pkey PRIMARY KEY (topic, part, off, segment);

ALTER TABLE ONLY public.bus_log_2
    ADD CONSTRAINT bus_log_2_pkey PRIMARY KEY (topic, part, off, segment);

ALTER TABLE ONLY public.bus_log_3
    ADD CONSTRAINT bus_log_3_pkey PRIMARY KEY (topic, part, off, segment);

ALTER TABLE ONLY public.bus_log_4
    ADD CONSTRAINT bus_log_4_pkey PRIMARY KEY (topic, part, off, segment);

ALTER TABLE ONLY public.bus_log_5
    ADD CONSTRAINT bus_log_5_pkey PRIMARY KEY (topic, part, off, segment);

ALTER TABLE ONLY public.bus_member
    ADD CONSTRAINT bus_member_pkey PRIMARY KEY (grp, topic, member);

ALTER TABLE ONLY public.bus_partition
    ADD CONSTRAINT bus_partition_pkey PRIMARY KEY (topic, part);

ALTER TABLE ONLY public.bus_ring
    ADD CONSTRAINT bus_ring_pkey PRIMARY KEY (ring);

ALTER TABLE ONLY public.bus_segment
    ADD CONSTRAINT bus_segment_pkey PRIMARY KEY (segment, topic, part);

ALTER TABLE ONLY public.bus_topic
    ADD CONSTRAINT bus_topic_name_key UNIQUE (name);

ALTER TABLE ONLY public.bus_topic
    ADD CONSTRAINT bus_topic_pkey PRIMARY KEY (topic);

ALTER TABLE ONLY public.contacts
    ADD CONSTRAINT contacts_email_key UNIQUE (email);

ALTER TABLE ONLY public.contacts
    ADD CONSTRAINT contacts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.dispatch_batches
    ADD CONSTRAINT dispatch_batches_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.email_events
    ADD CONSTRAINT email_events_email_queue_id_id_key UNIQUE NULLS NOT DISTINCT (email_queue_id, id);

ALTER TABLE ONLY public.email_events_default
    ADD CONSTRAINT email_events_default_email_queue_id_id_key UNIQUE NULLS NOT DISTINCT (email_queue_id, id);

ALTER TABLE ONLY public.email_queues
    ADD CONSTRAINT email_queues_once_a_step UNIQUE (sequence_contact_id, step_id);

ALTER TABLE ONLY public.email_queues
    ADD CONSTRAINT email_queues_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.kafka_batches
    ADD CONSTRAINT kafka_batches_pkey PRIMARY KEY (message_id, consumer_group);

ALTER TABLE ONLY public.kafka_batches_default
    ADD CONSTRAINT kafka_batches_default_pkey PRIMARY KEY (message_id, consumer_group);

ALTER TABLE ONLY public.link_keys
    ADD CONSTRAINT link_keys_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.mailbox_daily_counts
    ADD CONSTRAINT mailbox_daily_counts_pkey PRIMARY KEY (mailbox_id, date);

ALTER TABLE ONLY public.mailboxes
    ADD CONSTRAINT mailboxes_email_key UNIQUE (email);

ALTER TABLE ONLY public.mailboxes
    ADD CONSTRAINT mailboxes_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.master_keys
    ADD CONSTRAINT master_keys_pkey PRIMARY KEY (fingerprint);

ALTER TABLE ONLY public.outbox
    ADD CONSTRAINT outbox_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.outbox_default
    ADD CONSTRAINT outbox_default_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sequence_contacts
    ADD CONSTRAINT sequence_contacts_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.sequence_contacts
    ADD CONSTRAINT sequence_contacts_sequence_id_contact_id_key UNIQUE (sequence_id, contact_id);

ALTER TABLE ONLY public.sequence_mailboxes
    ADD CONSTRAINT sequence_mailboxes_pkey PRIMARY KEY (sequence_id, mailbox_id);

ALTER TABLE ONLY public.sequences
    ADD CONSTRAINT sequences_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.step_versions
    ADD CONSTRAINT step_versions_of_step UNIQUE (id, step_id);

ALTER TABLE ONLY public.step_versions
    ADD CONSTRAINT step_versions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.steps
    ADD CONSTRAINT steps_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.steps
    ADD CONSTRAINT steps_sequence_id_step_order_key UNIQUE (sequence_id, step_order);

ALTER TABLE ONLY public.suppressions
    ADD CONSTRAINT suppressions_pkey PRIMARY KEY (id);

ALTER TABLE ONLY public.suppressions
    ADD CONSTRAINT suppressions_value_kind_key UNIQUE (value, kind);

CREATE INDEX dispatch_batches_check ON public.dispatch_batches USING btree (check_at);

CREATE INDEX email_queues_attention ON public.email_queues USING btree (attention_at) WHERE (attention_at IS NOT NULL);

CREATE INDEX email_queues_due ON public.email_queues USING btree (mailbox_id, due_at) WHERE (due_at IS NOT NULL);

CREATE INDEX mailboxes_of_host ON public.mailboxes USING btree (smtp_host, smtp_port);

CREATE INDEX mailboxes_to_probe ON public.mailboxes USING btree (probe_at) WHERE (probe_at IS NOT NULL);

CREATE INDEX outbox_unpublished ON ONLY public.outbox USING btree (id) WHERE (published_at IS NULL);

CREATE INDEX outbox_default_id_idx ON public.outbox_default USING btree (id) WHERE (published_at IS NULL);

CREATE INDEX sequence_contacts_contact ON public.sequence_contacts USING btree (contact_id);

CREATE INDEX sequence_contacts_page ON public.sequence_contacts USING btree (sequence_id, id);

CREATE INDEX sequence_contacts_without_mailbox ON public.sequence_contacts USING btree (sequence_id) WHERE (mailbox_id IS NULL);

CREATE INDEX suppressions_hashed ON public.suppressions USING btree (id) WHERE (kind = 'hash'::text);

CREATE INDEX suppressions_unsettled ON public.suppressions USING btree (created_at) WHERE (settled_at IS NULL);

ALTER INDEX public.bus_log_pkey ATTACH PARTITION public.bus_log_0_pkey;

ALTER INDEX public.bus_log_pkey ATTACH PARTITION public.bus_log_1_pkey;

ALTER INDEX public.bus_log_pkey ATTACH PARTITION public.bus_log_2_pkey;

ALTER INDEX public.bus_log_pkey ATTACH PARTITION public.bus_log_3_pkey;

ALTER INDEX public.bus_log_pkey ATTACH PARTITION public.bus_log_4_pkey;

ALTER INDEX public.bus_log_pkey ATTACH PARTITION public.bus_log_5_pkey;

ALTER INDEX public.email_events_email_queue_id_id_key ATTACH PARTITION public.email_events_default_email_queue_id_id_key;

ALTER INDEX public.kafka_batches_pkey ATTACH PARTITION public.kafka_batches_default_pkey;

ALTER INDEX public.outbox_unpublished ATTACH PARTITION public.outbox_default_id_idx;

ALTER INDEX public.outbox_pkey ATTACH PARTITION public.outbox_default_pkey;

CREATE TRIGGER email_queues_edges AFTER UPDATE ON public.email_queues FOR EACH ROW WHEN (((old.status IS DISTINCT FROM new.status) AND (NOT
        CASE old.status
            WHEN 'scheduled'::public.email_queue_status THEN (new.status = ANY (ARRAY['queued'::public.email_queue_status, 'held'::public.email_queue_status, 'cancelled'::public.email_queue_status]))
            WHEN 'queued'::public.email_queue_status THEN (new.status = ANY (ARRAY['sending'::public.email_queue_status, 'scheduled'::public.email_queue_status, 'held'::public.email_queue_status, 'cancelled'::public.email_queue_status]))
            WHEN 'sending'::public.email_queue_status THEN (new.status = ANY (ARRAY['sent'::public.email_queue_status, 'failed'::public.email_queue_status, 'permanent_failure'::public.email_queue_status, 'unknown'::public.email_queue_status, 'scheduled'::public.email_queue_status, 'held'::public.email_queue_status, 'cancelled'::public.email_queue_status]))
            WHEN 'failed'::public.email_queue_status THEN (new.status = ANY (ARRAY['scheduled'::public.email_queue_status, 'permanent_failure'::public.email_queue_status, 'held'::public.email_queue_status, 'cancelled'::public.email_queue_status]))
            WHEN 'held'::public.email_queue_status THEN (new.status = ANY (ARRAY['scheduled'::public.email_queue_status, 'cancelled'::public.email_queue_status]))
            WHEN 'unknown'::public.email_queue_status THEN (new.status = ANY (ARRAY['sent'::public.email_queue_status, 'assumed_sent'::public.email_queue_status, 'failed'::public.email_queue_status, 'permanent_failure'::public.email_queue_status]))
            WHEN 'assumed_sent'::public.email_queue_status THEN (new.status = 'sent'::public.email_queue_status)
            ELSE false
        END))) EXECUTE FUNCTION public.email_queues_refuse_edge();

ALTER TABLE ONLY public.bus_lease
    ADD CONSTRAINT bus_lease_topic_part_fkey FOREIGN KEY (topic, part) REFERENCES public.bus_partition(topic, part);

ALTER TABLE ONLY public.bus_member
    ADD CONSTRAINT bus_member_topic_fkey FOREIGN KEY (topic) REFERENCES public.bus_topic(topic);

ALTER TABLE ONLY public.bus_partition
    ADD CONSTRAINT bus_partition_topic_fkey FOREIGN KEY (topic) REFERENCES public.bus_topic(topic);

ALTER TABLE ONLY public.bus_topic
    ADD CONSTRAINT bus_topic_ring_fkey FOREIGN KEY (ring) REFERENCES public.bus_ring(ring);

ALTER TABLE ONLY public.email_queues
    ADD CONSTRAINT email_queues_mailbox_id_fkey FOREIGN KEY (mailbox_id) REFERENCES public.mailboxes(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.email_queues
    ADD CONSTRAINT email_queues_sequence_contact_id_fkey FOREIGN KEY (sequence_contact_id) REFERENCES public.sequence_contacts(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.email_queues
    ADD CONSTRAINT email_queues_step_version_fkey FOREIGN KEY (step_version_id, step_id) REFERENCES public.step_versions(id, step_id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.mailbox_daily_counts
    ADD CONSTRAINT mailbox_daily_counts_mailbox_id_fkey FOREIGN KEY (mailbox_id) REFERENCES public.mailboxes(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.sequence_contacts
    ADD CONSTRAINT sequence_contacts_contact_id_fkey FOREIGN KEY (contact_id) REFERENCES public.contacts(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.sequence_contacts
    ADD CONSTRAINT sequence_contacts_mailbox_id_fkey FOREIGN KEY (mailbox_id) REFERENCES public.mailboxes(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.sequence_contacts
    ADD CONSTRAINT sequence_contacts_sequence_id_fkey FOREIGN KEY (sequence_id) REFERENCES public.sequences(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.sequence_mailboxes
    ADD CONSTRAINT sequence_mailboxes_mailbox_id_fkey FOREIGN KEY (mailbox_id) REFERENCES public.mailboxes(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.sequence_mailboxes
    ADD CONSTRAINT sequence_mailboxes_sequence_id_fkey FOREIGN KEY (sequence_id) REFERENCES public.sequences(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.step_versions
    ADD CONSTRAINT step_versions_step_id_fkey FOREIGN KEY (step_id) REFERENCES public.steps(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.steps
    ADD CONSTRAINT steps_sequence_id_fkey FOREIGN KEY (sequence_id) REFERENCES public.sequences(id) ON DELETE RESTRICT;

ALTER TABLE ONLY public.steps
    ADD CONSTRAINT steps_step_version_id_fkey FOREIGN KEY (step_version_id) REFERENCES public.step_versions(id) ON DELETE RESTRICT DEFERRABLE INITIALLY DEFERRED;

