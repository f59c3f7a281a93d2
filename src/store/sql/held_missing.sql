-- Beside `outcome`, in its transaction, for mails held for a missing value: which contact was read, and that nothing
-- was tried yet, so that the Date of a mail that goes on weeks later is not that of today.
-- $1 ids  $2 epochs  $3 the contacts' updated_at
UPDATE email_queues e
   SET rendered_contact_at = o.contact_at,
       first_attempt_at = CASE WHEN e.retry_count > 0 THEN e.first_attempt_at END
  FROM unnest($1::uuid[], $2::bigint[], $3::timestamptz[]) AS o(id, epoch, contact_at)
 WHERE e.id = o.id AND e.lease_epoch = o.epoch AND e.status = 'held' AND e.reason = 'missing_variable'
