#!/usr/bin/env bash
# Dumps the schema that the migrations make, for readers: db/schema.sql.
#
#   tools/dump_schema.sh        writes db/schema.sql, by way of a database of its own on the server of
#                               SEQUITUR_TEST_DATABASE_URL
#   tools/dump_schema.sh URL    prints the schema of this migrated database
#
# Left out is what differs from day to day or from one pg_dump to the next: the daily partitions, comments,
# session settings, and the random \restrict lines.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
PATH=${SEQUITUR_PG_BIN:+$SEQUITUR_PG_BIN:}$PATH

dump() {
    echo "-- Dumped from the migrations by tools/dump_schema.sh, without the daily partitions; do not edit."
    pg_dump --dbname "$1" --schema-only --no-owner --no-privileges -T schema_migrations \
        -T 'email_events_2*' -T 'outbox_2*' -T 'kafka_batches_2*' |
        grep -vE '^(--|SET |\\|SELECT pg_catalog\.)' | cat -s
}

if [ $# -eq 1 ]; then
    dump "$1"
    exit
fi

server=${SEQUITUR_TEST_DATABASE_URL:?is not set: the URI of a PostgreSQL server, as a superuser}
name=sequitur_schema_$$
trap 'psql -qX "$server" -c "DROP DATABASE IF EXISTS $name WITH (FORCE)"' EXIT
psql -qX "$server" -c "CREATE DATABASE $name"
url=${server%/*}/$name
for migration in "$root"/db/migrations/*.sql; do
    psql -qX -v ON_ERROR_STOP=1 --single-transaction "$url" -f "$migration" >/dev/null
done
dump "$url" >"$root/db/schema.sql.new"
mv "$root/db/schema.sql.new" "$root/db/schema.sql"
