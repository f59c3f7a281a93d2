# Building and running tests, in one build folder for each CMake preset.
# shellcheck shell=bash

# Debian's own Python: a version manager's may come first on the PATH and lacks Debian's modules.
python=/usr/bin/python3

# Two clones of the same state share what ccache knows.
export CCACHE_BASEDIR=$root CCACHE_NOHASHDIR=1
export SEQUITUR_BIN=$root/build/sequitur

folder_of() { [ "$1" = build ] && echo build || echo "build-$1"; }

build_target() {
    local preset=$1 folder
    shift
    folder=$(folder_of "$preset")
    if [ ! -f "$folder/build.ninja" ]; then
        say "building in $folder/ (the first time takes some minutes)"
        logged "configure-$preset" cmake --preset "$preset"
    fi
    logged "build-$preset" ninja -C "$folder" "$@"
}

build_with_tests() {
    local preset=$1 folder
    folder=$(folder_of "$preset")
    if ! grep -qs '^SEQUITUR_TESTS:BOOL=ON' "$folder/CMakeCache.txt" || [ ! -f "$folder/build.ninja" ]; then
        logged "configure-$preset" cmake --preset "$preset" -DSEQUITUR_TESTS=ON
    fi
    say "building the program and its tests in $folder/"
    logged "build-$preset" ninja -C "$folder"
}

run_ctest() {
    local folder
    folder=$(folder_of "$1")
    shift
    attend ctest --test-dir "$folder" -j2 --output-on-failure --no-tests=error "$@"
}

# The sanitizers' builds; what says nothing about memory or threads (`nosan`) is left out.
sanitizer_tests() {
    local preset=$1
    shift
    setup_packages build run test kafka postfix
    build_with_tests "$preset"
    take_lock "$preset"
    cluster_start "$preset" fresh off
    test_servers_start
    export SEQUITUR_BIN=$root/build-$preset/sequitur
    export ASAN_OPTIONS=detect_stack_use_after_return=1:strict_string_checks=1
    export UBSAN_OPTIONS=print_stacktrace=1:halt_on_error=1
    # A second signal ends the program where it stands, threads and all.
    export TSAN_OPTIONS=halt_on_error=1:second_deadlock_stack=1:report_thread_leaks=0
    TSAN_OPTIONS+=:suppressions=$root/tests/sanitizer/tsan.supp
    # g++ 12's ThreadSanitizer does not know the address layout of newer kernels.
    if [ "$preset" = tsan ] && setarch -R true 2>/dev/null; then
        attend setarch -R ctest --test-dir "build-$preset" -j2 --output-on-failure --no-tests=error -LE nosan "$@"
    else
        run_ctest "$preset" -LE nosan "$@"
    fi
}

verb_fuzz() {
    local seconds=${1:-15} program
    fuzz_build
    for program in build-fuzz/fuzz/*_fuzz; do
        say "fuzzing $(basename "$program") for $seconds s"
        logged "fuzz-$(basename "$program")" "$python" -B tests/fuzz/run.py "$program" "$seconds"
    done
}

fuzz_build() {
    setup_packages build fuzz
    build_target fuzz fuzz_targets
}
