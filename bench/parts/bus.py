"""The bus of a run: the embedded one, or Kafka on one broker of the run's own, whose cost is a row of its own."""
import atexit
import tempfile

from broker import Kafka
from parts.cpu import cpu_us, listener, memory_kb

HEAP_MB = 1024


def add_options(parser):
    parser.add_argument("--bus", choices=("postgres", "kafka"), default="postgres", help="kafka brings its own broker")
    parser.add_argument("--brokers", metavar="HOST:PORT,...", help="use these, of which the first is measured")


class Bus:
    """`settings` are the program's. A broker of its own ends, and its data goes, with the bench."""

    def __init__(self, kind, brokers=None):
        self.name = f"{'kafka' if brokers else kind} bus"
        self.settings = {"bus.kind": "postgres"}
        self.about = {}
        self.pid = None
        if brokers:
            self.pid = listener(int(brokers.partition(",")[0].rpartition(":")[2]))
            self.about = {"broker": brokers}
        elif kind == "kafka":
            kafka = Kafka(tempfile.mkdtemp(prefix="sequitur-bench-kafka-"))
            atexit.register(kafka.remove)
            brokers = kafka.create().start(HEAP_MB).bootstrap
            self.pid = kafka.nodes[0].pid()
            self.about = {"broker": f"{kafka.version()}, 1 node, heap of {HEAP_MB} MB"}
        if brokers:
            self.settings = {"bus.kind": "kafka", "kafka.brokers": brokers}

    def cpu_us(self):
        return {"broker": cpu_us(self.pid)} if self.pid else {}

    def peak_mb(self):
        return {"broker": memory_kb(self.pid) / 1024} if self.pid else {}
