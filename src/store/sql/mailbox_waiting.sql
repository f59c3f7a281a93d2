-- How many mails wait for each mailbox, counted from an index and only to 1,000: above, they are all equally full.
-- $1 mailboxes
SELECT asked.id, waiting.n
  FROM unnest($1::uuid[]) AS asked(id)
 CROSS JOIN LATERAL (SELECT count(*) AS n FROM (SELECT FROM email_queues q
                      WHERE q.mailbox_id = asked.id AND q.due_at IS NOT NULL LIMIT 1000) capped) waiting
