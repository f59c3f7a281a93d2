#!/usr/bin/env python3
"""Real Kafka brokers of one's own, in KRaft mode, on loopback: for looks by hand, tests and the crash run.

A cluster is a folder with one folder a node: data, settings, log, pid. Every node is broker and controller, so one
node is a cluster and three outlive the loss of one. The jars come from jars() below: fetched once by Maven into a
cache outside of the clone, and used only if they have the checksums in tools/kafka/jars.sha256.
Usage: broker.py start|stop|status FOLDER [--nodes N] [--memory MB] [--first-port N]; broker.py jars
"""
import argparse
import hashlib
import json
import os
import pathlib
import shutil
import signal
import subprocess
import sys
import time

from rig import accepts, free_port, wait_until

HERE = pathlib.Path(__file__).resolve().parent
PINNED = HERE / "kafka" / "jars.sha256"
FIRST_PORT = 19_092
COPY_JARS = "org.apache.maven.plugins:maven-dependency-plugin:3.6.1:copy-dependencies"

SETTINGS = """
process.roles=broker,controller
node.id={number}
controller.quorum.voters={voters}
listeners=PLAINTEXT://127.0.0.1:{port},CONTROLLER://127.0.0.1:{controller}
advertised.listeners=PLAINTEXT://127.0.0.1:{port}
controller.listener.names=CONTROLLER
inter.broker.listener.name=PLAINTEXT
listener.security.protocol.map=CONTROLLER:PLAINTEXT,PLAINTEXT:PLAINTEXT
log.dirs={folder}/data
auto.create.topics.enable=false
group.initial.rebalance.delay.ms=0
group.min.session.timeout.ms=100
message.max.bytes=20000000
log.initial.task.delay.ms=500
log.retention.check.interval.ms=1000
log.segment.delete.delay.ms=1000
broker.session.timeout.ms=6000
offsets.topic.num.partitions=4
offsets.topic.replication.factor={copies}
transaction.state.log.replication.factor={copies}
transaction.state.log.min.isr=1
share.coordinator.state.topic.replication.factor={copies}
share.coordinator.state.topic.min.isr=1
default.replication.factor={copies}
min.insync.replicas={in_sync}
"""


def jars():
    """The folder with Kafka's jars, as pinned."""
    pins = dict(reversed(line.split()) for line in PINNED.read_text(encoding="utf-8").splitlines())
    cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
    folder = cache / "sequitur" / ("kafka-" + hashlib.sha256(PINNED.read_bytes()).hexdigest()[:12])
    if not folder.is_dir():
        fetch_jars(folder, pins)
    return folder


def fetch_jars(folder, pins):
    """Into a folder beside it, checked, then renamed: whoever sees the name sees all of it."""
    fresh = folder.with_name(f"{folder.name}.{os.getpid()}")
    print("fetching Kafka's jars (44 MB, once)", file=sys.stderr)
    subprocess.run(["mvn", "-q", "-B", "-f", str(HERE / "kafka" / "pom.xml"), COPY_JARS,
                    f"-DoutputDirectory={fresh}"], stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, check=True)
    found = {jar.name: hashlib.sha256(jar.read_bytes()).hexdigest() for jar in fresh.glob("*.jar")}
    if found != pins:
        wrong = sorted(name for name in found.keys() | pins.keys() if found.get(name) != pins.get(name))
        shutil.rmtree(fresh)
        raise RuntimeError(f"these jars are not the pinned ones: {', '.join(wrong)}")
    try:
        fresh.rename(folder)
    except OSError:  # somebody else was faster
        shutil.rmtree(fresh)


