-- Clicks of a sequence by step, link and target. A target may differ from person to person: the most clicked first.
-- $1 sequence  $2 rows
SELECT e.step_order, (v.event_data->>'link')::integer AS link, v.event_data->>'url' AS url,
       count(*) FILTER (WHERE v.event_data->>'kind' = 'human') AS human,
       count(*) FILTER (WHERE v.event_data->>'kind' = 'proxy') AS proxy,
       count(*) FILTER (WHERE v.event_data->>'kind' = 'machine') AS machine,
       count(DISTINCT e.sequence_contact_id) FILTER (WHERE v.event_data->>'kind' = 'human') AS people
  FROM sequence_contacts sc
  JOIN email_queues e ON e.sequence_contact_id = sc.id
  JOIN email_events v ON v.email_queue_id = e.id AND v.event_type = 'clicked'
 WHERE sc.sequence_id = $1::uuid AND v.event_data ? 'link'
 GROUP BY 1, 2, 3
 ORDER BY e.step_order, link, human DESC, machine DESC, url
 LIMIT $2::int
