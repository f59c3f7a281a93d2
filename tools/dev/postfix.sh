# Postfix, taken out of its package: the benches use its smtp-sink and smtp-source, a test the whole server. No mail
# server gets installed.
# shellcheck shell=bash

unpack_postfix() {
    export SEQUITUR_POSTFIX=$root/.dev/postfix
    [ ! -x "$SEQUITUR_POSTFIX/usr/sbin/smtp-sink" ] || return 0
    say "unpacking Postfix"
    rm -rf "$SEQUITUR_POSTFIX" && mkdir -p "$SEQUITUR_POSTFIX"
    logged postfix sh -c "cd '$SEQUITUR_POSTFIX' && apt-get -q download postfix && dpkg-deb -x postfix_*.deb ."
    rm -f "$SEQUITUR_POSTFIX"/postfix_*.deb
}
