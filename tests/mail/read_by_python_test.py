#!/usr/bin/env python3
"""Whatever goes into a mail comes out of it again when Python's `email` reads it."""
import base64
import email
import email.header
import email.policy
import email.utils
import json
import os
import random
import subprocess
import unittest
from pathlib import Path

SOURCE = Path(os.environ.get("SEQUITUR_SOURCE_DIR", Path(__file__).resolve().parents[2]))
COMPOSE = Path(os.environ["SEQUITUR_BIN"]).parent / "tests" / "compose_mails"
CHARACTERS = [chr(c) for c in range(0x20, 0x7f)] + list("  üßéёЖ東京🚀\u00a0") + ["=?", "?=", '"', "\\"]
MAILS = 400


def any_text(chance, most=60):
    return "".join(chance.choice(CHARACTERS) for _ in range(chance.randrange(most))).strip()


def any_body(chance):
    return "".join(any_text(chance, 120) + " \n" for _ in range(chance.randrange(1, 8)))


def any_mail(chance):
    return {
        "from_name": any_text(chance), "from_address": "ada@y.test", "to_name": any_text(chance),
        "to_address": chance.choice(["b@x.test", "a+b.c@xn--mnchen-3ya.test"]), "subject": any_text(chance, 200),
        "text": any_body(chance), "html": "<p>" + any_body(chance) + "</p>\n",
        "unsubscribe_url": "https://t.test/u/" + "T" * chance.randrange(300),
        "references": [f"<{n}{'r' * 40}@y.test>" for n in range(chance.randrange(4))],
        "attachments": [{"name": any_text(chance, 40).replace("/", "").replace("\\", "") + ".pdf",
                         "content": base64.b64encode(chance.randbytes(chance.randrange(300))).decode()}
                        for _ in range(chance.randrange(3))],
    }


def compose(mails):
    told = "".join(json.dumps(mail) + "\n" for mail in mails)
    answer = subprocess.run([COMPOSE], input=told.encode(), stdout=subprocess.PIPE, check=True, timeout=60)
    return [base64.b64decode(line) for line in answer.stdout.split()]


def name_and_address(field):
    """The display name is decoded by the older of Python's two parsers: the newer one keeps the blank between two
    encoded words of a name (RFC 2047 section 6.2 says that it is none)."""
    name, address = email.utils.parseaddr(str(field))
    return str(email.header.make_header(email.header.decode_header(name))), address


class ReadByPython(unittest.TestCase):
    def test_every_input_comes_back(self):
        chance = random.Random(20)
        mails = [any_mail(chance) for _ in range(MAILS)]
        for mail, sent in zip(mails, compose(mails), strict=True):
            message = email.message_from_bytes(sent, policy=email.policy.default)
            with self.subTest(mail=mail):
                self.check_headers(mail, message, sent)
                self.check_parts(mail, message)

    def check_headers(self, mail, message, sent):
        self.assertEqual(mail["subject"], message["Subject"])
        old = email.message_from_bytes(sent, policy=email.policy.compat32)
        for field in "from", "to":
            self.assertEqual((mail[field + "_name"], mail[field + "_address"]), name_and_address(old[field]))
            self.assertEqual([mail[field + "_address"]], [one.addr_spec for one in message[field].addresses])
        self.assertEqual(f"<{mail['unsubscribe_url']}>", message["List-Unsubscribe"])
        self.assertEqual("List-Unsubscribe=One-Click", message["List-Unsubscribe-Post"])
        self.assertEqual(" ".join(mail["references"]), message["References"] or "")

    def check_parts(self, mail, message):
        self.assertEqual(mail["text"], message.get_body(("plain",)).get_content().replace("\r\n", "\n"))
        self.assertEqual(mail["html"], message.get_body(("html",)).get_content().replace("\r\n", "\n"))
        self.assertEqual([(file["name"], base64.b64decode(file["content"])) for file in mail["attachments"]],
                         [(part.get_filename(), part.get_content()) for part in message.iter_attachments()])

    def test_golden_files_have_no_defects(self):
        files = sorted((SOURCE / "src/mail/golden").glob("*.eml"))
        self.assertGreater(len(files), 20)
        for file in files:
            message = email.message_from_bytes(file.read_bytes(), policy=email.policy.default)
            for part in message.walk():
                self.assertEqual([], part.defects, file.name)


if __name__ == "__main__":
    unittest.main()
