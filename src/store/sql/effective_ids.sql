-- Beside `outcome`, in its transaction, for mails whose provider put a Message-ID of its own in: what their answers and
-- the next steps name. Few providers do, so it is no part of what every mail pays for.
-- $1 ids  $2 epochs  $3 effective Message-IDs
UPDATE email_queues e SET effective_message_id = o.effective_id
  FROM unnest($1::uuid[], $2::bigint[], $3::text[]) AS o(id, epoch, effective_id)
 WHERE e.id = o.id AND e.lease_epoch = o.epoch AND e.status = 'sent'
