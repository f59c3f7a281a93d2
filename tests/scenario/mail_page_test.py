"""docs/mail.md prints one mail as it leaves: this is it. Ids, tokens and times are made alike before the two are
compared; SEQUITUR_WRITE_DOCS=1 writes the page anew."""
import os
import re
import unittest

from world import Story

PAGE = os.path.join(os.environ["SEQUITUR_SOURCE_DIR"], "docs", "mail.md")
STEPS = [{"subject": "Grüße aus Köln", "content": "<p>Hallo {{first_name|zusammen}}.</p>"},
         {"subject": "", "wait_days": 1,
          "content": "<p>Hallo {{first_name|zusammen}}, hier noch einmal "
                     '<a href="https://example.com/a?x=1&amp;y=2">der Text</a>.</p>'}]
ALIKE = [(r"[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}", "01a20f0c-1bf7-7d91-8717-03158c36ca31"),
         (r"sequitur\.[0-9a-f]{32}", "sequitur.01a20f0c1bf77d91871703158c36ca31"),
         (r"_sequitur_[0-9a-f]{32}", "_sequitur_01a20f0c1bf77d91871703158c36ca31"),
         (r"/(t/[co]|u)/(?:[\w-]|=\n)+", r"/\1/TOKEN"),
         (r"Date: .*", "Date: Mon, 24 Nov 2025 10:02:03 +0100")]


def alike(message):
    for pattern, text in ALIKE:
        message = re.sub(pattern, text, message)
    return message


class MailPage(Story):
    def test_the_page_prints_a_mail_as_it_leaves(self):
        world = self.world(http__public_url="https://letters.example.com", mail__organisation="Letters GmbH",
                           mail__postal_address="Am Markt 1; 50667 Köln")
        mails = os.path.join(world.rig.folder, "mails")
        world.sink("--mails", mails)
        world.serve()
        box = world.mailbox(0, email="anna@example.com", from_name="Anna Müller", timezone="Europe/Berlin",
                            reply_to="desk@example.com")
        world.enrol(world.sequence(STEPS, [box]), [{"email": "bob@example.org", "first_name": "Bob"}])
        self.until(lambda: len(world.ledger()) == 2, 30, world)
        with open(os.path.join(mails, world.ledger()[1]["sha256"] + ".eml"), encoding="ascii", newline="") as file:
            mail = alike(file.read().replace("\r\n", "\n")).rstrip("\n")
        self.verify(world)
        with open(PAGE, encoding="utf-8") as file:
            page = file.read()
        printed = re.sub(r"```\n.*?```", lambda _: f"```\n{mail}\n```", page, count=1, flags=re.S)
        if os.environ.get("SEQUITUR_WRITE_DOCS"):
            with open(PAGE, "w", encoding="utf-8") as file:
                file.write(printed)
        else:
            self.assertEqual(printed, page, "docs/mail.md is older than the program")


if __name__ == "__main__":
    unittest.main()
