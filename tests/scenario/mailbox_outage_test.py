"""Row 33: a mailbox whose server can not be reached. It rests with a reason; its mail, its people and every other
mailbox have nothing to suffer, and it goes on as soon as it can."""
import socket
import struct
import threading
import unittest

from world import Story, free_port, people

EACH = 5


class Resetting:
    """Accepts and answers with a reset at once."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.connections = 0
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            self.connections += 1
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            connection.close()

    def close(self):
        self.listener.close()


class Silent:
    """Accepts and never says a word."""

    def __init__(self):
        self.listener = socket.create_server(("127.0.0.1", 0))
        self.port = self.listener.getsockname()[1]
        self.accepted = []
        threading.Thread(target=self.run, daemon=True).start()

    def run(self):
        while True:
            try:
                self.accepted.append(self.listener.accept()[0])
            except OSError:
                return

    def close(self):
        for connection in (self.listener, *self.accepted):
            connection.close()


class MailboxOutage(Story):
    def start(self, port):
        """A mailbox on this port beside two on the sink, each with its own sequence."""
        world = self.world(sender__backoff_max="1s")
        world.sink()
        world.serve()
        ill = world.mailbox(0, smtp_port=port)
        well = [world.mailbox(1), world.mailbox(2)]
        # Each mailbox has a sequence of its own: first steps may not move over.
        for number, box in enumerate([ill, *well]):
            world.enrol(world.sequence(1, [box], name=f"S{number}"), people(EACH, EACH * number))
        self.until(lambda: world.one("SELECT count(*) FROM email_queues WHERE status = 'sent'") == 2 * EACH, 30, world)
        self.until(lambda: self.failures(world, ill) >= 3, 30, world, "it was not tried again and again")
        view = world.api("GET", f"/api/v1/mailboxes/{ill}")
        self.assertEqual("active", view["status"])
        self.assertIsNotNone(view["state_reason"])
        self.assertIsNotNone(view["backoff_until"])
        self.nothing_suffers(world)
        return world, ill, view

    @staticmethod
    def failures(world, box):
        return world.one("SELECT backoff_count FROM mailboxes WHERE id = %s", box)

    def nothing_suffers(self, world):
        self.assertEqual(0, world.one("SELECT max(retry_count) FROM email_queues"))
        self.assertEqual(0, world.one("SELECT sum(unknown_count) FROM mailbox_daily_counts"))
        self.assertEqual(0, world.one("SELECT count(*) FROM contacts WHERE status <> 'active'"))
        self.assertEqual(2 * EACH, len(world.ledger()))

    def goes_on(self, world, ill):
        world.api("PATCH", f"/api/v1/mailboxes/{ill}", {"smtp_port": world.rig.sink_port})
        self.until(lambda: world.statuses() == {"sent": 3 * EACH}, 30, world, "it did not go on")
        self.until_quiet(world)
        view = world.api("GET", f"/api/v1/mailboxes/{ill}")
        self.assertEqual(("active", None), (view["status"], view["state_reason"]))
        self.assertEqual(3 * EACH, self.verify(world)["ledger_lines"])

    def test_rests_while_nobody_listens(self):
        world, ill, view = self.start(free_port())
        self.assertIn("connect", view["state_reason"])
        self.goes_on(world, ill)

    def test_rests_while_the_server_resets_every_connection(self):
        server = Resetting()
        self.addCleanup(server.close)
        world, ill, _ = self.start(server.port)
        self.assertGreaterEqual(server.connections, 3)
        # A rest is a rest: not one connection a mail.
        self.assertLess(server.connections, 3 * EACH)
        self.goes_on(world, ill)

    def test_rests_while_the_server_accepts_and_never_answers(self):
        server = Silent()
        self.addCleanup(server.close)
        world, ill, view = self.start(server.port)
        self.assertEqual("greeting_failed", view["state_reason"])
        self.assertIn("no answer in time", view["state_detail"])
        self.assertGreaterEqual(len(server.accepted), 3)
        self.assertLess(len(server.accepted), 3 * EACH)
        self.goes_on(world, ill)


if __name__ == "__main__":
    unittest.main()
