# ctest: fast
"""Flow 5, by the mails that arrive: each step in its time, from the same mailbox, in its thread; then the end."""
import datetime
import email.utils
import re
import unittest

from mail_server import MailServer
from world import Story

STEPS = [
    {"subject": "Grüße, {{first_name}}",
     "content": "<p>Hello {{first_name}} &amp; {{company}},</p>\n.\n<p>" + "long " * 400
                                                   + "</p><a href=\"https://example.test/?a=1&amp;b=2\">our page</a>"},
    {"subject": "", "content": "<p>Still there, {{first_name}}?</p>", "wait_days": 2},
    {"subject": "Another matter", "content": "<p>Something else</p>", "wait_days": 1},
    {"content": "<p>And again</p>", "content_text": "In plain words", "wait_days": 0}]


class FollowupScheduler(Story):
    def setUp(self):
        self.server = MailServer()
        self.addCleanup(self.server.close)

    def mails_of(self, address):
        return [mail for mail in list(self.server.mails) if mail.recipient == address]

    def test_steps_follow_each_other_in_their_time_from_one_mailbox_in_one_thread(self):
        world = self.world()
        world.serve()
        boxes = [world.mailbox(number, smtp_port=self.server.port, from_name="Jürgen \"J\" Test")
                 for number in range(3)]
        sequence = world.sequence(STEPS, mailboxes=boxes)
        addresses = [f"p{number}@people.test" for number in range(6)]
        world.enrol(sequence, [{"email": address, "first_name": "Ana <b>", "last_name": "Li", "company": "A & B"}
                               for address in addresses])
        self.until(lambda: world.enrollments() == {"completed": 6}, 30, world, "not everybody came to the end")

        for address in addresses:
            first, second, third, fourth = (mail.message for mail in self.mails_of(address))
            self.assertEqual(1, len({mail.sender for mail in self.mails_of(address)}))
            self.assertEqual(["Grüße, Ana <b>", "Re: Grüße, Ana <b>", "Another matter", "Re: Another matter"],
                             [mail["Subject"] for mail in (first, second, third, fourth)])
            self.assertEqual([None, first["Message-ID"], None, third["Message-ID"]],
                             [mail["In-Reply-To"] for mail in (first, second, third, fourth)])
            self.assertEqual([None, first["Message-ID"], None, third["Message-ID"]],
                             [mail["References"] for mail in (first, second, third, fourth)])
            self.assertEqual(4, len({mail["Message-ID"] for mail in (first, second, third, fourth)}))
        for mail in self.server.mails:
            self.check_form(mail)
        self.check_first(self.mails_of(addresses[0])[0])
        self.check_times(world)
        self.assertEqual([("no_reply",)], world.sql("SELECT DISTINCT reason FROM sequence_contacts"))
        self.assertEqual({"sent": 24}, world.statuses())
        self.assertEqual({}, world.died())

    def check_form(self, mail):
        """RFC 5322 §2.1 and §3.6, RFC 2046 §5.1."""
        self.assertNotRegex(mail.content.replace(b"\r\n", b""), rb"[\r\n\x00]")
        self.assertLessEqual(max(map(len, mail.content.split(b"\r\n"))), 998)
        self.assertTrue(all(byte < 128 for byte in mail.content))
        names = [name.lower() for name in mail.message.keys()]
        self.assertEqual(len(names), len(set(names)), names)
        for name in ("from", "to", "subject", "date", "message-id", "mime-version", "content-type"):
            self.assertIn(name, names)
        self.assertNotIn("bcc", names)
        self.assertEqual([], mail.message.defects)
        self.assertEqual(("Jürgen \"J\" Test", mail.sender), email.utils.parseaddr(str(mail.message["From"])))
        self.assertEqual(mail.recipient, mail.message["To"].addresses[0].addr_spec)
        self.assertEqual("Ana <b> Li", mail.message["To"].addresses[0].display_name)
        self.assertRegex(mail.message["Message-ID"], r"^<sequitur\.[0-9a-f]{32}@mail\.test>$")
        self.assertLess(abs(datetime.datetime.now(datetime.timezone.utc) - mail.message["Date"].datetime).seconds, 120)
        self.assertEqual("multipart/alternative", mail.message.get_content_type())
        self.assertEqual(["text/plain", "text/html"], [part.get_content_type() for part in mail.message.iter_parts()])

    def check_first(self, mail):
        text, html = (part.get_content() for part in mail.message.iter_parts())
        self.assertIn("<p>Hello Ana &lt;b&gt; &amp; A &amp; B,</p>", html)
        self.assertIn("Hello Ana <b> & A & B,", text)
        self.assertIn("our page (https://example.test/?a=1&b=2)", text)
        self.assertIn("long " * 400, re.sub(r"\s*\n", " ", html) + " ")
        self.assertRegex(html, r"\n\.\r?\n")
        fourth = [mail for mail in self.server.mails if mail.message["Subject"] == "Re: Another matter"][0]
        words, way_out = next(fourth.message.iter_parts()).get_content().split("\r\n\r\n--\r\n")
        self.assertEqual("In plain words", words)
        self.assertRegex(way_out, r"^Unsubscribe: http://127\.0\.0\.1:\d+/u/[\w-]{50}\r\n$")

    def check_times(self, world):
        """The wait is counted from the moment the mail before really left; a day is one second here."""
        waits = world.sql("SELECT q.step_order, extract(epoch FROM q.scheduled_for - before.sent_at)::float, "
                          "q.sent_at >= q.scheduled_for FROM email_queues q JOIN email_queues before "
                          "USING (sequence_contact_id) WHERE q.step_order = before.step_order + 1")
        self.assertEqual(18, len(waits))
        for step, waited, in_time in waits:
            self.assertAlmostEqual((0, 2, 1, 0)[step], waited, delta=0.001)
            self.assertTrue(in_time)


if __name__ == "__main__":
    unittest.main()
