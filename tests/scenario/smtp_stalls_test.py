"""Rows 34, 35 and 38: a server that falls silent in any phase, one that answers the dot late, and every class of answer
in every phase. Times are those of production scaled 1:60: a lease of 20 s, so 5 s a phase and 10 s for the dot.

A stall amid the body is in src/mail/smtp_transport_test.cpp: no letter is as long as what kernels hold."""
import socket
import unittest

from scripted_server import STALL, Late, ScriptedServer
from world import Story, people

# phase → the mailbox's reason, or None where the mail itself counts
STALLS = {"connect": "connect_failed", "tls": "tls_failed", "greeting": "greeting_failed", "ehlo": "ehlo_failed",
          "starttls": "tls_failed", "auth": "auth_failed", "mail": "connection_lost", "rcpt": None, "data": None}

# phase → (a reply of a class that means nothing there, 4yz, 5yz), each with what follows:
# (row, reason of the mailbox, status of the mailbox, status of the contact)
def rests(reason):
    return "scheduled", reason, "active", "active"


def person(reason):
    return "scheduled", reason, "error", "active"


LATER = ("failed", None, "active", "active")
REFUSED = ("permanent_failure", None, "active", "active")
BOUNCED = ("permanent_failure", None, "active", "bounced")
UNKNOWN = ("unknown", None, "active", "active")
GARBAGE = "what a nice day"
ANSWERS = {
    "greeting": {"250 hello": rests("greeting_failed"), "451 busy": rests("throttled"),
                 "554 no": rests("greeting_refused"), GARBAGE: rests("greeting_failed")},
    "ehlo": {"354 go on": rests("ehlo_failed"), "451 busy": rests("ehlo_refused"), "550 no": person("ehlo_refused"),
             GARBAGE: rests("ehlo_failed")},
    "starttls": {"250 ok": rests("tls_failed"), "454 4.7.0 not now": rests("tls_failed"),
                 "502 no": person("tls_failed"), GARBAGE: rests("tls_failed")},
    "auth": {"354 go on": rests("auth_failed"), "454 4.7.0 later": rests("throttled"),
             "535 5.7.8 no": person("auth_failed"), GARBAGE: rests("auth_failed")},
    "mail": {"354 go on": rests("connection_lost"), "451 4.3.0 later": rests("sender_deferred"),
             "550 5.7.1 not you": person("sender_refused"), GARBAGE: rests("connection_lost")},
    "rcpt": {"354 go on": LATER, "450 4.2.1 later": LATER, "550 5.1.1 nobody": BOUNCED, GARBAGE: LATER},
    "data": {"250 ok": LATER, "451 4.3.0 later": LATER, "554 5.7.1 spam": REFUSED, GARBAGE: LATER},
    "dot": {"354 more": UNKNOWN, "451 4.3.0 later": LATER, "554 5.7.1 spam": REFUSED, GARBAGE: UNKNOWN},
}


