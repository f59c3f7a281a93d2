#!/usr/bin/env python3
"""From due to accepted at 10, 50 and 80 % of the drain rate, as an open loop: p50, p99.

Each mail is due at an instant of its own, drawn evenly over the run, whether the ones before it have left or not. The
latency is that instant to `sent_at`: the database's clock when the sink's 250 was recorded, so recording is in it.
"""
import argparse
import os

from parts.start import run  # noqa: I001  (first: it finds the other parts)
from parts.bus import Bus, add_options
from parts.drained import Drain
from parts.machine import machine
from parts.plot import plot_latency
from parts.product import Product
from parts.report import Report, facts, progress, table
from parts.server import Server
from parts.sink import Sink
from rig import wait_until

BEGIN = "SELECT clock_timestamp() + %s * interval '1 second'"
SPREAD = """UPDATE email_queues SET scheduled_for = %s + random() * %s * interval '1 second'
 WHERE status = 'scheduled' AND step_order = 0"""
TAKEN = """SELECT extract(epoch FROM sent_at - scheduled_for) FROM email_queues
 WHERE step_order = 0 AND status = 'sent' AND scheduled_for >= %s ORDER BY 1"""
# Where the time goes, by the row's own times: p50 and p99 of each stretch.
STAGES = {"due to queued": "queued_at - scheduled_for", "queued to claimed": "first_attempt_at - queued_at",
          "claimed to permit": "dot_at - first_attempt_at", "permit to recorded": "sent_at - dot_at"}
STAGE = """SELECT 1000 * extract(epoch FROM percentile_cont(%%s) WITHIN GROUP (ORDER BY %s)) FROM email_queues
 WHERE step_order = 0 AND status = 'sent' AND scheduled_for >= %%s"""
NAMES = ("p50", "p90", "p99", "p99.9", "max")
OVERDUE = """SELECT /* bench */ extract(epoch FROM clock_timestamp() - max(scheduled_for)) FROM email_queues
 WHERE step_order = 0"""


def drain_rate(options, server, sink, product, bus, sequence):
    """What 100 % is, unless it was told: a drain in this very run."""
    if options.drain_rate:
        return options.drain_rate
    product.start_api()
    product.enrol(sequence, options.emails)
    drain = Drain(options.emails, server, sink, product, bus)
    drain.run(together=options.together)
    product.stop_roles()
    return drain.figures["rate"]


def spread(options, server, sink, product, sequence, first, rate):
    """Seconds from due to recorded, sorted, of `rate` mails a second for so many seconds; and of which stretch."""
    count = int(rate * options.seconds)
    product.start_api()
    product.enrol(sequence, count, first=first)
    server.ready_to_count()
    begin = server.one(BEGIN, 10 + count / 10_000)
    server.rows(SPREAD, begin, options.seconds)
    sent = sink.clear()
    product.start_roles(together=options.together)
    if server.one("SELECT clock_timestamp()") > begin:
        raise RuntimeError("void: the first mails were due before anybody could send them")
    while not wait_until(lambda: sink.mails - sent >= count, 1):
        progress(f"{rate:,.0f}/s", sink.mails - sent, count)
        if product.dead() or float(server.one(OVERDUE)) > 120:
            raise RuntimeError(f"{sink.mails - sent} of {count} mails came at {rate:.0f}/s\n{product.last_words()}")
    progress(f"{rate:,.0f}/s", count, count)
    wait_until(lambda: len(server.rows(TAKEN, begin)) >= count, 30, step=1)
    product.stop_roles()
    taken = [float(row[0]) for row in server.rows(TAKEN, begin)]
    if len(taken) != count:
        raise RuntimeError(f"void: {len(taken)} of {count} mails were recorded")
    stages = {name: [float(server.one(STAGE % stretch, share, begin)) for share in (0.5, 0.99)]
              for name, stretch in STAGES.items()}
    return taken, stages


def quantiles_ms(taken):
    return [taken[min(len(taken) - 1, int(len(taken) * share))] * 1000 for share in (0.5, 0.9, 0.99, 0.999, 1)]


def main():
    parser = argparse.ArgumentParser(prog="./dev bench latency", description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--seconds", type=int, default=60, help="of each load")
    parser.add_argument("--loads", default="10,50,80", help="per cent of the drain rate")
    parser.add_argument("--drain-rate", type=float, help="what 100 %% is; without it, it is measured first")
    parser.add_argument("--emails", type=int, default=50_000, help="of that drain")
    parser.add_argument("--mailboxes", type=int, default=400)
    add_options(parser)
    parser.add_argument("--together", action="store_true", help="all roles in one process")
    options = parser.parse_args()

    report = Report("latency")
    about = machine()
    server = Server(os.environ["SEQUITUR_DATABASE__URL"])
    sink = Sink()
    bus = Bus(options.bus, options.brokers)
    product = Product(server, sink.port, **bus.settings)
    loads, stages = {}, {}
    try:
        product.start_api()
        sequence = product.sequence(mailbox_ids=product.mailboxes(options.mailboxes, 1_000_000))
        product.stop_roles()
        full = drain_rate(options, server, sink, product, bus, sequence)
        first = options.emails
        for load in (float(load) for load in options.loads.split(",")):
            loads[load], stages[load] = spread(options, server, sink, product, sequence, first, full * load / 100)
            first += len(loads[load])
    finally:
        product.close()
        sink.stop()
    about["load_average_after"] = " ".join(f"{load:.2f}" for load in os.getloadavg())
    report.say(facts(about | bus.about) + "\n\n" + facts(server.settings()) + "\n")
    quantiles = {load: quantiles_ms(taken) for load, taken in loads.items()}
    report.say(f"100 % is {full:,.0f} emails/s\n\n" + table(
        ["load", "emails/s", "emails", *(name + " ms" for name in NAMES)],
        [[f"{load:.0f} %", full * load / 100, len(taken), *quantiles[load]] for load, taken in loads.items()]))
    report.say("\n" + table(["p50 / p99 ms", *STAGES], [
        [f"{load:.0f} %", *(f"{middle:,.0f} / {late:,.0f}" for middle, late in stages[load].values())]
        for load in loads]))
    plot_latency(report.picture(), loads)
    report.save(machine=about | bus.about, server=server.settings(), options=vars(options), drain_rate=full,
                stages_ms=stages, quantiles_ms={load: dict(zip(NAMES, values)) for load, values in quantiles.items()})
    return 0


if __name__ == "__main__":
    run("latency", main)
