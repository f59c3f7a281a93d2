"""The machine of a run: a figure without it says nothing. fdatasync is measured where the database lies."""
import os
import platform
import statistics
import tempfile
import time


def first_line(path, start):
    with open(path, encoding="utf-8", errors="replace") as file:
        return next((line.partition(":")[2].strip() for line in file if line.startswith(start)), "unknown")


def fdatasync_ms(folder, times=200):
    """(median, 90th of 100) of an 8 KB write and fdatasync."""
    taken = []
    with tempfile.TemporaryFile(dir=folder, buffering=0) as file:
        for _ in range(times):
            start = time.monotonic()
            os.pwrite(file.fileno(), b"x" * 8192, 0)
            os.fdatasync(file.fileno())
            taken.append((time.monotonic() - start) * 1000)
    return statistics.median(taken), statistics.quantiles(taken, n=10)[-1]


def machine():
    median, late = fdatasync_ms(os.environ["SEQUITUR_PG_DATA"])
    return {"cpu": f"{os.cpu_count()} x {first_line('/proc/cpuinfo', 'model name')}",
            "memory": first_line("/proc/meminfo", "MemTotal"), "kernel": platform.release(),
            "fdatasync_ms": f"median {median:.2f}, p90 {late:.2f}",
            "load_average_before": " ".join(f"{load:.2f}" for load in os.getloadavg()),
            "date": time.strftime("%Y-%m-%d %H:%M")}
