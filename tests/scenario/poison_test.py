"""Row 32: whatever lies on a topic, its consumer sets it aside, once and with a reason, and goes on."""
import json
import unittest

from bus_records import uuid7
from world import Story, people

NOW = "2026-01-01T00:00:00Z"


def stray():
    """An id that names nothing."""
    return str(uuid7())


def ids_of_nobody(topic):
    """Nothing is wrong with it but that there are no such emails."""
    items = {
        "email-jobs": ("emails", {"email_queue_id": stray(), "sequence_contact_id": stray(), "mailbox_id": stray(),
                                  "step_order": 0}),
        "followup-events": ("completed", {"sequence_contact_id": stray(), "email_queue_id": stray(),
                                          "step_completed": 0}),
        "email-retries": ("retries", {"email_queue_id": stray(), "epoch": 1, "retry_count": 1, "next_retry_at": NOW}),
        "email-events": ("events", {"id": stray(), "type": "opened", "email_queue_id": stray(), "at": NOW,
                                    "recorded": False, "data": {}}),
    }
    name, item = items[topic]
    heads = ("batch_id", "produced_at") if topic == "email-jobs" else ("id", "at")
    return {"v": 1, heads[0]: stray(), heads[1]: NOW, name: [item]}


TOPICS = ["email-jobs", "followup-events", "email-retries", "email-events"]


def poisons(topic):
    """(what is wrong, payload)"""
    good = ids_of_nobody(topic)
    head = "batch_id" if topic == "email-jobs" else "id"
    text = json.dumps(good)
    items = next(name for name, value in good.items() if isinstance(value, list))
    return {
        "empty": b"",
        "truncated": text[:-20].encode(),
        "not text": b"\xff\xfe\x00" + text.encode(),
        "not an object": b"[1]",
        "wrong types": json.dumps({**good, items: {"a": 1}}).encode(),
        "wrong items": json.dumps({**good, items: [7, None, "x"]}).encode(),
        "version 99": json.dumps({**good, "v": 99}).encode(),
        "10 MB": json.dumps({**good, "more": "x" * 10_000_000}).encode(),
        "10,000 deep": (text[:-1] + ', "more": ' + "[" * 10_000 + "]" * 10_000 + "}").encode(),
        "a NUL": text[:-1].encode() + b', "more": "\x00"}',
        "an escaped NUL": (text[:-1] + ', "more": "\\u0000"}').encode(),
        "half a character": (text[:-1] + ', "more": "\\ud800"}').encode(),
        "an id of another kind": json.dumps({**good, head: "9b2e0a3c-8d1b-4b5c-9d3e-1f2a3b4c5d6e"}).encode(),
        "an id of last year": json.dumps({**good, head: str(uuid7(-366 * 86_400))}).encode(),
        "ids of nobody": text.encode(),
    }


class Poison(Story):
    def test_is_set_aside_and_mail_goes_on(self):
        world = self.world()
        world.sink()
        world.serve()
        bus = world.bus_records()
        sequence = world.sequence(2, world.mailboxes(8))
        world.enrol(sequence, people(20) + people(5, 20, "451.rcpt.x1.p{}"))
        injected = {topic: poisons(topic) for topic in TOPICS}
        for topic in TOPICS:
            bus.publish([(topic, number % 64, uuid7(), payload) for number, payload in
                         enumerate(injected[topic].values())])
        world.enrol(sequence, people(20, 25) + people(5, 45, "451.rcpt.x1.p{}"))

        self.until(lambda: all(len(bus.dead_letters(topic)) >= len(injected[topic]) for topic in TOPICS), 60, world,
                   "not all of it was set aside")
        self.until(lambda: bus.behind() == 0, 30, world, "something still waits to be read")
        self.until_quiet(world)
        for topic in TOPICS:
            with self.subTest(topic):
                letters = [json.loads(letter) for letter in bus.dead_letters(topic)]
                places = {(letter["topic"], letter["partition"], letter["offset"]) for letter in letters}
                self.assertEqual(len(injected[topic]), len(letters))
                self.assertEqual(len(injected[topic]), len(places), "each once")
                self.assertEqual([], [letter for letter in letters if not letter["reason"]])
        self.assertEqual({"completed": 50}, world.enrollments())
        self.assertEqual(100, self.verify(world)["ledger_lines"])


if __name__ == "__main__":
    unittest.main()
