# ctest: fast
"""Mail leaves over TLS and after a login, or not at all: STARTTLS and implicit TLS under a private authority, PLAIN and
LOGIN; a certificate for another host, an authority that nobody trusts, a server without STARTTLS and a wrong password
stop the mailbox with a reason that a person can read, and no word of mail is said in the clear."""
import os
import shutil
import ssl
import subprocess
import tempfile
import unittest

from mail_server import MailServer
from scripted_server import DROP, ScriptedServer
from world import Story, people, wait_until

EACH = 3
LOGIN = {"smtp_username": "anna", "smtp_password": "secret word"}
USER = "anna:secret word"


def openssl(*arguments):
    subprocess.run(["openssl", *arguments], check=True, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)


class Authority:
    """Signs certificates; its files lie in a folder of their own."""

    def __init__(self):
        self.folder = tempfile.mkdtemp(prefix="sequitur-authority-")
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", "/CN=Test authority", "-keyout", self.path("ca.key"), "-out", self.path("ca.pem"))

    def path(self, name):
        return os.path.join(self.folder, name)

    def issue(self, name, host, days="2"):
        """(certificate, key) for `host`, as "IP:127.0.0.1"; `days` below zero: it has expired."""
        certificate, key, request = (self.path(name + end) for end in (".pem", ".key", ".csr"))
        openssl("req", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj", f"/CN={name}",
                "-keyout", key, "-out", request)
        with open(self.path("extensions"), "w", encoding="utf-8") as file:
            file.write(f"subjectAltName={host}\n")
        openssl("x509", "-req", "-days", days, "-in", request, "-CA", self.path("ca.pem"), "-CAkey",
                self.path("ca.key"), "-CAcreateserial", "-extfile", self.path("extensions"), "-out", certificate)
        return certificate, key


