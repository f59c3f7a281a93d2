"""Stories on Kafka: a world with brokers of its own, and their records from outside."""
import base64
import contextlib
import json
import os
import subprocess
import sys
import tempfile

from world import Story, World, wait_until

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
from broker import Kafka  # noqa: E402

TOOL = os.path.join(os.path.dirname(os.environ.get("SEQUITUR_BIN", "build/sequitur")), "tests", "kafka_records")
JOBS, FOLLOWUPS, RETRIES, EVENTS = TOPICS = ("email-jobs", "followup-events", "email-retries", "email-events")
GROUPS = {JOBS: "sequitur-sender", FOLLOWUPS: "sequitur-followup", RETRIES: "sequitur-retry",
          EVENTS: "sequitur-recorder"}
PARTITIONS = 8
HEAP_MB = 256


class KafkaRecords:
    """What lies on the topics, with the face of the embedded bus's BusRecords. Slots are partitions modulo 8."""

    def __init__(self, world):
        self.world = world

    def tool(self, *words, text=""):
        done = subprocess.run([TOOL, self.world.kafka.bootstrap, *map(str, words)], input=text,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, check=False)
        if done.returncode != 0:
            raise RuntimeError(f"kafka_records {' '.join(map(str, words))}: {done.stderr}")
        return done.stdout

    def publish(self, records):
        """(topic, slot, id, payload) each."""
        lines = [json.dumps({"topic": topic, "partition": slot % PARTITIONS, "key": str(slot), "id": str(record_id),
                             "payload": base64.b64encode(payload).decode()})
                 for topic, slot, record_id, payload in records]
        self.tool("publish", text="".join(line + "\n" for line in lines))

    def dump(self, *topics):
        return [json.loads(line) for line in self.tool("dump", *topics).splitlines()]

    def records(self, topic=None):
        """All that are not dead letters, by id, each once whatever was repeated."""
        found = {line["id"]: line for line in self.dump(*([topic] if topic else TOPICS))}
        return [(line["topic"], int(line["key"]), record_id, base64.b64decode(line["payload"]))
                for record_id, line in sorted(found.items())]

    def dead_letters(self, topic):
        return [base64.b64decode(line["payload"]) for line in self.dump(topic + ".dlq")]

    def read_again(self):
        """Every group begins at the oldest record. Kafka moves the offsets of a group only while nobody is in it."""
        programs = [program for name, program in self.world.programs.items() if name != "sink"]
        for program in programs:
            program.ask_to_stop()
        for program in programs:
            program.stop(30)
        for topic, group in GROUPS.items():
            # A member that left while the group was rearranged is in it until its session ends.
            if not wait_until(lambda at=(group, topic): self.is_rewound(*at), 30):
                self.tool("rewind", group, topic)
        for program in programs:
            program.start()

    def is_rewound(self, group, topic):
        try:
            self.tool("rewind", group, topic)
        except RuntimeError:
            return False
        return True

    def behind(self):
        return sum(int(self.tool("behind", group, topic)) for topic, group in GROUPS.items())

    def retention(self, topic, milliseconds):
        self.tool("retention", topic, milliseconds)

    def replicas(self, topic):
        """(leader, how many copies are in sync) of each partition."""
        return [tuple(map(int, line.split())) for line in self.tool("replicas", topic).splitlines()]

    def leader(self, topic):
        """The node that leads the first partition."""
        return self.world.kafka.nodes[self.replicas(topic)[0][0] - 1]

    def in_sync(self, topic):
        """Copies of the partition that has the fewest."""
        return min(count for _, count in self.replicas(topic))


class KafkaWorld(World):
    def __init__(self, name="story", nodes=1, **settings):
        self.kafka = Kafka(tempfile.mkdtemp(prefix="sequitur-kafka-")).create(nodes).start(HEAP_MB)
        self.cleanup = contextlib.ExitStack()
        with contextlib.ExitStack() as undo:
            undo.callback(self.kafka.remove)
            super().__init__(name, **{"bus__kind": "kafka", "kafka__brokers": self.kafka.bootstrap, **settings})
            undo.pop_all()

    def bus_records(self):
        return KafkaRecords(self)

    def unpublished(self):
        return self.one("SELECT count(*) FROM outbox WHERE published_at IS NULL")

    def close(self):
        super().close()
        if not os.environ.get("SEQUITUR_KEEP"):
            self.kafka.remove()
        self.kafka.kill()


class KafkaStory(Story):
    """Gives each test a world on Kafka, of so many nodes."""

    nodes = 1

    def world(self, **settings):
        world = KafkaWorld(type(self).__name__.lower(), self.nodes, **{**self.settings, **settings})
        self.addCleanup(world.close)
        return world
