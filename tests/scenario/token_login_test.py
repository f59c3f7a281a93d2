"""A mailbox that logs in by access token: the token is fetched over HTTPS with the refresh token, kept, renewed once
where the mail server does not take it, and never asked for again where the provider says that there will be none."""
import base64
import http.server
import json
import shutil
import ssl
import threading
import unittest
import urllib.parse

from scripted_server import ScriptedServer
from tls_and_login_test import Authority
from world import Story, people

EACH = 4
CLIENT = {"auth": "oauth2", "oauth_provider": "custom", "oauth_client_id": "client-7",
          "oauth_client_secret": "cl13nt-secret", "oauth_refresh_token": "r3fresh-1", "smtp_username": "anna@mail.test"}


class TokenServer(http.server.ThreadingHTTPServer):
    """Gives token-1, token-2 …; `answer` may say something else."""

    daemon_threads = True

    def __init__(self, context):
        super().__init__(("127.0.0.1", 0), _TokenHandler)
        self.forms, self.answer, self.port = [], None, self.server_address[1]
        self.socket = context.wrap_socket(self.socket, server_side=True)
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        """A client that does not like the certificate is part of a story."""

    def close(self):
        self.shutdown()
        self.server_close()


class _TokenHandler(http.server.BaseHTTPRequestHandler):
    def do_POST(self):
        form = self.rfile.read(int(self.headers["Content-Length"])).decode()
        self.server.forms.append(dict(urllib.parse.parse_qsl(form)))
        status, body = self.server.answer or (200, {"access_token": f"token-{len(self.server.forms)}",
                                                    "token_type": "Bearer", "expires_in": 3600})
        content = json.dumps(body).encode()
        self.send_response(status)
        self.send_header("Content-Length", str(len(content)))
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, *arguments):
        pass