class TlsAndLogin(Story):
    @classmethod
    def setUpClass(cls):
        cls.authority = Authority()
        cls.addClassCleanup(shutil.rmtree, cls.authority.folder)
        cls.good = cls.authority.issue("good", "IP:127.0.0.1")
        cls.other = cls.authority.issue("other", "DNS:other.test")

    def start(self, **settings):
        world = self.world(**{"smtp__ca_file": self.authority.path("ca.pem"), **settings})
        world.serve()
        return world

    def secure_sink(self, world, tls, pair):
        world.sink("--tls", tls, "--certificate", pair[0], "--key", pair[1], "--user", USER)

    def server(self, **options):
        server = MailServer(**options)
        self.addCleanup(server.close)
        return server

    @staticmethod
    def context(pair):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*pair)
        return context

    def send(self, world, **members):
        box = world.mailbox(0, **{**LOGIN, **members})
        world.enrol(world.sequence(1, [box]), people(EACH))
        return box

    def arrives(self, world):
        self.until(lambda: world.statuses() == {"sent": EACH}, 20, world)
        self.until_quiet(world)
        self.assertEqual(EACH, self.verify(world)["ledger_lines"])

    def rests(self, world, box, reason, detail):
        """A person is needed: the mailbox says so, its mail waits uncounted, and nothing was tried twice."""
        def view():
            return world.api("GET", f"/api/v1/mailboxes/{box}")

        self.until(lambda: view()["state_reason"], 20, world, "the mailbox says nothing")
        self.until(lambda: world.statuses() == {"scheduled": EACH}, 20, world)
        self.assertEqual(("error", reason), (view()["status"], view()["state_reason"]), view())
        self.assertRegex(view()["state_detail"], detail)
        self.assertEqual(0, world.one("SELECT max(retry_count) FROM email_queues"))
        self.assertEqual([], world.ledger())
        self.assertNotIn(LOGIN["smtp_password"], world.programs["all"].last_words(10_000))

    def test_case_35_mail_leaves_by_starttls_under_a_private_authority_after_a_login(self):
        world = self.start()
        self.secure_sink(world, "starttls", self.good)
        self.send(world, tls="starttls")
        self.arrives(world)

    def test_mail_leaves_by_implicit_tls_under_a_private_authority_after_a_login(self):
        world = self.start()
        self.secure_sink(world, "implicit", self.good)
        self.send(world, tls="implicit")
        self.arrives(world)

    def test_the_login_is_plain_where_that_is_offered_and_login_where_only_that_is(self):
        for offered, used in (("LOGIN PLAIN", "PLAIN"), ("LOGIN", "LOGIN")):
            with self.subTest(offered):
                server = self.server(offers=("PIPELINING", "STARTTLS", "AUTH " + offered),
                                     users={LOGIN["smtp_username"]: LOGIN["smtp_password"]},
                                     context=self.context(self.good))
                world = self.start()
                self.send(world, tls="starttls", smtp_port=server.port)
                self.until(lambda: world.statuses() == {"sent": EACH}, 20, world)
                self.assertEqual((used, "anna", LOGIN["smtp_password"]), server.logins[0])
                self.assertEqual(EACH, len(server.mails))

    def test_row_42_case_35_a_certificate_for_another_host_is_refused_and_the_mailbox_says_so(self):
        for tls in ("starttls", "implicit"):
            with self.subTest(tls):
                world = self.start()
                self.secure_sink(world, tls, self.other)
                box = self.send(world, tls=tls)
                self.rests(world, box, "tls_failed", "(?i)mismatch")

    def test_row_42_case_35_an_authority_that_nobody_trusts_is_refused(self):
        world = self.start(smtp__ca_file="")
        self.secure_sink(world, "implicit", self.good)
        box = self.send(world, tls="implicit")
        self.rests(world, box, "tls_failed", "(?i)certificate|issuer|self.signed")

    def test_row_42_case_33_a_server_without_starttls_hears_no_login_and_no_mail(self):
        server = self.server(offers=("PIPELINING", "AUTH PLAIN LOGIN"))
        world = self.start()
        box = self.send(world, tls="starttls", smtp_port=server.port)
        self.rests(world, box, "tls_failed", "(?i)starttls")
        self.assertEqual([], server.mails)
        self.assertEqual(set(), set(server.verbs) & {"AUTH", "MAIL", "RCPT", "DATA"})

    def says_nothing_in_clear(self, world, server, box, detail, status):
        """`status`: a person is needed, or waiting may help. No login and no mail was said to this server."""
        self.until(lambda: world.api("GET", f"/api/v1/mailboxes/{box}")["state_reason"], 20, world)
        self.until(lambda: world.statuses() == {"scheduled": EACH}, 20, world)
        view = world.api("GET", f"/api/v1/mailboxes/{box}")
        self.assertEqual((status, "tls_failed"), (view["status"], view["state_reason"]), view)
        self.assertRegex(view["state_detail"], detail)
        self.assertEqual([], server.heard("AUTH", "MAIL", "RCPT", "DATA"))
        self.assertFalse(any(session.says_secret(LOGIN["smtp_password"]) for session in server.sessions))
        self.assertEqual(0, world.one("SELECT max(retry_count) FROM email_queues"))

    def scripted(self, context, implicit, script=lambda phase, _: None):
        server = ScriptedServer(script, offers=("STARTTLS", "AUTH PLAIN LOGIN"), context=context, implicit=implicit)
        self.addCleanup(server.close)
        return server

    def test_row_42_a_certificate_that_has_expired_or_signs_itself_is_refused(self):
        expired = self.authority.issue("expired", "IP:127.0.0.1", days="-1")
        itself = (self.authority.path("itself.pem"), self.authority.path("itself.key"))
        openssl("req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-days", "2",
                "-subj", "/CN=itself", "-addext", "subjectAltName=IP:127.0.0.1", "-keyout", itself[1],
                "-out", itself[0])
        for pair, detail in ((expired, "expired"), (itself, "(?i)self.signed")):
            for tls in ("starttls", "implicit"):
                with self.subTest(detail=detail, tls=tls):
                    world = self.start()
                    server = self.scripted(self.context(pair), tls == "implicit")
                    box = self.send(world, tls=tls, smtp_port=server.port)
                    self.says_nothing_in_clear(world, server, box, detail, "error")

    def test_row_42_a_server_that_knows_only_old_tls_hears_nothing(self):
        context = self.context(self.good)
        context.set_ciphers("ALL:@SECLEVEL=0")
        context.minimum_version = ssl.TLSVersion.MINIMUM_SUPPORTED
        context.options |= ssl.OP_NO_TLSv1_2 | ssl.OP_NO_TLSv1_3
        world = self.start()
        server = self.scripted(context, True)
        box = self.send(world, tls="implicit", smtp_port=server.port)
        self.says_nothing_in_clear(world, server, box, "(?i)version|alert|closed|TLS", "active")

    def test_row_42_a_connection_that_is_cut_amid_the_handshake_is_no_login_in_clear(self):
        world = self.start()
        server = self.scripted(None, False, lambda phase, _: "220 go on" if phase == "starttls" else None)
        cut = ScriptedServer(lambda phase, _: DROP if phase == "greeting" else None)
        self.addCleanup(cut.close)
        box = self.send(world, tls="implicit", smtp_port=cut.port)
        self.says_nothing_in_clear(world, cut, box, "(?i)closed|reset|TLS", "active")
        # STARTTLS, then plain words where the handshake should be.
        other = world.mailbox(1, **{**LOGIN, "tls": "starttls", "smtp_port": server.port})
        world.enrol(world.sequence(1, [other], name="other"), people(1, EACH))
        self.until(lambda: server.heard("STARTTLS"), 20, world)
        self.until(lambda: world.api("GET", f"/api/v1/mailboxes/{other}")["state_reason"] == "tls_failed", 20, world)
        self.assertEqual([], server.heard("AUTH", "MAIL"))

    def test_a_connection_after_another_resumes_its_tls_session(self):
        server = self.scripted(self.context(self.good), True,
                               lambda phase, session: "421 4.7.0 enough" if phase == "mail" and session.mails else None)
        world = self.start()
        self.send(world, tls="implicit", smtp_port=server.port)
        self.until(lambda: world.statuses() == {"sent": EACH}, 20, world)
        resumed = [session.was_resumed for session in server.sessions]
        self.assertEqual([False, True, True], resumed[:EACH])

    def test_row_42_case_34_bytes_after_the_answer_to_starttls_end_the_conversation(self):
        world = self.start()
        server = self.scripted(self.context(self.good), False,
                               lambda phase, _: b"220 go on\r\n250 AUTH PLAIN\r\n" if phase == "starttls" else None)
        box = self.send(world, tls="starttls", smtp_port=server.port)
        self.says_nothing_in_clear(world, server, box, "bytes after the answer", "error")

    def test_case_45_a_wrong_password_stops_the_mailbox_until_it_is_mended(self):
        world = self.start()
        self.secure_sink(world, "starttls", self.good)
        box = self.send(world, tls="starttls", smtp_password="another word")
        self.rests(world, box, "auth_failed", "535")
        world.api("PATCH", f"/api/v1/mailboxes/{box}", {"smtp_password": LOGIN["smtp_password"]})
        world.api("POST", f"/api/v1/mailboxes/{box}/resume", {})
        self.arrives(world)

    def test_no_tls_is_for_loopback_and_for_hosts_that_are_named(self):
        world = self.start(smtp__plaintext_hosts="relay.internal")
        for number, (host, status) in enumerate((("127.0.0.1", 201), ("localhost", 201), ("::1", 201),
                                                 ("relay.internal", 201), ("mail.example.com", 422),
                                                 ("192.0.2.1", 422), ("localhost.example.com", 422))):
            answered, _, body = world.call("POST", "/api/v1/mailboxes", {
                "email": f"m{number}@mail.test", "smtp_host": host, "smtp_port": 25, "tls": "none"})
            self.assertEqual(status, answered, (host, body))
            if status == 422:
                self.assertEqual("/tls", body["errors"][0]["pointer"])
        self.assertTrue(wait_until(lambda: not world.died(), 1))


if __name__ == "__main__":
    unittest.main()
