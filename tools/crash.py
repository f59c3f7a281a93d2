#!/usr/bin/env python3
"""Kills whatever runs while mail runs, then counts: called by `./dev crash`.

Every role runs in several processes of its own. A schedule of faults, drawn from the seed alone, kills
them, freezes some beyond their lease, cuts connections, pauses sequences, and pulls PostgreSQL's plug,
while people keep being enrolled. With --bus kafka its brokers are killed, frozen and restarted as well.
Only the sink is left alone: its ledger is the truth. At last every topic is emptied while PostgreSQL
crashes. Then everything is healed, the mail runs out, and the ledger is compared with the database, by
`sequitur verify` and once more here.
"""
import argparse
import os
import sys
import time

sys.path.insert(0, os.path.dirname(os.path.abspath(__file__)))
from crashing.buses import Brokers, Embedded  # noqa: E402
from crashing.faults import LEASE_SECONDS, Postgres, Trouble, slots  # noqa: E402
from crashing.people import MAILBOXES, SMALL_MAILBOXES, Feeder, seed_mail  # noqa: E402
from crashing.screen import progress  # noqa: E402
from crashing.verdict import judge, wait_for_quiet  # noqa: E402
from rig import Api, Ledger, Rig, free_port, wait_until  # noqa: E402

SETTINGS = {"http.auth": "none", "schedule.day": "5s", "retry.first_delay": "2s", "producer.interval": "5s",
            "sender.lease": f"{LEASE_SECONDS}s", "sender.backoff_first": "500ms", "sender.backoff_max": "3s",
            "janitor.interval": "1s", "janitor.queued_after": "20s", "janitor.failed_after": "15s",
            "janitor.stranded_after": "15s"}


def start_everything(rig):
    programs, ports = {}, []
    for slot in slots():
        role = slot.split("-")[0]
        more = {"log__level": "debug"} if role == "sender" else {}
        if role == "api":
            ports.append(free_port())
            more["http__listen"] = f"127.0.0.1:{ports[-1]}"
        programs[slot] = rig.program(slot, "serve", "--roles", role, **more).start()
    api = Api(ports)
    if not wait_until(lambda: all(api.is_ready(port) for port in ports), 60):
        raise RuntimeError("the API did not get ready:\n" + programs["api-0"].last_words())
    return programs, api


def run(options):
    postgres = Postgres()
    rig = Rig("crash", SETTINGS)
    bus = Brokers(rig.folder, options.nodes) if options.bus == "kafka" else Embedded(postgres)
    rig.set(bus.settings)
    code = 1
    try:
        bus.start()
        rig.run("migrate", "up")
        rig.start_sink()
        programs, api = start_everything(rig)
        sequences, small = seed_mail(rig, api)
        ledger = Ledger(rig.ledger_path)
        trouble = Trouble(options.seed, programs, postgres, bus, rig.sink_port, api,
                          [sequence for sequence, _ in sequences])
        feeder = Feeder(options.seed, api, ledger, sequences, small)
        print(f"seed {options.seed}: {len(programs)} processes on {bus.name}, {MAILBOXES + SMALL_MAILBOXES} "
              f"mailboxes; logs and ledger in {rig.folder}", flush=True)
        feeder.start()
        ran = strike_while_mail_runs(options, trouble, feeder, ledger)
        feeder.over.set()
        trouble.lose_the_bus()
        trouble.heal()
        feeder.join(30)
        quiet = wait_for_quiet(postgres, ledger, 300)
        drained = stop_all(programs)
        code = judge(rig, postgres, trouble, feeder, ledger, quiet, ran, drained)
        return code
    finally:
        rig.stop()
        bus.stop()
        if code == 0:
            rig.remove()
        else:
            print(f"\nLogs, ledger and key are kept in {rig.folder}", flush=True)


def strike_while_mail_runs(options, trouble, feeder, ledger):
    """Until the minutes are over and the mails are sent, but at most three times as long."""
    start = time.monotonic()
    while True:
        trouble.run_until(time.monotonic() + 1)
        ledger.news()
        ran = time.monotonic() - start
        left = max(0.0, options.minutes * 60 - ran)
        rate = ledger.lines / ran
        if options.mails > ledger.lines:
            left = max(left, (options.mails - ledger.lines) / max(rate, 1))
        faults = sum(trouble.counts.values())
        progress(f"{ran:5.0f} s, {left:4.0f} s to go: {ledger.lines} mails ({rate:.0f}/s), "
                 f"{feeder.enrolled} people, {faults} faults")
        if left == 0 or ran > options.minutes * 180 + 60:
            print(flush=True)
            return ran


def stop_all(programs):
    for program in programs.values():
        program.ask_to_stop()
    return all([program.stop(30) for program in programs.values()])


def main():
    parser = argparse.ArgumentParser(prog="./dev crash", description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--bus", choices=["postgres", "kafka"], default="postgres", help="kafka brings its own brokers")
    parser.add_argument("--nodes", type=int, choices=[1, 3], default=1, help="how many brokers (1)")
    parser.add_argument("--minutes", type=float, default=10, help="how long faults are injected (10)")
    parser.add_argument("--seed", type=int, default=1, help="the same seed injects the same faults (1)")
    parser.add_argument("--mails", type=int, default=0, help="go on until so many mails were accepted")
    try:
        return run(parser.parse_args())
    except (RuntimeError, TimeoutError) as trouble:
        print(f"crash: {trouble}", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
