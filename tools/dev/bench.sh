# Benches: programs in bench/, each on a PostgreSQL of its own with fsync on. Results go to .dev/bench.
# shellcheck shell=bash

bench_names() { for file in bench/*.py; do basename "$file" .py; done; }

bench_usage() {
    say "Usage: ./dev bench NAME [OPTIONS]    (NAME --help says more)"
    local name
    for name in $(bench_names); do
        say "  $(printf '%-9s' "$name") $(sed -n '2s/^"""//p' "bench/$name.py")"
    done
    say "  micro     render, compose, reply parsing and record codec in nanoseconds"
}

verb_bench() {
    local name=${1:-}
    if [ -z "$name" ]; then
        bench_usage
        return 0
    fi
    shift
    if [ "$name" != micro ] && [ ! -f "bench/$name.py" ]; then
        bench_usage
        fail "there is no bench '$name'" 2
    fi
    setup_packages build run bench postfix
    setup_bus "$@"
    if [ "$name" = micro ]; then
        build_target build bench_micro
        attend build/bench_micro "$@"
        return
    fi
    unpack_postfix
    build_target build sequitur bench_literal
    export SEQUITUR_BENCH_LITERAL=$root/build/bench_literal
    take_lock bench
    cluster_start bench fresh on "$root/bench/postgresql.conf"
    use_database sequitur fresh
    attend "$python" -B "$root/bench/$name.py" "$@"
}
