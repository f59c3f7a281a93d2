# The Debian packages: which are needed for what, which are missing, how they are installed.
#
# Nothing is installed that is there, no daemon is started, and Debian's postgresql makes no cluster
# of its own. Without root the line to run is printed instead.
# shellcheck shell=bash

packages_of() {
    local boost=1.83 icu=libicu76 munkres= lanes=
    # munkres: without it matplotlib's fonts ask for scipy, and that for a Boost that conflicts with ours.
    grep -q '^VERSION_CODENAME=bookworm' /etc/os-release && boost=1.81 icu=libicu72 munkres=python3-munkres
    [ "$(dpkg --print-architecture 2>/dev/null)" = amd64 ] && lanes=libipsec-mb-dev  # there is none elsewhere
    case $1 in
        build)
            echo g++ cmake ninja-build pkg-config ccache mold "libboost$boost-dev" "libboost-json$boost-dev" \
                libpq-dev librdkafka-dev libssl-dev libsodium-dev libidn2-dev libgumbo-dev libfmt-dev libcli11-dev \
                libtomlplusplus-dev libcurl4-gnutls-dev $lanes
            ;;
        run) echo postgresql python3 python3-psycopg2 openssl curl iproute2 ;;
        kafka) echo default-jre-headless maven ;;
        test) echo libgtest-dev libgmock-dev librapidcheck-dev libgmime-3.0-dev prometheus dovecot-imapd ;;
        bench) echo python3-matplotlib $munkres libbenchmark-dev wrk ;;
        # What Postfix is linked with; it is unpacked, not installed (tools/dev/postfix.sh).
        postfix) echo dpkg libdb5.3 libnsl2 "$icu" ;;
        fuzz) echo clang-19 libclang-rt-19-dev ;;
        quality) echo clang-19 clang-tidy-19 clang-format-19 git ;;
    esac
}

# Some are here under another name: PostgreSQL's own repository, a promtool from elsewhere.
is_here() {
    case $1 in
        postgresql) compgen -G '/usr/lib/postgresql/*/bin/initdb' >/dev/null && return ;;
        prometheus) command -v promtool >/dev/null && return ;;
        git) command -v git >/dev/null && return ;;
    esac
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$1" 2>/dev/null)" = installed ]
}

missing_of() {
    local set package
    for set in "$@"; do
        for package in $(packages_of "$set"); do
            is_here "$package" || echo "$package"
        done
    done
}

setup_packages() {
    local -a missing
    mapfile -t missing < <(missing_of "$@")
    [ ${#missing[@]} -gt 0 ] || return 0
    command -v apt-get >/dev/null || fail "needs Debian 12 or 13, or these packages' like: ${missing[*]}"
    if [ "$(id -u)" -ne 0 ]; then
        say "Some packages are missing. As root, run:"
        say "  $root/dev setup"
        fail "or: apt-get install --no-install-recommends ${missing[*]}"
    fi
    say "installing: ${missing[*]}"
    install_quietly "${missing[@]}"
}

# A subshell of its own, so that its clean-up does not meet the caller's.
install_quietly() (
    local cluster_rule=/etc/postgresql-common/createcluster.d/sequitur.conf
    local daemon_rule=/usr/sbin/policy-rc.d
    local -a made=()
    trap 'rm -f -- "${made[@]}"' EXIT
    if [ ! -e "$cluster_rule" ]; then
        mkdir -p "${cluster_rule%/*}"
        made+=("$cluster_rule")
        echo 'create_main_cluster = false' >"$cluster_rule"
    fi
    if [ ! -e "$daemon_rule" ]; then
        made+=("$daemon_rule")
        printf '#!/bin/sh\nexit 101\n' >"$daemon_rule"
        chmod +x "$daemon_rule"
    fi
    export DEBIAN_FRONTEND=noninteractive
    # A stale list may still be good enough; the installation decides.
    logged apt-update sh -c 'apt-get -q -o DPkg::Lock::Timeout=300 update || true'
    logged apt-install apt-get -q -y -o DPkg::Lock::Timeout=300 install --no-install-recommends "$@"
    forget_services "$@"
)

# Only the programs are wanted; the services would start at the next boot.
forget_services() {
    command -v systemctl >/dev/null || return 0
    case " $* " in *" prometheus "*) systemctl --quiet disable prometheus.service >/dev/null 2>&1 || true ;; esac
    case " $* " in *" dovecot-imapd "*) systemctl --quiet disable dovecot.service >/dev/null 2>&1 || true ;; esac
}
