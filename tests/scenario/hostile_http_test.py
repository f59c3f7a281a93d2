# ctest: fast
"""What a client may send to the API by mistake or malice: an answer that says what is wrong, and the API lives on."""
import json
import shutil
import socket
import subprocess
import time
import unittest

from world import World, people, wait_until

PATH = "/api/v1/sequences"
STEP = {"subject": "Hello", "content": "<p>Hello</p>"}


class HostileHttp(unittest.TestCase):
    @classmethod
    def setUpClass(cls):
        cls.world = World("hostile")
        cls.addClassCleanup(cls.world.close)
        cls.world.serve("api", "api", http__header_timeout="1s", http__body_timeout="1s")
        cls.port = cls.world.api.ports[0]

    def tearDown(self):
        self.assertEqual(200, self.world.call("GET", "/livez")[0])
        self.assertEqual({}, self.world.died())

    def raw(self, request, *more):
        """The answer's first line to these bytes; "" if there was none."""
        with socket.create_connection(("127.0.0.1", self.port), timeout=10) as connection:
            try:
                for part in (request, *more):
                    connection.sendall(part)
            except OSError:
                pass  # refused before it was all sent: the answer is there
            answer = b""
            try:
                while b"\r\n" not in answer:
                    part = connection.recv(4096)
                    if not part:
                        break
                    answer += part
            except ConnectionResetError:
                pass
            return answer.split(b"\r\n")[0].decode()

    def post(self, body, path=PATH):
        return self.world.call("POST", path, body)

    def test_what_is_no_http_gets_400_or_a_closed_door(self):
        for request in (b"\r\n\r\n\x00\x01\x02\r\n\r\n", b"EHLO mail.test\r\n\r\n", b"GET\r\n\r\n",
                        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + b"\x00" * 64 + b"\r\n\r\n",
                        b"GET /livez HTTP/1.1\r\n\r\n", b"GET /livez HTTP/1.1\r\nHost: a\r\nHost: b\r\n\r\n",
                        b"POST /livez HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
                        b"POST /livez HTTP/1.1\r\nHost: a\r\nContent-Length: -5\r\n\r\n",
                        b"POST /livez HTTP/1.1\r\nHost: a\r\nTransfer-Encoding: chunked\r\n\r\nzz\r\n"):
            self.assertRegex(self.raw(request), r"^(HTTP/1\.1 400 .*)?$", request[:40])

    def test_a_body_that_is_too_large_gets_413(self):
        head = b"POST " + PATH.encode() + b" HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        said = self.raw(head + b"Content-Length: 10485761\r\n\r\n")
        self.assertIn(" 413 ", said)
        chunk = b"100000\r\n" + b" " * 0x100000 + b"\r\n"
        self.assertIn(" 413 ", self.raw(head + b"Transfer-Encoding: chunked\r\n\r\n", *[chunk] * 11))

    def test_headers_and_addresses_without_end_get_431_and_414(self):
        self.assertIn(" 431 ", self.raw(b"GET /livez HTTP/1.1\r\nHost: a\r\n", b"X-More: more\r\n" * 1_000_000))
        self.assertIn(" 431 ", self.raw(b"GET /livez HTTP/1.1\r\nHost: a\r\nX-Long: " + b"x" * 1_000_000))
        self.assertIn(" 414 ", self.raw(b"GET /" + b"x" * 100_000))

    def test_a_slow_client_holds_nobody_up(self):
        slow = [socket.create_connection(("127.0.0.1", self.port)) for _ in range(200)]
        for connection in slow:
            self.addCleanup(connection.close)
            connection.sendall(b"POST " + PATH.encode() + b" HTTP/1.1\r\nHost: a\r\nContent-Le")
        self.assertEqual(201, self.post({"name": "Q1", "steps": [STEP]})[0])

    def test_a_client_that_does_not_finish_gets_408(self):
        """Headers and body have a time of their own; what trickles in does not prolong it."""
        head = b"POST " + PATH.encode() + b" HTTP/1.1\r\nHost: a\r\nContent-Type: application/json\r\n"
        for unfinished in (head + b"Content-Le", head + b"Content-Length: 1000\r\n\r\n{",
                           head + b"Transfer-Encoding: chunked\r\n\r\n5\r\n{"):
            begun = time.monotonic()
            self.assertIn(" 408 ", self.raw(unfinished), unfinished[-20:])
            self.assertTrue(0.9 < time.monotonic() - begun < 5)
        begun = time.monotonic()
        with socket.create_connection(("127.0.0.1", self.port), timeout=0.1) as connection:
            answer = b""
            while b"\r\n" not in answer and time.monotonic() - begun < 10:
                try:
                    connection.sendall(b"P" if answer == b"" else b"")
                    answer += connection.recv(4096)
                except TimeoutError:
                    pass
        self.assertIn(b" 408 ", answer)
        self.assertLess(time.monotonic() - begun, 5)

    def test_json_without_bottom_twice_the_member_or_with_nul_is_refused(self):
        for body, status in ((b'{"name":' * 10_000, 400), (b"[" * 10_000_000, 400), (b'{"name":"\\u0000"', 400),
                             (b'{"name":"a\\u0000b","steps":[]}', 422), (b'{"na\\u0000me":"a","steps":[]}', 422),
                             (b'{"name":"\\ud800","steps":[]}', 400), (b'{"name":1e999999,"steps":[]}', 422),
                             (b'{"name":NaN}', 400), (b"\xef\xbb\xbf{}", 400), (b"{}{}", 400), (b"", 400)):
            answered, headers, problem = self.post(body)
            self.assertEqual(status, answered, (body[:40], problem))
            self.assertEqual("application/problem+json", headers["Content-Type"])
            self.assertLess(len(json.dumps(problem)), 20_000)

    def test_names_and_lists_of_a_megabyte_get_a_short_answer(self):
        huge = "x" * 1_000_000
        for body in ({"name": huge, "steps": [STEP]}, {"name": "Q1", "steps": [STEP], huge: 1},
                     {"name": "Q1", "steps": [{}] * 50_000}, {"name": "Q1", "steps": [STEP], "status": huge},
                     {"name": "Q1", "steps": [{**STEP, "subject": "{{" * 400_000}]},
                     {"name": "Q1", "steps": [STEP], **{f"m{n}": n for n in range(50_000)}}):
            status, _, problem = self.post(body)
            self.assertEqual(422, status)
            self.assertLess(len(json.dumps(problem)), 200_000)
        sequence = self.post({"name": "Q1", "steps": [STEP]})[2]["id"]
        status, _, answer = self.post({"contacts": [{"email": huge}, {"email": "a@b.test", "first_name": huge},
                                                    *people(1)]}, f"{PATH}/{sequence}/contacts")
        self.assertEqual((201, 1), (status, answer["contacts_added"]))
        self.assertLess(len(json.dumps(answer)), 5_000)

    def test_ids_cursors_and_parameters_that_are_none_are_told(self):
        for path, status in (("/api/v1/emails/1", 404), ("/api/v1/emails/%00", 400), ("/api/v1/emails/..%2f..", 404),
                             ("/api/v1/enrollments?sequence_id='; DROP TABLE contacts; --", 400),
                             ("/api/v1/enrollments?sequence_id=%27%3B%20DROP%20TABLE%20contacts", 422),
                             ("/api/v1/enrollments?limit=0", 422), ("/api/v1/enrollments?limit=9999999999999", 422),
                             ("/api/v1/enrollments?cursor=x", 422), ("/api/v1/enrollments?seqence_id=x", 422),
                             ("/api/v1/enrollments?limit=1&limit=2", 422), ("/%zz", 400), ("//", 404), ("/", 404)):
            if " " in path:
                self.assertIn(f" {status} ", self.raw(f"GET {path} HTTP/1.1\r\nHost: a\r\n\r\n".encode()), path)
            else:
                self.assertEqual(status, self.world.call("GET", path)[0], path)

    def test_the_probes_and_the_metrics_are_in_order(self):
        self.assertEqual((200, "ok\n"), self.world.call("GET", "/livez")[::2])
        status, _, ready = self.world.call("GET", "/readyz")
        self.assertEqual((200, "ready"), (status, ready["status"]))
        self.assertTrue(all(check["ok"] for check in ready["checks"]) and ready["checks"])
        status, headers, text = self.world.call("GET", "/metrics")
        self.assertEqual((200, True), (status, headers["Content-Type"].startswith("text/plain; version=0.0.4")))
        for name in ("sequitur_build_info", "sequitur_http_request_duration_seconds", "sequitur_outbox_unpublished"):
            self.assertIn(name, text)
        if shutil.which("promtool"):
            done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True,
                                  check=False)
            self.assertEqual((0, ""), (done.returncode, done.stdout + done.stderr))

    def test_readyz_says_that_the_database_is_away_and_livez_does_not_care(self):
        self.world.on_server(f"ALTER DATABASE {self.world.database} ALLOW_CONNECTIONS false")
        try:
            self.world.on_server(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                                 f"WHERE datname = '{self.world.database}'")
            self.assertTrue(wait_until(lambda: self.world.call("GET", "/readyz")[0] == 503, 15))
            self.assertEqual(200, self.world.call("GET", "/livez")[0])
            status, headers, problem = self.post({"name": "Q1", "steps": [STEP]})
            self.assertEqual((503, "unavailable"), (status, problem["code"]))
            self.assertTrue(headers["Retry-After"])
        finally:
            self.world.on_server(f"ALTER DATABASE {self.world.database} ALLOW_CONNECTIONS true")
        self.assertTrue(wait_until(lambda: self.world.call("GET", "/readyz")[0] == 200, 15))
        self.assertEqual(201, self.post({"name": "Q1", "steps": [STEP]})[0])


if __name__ == "__main__":
    unittest.main()
