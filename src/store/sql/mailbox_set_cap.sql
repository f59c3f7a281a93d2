-- A new daily capacity holds from today on, but never below what is used already. The row is made where it is missing:
-- a producer that still knows the old capacity would make it otherwise. Before mailbox_patch, since outcomes lock the
-- counter before the mailbox. $1 mailbox  $2 capacity  $3 new time zone, or NULL
INSERT INTO mailbox_daily_counts AS c (mailbox_id, date, cap)
SELECT m.id, (clock_timestamp() AT TIME ZONE COALESCE($3::text, m.timezone))::date, $2::int
  FROM mailboxes m WHERE m.id = $1::uuid AND m.deleted_at IS NULL
ON CONFLICT (mailbox_id, date) DO UPDATE
   SET cap = GREATEST(EXCLUDED.cap, c.reserved_count + c.sent_count + c.unknown_count)
