# Format and lint. The compiler's flags come from the `build` preset's compile commands.
# shellcheck shell=bash

cpp_files() { find src tests -name '*.cpp' -o -name '*.hpp' | sort; }

changed_cpp_files() {
    { git diff --name-only --diff-filter=d HEAD && git ls-files --others --exclude-standard; } |
        grep -E '^(src|tests)/.*\.[ch]pp$' | sort -u || true
}

verb_fmt() {
    setup_packages quality
    if [ "${1:-}" = all ]; then cpp_files; else changed_cpp_files; fi | xargs -r clang-format-19 -i
}

verb_lint() {
    setup_packages build run test quality
    build_with_tests build
    "$python" -B tools/check_floors.py
    "$python" -B tools/check_tree.py
    say "format"
    cpp_files | xargs clang-format-19 --dry-run -Werror
    say "each header compiles alone"
    headers_alone
    say "clang-tidy (some minutes)"
    logged tidy run-clang-tidy-19 -quiet -p build -j2 "^$root/src/.*(?<!_test)\.cpp$"
    say "lint: clean"
}

headers_alone() {
    local flags
    flags=$(pkg-config --cflags libsodium libidn2 tomlplusplus libpq rdkafka)
    # shellcheck disable=SC2086
    (cd src && find . -name '*.hpp' | sort) |
        xargs -P2 -I{} g++ -std=c++20 -fsyntax-only -x c++ -Wall -Wextra -Werror -include {} -Isrc -Itests \
            -Ibuild/generated -DBOOST_ASIO_SEPARATE_COMPILATION -DBOOST_BEAST_SEPARATE_COMPILATION $flags /dev/null
}
