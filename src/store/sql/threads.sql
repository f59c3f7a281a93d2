-- The earlier mails of these enrolments that left, oldest first: what a follow-up continues. A mail whose outcome was
-- lost in a crash has no subject of its own: its step's stands in, to be rendered.
-- $1 enrolment ids
SELECT e.sequence_contact_id, e.id, split_part(m.email, '@', 2) AS domain, e.effective_message_id, e.step_order,
       COALESCE(e.subject, v.subject) AS subject, e.subject IS NULL AS is_template
  FROM unnest($1::uuid[]) AS asked(id)
  JOIN email_queues e ON e.sequence_contact_id = asked.id
  JOIN mailboxes m ON m.id = e.mailbox_id
  JOIN step_versions v ON v.id = e.step_version_id
 WHERE e.status IN ('sent', 'unknown', 'assumed_sent')
 ORDER BY e.sequence_contact_id, e.step_order