class Node:
    """One broker process; its state lies in its folder, so another process may stop it."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder)
        self.process = None  # of a node that was started by this program

    def note(self, name, value=None):
        file = self.folder / name
        if value is not None:
            file.write_text(str(value), encoding="utf-8")
        return file.read_text(encoding="utf-8").strip() if file.exists() else ""

    @property
    def address(self):
        return f"127.0.0.1:{self.note('port')}"

    def pid(self):
        """Only of a process that is ours: numbers are used again."""
        pid = self.note("pid")
        if self.process and str(self.process.pid) == pid:
            return self.process.pid if self.process.poll() is None else None
        try:
            command = pathlib.Path("/proc", pid, "cmdline").read_bytes().decode().split("\0")
            return int(pid) if pid and str(self.folder / "server.properties") in command else None
        except OSError:
            return None

    def is_running(self):
        return self.pid() is not None

    def start(self, memory=320):
        with open(self.folder / "log", "ab") as log:
            # A session of its own: who started it may end before it.
            process = subprocess.Popen(
                [*java(memory), "kafka.Kafka", str(self.folder / "server.properties")],
                stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True, cwd=self.folder)
        self.process = process
        self.note("pid", process.pid)

    def answers(self):
        return accepts(int(self.note("port")))

    def wait(self, seconds=60):
        if not wait_until(lambda: self.answers() or not self.is_running(), seconds) or not self.is_running():
            raise RuntimeError(f"the broker in {self.folder} did not start:\n{self.last_words()}")

    def signal(self, number):
        if pid := self.pid():
            os.kill(pid, number)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.gone(10)

    def stop(self, seconds=20):
        self.signal(signal.SIGCONT)
        self.signal(signal.SIGTERM)
        if not self.gone(seconds):
            self.kill()

    def gone(self, seconds):
        return wait_until(lambda: not self.is_running(), seconds)

    def last_words(self, lines=20):
        return "\n".join((self.folder / "log").read_text(errors="replace").splitlines()[-lines:])


class Kafka:
    """A cluster. `first_port` is taken for the first node if it is free."""

    def __init__(self, folder):
        self.folder = pathlib.Path(folder).resolve()
        self.nodes = [Node(path) for path in sorted(self.folder.glob("node*"))]

    def create(self, nodes=1, first_port=None):
        ports = [free_port() for _ in range(2 * nodes)]
        if first_port and not accepts(first_port):
            ports[0] = first_port
        voters = ",".join(f"{n + 1}@127.0.0.1:{ports[nodes + n]}" for n in range(nodes))
        for n in range(nodes):
            node = Node(self.folder / f"node{n + 1}")
            node.folder.mkdir(parents=True)
            node.note("port", ports[n])
            node.note("server.properties", SETTINGS.format(
                number=n + 1, voters=voters, port=ports[n], controller=ports[nodes + n], folder=node.folder,
                copies=min(3, nodes), in_sync=2 if nodes >= 3 else 1))
            self.nodes.append(node)
        self.format()
        return self

    def format(self):
        """Empties every node: as if all its data were lost."""
        cluster = "c2VxdWl0dXItdGVzdHMtMQ"  # any 16 bytes
        formats = []
        for node in self.nodes:
            shutil.rmtree(node.folder / "data", ignore_errors=True)
            formats.append(subprocess.Popen(
                [*java(128), "kafka.tools.StorageTool", "format", "-t", cluster, "-c",
                 str(node.folder / "server.properties")],
                stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True))
        for process in formats:
            words, _ = process.communicate()
            if process.returncode != 0:
                raise RuntimeError(f"formatting a broker's storage failed:\n{words}")

    @staticmethod
    def version():
        """As in "Kafka 4.3.1"."""
        return next("Kafka " + jar.stem.rpartition("-")[2] for jar in jars().glob("kafka_2*.jar"))

    @property
    def bootstrap(self):
        return ",".join(node.address for node in self.nodes)

    def leader(self):
        """The node whose controller leads, by what the nodes wrote down; None where nobody did yet."""
        votes = [json.loads(file.read_text(encoding="utf-8"))
                 for file in self.folder.glob("node*/data/__cluster_metadata-0/quorum-state")]
        number = max(((vote["leaderEpoch"], vote["leaderId"]) for vote in votes), default=(0, -1))[1]
        return self.nodes[number - 1] if number > 0 else None

    def start(self, memory=320):
        for node in self.nodes:
            if not node.is_running():
                node.start(memory)
        for node in self.nodes:
            node.wait()
        return self

    def stop(self):
        for node in self.nodes:
            node.signal(signal.SIGCONT)
            node.signal(signal.SIGTERM)
        for node in self.nodes:
            node.stop()

    def kill(self):
        for node in self.nodes:
            node.kill()

    def remove(self):
        self.kill()
        shutil.rmtree(self.folder, ignore_errors=True)

    def wipe(self):
        """Every topic, record and offset is lost; the brokers come back empty at the same addresses."""
        self.kill()
        self.format()
        self.start()


def java(memory):
    # Short-lived processes: compiling less is faster.
    return ["java", f"-Xmx{memory}m", "-Xms64m", "-XX:+UseSerialGC", "-XX:TieredStopAtLevel=1", "-Xshare:auto", "-cp",
            f"{jars()}/*"]


def main():
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("act", choices=["start", "stop", "status", "jars"])
    parser.add_argument("folder", nargs="?")
    parser.add_argument("--nodes", type=int, choices=[1, 3])
    parser.add_argument("--memory", type=int, default=320)
    parser.add_argument("--first-port", type=int, default=FIRST_PORT, help="taken if it is free; 0: any")
    parser.add_argument("--remove", action="store_true", help="with stop: its records and settings, too")
    wish = parser.parse_args()
    if wish.act == "jars":
        print(jars())
        return 0
    kafka = Kafka(wish.folder)
    if wish.act == "stop":
        kafka.stop()
        if wish.remove:
            kafka.remove()
        return 0
    if wish.act == "start":
        began = time.monotonic()
        if kafka.nodes and wish.nodes and wish.nodes != len(kafka.nodes):
            raise SystemExit(f"this clone's Kafka has {len(kafka.nodes)} nodes; "
                             "`./dev kafka stop --remove` forgets them")
        if not kafka.nodes:
            kafka.create(wish.nodes or 1, wish.first_port)
        kafka.start(wish.memory)
        print(f"ready after {time.monotonic() - began:.1f} s", file=sys.stderr)
    for node in kafka.nodes:
        state = f"running, pid {node.pid()}" if node.is_running() else "stopped"
        print(json.dumps({"node": node.folder.name, "address": node.address, "state": state}), file=sys.stderr)
    print(kafka.bootstrap)
    return 0 if kafka.nodes and all(node.is_running() for node in kafka.nodes) else 1


if __name__ == "__main__":
    sys.exit(main())
