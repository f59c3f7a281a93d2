"""Row 32 on Kafka: whatever lies on a topic, its consumer sets it aside, once and with a reason, and goes on."""
import unittest

import poison_test
from kafka import KafkaStory


class PoisonOnKafka(KafkaStory, poison_test.Poison):
    pass


if __name__ == "__main__":
    unittest.main()
