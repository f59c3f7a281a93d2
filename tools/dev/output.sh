# What a person sees: one line for each long step, its log only when it fails.
# shellcheck shell=bash

say() { printf '%s\n' "$*" >&2; }

fail() {
    say "dev: $1"
    exit "${2:-1}"
}

# logged NAME COMMAND...: quiet while all is well; the end of the log and the command's code otherwise.
logged() {
    local log=$root/.dev/log/$1.log
    shift
    mkdir -p "$root/.dev/log"
    local code=0
    "$@" >"$log" 2>&1 </dev/null || code=$?
    [ "$code" -eq 0 ] && return
    tail -n 60 "$log" >&2
    say "dev: failed with $code: $* (all of it: $log)"
    exit "$code"
}

# attend COMMAND...: runs it as if in our place: a Ctrl-C or SIGTERM reaches it, and we stay to clean up.
attend() {
    # A background child would ignore Ctrl-C and read nothing; both are given back.
    env --default-signal=INT,QUIT "$@" <&0 &
    local child=$! code=0
    trap : INT
    trap 'kill -TERM "$child" 2>/dev/null || :' TERM
    wait "$child" || code=$?
    while kill -0 "$child" 2>/dev/null; do
        code=0
        wait "$child" || code=$?
    done
    trap - INT TERM
    return "$code"
}

# at_exit COMMAND: when this run ends, however it ends; what was asked for last comes first.
at_exit() {
    endings="$1; ${endings:-}"
    # shellcheck disable=SC2064
    trap "$endings" EXIT
}

# take_lock NAME: one run of a kind per clone, as it owns a cluster and a build folder.
take_lock() {
    mkdir -p "$root/.dev"
    exec {lock}>"$root/.dev/$1.lock"
    flock -n "$lock" || fail "another ./dev $1 is running in this clone"
}
