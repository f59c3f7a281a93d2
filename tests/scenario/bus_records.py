"""The embedded bus from outside, as an operator with SQL could reach it: its records, published, lost, read again."""
import os
import time
import uuid

PUBLISH = os.path.join(os.environ.get("SEQUITUR_SOURCE_DIR", "."), "src", "bus", "sql", "publish.sql")


def uuid7(seconds_from_now=0):
    """RFC 9562 §5.7."""
    at = int((time.time() + seconds_from_now) * 1000)
    random = uuid.uuid4().int
    return uuid.UUID(int=at << 80 | 7 << 76 | (random >> 64 & 0xFFF) << 64 | 2 << 62 | random & (1 << 62) - 1)


class BusRecords:
    def __init__(self, world):
        self.world = world
        with open(PUBLISH, encoding="utf-8") as file:
            statement = file.read()
        # Once a connection: a world has one.
        world.sql("PREPARE publish (smallint[], smallint[], uuid[], bytea[]) AS " + statement)
        self.topics = dict(world.sql("SELECT name, topic FROM bus_topic"))

    def publish(self, records):
        """(topic's name, slot, id, payload) each, by the bus's own statement, in this order."""
        for at in range(0, len(records), 200):
            some = records[at:at + 200]
            self.world.sql("EXECUTE publish (%s::smallint[], %s::smallint[], %s::uuid[], %s::bytea[])",
                           [self.topics[topic] for topic, *_ in some], [slot for _, slot, _, _ in some],
                           [str(record_id) for _, _, record_id, _ in some], [payload for *_, payload in some])

    def records(self, topic=None):
        """All that are not dead letters, the oldest first, each once whatever was repeated."""
        rows = self.world.sql("SELECT DISTINCT ON (id) name, slot, id, payload"
                              " FROM bus_log JOIN bus_topic USING (topic)"
                              " WHERE name NOT LIKE '%%.dlq' AND (%s IS NULL OR name = %s) ORDER BY id, at",
                              topic, topic)
        return [(name, slot, record_id, bytes(payload)) for name, slot, record_id, payload in rows]

    def dead_letters(self, topic):
        return [bytes(row[0]) for row in self.world.sql(
            "SELECT payload FROM bus_log JOIN bus_topic USING (topic) WHERE name = %s ORDER BY off", topic + ".dlq")]

    def read_again(self):
        """Every group begins at the oldest record, as after a reset of its offsets."""
        self.world.sql("UPDATE bus_lease SET committed_off = 0, owner = NULL, epoch = epoch + 1")

    def behind(self):
        return self.world.one("SELECT COALESCE(sum(p.next_off - l.committed_off), 0)::int"
                              " FROM bus_lease l JOIN bus_partition p USING (topic, part)")
