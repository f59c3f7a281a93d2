#!/usr/bin/env python3
"""1, 2 and 4 senders against a sink that waits 50 ms: here waiting is the limit, and processes must multiply it.

Each sender may have so many mails in flight and no more (`sender.in_flight_max`); that is the limit that more senders
raise. A curve from a drain that is bound by the CPU would say nothing on a machine of two cores.
"""
import argparse
import os

from parts.start import run  # noqa: I001  (first: it finds the other parts)
from parts.drained import Drain
from parts.machine import machine
from parts.plot import plot_scale
from parts.product import Product
from parts.report import Report, facts, table
from parts.server import Server
from parts.slow import SlowSink


def middle_rate(samples, n):
    """From the tenth to the last mail but a tenth: joining and running dry say nothing about the speed between."""
    begin = samples[-1][1] - n
    inner = [(at, mails) for at, mails in samples if 0.1 * n <= mails - begin <= 0.9 * n]
    return (inner[-1][1] - inner[0][1]) / (inner[-1][0] - inner[0][0])


def main():
    parser = argparse.ArgumentParser(prog="./dev bench scale", description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--emails", type=int, default=20_000, help="of each run: as many to a connection in all")
    parser.add_argument("--senders", default="1,2,4")
    parser.add_argument("--wait-ms", type=float, default=50)
    parser.add_argument("--in-flight", type=int, default=100, help="of one sender")
    parser.add_argument("--mailboxes", type=int, default=1280)
    options = parser.parse_args()

    report = Report("scale")
    about = machine()
    server = Server(os.environ["SEQUITUR_DATABASE__URL"])
    sink = SlowSink(options.wait_ms)
    product = Product(server, sink.port, **{"sender.in_flight_max": options.in_flight, "producer.ahead": 2})
    runs, first = {}, 0
    try:
        product.start_api()
        sequence = product.sequence(mailbox_ids=product.mailboxes(options.mailboxes, 1_000_000))
        product.stop_roles()
        for senders in (int(count) for count in options.senders.split(",")):
            n = options.emails
            product.start_api()
            product.enrol(sequence, n, first=first)
            drain = Drain(n, server, sink, product)
            drain.run(senders)
            product.stop_roles()
            first += n
            runs[senders] = drain.figures | {"middle": middle_rate(sink.samples, n), "twice": sink.twice,
                                             "connections_max": sink.connections_max}
    finally:
        product.close()
        sink.stop()
    about["load_average_after"] = " ".join(f"{load:.2f}" for load in os.getloadavg())
    one = runs[min(runs)]["middle"] / min(runs)
    report.say(facts(about) + "\n\n" + facts(server.settings()) + "\n")
    report.say(table(["senders", "emails", "emails/s", "times one sender", "connections at once", "duplicates"],
                     [[str(senders), f["emails"], f["middle"], f["middle"] / one, f["connections_max"], f["twice"]]
                      for senders, f in runs.items()]))
    plot_scale(report.picture(), {senders: figures["middle"] for senders, figures in runs.items()}, one)
    report.save(machine=about, server=server.settings(), options=vars(options), runs=runs)
    return 0


if __name__ == "__main__":
    run("scale", main)
