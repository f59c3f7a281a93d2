#!/usr/bin/env python3
"""A million contacts through the API, 5,000 a request: seconds, cost of a contact, memory over time.

Each contact is enrolled: contact, enrolment and first mail are written, and its mailbox is chosen. The client is this
program, one request after another or several at a time; what it takes to write the JSON is in the time.
"""
import argparse
import os
import time

from parts.start import run  # noqa: I001  (first: it finds the other parts)
from parts.cpu import cpu_us, memory_kb
from parts.machine import machine
from parts.plot import plot_enrol
from parts.product import Product
from parts.report import Report, facts, table
from parts.server import Server


def main():
    parser = argparse.ArgumentParser(prog="./dev bench enrol", description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--contacts", type=int, default=1_000_000)
    parser.add_argument("--a-request", type=int, default=5_000)
    parser.add_argument("--clients", type=int, default=1, help="requests at the same time")
    parser.add_argument("--mailboxes", type=int, default=400)
    options = parser.parse_args()
    n = options.contacts

    report = Report("enrol")
    about = machine()
    server = Server(os.environ["SEQUITUR_DATABASE__URL"])
    product = Product(server, sink_port=9)  # nothing is sent
    samples = []
    try:
        product.start_api()
        api = product.roles["api"].process.pid
        ids = product.mailboxes(options.mailboxes, 1_000_000)
        sequence = product.sequence(mailbox_ids=ids)
        server.ready_to_count()
        before, cpu, server_cpu = server.counters(), cpu_us(api), server.cpu_us()
        own, begin = sum(os.times()[:2]), time.monotonic()

        def look(done):
            samples.append((time.monotonic() - begin, done, memory_kb(api, "VmRSS") / 1024))

        product.enrol(sequence, n, a_request=options.a_request, clients=options.clients, each=look, text="enrolling")
        seconds = time.monotonic() - begin
        spent = {"api": cpu_us(api) - cpu, "PostgreSQL": server.cpu_us() - server_cpu,
                 "client": (sum(os.times()[:2]) - own) * 1_000_000}
        peak, after = memory_kb(api) / 1024, server.counters()
        statements = server.top_statements(8)
    finally:
        product.close()
    tenth = samples[len(samples) // 10]
    rows = [["contacts", n], ["seconds", seconds], ["contacts/s", n / seconds],
            *([f"CPU µs/contact: {name}", value / n] for name, value in spent.items()),
            ["WAL bytes/contact", (after["wal_bytes"] - before["wal_bytes"]) / n],
            ["statements/request", (after["statements"] - before["statements"]) * options.a_request / n],
            ["fsyncs/request", (after["fsyncs"] - before["fsyncs"]) * options.a_request / n],
            ["MB of the API after a tenth", tenth[2]], ["MB of the API at the end", samples[-1][2]],
            ["MB of the API, peak", peak],
            ["contacts/s in the first tenth", tenth[1] / tenth[0]],
            ["contacts/s in the last tenth", (n - samples[-1 - len(samples) // 10][1])
             / max(0.001, seconds - samples[-1 - len(samples) // 10][0])]]
    about["load_average_after"] = " ".join(f"{load:.2f}" for load in os.getloadavg())
    report.say(facts(about) + "\n\n" + facts(server.settings()) + "\n")
    report.say(table(["enrolment", "sequitur"], rows) + "\n")
    report.say(table(["statement, by time", "calls", "µs/contact"],
                     [[top["query"][:80], top["calls"], top["ms"] * 1000 / n] for top in statements]))
    plot_enrol(report.picture(), samples)
    report.save(machine=about, server=server.settings(), options=vars(options), figures=dict(rows), samples=samples)
    return 0


if __name__ == "__main__":
    run("enrol", main)
