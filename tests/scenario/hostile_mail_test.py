"""Rows 54 and 55: whatever people and lists put into names, subjects and texts, the API refuses it, or exactly one mail
arrives with exactly these headers and this text."""
# ctest: fast
import json
import unittest

from mail_server import MailServer
from world import Story

INJECTIONS = ["A\r\nBcc: e@x.test", "A\nBcc: e@x.test", "A\rBcc: e@x.test", "A\x00B", "A\x0bB", "A\u0085Bcc: e@x.test",
              "A\r\n\r\nbody", "A\r\n.\r\nQUIT"]
# (as posted, as a reader sees it)
BODIES = [("one\n.\ntwo", "one\n.\ntwo"), ("one\r.\rtwo", "one\n.\ntwo"), ("one\r\n.\r\ntwo", "one\n.\ntwo"),
          (".\n..\n...three\n.four", ".\n..\n...three\n.four"), ("bare\nline\nfeeds", "bare\nline\nfeeds"),
          ("one\n.\nMAIL FROM:<e@x.test>\nRCPT TO:<e@x.test>\nDATA\nevil\n.\n",
           "one\n.\nMAIL FROM:<e@x.test>\nRCPT TO:<e@x.test>\nDATA\nevil\n."),
          ("From the start\nFrom here", "From the start\nFrom here")]
HEADERS = {"From", "To", "Subject", "Date", "Message-ID", "MIME-Version", "X-Sequitur-Id", "Content-Type",
           "Content-Transfer-Encoding", "List-Unsubscribe", "List-Unsubscribe-Post", "Auto-Submitted"}
NAMES = ["עברית שלום", "العربية", "\u202eabc\u202c", "👩‍👩‍👧 Ana", "🚀", "Zoë \"Q\" O'Neil, Jr. <x>", "=?UTF-8?Q?x?=",
         "A;B\\C"]
# A name that reads backwards could pass for another: these marks are left out of headers.
NO_DIRECTION_MARKS = {0x202e: None, 0x202c: None}


