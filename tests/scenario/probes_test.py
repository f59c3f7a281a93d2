# ctest: fast
"""A process without the API can be asked too how it is, where `metrics.listen` says; and only that."""
import http.client
import json
import shutil
import subprocess
import unittest

from world import Story, free_port, people


class Probes(Story):
    def get(self, path, method="GET"):
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=10)
        try:
            connection.request(method, path)
            answer = connection.getresponse()
            return answer.status, answer.read().decode()
        except OSError as error:
            return 0, str(error)
        finally:
            connection.close()

    def start(self):
        world = self.world()
        world.sink()
        world.serve("rest", "api,producer,relay,followup,retry,recorder,janitor")
        self.port = free_port()
        world.serve("sender", "sender", metrics__listen=f"127.0.0.1:{self.port}")
        self.until(lambda: self.get("/readyz")[0] == 200, 20, world)
        return world

    def test_a_sender_tells_how_it_is_and_what_it_did(self):
        world = self.start()
        world.mailbox(0)
        world.enrol(world.sequence(1), people(5))
        self.until(lambda: world.statuses() == {"sent": 5}, 20, world)
        self.assertEqual((200, "ok\n"), self.get("/livez"))
        status, text = self.get("/metrics")
        self.assertEqual(200, status)
        self.assertIn('sequitur_permits_total{result="granted"} 5', text)
        self.assertIn("sequitur_build_info", text)
        if shutil.which("promtool"):
            done = subprocess.run(["promtool", "check", "metrics"], input=text, capture_output=True, text=True,
                                  check=False)
            self.assertEqual((0, ""), (done.returncode, done.stdout + done.stderr))

    def test_it_is_no_door_to_the_api(self):
        self.start()
        for path in ("/api/v1/sequences", "/api/v1/mailboxes", "/api/v1/enrollments"):
            self.assertEqual(404, self.get(path)[0], path)

    def test_it_says_that_the_database_is_away_and_lives_on(self):
        world = self.start()
        world.on_server(f"ALTER DATABASE {world.database} ALLOW_CONNECTIONS false")
        try:
            world.on_server("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                            f"WHERE datname = '{world.database}'")
            self.until(lambda: self.get("/readyz")[0] == 503, 15)
            self.assertFalse(all(check["ok"] for check in json.loads(self.get("/readyz")[1])["checks"]))
            self.assertEqual(200, self.get("/livez")[0])
            self.assertEqual(200, self.get("/metrics")[0])
        finally:
            world.on_server(f"ALTER DATABASE {world.database} ALLOW_CONNECTIONS true")
        self.until(lambda: self.get("/readyz")[0] == 200, 30)

    def test_it_is_not_ready_while_it_drains(self):
        world = self.start()
        world.mailbox(0)
        world.enrol(world.sequence(1), people(1, local="stall.dot.p{}"))
        self.until(lambda: world.one("SELECT count(*) FROM email_queues WHERE phase = 'dot'") == 1, 20, world)
        world.programs["sender"].ask_to_stop()
        self.until(lambda: self.get("/readyz") == (503, '{"status":"draining","checks":[]}'), 5)
        self.until(lambda: not world.programs["sender"].is_running(), 20)


if __name__ == "__main__":
    unittest.main()
