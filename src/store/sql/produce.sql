-- Flow 3. Claims by mailbox, not by oldest row: mailboxes that are exhausted, resting or locked by another
-- producer cost one look at their counter, however many mails wait for them.
--   box     mailboxes with room and something due, the longest waiting first; mailbox and counter are locked,
--           SKIP LOCKED, so a producer never waits and several never choose the same one
--           a mailbox is served again once half of what it had ahead is done: few records of many emails, not many
--           of one
--   pick    their oldest due rows, as many as there is room for
--   pick.suppressed  a stop act leaves nothing `scheduled` behind, so only entries whose stop act is under way, or was
--           cut off, are looked at: mostly there is none, and the question costs one look at an empty index
--   barred  whom such an entry names: cancelled here, so that it takes no place and is not looked at again
--   queued  the compare-and-set; what was really updated is what is reserved and announced. The rows are locked, so
--           where they stand (ctid) finds them again without a look-up
--   batch   a record's JSON is put together as text, at a third of what json_agg costs: there is nothing to escape
-- `room` comes from the locked counter row alone; its CHECK holds the limit a second time, and looks at an older
-- version of the row first: so everything that it looks at is set from the locked one.
-- $1 emails_max  $2 mailboxes_max  $3 ahead  $4 check_after
WITH clock AS MATERIALIZED (SELECT clock_timestamp() AS now),
box AS MATERIALIZED (
  SELECT m.id, c.date, (c.date + 1)::timestamp AT TIME ZONE m.timezone AS until,
         LEAST(c.cap - c.reserved_count - c.sent_count - c.unknown_count,
               CASE WHEN m.min_gap_seconds > 0 THEN 1 ELSE $3::int END - c.reserved_count) AS room,
         c.reserved_count, c.sent_count, c.unknown_count, c.cap
    FROM clock
   CROSS JOIN mailboxes m
    JOIN mailbox_daily_counts c ON c.mailbox_id = m.id AND c.date = (clock.now AT TIME ZONE m.timezone)::date
   CROSS JOIN LATERAL (SELECT q.due_at FROM email_queues q
                        WHERE q.mailbox_id = m.id AND q.due_at <= clock.now ORDER BY q.due_at LIMIT 1) head
   WHERE m.status = 'active' AND m.deleted_at IS NULL
     AND m.next_free_at <= clock.now AND m.backoff_until <= clock.now
     AND c.reserved_count + c.sent_count + c.unknown_count < c.cap
     AND 2 * c.reserved_count <= CASE WHEN m.min_gap_seconds > 0 THEN 1 ELSE $3::int END
   ORDER BY head.due_at LIMIT $2::int
     FOR NO KEY UPDATE OF m, c SKIP LOCKED),
unsettled AS MATERIALIZED (SELECT EXISTS (SELECT FROM suppressions WHERE settled_at IS NULL) AS some),
pick AS MATERIALIZED (
  SELECT due.ctid AS place, due.id, box.date, box.until,
         CASE WHEN unsettled.some
              THEN EXISTS (SELECT FROM sequence_contacts sc
                             JOIN contacts c ON c.id = sc.contact_id
                             JOIN suppressions x ON x.value IN (c.email, split_part(c.email, '@', 2))
                                                AND x.kind IN ('email', 'domain')
                            WHERE sc.id = due.sequence_contact_id)
              ELSE false END AS suppressed
    FROM box CROSS JOIN clock CROSS JOIN unsettled
   CROSS JOIN LATERAL (SELECT q.ctid, q.id, q.sequence_contact_id FROM email_queues q
                        WHERE q.mailbox_id = box.id AND q.due_at <= clock.now
                        ORDER BY q.due_at LIMIT box.room FOR NO KEY UPDATE SKIP LOCKED) due
   LIMIT $1::int),
barred AS (
  UPDATE email_queues e SET status = 'cancelled', reason = 'suppressed', updated_at = clock.now
    FROM pick CROSS JOIN clock
   WHERE pick.suppressed AND e.ctid = pick.place AND e.id = pick.id AND e.status = 'scheduled'
  RETURNING e.id),
told AS (
  INSERT INTO email_events (id, email_queue_id, event_type, event_data)
  SELECT uuid_v7(), id, 'cancelled', '{"reason": "suppressed"}' FROM barred),
queued AS (
  UPDATE email_queues e
     SET status = 'queued', queued_at = clock.now, updated_at = clock.now,
         charged_date = pick.date, charged_until = pick.until
    FROM pick CROSS JOIN clock
   WHERE NOT pick.suppressed AND e.ctid = pick.place AND e.id = pick.id AND e.status = 'scheduled'
  RETURNING e.id, e.sequence_contact_id, e.mailbox_id, e.step_order, e.charged_date),
reserved AS (
  UPDATE mailbox_daily_counts c
     SET reserved_count = box.reserved_count + n.n, sent_count = box.sent_count,
         unknown_count = box.unknown_count, cap = box.cap
    FROM (SELECT mailbox_id, charged_date, count(*)::int AS n FROM queued GROUP BY 1, 2) n
    JOIN box ON box.id = n.mailbox_id
   WHERE c.mailbox_id = n.mailbox_id AND c.date = n.charged_date),
numbered AS (
  SELECT *, (row_number() OVER (PARTITION BY slot ORDER BY mailbox_id, id) - 1) / 50 AS part
    FROM (SELECT *, mailbox_slot(mailbox_id) AS slot FROM queued) q),
batch AS MATERIALIZED (
  SELECT uuid_v7() AS id, slot, array_agg(id ORDER BY id) AS email_ids, count(*)::int AS emails,
         string_agg('{"email_queue_id":"' || id || '","sequence_contact_id":"' || sequence_contact_id ||
                    '","mailbox_id":"' || mailbox_id || '","step_order":' || step_order || '}', ',') AS jobs
    FROM numbered GROUP BY slot, part),
announced AS (
  INSERT INTO outbox (id, topic, slot, payload)
  SELECT batch.id, 'email-jobs', slot,
         '{"v":1,"batch_id":"' || batch.id || '","produced_at":' || to_json(clock.now) || ',"emails":[' || jobs || ']}'
    FROM batch CROSS JOIN clock),
watched AS (
  INSERT INTO dispatch_batches (id, email_ids, check_at)
  SELECT batch.id, email_ids, clock.now + $4::interval FROM batch CROSS JOIN clock)
SELECT COALESCE(sum(emails), 0)::int AS emails, count(*)::int AS records FROM batch
