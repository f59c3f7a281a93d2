-- What one request could not show: a click within 10 s after its mail was sent, and clicks on three or more different
-- links of one mail within 10 s, are a machine's. Looked at are the newest events of each mail, so that a link that is
-- hammered costs no more than that; ids of hits grow with their time, so the bounds keep to the few partitions that
-- can matter.
-- $1 emails that were clicked now  $2 first and $3 last time of these clicks
WITH clicks AS MATERIALIZED (
  SELECT v.id, v.email_queue_id, v.created_at, extract(epoch FROM v.created_at)::bigint AS moment,
         v.event_data->>'link' AS link, v.event_data->>'kind' AS kind
    FROM (SELECT DISTINCT unnest($1::uuid[]) AS email) asked
   CROSS JOIN LATERAL (
         SELECT * FROM email_events n
          WHERE n.email_queue_id = asked.email
            AND n.id BETWEEN uuid_v7_floor($2::timestamptz - interval '11 s')
                         AND uuid_v7_floor($3::timestamptz + interval '11 s')
          ORDER BY n.id DESC LIMIT 200) v
   WHERE v.event_type = 'clicked'),
moments AS MATERIALIZED (SELECT DISTINCT email_queue_id, moment, link FROM clicks),
bursts AS MATERIALIZED (
  SELECT a.email_queue_id, a.moment
    FROM (SELECT DISTINCT email_queue_id, moment FROM moments) a
    JOIN moments b ON b.email_queue_id = a.email_queue_id AND b.moment BETWEEN a.moment AND a.moment + 9
   GROUP BY 1, 2 HAVING count(DISTINCT b.link) >= 3),
labels AS MATERIALIZED (
  SELECT c.email_queue_id, c.id,
         CASE WHEN c.created_at < COALESCE(e.sent_at, e.dot_at) + interval '10 s' THEN 'soon_after_sent'
              WHEN EXISTS (SELECT FROM bursts b WHERE b.email_queue_id = c.email_queue_id
                                                  AND c.moment BETWEEN b.moment AND b.moment + 9)
                THEN 'many_links' END AS reason
    FROM clicks c JOIN email_queues e ON e.id = c.email_queue_id
   WHERE c.kind = 'human')
UPDATE email_events v
   SET event_data = v.event_data || jsonb_build_object('kind', 'machine', 'reason', l.reason)
  FROM (SELECT email_queue_id, id, reason FROM labels WHERE reason IS NOT NULL ORDER BY id) l
 WHERE v.email_queue_id = l.email_queue_id AND v.id = l.id
   AND v.id BETWEEN uuid_v7_floor($2::timestamptz - interval '11 s')
                  AND uuid_v7_floor($3::timestamptz + interval '11 s')
