#!/usr/bin/env python3
"""Hits of tracking links by wrk: what a pixel and a click cost beside /livez, in one run on one process.

All roles run, so the hits are published and recorded meanwhile; at the end every answered one must be recorded.
"""
import argparse
import os
import re
import subprocess
import sys

from parts.start import run  # noqa: I001  (first: it finds the other parts)
from parts.machine import machine
from parts.product import Product
from parts.report import Report, facts, table
from parts.server import Server
from rig import wait_until

sys.path.append(os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "tests", "scenario"))
from mail_server import MailServer  # noqa: E402

AGENT = "Mozilla/5.0 (X11; Linux x86_64) Firefox/121.0"
STEP = [{"subject": "Hello", "content": '<p>Hi</p><a href="https://e.test/a?x=1">one</a>'}]
UNITS = {"us": 0.001, "ms": 1, "s": 1000}


def paths_of_a_mail(product):
    """(the pixel's, the link's) of a mail that was really sent."""
    server = MailServer()
    try:
        product.start_roles(together=True)
        product.mailboxes(1, 1000, smtp_port=server.port)
        product.enrol(product.sequence(STEP, tracked=True), 1)
        if not wait_until(lambda: server.mails, 30):
            raise RuntimeError("no mail came:\n" + product.last_words())
        html = server.mails[0].message.get_body(("html",)).get_content()
        return re.search(r"/t/o/[\w-]+", html)[0], re.search(r"/t/c/[\w-]+", html)[0]
    finally:
        server.close()


def wrk(url, options):
    done = subprocess.run(["wrk", "-t", "2", "-c", str(options.connections), "-d", f"{options.seconds}s", "--latency",
                           "-H", f"User-Agent: {AGENT}", url], stdout=subprocess.PIPE, check=True, text=True).stdout
    if "Non-2xx" in done or "Socket errors" in done:
        raise RuntimeError("some hits were refused:\n" + done)
    at = {share: float(value) * UNITS[unit] for share, value, unit in re.findall(r"(50|99)%\s+([\d.]+)(us|ms|s)", done)}
    return {"p50": at["50"], "p99": at["99"], "requests": int(re.search(r"(\d+) requests in", done)[1]),
            "per_second": float(re.search(r"Requests/sec:\s+([\d.]+)", done)[1])}


def main():
    parser = argparse.ArgumentParser(prog="./dev bench tracking", description=__doc__.split("\n\n", maxsplit=1)[0])
    parser.add_argument("--seconds", type=int, default=10, help="of each of the three")
    parser.add_argument("--connections", type=int, default=32)
    options = parser.parse_args()

    report = Report("tracking")
    about = machine()
    server = Server(os.environ["SEQUITUR_DATABASE__URL"])
    product = Product(server, sink_port=9)
    try:
        product.start_api()
        pixel, click = paths_of_a_mail(product)
        base = f"http://127.0.0.1:{product.port}"
        figures = {name: wrk(base + path, options)
                   for name, path in (("/livez", "/livez"), ("/t/o", pixel), ("/t/c", click))}
        answered = figures["/t/o"]["requests"] + figures["/t/c"]["requests"]
        recorded = "SELECT count(*) FROM email_events WHERE event_type IN ('opened', 'clicked')"
        if not wait_until(lambda: server.one(recorded) >= answered, 300, step=1):
            raise RuntimeError(f"{answered} hits were answered, {server.one(recorded)} recorded")
        about["hits answered"], about["hits recorded"] = answered, server.one(recorded)
    finally:
        product.close()
    about["load_average_after"] = " ".join(f"{load:.2f}" for load in os.getloadavg())
    report.say(facts(about) + "\n")
    report.say(table(["path", "p50 ms", "p99 ms", "requests/s"],
                     [[name, f["p50"], f["p99"], f["per_second"]] for name, f in figures.items()]))
    report.save(machine=about, options=vars(options), figures=figures)
    return 0


if __name__ == "__main__":
    run("tracking", main)
