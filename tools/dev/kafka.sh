# A real Kafka for looks by hand: one broker or three, in this clone's .dev, on loopback.
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

kafka_remove() {
    [ ! -d "$(kafka_folder)" ] || "$python" -B "$root/tools/broker.py" stop "$(kafka_folder)"
}
