-- What stands at the end: every status, and of the scheduled what is still to come.
SELECT CASE WHEN status = 'scheduled' AND scheduled_for > clock_timestamp() THEN 'scheduled, in the future'
            WHEN status = 'scheduled' THEN 'scheduled, waits for its mailbox'
            WHEN status IN ('held', 'cancelled') THEN status || ' (' || COALESCE(reason, '') || ')'
            ELSE status::text END AS what, count(*)
  FROM email_queues GROUP BY 1 ORDER BY 1
