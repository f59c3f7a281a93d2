#!/usr/bin/env python3
"""N due mails from the database to a sink, as fast as they go: rate, and what each mail cost whom.

Beside it, in the same run on the same sink: the design document's flows 3 and 4 to the letter, and Postfix's
smtp-source as the floor of what any client can do here. Counted per mail: everything up to the follow-up of each
mail being written. Not counted: enrolment.
"""
import argparse
import os

from parts.start import run  # noqa: I001  (first: it finds the other parts)
from parts.bus import Bus, add_options
from parts.drained import Drain
from parts.floor import smtp_source
from parts.literal import literal
from parts.machine import machine
from parts.plot import plot_drain
from parts.product import Product
from parts.report import Report, facts, table
from parts.server import Server
from parts.sink import Sink


def program_mb(figures):
    return sum(mb for name, mb in figures.get("peak_mb", {}).items() if name != "broker") or None


def lines_of(columns):
    """Rows of the table; a column is the figures of one way to send."""
    def row(name, get):
        return [name, *(get(figures) for figures in columns)]

    processes = list(dict.fromkeys(name for figures in columns for name in figures["cpu_us"]))
    yield row("emails", lambda f: f["emails"])
    yield row("seconds at the sink", lambda f: f["seconds"])
    yield row("emails/s", lambda f: f["rate"])
    for name in processes:
        yield row(f"CPU µs/email: {name}", lambda f, name=name: f["cpu_us"].get(name))
    yield row("CPU µs/email: sum", lambda f: sum(f["cpu_us"].values()))
    for name in ("statements", "commits", "fsyncs", "buffers"):
        yield row(f"{name}/email", lambda f, name=name: f.get(name))
    yield row("WAL bytes/email", lambda f: f.get("wal_bytes"))
    yield row("HOT updates of the queue, %", lambda f: f.get("hot_percent"))
    yield row("SMTP connections", lambda f: f.get("sessions"))
    yield row("peak MB, sum of the program", program_mb)


def statements_text(figures):
    n = figures["emails"]
    rows = [[f"{top['ms'] * 1000 / n:.1f} µs/email  {top['query'][:70]}", top["calls"], top["rows"],
             top["ms"] / max(1, top["calls"]), top["wal_bytes"] / n] for top in figures["top"]]
    return table(["statement, by time", "calls", "rows", "ms/call", "WAL/email"], rows)


def main():
    parser = argparse.ArgumentParser(prog="./dev bench drain", description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--emails", type=int, default=100_000)
    parser.add_argument("--mailboxes", type=int, default=400)
    parser.add_argument("--senders", type=int, default=1)
    add_options(parser)
    parser.add_argument("--together", action="store_true", help="all roles in one process")
    parser.add_argument("--literal", type=int, default=3_000, help="mails for the document's flows (0: leave it out)")
    parser.add_argument("--source", type=int, default=100_000, help="mails for smtp-source (0: leave it out)")
    parser.add_argument("--disk-ms", type=float, default=0, help="make each flush of the WAL take so much longer, for "
                        "product and literal alike: what a slower disk makes of both")
    parser.add_argument("--profile", metavar="ROLE", help="perf on this role's process")
    parser.add_argument("--profile-seconds", type=int, default=10)
    options = parser.parse_args()

    report = Report("drain")
    about = machine()
    server = Server(os.environ["SEQUITUR_DATABASE__URL"])
    if options.disk_ms:
        server.slow_down(options.disk_ms)
    sink = Sink()
    columns, heads = [], []
    bus = Bus(options.bus, options.brokers)
    product = Product(server, sink.port, **bus.settings)
    drain = Drain(options.emails, server, sink, product, bus)
    profile = (options.profile, options.profile_seconds, report.base + ".perf") if options.profile else None
    try:
        drain.load(options.mailboxes)
        drain.run(options.senders, options.together, profile)
    finally:
        product.close()
        sink.stop()
    heads.append(f"sequitur, {bus.name}")
    columns.append(drain.figures)
    for name, count, other in (("literal", options.literal, literal), ("smtp-source", options.source, smtp_source)):
        if count:
            heads.append(name)
            columns.append(other(count, options.mailboxes))
    about["load_average_after"] = " ".join(f"{load:.2f}" for load in os.getloadavg())
    report.say(facts(about | bus.about) + "\n\n" + facts(server.settings()) + "\n")
    report.say(table(["per email", *heads], list(lines_of(columns))) + "\n")
    report.say(table(["PostgreSQL's CPU by whom it worked for", "µs/email"],
                     sorted(drain.figures["postgres_us"].items(), key=lambda item: -item[1])) + "\n")
    report.say(table(["peak memory", "MB"], list(drain.figures["peak_mb"].items())) + "\n")
    report.say(statements_text(drain.figures))
    plot_drain(report.picture(), heads, columns)
    report.save(machine=about | bus.about, server=server.settings(), runs=dict(zip(heads, columns)),
                options=vars(options))
    return 0


if __name__ == "__main__":
    run("drain", main)
