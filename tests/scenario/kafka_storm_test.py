"""Row 27: members of the groups come and go, twenty times, some without a word. Records come again; mails do not."""
import unittest

from kafka import KafkaStory
from world import people

STEADY = "api,producer,relay,retry,recorder,janitor,sender,followup"
TIMES = 20
EACH = 15


def serving(program):
    """How often it has got up. Before that a signal would end it at once."""
    return program.last_words(10_000).count('"msg":"serving"')


class RebalanceStorm(KafkaStory):
    # Some are killed between a permit and its answer: those mails count as sent after a while, and go on.
    settings = {"sender__lease": "4s", "sender__unknown_after": "2s"}

    def test_row_27_work_goes_on_and_nothing_is_sent_twice(self):
        world = self.world()
        world.sink()
        world.serve("steady", STEADY)
        sequence = world.sequence(2, world.mailboxes(12))
        visitor = world.serve("visitor", "sender,followup")
        served = 0
        for time in range(TIMES):
            world.enrol(sequence, people(EACH, time * EACH))
            # Some leave while they join, some in the middle of a record, some before they have one.
            self.until(lambda count=time * EACH: len(world.ledger()) > count, 40, world, "the work stands still")
            if time % 2 == 0:
                visitor.kill()
            else:
                self.until(lambda count=served: serving(visitor) > count, 20, world, "it does not get up")
                self.assertTrue(visitor.stop(30), "it did not end when asked")
            served = serving(visitor)
            visitor.start()

        self.until(lambda: world.enrollments() == {"completed": TIMES * EACH}, 60, world, "people are left behind")
        self.until(lambda: world.bus_records().behind() == 0, 20, world, "not everything was read")
        self.until_quiet(world)
        report = self.verify(world)
        # Of those that count as sent, some did not leave.
        self.assertLessEqual(2 * TIMES * EACH - report["ledger_lines"], TIMES)


if __name__ == "__main__":
    unittest.main()
