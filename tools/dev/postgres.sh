# Private PostgreSQL clusters: `serve` keeps its data, `test`, `demo`, `crash` start from nothing.
#
# PostgreSQL refuses to run as root, and its user may not be able to enter the clone: then the
# clusters lie below /var/tmp, owned by the package's user. Each has its own port and password, so
# nobody else on the machine gets in. A cluster ends with the run that started it.
# shellcheck shell=bash

if [ "$(id -u)" -eq 0 ]; then
    clusters=/var/tmp/sequitur-$(printf '%s' "$root" | sha256sum | cut -c1-12)
    export SEQUITUR_PG_USER=postgres
else
    clusters=$root/.dev/postgres
    SEQUITUR_PG_USER=$(id -un)
    export SEQUITUR_PG_USER
fi

as_postgres() (
    cd /
    # A server left behind by a kill must not keep the lock of the run that is gone.
    [ -z "${lock:-}" ] || exec {lock}>&-
    if [ "$(id -un)" = "$SEQUITUR_PG_USER" ]; then exec "$@"; fi
    exec runuser -u "$SEQUITUR_PG_USER" -- "$@"
)

postgres_bin() {
    local newest
    newest=$(compgen -G '/usr/lib/postgresql/*/bin' | sort -V | tail -n 1)
    [ -n "$newest" ] || fail "PostgreSQL is not installed: ./dev setup"
    echo "$newest"
}

cluster_url() { echo "postgresql://sequitur:$(cat "$clusters/$1/password")@127.0.0.1:$(cat "$clusters/$1/port")/$2"; }

cluster_is_up() {
    [ -d "$clusters/$1/data" ] && as_postgres "$(postgres_bin)/pg_ctl" status -D "$clusters/$1/data" >/dev/null
}

# cluster_start NAME fresh|keep on|off [FILE]: `off` = no fsync, for tests that do not pull the plug; FILE has
# settings of a new cluster.
cluster_start() {
    local name=$1 data=$clusters/$1/data
    SEQUITUR_PG_BIN=$(postgres_bin)
    export SEQUITUR_PG_BIN SEQUITUR_PG_DATA=$data
    if [ "$2" = fresh ]; then cluster_remove "$name"; fi
    if ! cluster_is_up "$name"; then
        [ -d "$data" ] || cluster_create "$name" "$3" "${4:-/dev/null}"
        at_exit "cluster_end $name $2"
        cluster_boot "$name"
    fi
    SEQUITUR_TEST_DATABASE_URL=$(cluster_url "$name" postgres)
    export SEQUITUR_TEST_DATABASE_URL
}

# The one that was just started outlives this run.
cluster_keep() {
    endings=
    trap - EXIT
}

cluster_create() {
    local folder=$clusters/$1
    # The folder's name can be guessed: nobody may have laid it there before us.
    if [ -L "$clusters" ] || { [ -e "$clusters" ] && [ ! -O "$clusters" ] &&
        [ "$(stat -c %U "$clusters")" != "$SEQUITUR_PG_USER" ]; }; then
        fail "$clusters belongs to somebody else"
    fi
    mkdir -p "$folder"
    od -An -N16 -tx1 /dev/urandom | tr -d ' \n' >"$folder/password"
    chmod 700 "$clusters" "$folder"
    chown -R "$SEQUITUR_PG_USER" "$clusters"
    logged initdb as_postgres "$SEQUITUR_PG_BIN/initdb" -D "$folder/data" -U sequitur -A scram-sha-256 \
        --pwfile="$folder/password" -E UTF8 --locale=C.UTF-8 --no-sync
    cat >>"$folder/data/postgresql.conf" <<END
include 'port.conf'
listen_addresses = '127.0.0.1'
unix_socket_directories = ''
max_connections = 300
shared_buffers = 256MB
shared_preload_libraries = 'pg_stat_statements'
timezone = 'UTC'
fsync = $2
END
    cat "$3" >>"$folder/data/postgresql.conf"
}

# A port that was free a moment ago may be gone: three tries.
cluster_boot() {
    local folder=$clusters/$1 port try
    for try in 1 2 3; do
        port=$("$python" -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])')
        echo "port = $port" >"$folder/data/port.conf"
        echo "$port" >"$folder/port"
        chown "$SEQUITUR_PG_USER" "$folder/data/port.conf"
        if as_postgres "$SEQUITUR_PG_BIN/pg_ctl" start -w -s -D "$folder/data" -l "$folder/log" </dev/null; then
            return
        fi
    done
    tail -n 20 "$folder/log" >&2
    fail "PostgreSQL did not start (tried $try ports)"
}

cluster_stop() {
    cluster_is_up "$1" || return 0
    as_postgres "$(postgres_bin)/pg_ctl" stop -s -m fast -D "$clusters/$1/data" ||
        as_postgres "$(postgres_bin)/pg_ctl" stop -s -m immediate -D "$clusters/$1/data"
}

# What the server said is kept; data that nobody comes back to is not.
cluster_end() {
    cluster_stop "$1"
    cp "$clusters/$1/log" "$root/.dev/log/postgres-$1.log" 2>/dev/null || true
    [ "$2" = fresh ] || return 0
    rm -rf "${clusters:?}/$1"
    rmdir --ignore-fail-on-non-empty "$clusters"
}

cluster_remove() {
    cluster_stop "$1"
    rm -rf "${clusters:?}/$1"
}

clusters_remove() {
    local folder
    for folder in "$clusters"/*/; do
        [ ! -d "$folder" ] || cluster_remove "$(basename "$folder")"
    done
    rm -rf "${clusters:?}"
}

# use_database NAME fresh|keep: makes it and points the program at it.
use_database() {
    local -a psql=("$SEQUITUR_PG_BIN/psql" -qX -v ON_ERROR_STOP=1 -d "$SEQUITUR_TEST_DATABASE_URL")
    [ "$2" = keep ] || "${psql[@]}" -c "DROP DATABASE IF EXISTS $1 WITH (FORCE)" 2>/dev/null
    if [ -z "$("${psql[@]}" -Atc "SELECT 1 FROM pg_database WHERE datname = '$1'")" ]; then
        "${psql[@]}" -c "CREATE DATABASE $1"
    fi
    SEQUITUR_DATABASE__URL=$(cluster_url "$(basename "${SEQUITUR_PG_DATA%/data}")" "$1")
    export SEQUITUR_DATABASE__URL
}
