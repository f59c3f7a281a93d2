-- $1 email
SELECT e.id, e.sequence_contact_id, sc.sequence_id, e.mailbox_id, e.step_id, e.step_order, c.email, e.status, e.reason,
       e.phase, e.cancel_requested, e.retry_count, e.max_retries, e.scheduled_for, e.queued_at, e.last_attempt_at,
       e.dot_at, e.sent_at, e.subject,
       CASE WHEN e.first_attempt_at IS NOT NULL
            THEN COALESCE(e.effective_message_id,
                          '<sequitur.' || replace(e.id::text, '-', '') || '@' || split_part(m.email, '@', 2) || '>')
            END,
       e.error_message
  FROM email_queues e
  JOIN sequence_contacts sc ON sc.id = e.sequence_contact_id
  JOIN contacts c ON c.id = sc.contact_id
  LEFT JOIN mailboxes m ON m.id = e.mailbox_id
 WHERE e.id = $1::uuid
