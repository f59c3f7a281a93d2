# Real Kafka brokers, in this clone's .dev, on loopback: one or three for looks by hand, one for a run of tests.
# shellcheck shell=bash

kafka_folder() { echo "$root/.dev/kafka"; }

verb_kafka() {
    local act=${1:-}
    case $act in
        start | stop | status) shift ;;
        *) fail "kafka knows start, stop and status" 2 ;;
    esac
    setup_packages run kafka
    "$python" -B "$root/tools/broker.py" "$act" "$(kafka_folder)" "$@"
}

# What the long tests need beside PostgreSQL.
test_servers_start() {
    unpack_postfix
    test_broker_start
}

# A broker of the tests' own; it ends with the run.
test_broker_start() {
    test_broker_end
    at_exit test_broker_end
    logged test-broker "$python" -B "$root/tools/broker.py" start "$(kafka_folder)-test" --first-port 0
    SEQUITUR_TEST_KAFKA=$("$python" -B "$root/tools/broker.py" status "$(kafka_folder)-test" 2>/dev/null)
    export SEQUITUR_TEST_KAFKA
}

test_broker_end() {
    local folder
    folder=$(kafka_folder)-test
    [ -d "$folder" ] || return 0
    "$python" -B "$root/tools/broker.py" stop "$folder"
    cp "$folder/node1/log" "$root/.dev/log/kafka-test.log" 2>/dev/null || true
    rm -rf "$folder"
}

# setup_bus OPTIONS...: what a run with these options needs for its bus.
setup_bus() {
    case " $* " in *" --bus kafka "* | *" --bus=kafka "*) setup_packages kafka ;; esac
}

kafka_remove() {
    [ ! -d "$(kafka_folder)" ] || "$python" -B "$root/tools/broker.py" stop "$(kafka_folder)"
    test_broker_end
}
