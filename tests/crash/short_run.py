#!/usr/bin/env python3
"""A short crash run of a fixed seed, on a PostgreSQL and brokers of its own: no mail twice, none lost, no limit
exceeded, no `unknown` without its fault, everything at rest within a minute. Usage: short_run.py BUS [OPTIONS]
"""
import contextlib
import os
import pathlib
import re
import subprocess
import sys

import psycopg2

ROOT = pathlib.Path(__file__).resolve().parents[2]
sys.path.insert(0, str(ROOT / "tests" / "scenario"))
from cluster import PG_BIN, Cluster  # noqa: E402

# A run that hurt nothing or sent nothing proves nothing.
LEAST = {"kills": 10, "mails": 5_000, "topics wiped": 1}
LEAST_OF_A_BUS = {"postgres": {"kill postgres": 2}, "kafka": {"kill broker": 1}}


def crash(cluster, bus, options):
    with contextlib.closing(psycopg2.connect(cluster.url())) as connection:
        connection.autocommit = True
        connection.cursor().execute("CREATE DATABASE crash")
    environment = {**os.environ, "SEQUITUR_PG_BIN": PG_BIN, "SEQUITUR_PG_DATA": cluster.data,
                   "SEQUITUR_PG_USER": "postgres", "SEQUITUR_DATABASE__URL": cluster.url("crash")}
    done = subprocess.run([sys.executable, "-B", str(ROOT / "tools" / "crash.py"), "--bus", bus, *options],
                          env=environment, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT,
                          text=True, check=False)
    print(done.stdout, flush=True)
    return done


def main():
    bus, *options = sys.argv[1:]
    cluster = Cluster()
    try:
        done = crash(cluster, bus, options)
    finally:
        cluster.remove()
    counted = {name: int(number) for name, number in re.findall(r"^ +(\w[\w ]*?)  +(\d+)$", done.stdout, re.MULTILINE)}
    short = [f"{name}: {counted.get(name, 0)}, not {least}" for name, least in {**LEAST, **LEAST_OF_A_BUS[bus]}.items()
             if counted.get(name, 0) < least]
    if done.returncode == 0 and short:
        print("void, too little happened: " + "; ".join(short))
    return done.returncode or (1 if short else 0)


if __name__ == "__main__":
    sys.exit(main())
