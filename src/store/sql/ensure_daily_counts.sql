-- Today's counter row of every active mailbox, by the mailbox's own date. A separate statement before `produce`,
-- so that the row to lock exists. A scalar subquery is a look-up by the key whatever the planner believes; NOT EXISTS
-- became a join of all mailboxes with all days in a plan made while no day was open: 1 s at 4,000 mailboxes.
INSERT INTO mailbox_daily_counts (mailbox_id, date, cap)
SELECT m.id, today.date, m.daily_capacity
  FROM mailboxes m
 CROSS JOIN LATERAL (SELECT (clock_timestamp() AT TIME ZONE m.timezone)::date AS date) today
 WHERE m.status = 'active' AND m.deleted_at IS NULL
   AND (SELECT c.cap FROM mailbox_daily_counts c WHERE c.mailbox_id = m.id AND c.date = today.date) IS NULL
ON CONFLICT DO NOTHING