class TokenLogin(Story):
    @classmethod
    def setUpClass(cls):
        cls.authority = Authority()
        cls.addClassCleanup(shutil.rmtree, cls.authority.folder)
        cls.pair = cls.authority.issue("good", "IP:127.0.0.1,DNS:localhost")

    def context(self):
        context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        context.load_cert_chain(*self.pair)
        return context

    def start(self, good, mechanism="XOAUTH2", answer=None, **settings):
        """`good`: the access tokens that the mail server takes."""
        self.tokens = TokenServer(self.context())
        self.addCleanup(self.tokens.close)
        self.tokens.answer = answer
        self.said = []

        def judge(phase, session):
            if phase != "auth":
                return None
            words = base64.b64decode(session.words[-1].split()[2]).decode()
            self.said.append(words)
            if any(f"auth=Bearer {token}\1" in words for token in good):
                return None
            session.send("334 eyJzdGF0dXMiOiI0MDEifQ==\r\n")
            self.said.append(session.line())
            return "535 5.7.8 the token is not accepted"

        self.server = ScriptedServer(judge, offers=("AUTH PLAIN " + mechanism,), context=self.context(), implicit=True)
        self.addCleanup(self.server.close)
        world = self.world(**{"smtp__ca_file": self.authority.path("ca.pem"), "sender__login_probe": "1h", **settings})
        world.serve()
        self.box = world.mailbox(0, tls="implicit", smtp_port=self.server.port, **CLIENT,
                                 oauth_token_url=f"https://localhost:{self.tokens.port}/token")
        world.enrol(world.sequence(1, [self.box]), people(EACH))
        return world

    def view(self, world):
        return world.api("GET", f"/api/v1/mailboxes/{self.box}")

    def tells_no_secret(self, world):
        words = world.programs["all"].last_words(10_000) + json.dumps(self.view(world))
        words += json.dumps(world.sql("SELECT event_data FROM email_events"))
        for secret in (CLIENT["oauth_client_secret"], CLIENT["oauth_refresh_token"], "token-1"):
            self.assertNotIn(secret, words)

    def test_case_39_mail_leaves_after_a_login_by_token_that_is_fetched_once(self):
        world = self.start({"token-1"})
        self.until(lambda: world.statuses() == {"sent": EACH}, 30, world)
        self.assertEqual([{"grant_type": "refresh_token", "refresh_token": "r3fresh-1", "client_id": "client-7",
                           "client_secret": "cl13nt-secret"}], self.tokens.forms)
        self.assertEqual("user=anna@mail.test\1auth=Bearer token-1\1\1", self.said[0])
        world.enrol(world.sequence(1, [self.box], name="later"), people(EACH, EACH))
        self.until(lambda: world.statuses() == {"sent": 2 * EACH}, 30, world)
        self.assertEqual(1, len(self.tokens.forms))
        self.tells_no_secret(world)

    def test_case_39_a_token_that_the_server_refuses_is_renewed_once(self):
        world = self.start({"token-2"})
        self.until(lambda: world.statuses() == {"sent": EACH}, 30, world)
        self.assertEqual(2, len(self.tokens.forms))
        self.assertEqual(b"\r\n", self.said[1], "the explanation is answered with an empty line")
        self.assertIsNone(self.view(world)["state_reason"])
        self.assertEqual(0, world.one("SELECT max(retry_count) FROM email_queues"))

    def test_case_39_a_login_that_no_token_opens_waits_for_a_person(self):
        world = self.start(set())
        self.until(lambda: self.view(world)["status"] == "error", 30, world)
        self.until(lambda: world.statuses() == {"scheduled": EACH}, 20, world)
        self.assertEqual("auth_failed", self.view(world)["state_reason"])
        self.assertEqual(2, len(self.server.heard("AUTH")), "one renewal, no loop")
        self.assertEqual(2, len(self.tokens.forms))
        self.tells_no_secret(world)

    def test_oauthbearer_serves_where_only_that_is_offered(self):
        world = self.start({"token-1"}, mechanism="OAUTHBEARER")
        self.until(lambda: world.statuses() == {"sent": EACH}, 30, world)
        self.assertTrue(self.said[0].startswith("n,a=anna@mail.test,\1host=127.0.0.1\1port="), self.said[0])

    def test_a_revoked_refresh_token_waits_for_a_person_and_the_mail_server_hears_nothing(self):
        world = self.start({"token-1"}, answer=(400, {"error": "invalid_grant", "error_description": "Token revoked."}))
        self.until(lambda: self.view(world)["status"] == "error", 30, world)
        self.assertIn("invalid_grant: Token revoked.", self.view(world)["state_detail"])
        self.assertEqual([], self.server.sessions)
        self.until(lambda: world.statuses() == {"scheduled": EACH}, 20, world)
        asked = len(self.tokens.forms)
        self.tokens.answer = None
        world.api("PATCH", f"/api/v1/mailboxes/{self.box}", {"oauth_refresh_token": "r3fresh-2"})
        self.server.script = lambda phase, _: None
        self.until(lambda: world.statuses() == {"sent": EACH}, 30, world)
        self.assertEqual("r3fresh-2", self.tokens.forms[asked]["refresh_token"])

    def test_a_provider_that_is_away_rests_the_mailbox(self):
        world = self.start({"token-2", "token-3", "token-4"}, answer=(503, {}))
        self.until(lambda: self.view(world)["state_reason"] == "auth_failed", 30, world)
        self.assertEqual("active", self.view(world)["status"])
        self.tokens.answer = None
        self.server.script = lambda phase, _: None
        self.until(lambda: world.statuses() == {"sent": EACH}, 30, world)

    def test_a_new_refresh_token_is_stored_sealed_and_used_after_a_restart(self):
        world = self.start({"token-1"}, answer=(200, {"access_token": "token-1", "expires_in": 3600,
                                                      "refresh_token": "r3fresh-new"}))
        self.until(lambda: world.statuses() == {"sent": EACH}, 30, world)
        sealed = world.one("SELECT encrypted_oauth_refresh_token FROM mailboxes")
        self.assertNotIn(b"r3fresh", bytes(sealed))
        program = world.programs["all"]
        program.stop()
        program.start()
        world.enrol(world.sequence(1, [self.box], name="later"), people(EACH, EACH))
        self.until(lambda: world.statuses() == {"sent": 2 * EACH}, 40, world)
        self.assertEqual("r3fresh-new", self.tokens.forms[-1]["refresh_token"])

    def test_a_token_server_under_an_authority_that_nobody_trusts_is_told_no_secret(self):
        world = self.start({"token-1"}, smtp__ca_file="")
        self.until(lambda: self.view(world)["state_reason"] == "auth_failed", 30, world)
        self.assertEqual([], self.tokens.forms)
        self.assertRegex(self.view(world)["state_detail"], "(?i)certificate|issuer")


if __name__ == "__main__":
    unittest.main()
