"""CPU time and memory of processes, from /proc. A process that ended is counted as long as its parent lives and
waited for it; PostgreSQL's children are summed, since a connection is a process there."""
import contextlib
import os

TICK_US = 1_000_000 / os.sysconf("SC_CLK_TCK")


def stat(pid):
    """(parent, own CPU µs, CPU µs of ended children), or None when it is gone."""
    try:
        with open(f"/proc/{pid}/stat", encoding="ascii", errors="replace") as file:
            fields = file.read().rpartition(")")[2].split()
    except (FileNotFoundError, ProcessLookupError):
        return None
    own, ended = int(fields[11]) + int(fields[12]), int(fields[13]) + int(fields[14])
    return int(fields[1]), own * TICK_US, ended * TICK_US


def cpu_us(pid):
    found = stat(pid)
    return found[1] if found else 0.0


def children(parent):
    return [int(name) for name in os.listdir("/proc") if name.isdigit() and (stat(name) or (0,))[0] == parent]


def family_cpu_us(parent, without=()):
    """The parent, its living children, and those it has waited for."""
    found = stat(parent)
    if not found:
        return 0.0
    return found[1] + found[2] + sum(cpu_us(child) for child in children(parent) if child not in without)


def listener(port):
    """The process that listens on this port of loopback: how a broker that somebody else started is found."""
    with open("/proc/net/tcp", encoding="ascii") as file:
        rows = [line.split() for line in list(file)[1:]]
    with contextlib.suppress(FileNotFoundError), open("/proc/net/tcp6", encoding="ascii") as file:
        rows += [line.split() for line in list(file)[1:]]
    sockets = {f"socket:[{row[9]}]" for row in rows if row[3] == "0A" and int(row[1].rpartition(":")[2], 16) == port}
    for pid in filter(str.isdigit, os.listdir("/proc")):
        with contextlib.suppress(OSError):
            for descriptor in os.scandir(f"/proc/{pid}/fd"):
                if os.readlink(descriptor.path) in sockets:
                    return int(pid)
    return None


def memory_kb(pid, field="VmHWM"):
    """VmHWM is the peak of the resident memory, VmRSS what is resident now."""
    try:
        with open(f"/proc/{pid}/status", encoding="ascii", errors="replace") as file:
            for line in file:
                if line.startswith(field + ":"):
                    return int(line.split()[1])
    except FileNotFoundError:
        pass
    return 0
