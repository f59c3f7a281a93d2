-- Lines of the ledger. $1 numbers  $2 times  $3 message ids  $4 recipients  $5 our emails, NULL = not of ours
INSERT INTO verify_ledger (line, at, message_id, recipient, email_id)
SELECT l.line, l.at, l.message_id, l.recipient, l.email_id
  FROM unnest($1::int[], $2::timestamptz[], $3::text[], $4::text[], $5::uuid[])
       AS l(line, at, message_id, recipient, email_id)
