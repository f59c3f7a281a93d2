"""Row 11, the small edition of `./dev crash`: for 20 s whatever runs is killed at random while mail runs."""
import random
import time
import unittest

from world import Story, people, wait_until

SEED = 11
PROCESSES = {"api": 2, "producer,relay": 2, "sender": 3, "followup,retry,recorder": 2, "janitor": 1}


class RandomKills(Story):
    def test_lose_nothing_and_repeat_nothing(self):
        draw = random.Random(SEED)
        world = self.world(sender__unknown_after="3s")
        world.sink()
        slots = [world.serve(f"{roles}-{number}".replace(",", "-"), roles)
                 for roles, count in PROCESSES.items() for number in range(count)]
        sequence = world.sequence(3, world.mailboxes(12))
        enrolled, kills, down = 0, 0, []
        end = time.monotonic() + 20
        while time.monotonic() < end:
            world.enrol(sequence, people(8, enrolled) + people(2, enrolled + 8, "451.rcpt.x1.p{}"))
            enrolled += 10
            victim = draw.choice([slot for slot in slots if slot.is_running()])
            victim.kill()
            kills += 1
            down.append((time.monotonic() + draw.uniform(0, 1), victim))
            wait_until(lambda: False, draw.uniform(0.1, 0.6))  # the pace of the faults
            for at, slot in [entry for entry in down if entry[0] <= time.monotonic() or len(down) > 4]:
                down.remove((at, slot))
                slot.start()
        for _, slot in down:
            slot.start()

        self.until(lambda: world.enrollments() == {"completed": enrolled}, 90, world, "somebody was left behind")
        self.until_quiet(world)
        self.assertGreater(kills, 20)
        self.verify(world)
        lines = [line["message_id"] for line in world.ledger()]
        in_doubt = world.statuses().get("assumed_sent", 0)
        self.assertEqual(len(set(lines)), len(lines))
        self.assertTrue(3 * enrolled - in_doubt <= len(lines) <= 3 * enrolled, f"{len(lines)} of {3 * enrolled}")


if __name__ == "__main__":
    unittest.main()