class HostileMail(Story):
    def begin(self):
        self.server = MailServer()
        self.addCleanup(self.server.close)
        world = self.world()
        world.sink()
        world.serve()
        self.boxes = {"sink": world.mailbox(0), "server": world.mailbox(1, smtp_port=self.server.port)}
        return world

    def sequences(self, world, step):
        """The same step once to the sink, which counts, and once to the server, which shows."""
        return [world.sequence([step], mailboxes=[box]) for box in self.boxes.values()]

    def refused(self, world, path, body, *codes):
        content = body if isinstance(body, bytes) else json.dumps(body).encode()
        status, _, answer = world.call("POST", path, content)
        self.assertIn(status, codes, f"{content[:200]} {answer}")
        self.assertLess(len(json.dumps(answer)), 5_000)
        return answer

    def arrived(self, world, count):
        """One mail a person, at both places; by the recipient's local part."""
        self.until(lambda: len(self.server.mails) == count and len(world.ledger()) == count, 30, world)
        self.until(lambda: world.enrollments() == {"completed": 2 * count}, 15, world)
        mails = {mail.recipient.split("@")[0]: mail for mail in self.server.mails}
        self.assertEqual(count, len(mails))
        for mail in self.server.mails:
            self.assertLessEqual(set(mail.message.keys()), HEADERS)
            self.assertEqual(len(mail.message.keys()), len(set(mail.message.keys())), mail.message.keys())
            self.assertEqual(mail.content.count(b"\n"), mail.content.count(b"\r\n"), "a bare line feed")
            self.assertEqual(mail.content.count(b"\r"), mail.content.count(b"\r\n"), "a bare carriage return")
        ids = {row[0] for row in world.sql("SELECT '<sequitur.' || replace(id::text, '-', '') || '@mail.test>' "
                                           "FROM email_queues WHERE status = 'sent' AND mailbox_id = %s",
                                           self.boxes["sink"])}
        self.assertEqual(ids, {line["message_id"] for line in world.ledger()})
        self.assertEqual({}, world.died())
        return mails

    def test_row_54_line_breaks_and_nul_never_reach_a_header(self):
        world = self.begin()
        plain = {"subject": "Hi {{custom.word}}", "content": "<p>{{custom.word}}</p>"}
        both = self.sequences(world, plain)
        for value in INJECTIONS:
            self.refused(world, "/api/v1/sequences", {"name": "x", "steps": [{**plain, "subject": value}]}, 422)
            self.refused(world, "/api/v1/mailboxes", {"email": "b@x.test", "from_name": value,
                                                      "smtp_host": "127.0.0.1", "tls": "none"}, 422)
            for field in ("first_name", "last_name", "company", "phone", "email"):
                person = {"email": "a@people.test", field: value}
                self.refused(world, f"/api/v1/sequences/{both[0]}/contacts?on_error=abort", {"contacts": [person]}, 422)
        self.assertEqual({}, world.statuses())

        # Free data may have several lines: each stays in its place, and a header has one.
        kept = [value for value in INJECTIONS if "\x00" not in value]
        persons = [{"email": f"p{n}@people.test", "first_name": "Ana", "attributes": {"word": value}}
                   for n, value in enumerate(kept)]
        for sequence in both:
            self.assertEqual(len(kept), world.enrol(sequence, persons)["contacts_added"])
        mails = self.arrived(world, len(kept))
        for number, value in enumerate(kept):
            mail = mails[f"p{number}"].message
            self.assertEqual(["<p%d@people.test>" % number], [part[part.index("<"):] for part in mail.get_all("To")])
            self.assertEqual(1, len(mail.get_all("Subject")))
            self.assertEqual(set(), set(str(mail["Subject"])) & set("\r\n\x00\x0b\x85"))
            self.assertTrue(str(mail["Subject"]).startswith("Hi A"), mail["Subject"])

    def test_row_54_dots_and_bare_line_ends_in_a_text_are_text(self):
        world = self.begin()
        for number, (posted, _) in enumerate(BODIES):
            for sequence in self.sequences(world, {"subject": f"Text {number}", "content": "<p>x</p>",
                                                   "content_text": posted}):
                world.enrol(sequence, [{"email": f"p{number}@people.test"}])
        mails = self.arrived(world, len(BODIES))
        for number, (_, seen) in enumerate(BODIES):
            text = mails[f"p{number}"].message.get_body(("plain",)).get_content().replace("\r\n", "\n")
            self.assertEqual(seen, text[:len(seen)], mails[f"p{number}"].content)
            self.assertIn(text[len(seen):].strip().split("\n")[0], ("", "--"))

    def test_row_55_what_is_no_utf_8_or_no_address_is_refused(self):
        world = self.begin()
        sequence = self.sequences(world, {"subject": "Hi", "content": "<p>Hi</p>"})[0]
        path = f"/api/v1/sequences/{sequence}/contacts"
        for broken in (b"\xff", b"\xc0\xaf", b"\xe0\x80\xaf", b"\xed\xa0\x80", b"\xf5\x80\x80\x80", b"\xc3"):
            self.refused(world, path, b'{"contacts":[{"email":"a@people.test","first_name":"' + broken + b'"}]}', 400)
        self.refused(world, path, b'{"contacts":[{"email":"a@people.test","first_name":"\\ud800"}]}', 400)
        for address in ('"a b"@people.test', '"a"@people.test', "a@[127.0.0.1]", "a@-x.test", "a@\u2603.test",
                        "a..b@x.test", "a@b.test>\r\nRCPT TO:<e@x.test"):
            answer = self.refused(world, path + "?on_error=abort", {"contacts": [{"email": address}]}, 422)
            self.assertEqual("/contacts/0", answer["errors"][0]["pointer"], address)
        answer = world.enrol(sequence, [{"email": "big@people.test", "first_name": "n" * 1_000_000}])
        self.assertEqual((0, "invalid_value"), (answer["contacts_added"], answer["skipped"][0]["code"]))
        self.assertLess(len(json.dumps(answer)), 1_000)
        self.assertEqual({}, world.statuses())

    def test_row_55_names_of_every_kind_arrive_as_they_were_given(self):
        world = self.begin()
        step = {"subject": "{{first_name}}", "content": "<p>{{first_name}}</p>"}
        persons = [{"email": f"p{n}@m\u00fcnchen.test", "first_name": name} for n, name in enumerate(NAMES)]
        for sequence in self.sequences(world, step):
            self.assertEqual(len(NAMES), world.enrol(sequence, persons)["contacts_added"])
        mails = self.arrived(world, len(NAMES))
        for number, name in enumerate(NAMES):
            mail = mails[f"p{number}"]
            self.assertEqual(f"p{number}@xn--mnchen-3ya.test", mail.recipient)
            self.assertEqual([(name.translate(NO_DIRECTION_MARKS), mail.recipient)],
                             [(to.display_name, to.addr_spec) for to in mail.message["To"].addresses])
            self.assertEqual(name.translate(NO_DIRECTION_MARKS), str(mail.message["Subject"]))
            self.assertIn(name, mail.message.get_body(("plain",)).get_content())
            self.assertTrue(mail.content.split(b"\r\n\r\n", 1)[0].isascii())
            self.assertLessEqual(max(map(len, mail.content.split(b"\r\n"))), 998)


if __name__ == "__main__":
    unittest.main()
