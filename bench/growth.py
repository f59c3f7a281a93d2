#!/usr/bin/env python3
"""The cost of a mail as the tables grow: 10 k, 100 k, 1 M sent mails, then 1 M due ones of exhausted mailboxes too.

The rows are there before: each with its contact, its enrolment and its event. Between the sizes the same number of
mails is drained. What must stay flat is CPU and buffers a mail; the rate is only shown.
"""
import argparse
import os

from parts.start import run  # noqa: I001  (first: it finds the other parts)
from parts.drained import Drain
from parts.history import exhausted_rows, sent_rows
from parts.machine import machine
from parts.plot import plot_growth
from parts.product import Product
from parts.report import Report, facts, table
from parts.server import Server
from parts.sink import Sink


def drained(options, server, sink, product, sequence, number):
    """One drain in the tables as they are."""
    product.start_api()
    product.enrol(sequence, options.emails, first=number * options.emails)
    drain = Drain(options.emails, server, sink, product)
    drain.run()
    product.stop_roles()
    return drain.figures


def lines_of(heads, runs):
    first = runs[0]

    def program(figures):
        return sum(cost for name, cost in figures["cpu_us"].items() if name != "sink")

    for head, figures in zip(heads, runs):
        yield [head, figures["rate"], figures["cpu_us"]["sender"], figures["cpu_us"]["PostgreSQL"], program(figures),
               program(figures) / program(first), figures["buffers"], figures["buffers"] / first["buffers"],
               figures["wal_bytes"]]


def main():
    parser = argparse.ArgumentParser(prog="./dev bench growth", description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--emails", type=int, default=20_000, help="drained at each size")
    parser.add_argument("--sizes", default="10000,100000,1000000")
    parser.add_argument("--exhausted", type=int, default=1_000_000, help="due rows of exhausted mailboxes at the end")
    parser.add_argument("--mailboxes", type=int, default=400)
    options = parser.parse_args()

    report = Report("growth")
    about = machine()
    server = Server(os.environ["SEQUITUR_DATABASE__URL"])
    sink = Sink()
    product = Product(server, sink.port)
    heads, runs = [], []
    try:
        product.start_api()
        sequence = product.sequence(mailbox_ids=product.mailboxes(options.mailboxes, 1_000_000))
        exhausted = product.mailboxes(1_000, 1, first=options.mailboxes) if options.exhausted else []
        full = product.sequence(name="exhausted", mailbox_ids=exhausted or None)
        product.stop_roles()
        there = 0
        for size in (int(size) for size in options.sizes.split(",")):
            sent_rows(server, sequence, there, size)
            there = size
            heads.append(f"{size:,} sent")
            runs.append(drained(options, server, sink, product, sequence, len(runs)))
        if options.exhausted:
            exhausted_rows(server, full, exhausted, options.exhausted)
            heads.append(f"and {options.exhausted:,} due, exhausted")
            runs.append(drained(options, server, sink, product, sequence, len(runs)))
    finally:
        product.close()
        sink.stop()
    about["load_average_after"] = " ".join(f"{load:.2f}" for load in os.getloadavg())
    report.say(facts(about) + "\n\n" + facts(server.settings()) + "\n")
    report.say(table(["rows there", "emails/s", "sender µs", "PostgreSQL µs", "sum without sink", "against the first",
                      "buffers/email", "against the first", "WAL bytes/email"], list(lines_of(heads, runs))))
    plot_growth(report.picture(), heads, runs)
    report.save(machine=about, server=server.settings(), options=vars(options), runs=dict(zip(heads, runs)))
    return 0


if __name__ == "__main__":
    run("growth", main)
