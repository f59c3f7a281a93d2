"""What we write is what is read: through Postfix, after STARTTLS under a private authority and a login, into Dovecot,
and back over IMAP by Python's `email`: Subject, From, To, text, HTML, thread and structure are those that went in."""
import email
import email.policy
import html
import os
import re
import shutil
import unittest

from postfix_and_dovecot import PASSWORD, POSTFIX, USER, PostfixAndDovecot
from tls_and_login_test import Authority
from world import Story

FROM_NAME = 'Anna "Ann" Müller, Vertrieb'
SUBJECT = "Grüße an {name} aus 東京 🚀 – " + "ein langer Betreff, der gefaltet wird, " * 4 + "Ende"
TEXT = ("Hallo {name},\n.\n..zwei Punkte am Anfang\nFrom hier an wird es ernst = 100 %\n"
        "Leerzeichen am Ende \n" + "eine sehr lange Zeile " * 60 + "\nfertig\nAbmelden: {way_out}")
HTML = ("<html><head><style>p{{color:red}}</style></head>\n<body>\n<!--[if mso]><p>alt</p><![endif]-->\n"
        "<p>Hallo {name}, 100&nbsp;% &amp; mehr — “so”</p>\n.\n.<p>Punkt</p>\nFrom <b>hier</b>\n"
        "<p>" + "x" * 1200 + "</p>\n<a href=\"{way_out}\">Abmelden</a></body></html>")
PEOPLE = [("a1@people.test", "Jörg", "O'Neil <jr>"), ("a2@people.test", "花子", "山田"),
          ("a3@people.test", "Bob", "Smith, \"B\""), ("a.4+tag@people.test", "Łukasz ;-) [x]", "de la Cruz")]
FOLLOW_UP = "<p>Noch einmal, {name}</p><p>{way_out}</p>"
FIELDS = {"name": "{{first_name}}", "way_out": "{{unsubscribe_url}}"}


def lines(text):
    return text.replace("\r\n", "\n").rstrip("\n")


@unittest.skipUnless(os.geteuid() == 0, "Postfix starts as root only")
class RealMailServer(Story):
    def setUp(self):
        self.authority = Authority()
        self.addCleanup(shutil.rmtree, self.authority.folder)
        self.assertTrue(POSTFIX, "SEQUITUR_POSTFIX names the unpacked package")
        self.servers = PostfixAndDovecot(self.authority.issue("mx", "IP:127.0.0.1"))
        self.addCleanup(self.servers.close)

    def received(self):
        parsed = [email.message_from_bytes(each, policy=email.policy.default) for each in self.servers.messages()]
        return {(str(mail["Delivered-To"]), "In-Reply-To" in mail): mail for mail in parsed}

    def way_out(self, mail):
        """The link that a mail program offers; how to use it is exactly this line."""
        self.assertEqual("List-Unsubscribe=One-Click", str(mail["List-Unsubscribe-Post"]))
        return re.fullmatch("<(http://127.0.0.1:.+)>", str(mail["List-Unsubscribe"])).group(1)

    def check_parts(self, mail, text, content):
        self.assertEqual("multipart/alternative", mail.get_content_type())
        parts = list(mail.iter_parts())
        self.assertEqual(["text/plain", "text/html"], [part.get_content_type() for part in parts])
        self.assertFalse(any(part.is_attachment() for part in mail.walk()))
        if text is not None:
            self.assertEqual(lines(text), lines(parts[0].get_content()))
        self.assertEqual(lines(content), lines(parts[1].get_content()))
        self.assertEqual([], [defect for part in mail.walk() for defect in part.defects])

    def test_every_mail_is_read_as_it_was_written(self):
        world = self.world(smtp__ca_file=self.authority.path("ca.pem"))
        world.serve()
        box = world.mailbox(0, email=USER, from_name=FROM_NAME, smtp_port=self.servers.smtp_port, tls="starttls",
                            smtp_username=USER, smtp_password=PASSWORD)
        steps = [{"subject": SUBJECT.format(**FIELDS), "content": HTML.format(**FIELDS),
                  "content_text": TEXT.format(**FIELDS)},
                 {"subject": "", "content": FOLLOW_UP.format(**FIELDS), "wait_days": 1}]
        sequence = world.sequence(steps, [box], open_tracking_enabled=False, click_tracking_enabled=False)
        world.enrol(sequence, [{"email": address, "first_name": first, "last_name": last}
                               for address, first, last in PEOPLE])
        self.until(lambda: len(self.servers.messages()) == 2 * len(PEOPLE), 60, world, self.servers.last_words())

        read = self.received()
        for address, first, last in PEOPLE:
            with self.subTest(address):
                mail, answer = read[address, False], read[address, True]
                self.assertEqual(SUBJECT.format(name=first), str(mail["Subject"]))
                for each in (mail, answer):
                    sender, receiver = each["From"].addresses[0], each["To"].addresses[0]
                    self.assertEqual((FROM_NAME, USER), (sender.display_name, sender.addr_spec))
                    self.assertEqual((f"{first} {last}", address), (receiver.display_name, receiver.addr_spec))
                name, way_out = html.escape(first), self.way_out(mail)
                text, content = TEXT.format(name=first, way_out=way_out), HTML.format(name=name, way_out=way_out)
                self.check_parts(mail, text, content)
                self.check_parts(answer, None, FOLLOW_UP.format(name=name, way_out=self.way_out(answer)))
                self.assertEqual("Re: " + SUBJECT.format(name=first), str(answer["Subject"]))
                self.assertEqual(mail["Message-ID"], answer["In-Reply-To"])
                self.assertEqual(mail["Message-ID"], answer["References"])
        self.until_quiet(world)
        self.assertEqual({"sent": 2 * len(PEOPLE)}, world.statuses())


if __name__ == "__main__":
    unittest.main()
