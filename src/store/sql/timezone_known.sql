-- By the IANA name alone: abbreviations and POSIX strings, which PostgreSQL takes too, have no daylight saving.
-- $1 name
SELECT EXISTS (SELECT FROM pg_timezone_names WHERE name = $1::text)
