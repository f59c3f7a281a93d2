"""Rows 39, 40, 41 and 43: greylisting, servers that end connections early or answer late, one mailbox of fifty whose
login or quota fails, and replies that come in pieces or without end."""
import unittest

from scripted_server import Late, ScriptedServer
from world import Story, people

PEOPLE = 12


class SmtpFaults(Story):
    def server(self, *arguments, **options):
        server = ScriptedServer(*arguments, **options)
        self.addCleanup(server.close)
        return server

    def start(self, server, count=PEOPLE, settings=None, **members):
        world = self.world(**(settings or {}))
        world.serve()
        box = world.mailbox(0, smtp_port=server.port, **members)
        world.enrol(world.sequence(1, [box]), people(count))
        return world, box

    @staticmethod
    def counted(world):
        return world.one("SELECT sum(retry_count) FROM email_queues")

    def each_once(self, server, count=PEOPLE):
        """Each person's mail came once, and in the envelope that it was meant for."""
        self.assertEqual(count, len({recipient for _, recipient, _ in server.mails}))
        self.assertEqual(count, len(server.mails))
        for _, recipient, content in server.mails:
            self.assertIn(f"<{recipient}>".encode(), content)

    def test_row_39_greylisted_mail_is_delivered_later_by_the_same_mailbox(self):
        known = set()

        def greylists(phase, session):
            triplet = (session.sender, session.recipient)
            if phase != "rcpt" or triplet in known:
                return None
            known.add(triplet)
            return "450 4.2.0 greylisted, come again"

        server = self.server(greylists, offers=("PIPELINING",))
        world = self.world()
        world.serve()
        boxes = [world.mailbox(number, smtp_port=server.port) for number in range(3)]
        world.enrol(world.sequence(1, boxes), people(PEOPLE))
        self.until(lambda: world.statuses() == {"sent": PEOPLE}, 40, world)
        self.each_once(server)
        self.assertEqual(PEOPLE, self.counted(world))
        self.assertEqual(PEOPLE, len(known), "a retry came from another mailbox")
        self.assertEqual({"active"}, {row[0] for row in world.sql("SELECT status::text FROM contacts")})

    def test_row_40_case_47_a_421_after_some_mails_costs_no_try(self):
        server = self.server(lambda phase, session: "421 4.7.0 enough" if phase == "mail" and session.mails == 3
                             else None, offers=("PIPELINING",))
        world, _ = self.start(server)
        self.until(lambda: world.statuses() == {"sent": PEOPLE}, 40, world)
        self.each_once(server)
        self.assertEqual(0, self.counted(world))
        self.assertGreaterEqual(len(server.sessions), PEOPLE // 3)

    def test_row_40_a_421_at_rcpt_costs_no_try_and_the_mail_leaves_over_another_connection(self):
        refused = []

        def once(phase, session):
            if phase == "rcpt" and not refused:
                refused.append(session.recipient)
                return "421 4.3.2 closing"
            return None

        server = self.server(once)
        world, _ = self.start(server)
        self.until(lambda: world.statuses() == {"sent": PEOPLE}, 40, world)
        self.each_once(server)
        self.assertEqual(0, self.counted(world))
        self.assertGreaterEqual(len(server.sessions), 2)

    def test_row_40_case_56_a_server_that_hangs_up_between_two_mails_costs_no_try(self):
        def hangs_up(phase, session):
            if phase == "mail" and session.mails == 2:
                session.connection.shutdown(2)
            return None

        server = self.server(hangs_up)
        world, _ = self.start(server)
        self.until(lambda: world.statuses() == {"sent": PEOPLE}, 40, world)
        self.each_once(server)
        self.assertEqual(0, self.counted(world))

    def test_row_40_case_51_an_answer_that_comes_too_late_is_never_read_as_the_next_mails(self):
        late = []

        def answers_late(phase, session):
            if phase == "rcpt" and len(late) < 3 and session.recipient not in late:
                late.append(session.recipient)
                return Late(2.5, "250 at last")
            return None

        server = self.server(answers_late, offers=("PIPELINING",))
        # A lease of 6 s: 1.5 s for an answer. One mail at a time, so that none waits its own time out.
        world, _ = self.start(server, count=6, min_gap_seconds=1)
        self.until(lambda: world.statuses() == {"sent": 6}, 60, world)
        self.each_once(server, 6)
        self.assertEqual(3, self.counted(world))

    def test_row_41_cases_43_and_45_one_login_and_one_quota_of_fifty_hold_only_their_own_mailbox(self):
        full = self.server(lambda phase, session: "550 5.4.5 Daily user sending quota exceeded"
                           if phase == "mail" and len(full.mails) >= 20 else None)
        locked = self.server(lambda phase, _: "535 5.7.8 bad credentials" if phase == "auth" else None,
                             offers=("AUTH PLAIN",))
        world = self.world(sender__quota_rest="1h", sender__login_probe="1h", producer__ahead="30")
        world.sink()
        world.serve()
        quota = world.mailbox(0, smtp_port=full.port)
        login = world.mailbox(1, smtp_port=locked.port, smtp_username="anna", smtp_password="wrong")
        good = [world.mailbox(number) for number in range(2, 50)]
        for number, (box, count) in enumerate([(quota, 25), (login, 5), *((box, 2) for box in good)]):
            world.enrol(world.sequence(1, [box], name=f"S{number}"), people(count, 100 * number))
        self.until(lambda: world.statuses() == {"sent": 96 + 20, "scheduled": 10}, 60, world)

        def view(box):
            got = world.api("GET", f"/api/v1/mailboxes/{box}")
            return got["status"], got["state_reason"], got["backoff_until"] is not None, got["probe_at"] is not None

        self.assertEqual(("active", "quota", True, False), view(quota))
        self.assertEqual(("error", "auth_failed", False, True), view(login))
        self.assertEqual(1, len(locked.heard("AUTH")), "a refused login is not tried again and again")
        self.assertEqual(0, self.counted(world))
        self.assertEqual([("active", 25 + 5 + 96)],
                         world.sql("SELECT status::text, count(*) FROM contacts GROUP BY 1"))
        well = "SELECT count(*) FROM mailboxes WHERE status = 'active' AND state_reason IS NULL"
        self.assertEqual(48, world.one(well))

    def test_case_45_a_refused_login_is_probed_once_and_then_waits_for_a_person(self):
        server = self.server(lambda phase, _: "535 5.7.8 no" if phase == "auth" else None, offers=("AUTH PLAIN",))
        world, box = self.start(server, settings={"sender__login_probe": "1s"}, smtp_username="anna", smtp_password="x")
        self.until(lambda: len(server.heard("AUTH")) == 2, 30, world)
        last = "SELECT (status, login_probes, probe_at IS NULL)::text FROM mailboxes WHERE id = %s"
        self.until(lambda: world.one(last, box) == "(error,1,t)", 20, world)
        self.assertEqual(2, len(server.heard("AUTH")))
        self.assertEqual({"scheduled": PEOPLE}, world.statuses())
        server.script = lambda phase, _: None
        world.api("POST", f"/api/v1/mailboxes/{box}/resume", {})
        self.until(lambda: world.statuses() == {"sent": PEOPLE}, 30, world)

    def test_case_44_a_432_rests_the_mailbox_and_keeps_its_row(self):
        first = []

        def too_many(phase, session):
            if phase == "mail" and not first:
                first.append(session)
                return "432 4.3.2 STOREDRV.ClientSubmit; sender thread limit exceeded"
            return None

        server = self.server(too_many)
        world, box = self.start(server)
        self.until(lambda: world.statuses() == {"sent": PEOPLE}, 40, world)
        self.assertEqual(0, self.counted(world))
        self.each_once(server)
        events = world.sql("SELECT event_data->>'code' FROM email_events WHERE event_type = 'deferred'")
        self.assertEqual([("432",)], events)

    def test_case_46_three_spam_refusals_pause_the_mailbox_and_touch_no_contact(self):
        server = self.server(lambda phase, _: "554 5.7.1 this looks like spam" if phase == "dot" else None)
        world, box = self.start(server, min_gap_seconds=1)
        self.until(lambda: world.one("SELECT status::text FROM mailboxes") == "paused", 30, world)
        view = world.api("GET", f"/api/v1/mailboxes/{box}")
        self.assertEqual("refused_as_spam", view["state_reason"])
        self.assertIn("looks like spam", view["state_detail"])
        self.assertIn("SPF", view["remedy"])
        self.until(lambda: world.statuses() == {"permanent_failure": 3, "scheduled": PEOPLE - 3}, 20, world)
        self.assertEqual([("active", PEOPLE)], world.sql("SELECT status::text, count(*) FROM contacts GROUP BY 1"))
        self.assertEqual(0, world.one("SELECT count(*) FROM suppressions"))
        self.assertEqual(3, world.one("SELECT refused_count FROM steps"))

    def test_row_43_replies_in_single_bytes_and_of_a_hundred_lines_are_replies(self):
        server = self.server(lambda phase, _: "".join(f"250-line {n}\r\n" for n in range(99)) + "250 ok"
                             if phase in ("mail", "rcpt", "dot") else None, offers=("PIPELINING", "SIZE 10000000"),
                             slice_bytes=1)
        world, _ = self.start(server, count=5)
        self.until(lambda: world.statuses() == {"sent": 5}, 60, world)
        self.assertEqual(0, self.counted(world))

    def test_row_43_a_reply_line_without_end_is_not_read_to_its_end(self):
        server = self.server(lambda phase, _: b"220 " + b"x" * 64_000_000 if phase == "greeting" else None,
                             slice_bytes=65536)
        world, box = self.start(server)
        self.until(lambda: world.one("SELECT state_reason FROM mailboxes") == "greeting_failed", 20, world)
        self.assertIn("4,096", world.one("SELECT state_detail FROM mailboxes"))
        sent, sessions = server.bytes_sent, len(server.sessions)
        self.assertLess(sent, 8_000_000 * sessions, "kernels hold some, the program nothing")
        with open(f"/proc/{world.programs['all'].process.pid}/status", encoding="utf-8") as file:
            peak = next(int(line.split()[1]) for line in file if line.startswith("VmHWM"))
        self.assertLess(peak, 300_000)


if __name__ == "__main__":
    unittest.main()
