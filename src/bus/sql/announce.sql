-- Wakes other processes. Alone and after the publish has returned: inside its transaction NOTIFY takes a lock of the
-- whole server until after the fsync, and all publishers commit one by one.
-- $1 who says so, then the topics' numbers
SELECT pg_notify('bus', $1::text)
