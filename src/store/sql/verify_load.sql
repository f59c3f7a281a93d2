-- Lines of the ledger. The row's id stands in the Message-ID; another form has none.
-- $1 numbers  $2 times  $3 message ids  $4 recipients
INSERT INTO verify_ledger (line, at, message_id, recipient, email_id)
SELECT l.line, l.at, l.message_id, l.recipient,
       CASE WHEN l.message_id ~ '^<?sequitur\.[0-9a-f]{32}@'
            THEN substring(l.message_id FROM 'sequitur\.([0-9a-f]{32})@')::uuid END
  FROM unnest($1::int[], $2::timestamptz[], $3::text[], $4::text[]) AS l(line, at, message_id, recipient)
