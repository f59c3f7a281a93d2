"""The bus that a run uses, and what can be done to it: its broker struck, its connections cut, all of it lost."""
import os
import signal
import subprocess
import threading
import time

from broker import Kafka


def cut_connections(port):
    """Resets every connection to this port. True if something was cut: the kernel lets only root do it."""
    done = subprocess.run(["ss", "-KHt", "dst", "127.0.0.1", "dport", "=", str(port)], stdin=subprocess.DEVNULL,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, check=False)
    return bool(done.stdout.strip())


class Embedded:
    """The bus inside PostgreSQL: its broker is that server."""

    name = "the embedded bus"
    settings = {"bus.kind": "postgres"}
    faults = ()  # the server's own are enough

    def __init__(self, postgres):
        self.postgres = postgres

    def start(self):
        """It runs already."""

    def strike(self, trouble, _, __, seconds):
        trouble.pull_the_plug(seconds)

    def cut(self):
        self.postgres.cut_connections()
        return True

    def look(self, _):
        """Whatever happens to it happens to PostgreSQL."""

    def lose(self):
        self.postgres.rows("TRUNCATE bus_log")

    def come_back(self):
        """It does, with PostgreSQL."""

    heal = stop = come_back


class Brokers:
    """Kafka. One node at a time is struck, and has some seconds to catch up before it is another one's turn."""

    MEMORY_MB = 256
    CATCH_UP_SECONDS = 5

    def __init__(self, folder, nodes):
        self.kafka = Kafka(os.path.join(folder, "kafka")).create(nodes)
        self.name = f"Kafka, {nodes} node{'s' if nodes > 1 else ''}"
        self.settings = {"bus.kind": "kafka", "kafka.brokers": self.kafka.bootstrap}
        self.faults = ("kill broker", "freeze broker", "cut bus") + (("roll brokers",) if nodes > 1 else ())
        self.struck = None  # the node that is down, frozen, or has just come back
        self.down = None
        self.rolling = threading.Thread()
        self.is_over = False

    def start(self):
        self.kafka.start(self.MEMORY_MB)

    def strike(self, trouble, kind, whom, seconds):
        if self.struck or self.rolling.is_alive():
            return
        nodes = self.kafka.nodes
        if kind == "roll brokers":
            trouble.counts[kind] += 1
            self.rolling = threading.Thread(target=self.roll)
            self.rolling.start()
        elif kind == "freeze broker":
            self.freeze(trouble, self.kafka.leader() or nodes[whom % len(nodes)], seconds)
        else:
            self.kill(trouble, nodes[whom % len(nodes)], seconds)

    def kill(self, trouble, node, seconds):
        trouble.counts["kill broker"] += 1
        self.struck = self.down = node
        node.kill()
        trouble.at(seconds, lambda: self.bring_back(trouble, node))

    def bring_back(self, trouble, node):
        self.down = None
        if not self.is_over:
            node.start(self.MEMORY_MB)
            self.wait_for(trouble, node)

    def wait_for(self, trouble, node):
        """Looks in again later, so that everybody else's faults go on meanwhile."""
        if node.answers():
            trouble.at(self.CATCH_UP_SECONDS, self.calm)
        elif not self.is_over:
            trouble.at(0.5, lambda: self.wait_for(trouble, node))

    def freeze(self, trouble, node, seconds):
        """The controller's leader, which leads its share of the partitions, too."""
        trouble.counts["freeze broker"] += 1
        self.struck = node
        node.signal(signal.SIGSTOP)

        def thaw():
            node.signal(signal.SIGCONT)
            trouble.at(self.CATCH_UP_SECONDS, self.calm)

        trouble.at(seconds, thaw)

    def calm(self):
        self.struck = None

    def roll(self):
        """As in an upgrade: each node in turn is told to stop and started again."""
        for node in self.kafka.nodes:
            if self.is_over:
                return
            node.stop()
            node.start(self.MEMORY_MB)
            node.wait()
            time.sleep(self.CATCH_UP_SECONDS)

    def cut(self):
        return any([cut_connections(node.note("port")) for node in self.kafka.nodes])

    def look(self, trouble):
        """A broker that ended by itself is no fault of ours."""
        for node in self.kafka.nodes:
            if node is not self.down and not self.rolling.is_alive() and not node.is_running():
                trouble.surprises.append(f"the broker in {node.folder} ended by itself:\n{node.last_words(5)}")
                self.struck = node
                self.bring_back(trouble, node)

    def lose(self):
        """Every topic, record and offset, with the brokers down until `come_back`."""
        self.settle()
        self.kafka.kill()
        self.kafka.format()

    def come_back(self):
        self.kafka.start(self.MEMORY_MB)

    def settle(self):
        self.is_over = True
        if self.rolling.ident:
            self.rolling.join()

    heal = come_back

    def stop(self):
        self.settle()
        self.kafka.kill()