class SmtpStalls(Story):
    settings = {"sender__lease": "20s", "sender__backoff_first": "60s", "sender__backoff_max": "60s",
                "retry__first_delay": "10m", "sender__login_probe": "1h", "janitor__queued_after": "60s"}

    def server(self, *arguments, **options):
        server = ScriptedServer(*arguments, **options)
        self.addCleanup(server.close)
        return server

    def full_port(self):
        """A port whose queue of connections is full: the kernel answers no more of them."""
        listener = socket.socket()
        listener.bind(("127.0.0.1", 0))
        listener.listen(0)
        self.addCleanup(listener.close)
        for _ in range(4):
            one = socket.socket()
            one.setblocking(False)
            one.connect_ex(listener.getsockname())
            self.addCleanup(one.close)
        return listener.getsockname()[1]

    def stalling(self, phase):
        if phase == "connect":
            return None, {"smtp_port": self.full_port()}
        if phase == "tls":
            server = self.server(lambda at, _: STALL if at == "greeting" else None)
        else:
            server = self.server(lambda at, _: STALL if at == phase else None, offers=("STARTTLS", "AUTH PLAIN"))
        members = {"smtp_port": server.port}
        if phase in ("tls", "starttls"):
            members["tls"] = "implicit" if phase == "tls" else "starttls"
        if phase == "auth":
            members.update(smtp_username="anna", smtp_password="secret")
        return server, members

    def test_row_34_a_stall_in_any_phase_ends_in_its_time_and_the_mail_is_unsent_or_unknown(self):
        world = self.world()
        world.serve()
        servers, boxes = {}, {}
        for number, phase in enumerate([*STALLS, "dot"]):
            servers[phase], members = self.stalling(phase)
            boxes[phase] = world.mailbox(number, **members)
            world.enrol(world.sequence(1, [boxes[phase]], name=phase), people(1, number))

        def row(phase):
            found = "SELECT status::text, retry_count FROM email_queues WHERE mailbox_id = %s"
            return world.sql(found, boxes[phase])[0]

        def reason(phase):
            return world.api("GET", f"/api/v1/mailboxes/{boxes[phase]}")["state_reason"]

        self.until(lambda: all(reason(phase) for phase, wanted in STALLS.items() if wanted), 30, world)
        self.until(lambda: all(row(phase)[1] == 1 for phase, wanted in STALLS.items() if not wanted), 30, world)
        self.until(lambda: row("dot")[0] == "unknown", 30, world)
        for phase, wanted in STALLS.items():
            with self.subTest(phase):
                self.assertEqual(wanted, reason(phase))
                status, count = row(phase)
                self.assertEqual("scheduled", status)
                self.assertEqual(0 if wanted else 1, count)
                if servers[phase]:
                    self.assertGreater(servers[phase].sessions[0].lasted, 4)
                    self.assertLess(servers[phase].sessions[0].lasted, 9)
        self.assertGreater(servers["dot"].sessions[0].lasted, 9, "less makes duplicates")
        self.assertEqual(1, len(servers["dot"].sessions), "an unknown mail is not tried again")
        self.assertEqual({"active": 10}, dict(world.sql("SELECT status::text, count(*) FROM contacts GROUP BY 1")))

    def test_row_35_case_50_an_answer_to_the_dot_after_nine_tenths_of_its_time_is_the_answer(self):
        server = self.server(lambda phase, _: Late(9, "250 2.0.0 at last") if phase == "dot" else None)
        world = self.world()
        world.sink()
        world.serve()
        slow = world.mailbox(0, smtp_port=server.port)
        world.enrol(world.sequence(1, [slow], name="slow"), people(1))
        self.until(lambda: server.mails, 20, world)
        quick = world.sequence(1, [world.mailbox(1)], name="quick")
        world.enrol(quick, people(5, 1))
        self.until(lambda: world.statuses().get("sent") == 5, 8, world, "the consumer left its group meanwhile")
        self.until(lambda: world.statuses() == {"sent": 6}, 20, world)
        self.assertEqual(1, len(server.mails))
        self.assertEqual(1, len(server.sessions))
        self.assertEqual([], world.sql("SELECT 1 FROM email_events WHERE event_type <> 'sent'"))

    def test_row_38_every_class_of_answer_in_every_phase_means_what_the_table_says(self):
        world = self.world()
        world.serve()
        boxes = {}
        for phase, answers in ANSWERS.items():
            for reply in answers:
                server = self.server(lambda at, _, phase=phase, reply=reply: reply if at == phase else None,
                                     offers=("STARTTLS", "AUTH PLAIN", "PIPELINING"))
                members = {"smtp_port": server.port}
                if phase == "starttls":
                    members["tls"] = "starttls"
                if phase == "auth":
                    members.update(smtp_username="anna", smtp_password="secret")
                number = len(boxes)
                box = world.mailbox(number, **members)
                boxes[box] = (phase, reply)
                world.enrol(world.sequence(1, [box], name=f"{phase} {number}"), people(1, number))

        def settled():
            return world.one("SELECT count(*) FROM email_queues WHERE last_attempt_at IS NOT NULL AND"
                             " status NOT IN ('queued', 'sending', 'failed')") == len(boxes)

        self.until(settled, 60, world)
        found = world.sql("""
            SELECT m.id::text, e.status::text, e.retry_count, m.state_reason, m.status::text, c.status::text
              FROM mailboxes m JOIN email_queues e ON e.mailbox_id = m.id
              JOIN sequence_contacts sc ON sc.id = e.sequence_contact_id JOIN contacts c ON c.id = sc.contact_id""")
        self.assertEqual(len(boxes), len(found))
        for box, status, retries, reason, mailbox_status, contact in found:
            phase, reply = boxes[box]
            with self.subTest(f"{phase}: {reply}"):
                wanted = ANSWERS[phase][reply]
                if wanted is LATER:
                    wanted = ("scheduled", None, "active", "active")  # the retry has been there already
                    self.assertEqual(1, retries)
                elif wanted[0] in ("scheduled", "unknown"):
                    self.assertEqual(0, retries, "only what the recipient's side says counts")
                self.assertEqual(wanted, (status, reason, mailbox_status, contact))


if __name__ == "__main__":
    unittest.main()
