"""Row 29 on Kafka: every record three times, out of order, and every group's offsets back at the earliest."""
import unittest

import bus_repeats_test
from kafka import KafkaStory


class EveryRecordOnKafka(KafkaStory, bus_repeats_test.EveryRecord):
    pass


if __name__ == "__main__":
    unittest.main()
