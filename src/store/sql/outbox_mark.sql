-- After the delivery reports. A mark lost in a crash is a record published twice, which the inbox swallows.
-- $1 ids
UPDATE outbox o SET published_at = clock_timestamp()
  FROM unnest($1::uuid[]) AS asked(id) WHERE o.id = asked.id
