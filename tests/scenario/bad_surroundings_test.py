# ctest: fast
"""Wrong settings, a missing database, a wrong key, an edited schema: said plainly, with what to do, and the right
code."""
import json
import os
import shutil
import signal
import stat
import subprocess
import unittest

from world import STEPS, Story, World, free_port, people, wait_until

NOBODY = f"postgresql://nobody@127.0.0.1:{free_port()}/none"
PASSWORD = "correct-horse-battery"


class BadSurroundings(Story):
    def run_program(self, *arguments, **settings):
        """Its end, without a world: (code, what it says to people)."""
        environment = {key: value for key, value in os.environ.items() if not key.startswith("SEQUITUR_")}
        environment.update({"SEQUITUR_" + key.upper(): value for key, value in settings.items()})
        done = subprocess.run([os.environ["SEQUITUR_BIN"], *arguments], env=environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True, timeout=60)
        return done.returncode, done.stdout + done.stderr

    def test_without_a_command_it_tells_what_it_can_do(self):
        code, text = self.run_program()
        self.assertEqual(0, code)
        for word in ("serve", "migrate", "verify", "sink", "config", "Examples"):
            self.assertIn(word, text)
        code, text = self.run_program("serv")
        self.assertEqual((2, True), (code, "did you mean serve?" in text), text)

    def test_without_a_database_it_waits_says_so_and_gives_up(self):
        for command in (("serve",), ("migrate", "up")):
            code, text = self.run_program(*command, database__url=NOBODY, startup__wait="1s", http__auth="none")
            self.assertEqual(1, code, text)
            for word in ("waiting for the database", "no database after 1s", "Connection refused", "startup.wait"):
                self.assertIn(word, text)

    def test_a_database_that_comes_late_is_waited_for(self):
        world = World("late")
        self.addCleanup(world.close)
        world.on_server(f"ALTER DATABASE {world.database} ALLOW_CONNECTIONS false")
        program = world.serve("all", wait=False, startup__wait="60s")
        self.until(lambda: "waiting for the database" in program.last_words(), 15)
        world.on_server(f"ALTER DATABASE {world.database} ALLOW_CONNECTIONS true")
        self.until(lambda: world.api.is_ready(world.api.ports[0]), 15)
        self.assertTrue(program.stop())

    def test_every_wrong_setting_is_named_at_once_with_what_was_meant(self):
        code, text = self.run_program("serve", database__url=NOBODY, producer__intervall="1s", schedule__day="24",
                                      retry__first_delay="soon", bus__kind="rabbit", http__threads="none")
        self.assertEqual(2, code, text)
        for word in ("did you mean SEQUITUR_PRODUCER__INTERVAL?", "SEQUITUR_SCHEDULE__DAY", "needs a unit",
                     "SEQUITUR_RETRY__FIRST_DELAY", "SEQUITUR_BUS__KIND", "SEQUITUR_HTTP__THREADS"):
            self.assertIn(word, text)
        code, text = self.run_program("serve", "--roles", "api,sendr", database__url=NOBODY, http__auth="none")
        self.assertEqual((2, True), (code, "did you mean sender?" in text), text)

    def test_an_api_without_keys_is_refused_by_default_and_outside_loopback(self):
        code, text = self.run_program("serve", database__url=NOBODY)
        self.assertEqual(2, code)
        self.assertIn("http.auth", text)
        self.assertIn("SEQUITUR_HTTP__AUTH=none", text)
        for listen in ("0.0.0.0:8080", "[::]:8080", "192.0.2.1:8080"):
            code, text = self.run_program("serve", database__url=NOBODY, http__auth="none", http__listen=listen)
            self.assertEqual(2, code, listen)
            self.assertIn("loopback", text)

    def test_a_schema_that_is_missing_edited_or_newer_is_told_with_the_remedy(self):
        world = self.world()
        self.assertIn("nothing to do", world.rig.run("migrate", "up").stdout)
        self.assertIn("nothing to do", world.rig.run("migrate", "plan").stdout)
        self.assertRegex(world.rig.run("migrate", "status").stdout, r"0001 core +applied 20")
        world.sql("UPDATE schema_migrations SET checksum = 'other' WHERE number = 1")
        for act in ("up", "status", "plan"):
            done = world.rig.run("migrate", act, check=False)
            self.assertEqual((1, True), (done.returncode, "edited after it had been applied" in done.stderr))
        world.sql("DELETE FROM schema_migrations WHERE number = 1")
        done = world.rig.run("serve", check=False)
        self.assertEqual((1, True), (done.returncode, "run `sequitur migrate up`" in done.stderr), done.stderr)
        world.sql("INSERT INTO schema_migrations VALUES (999, 'future', 'x')")
        done = world.rig.run("migrate", "status", check=False)
        self.assertEqual((1, True), (done.returncode, "newer version" in done.stderr), done.stderr)

    def test_a_spool_that_can_not_be_written_is_refused_with_the_remedy(self):
        world = self.world()
        done = world.rig.run("serve", "--tracking.spool", "/dev/null/hits", check=False)
        self.assertEqual((2, True), (done.returncode, "tracking.spool" in done.stderr), done.stderr)
        self.assertIn("name a folder on a local disk", done.stderr)

    def test_a_password_is_sealed_stays_secret_and_needs_the_key_that_sealed_it(self):
        world = self.world()
        world.sink()
        world.serve(log__level="debug")
        key = os.path.join(world.rig.folder, "master.key")
        self.assertEqual(0o600, stat.S_IMODE(os.stat(key).st_mode))
        login = {"smtp_username": "user", "smtp_password": PASSWORD}
        status, _, answer = world.call("POST", "/api/v1/mailboxes", {
            "email": "sealed@mail.test", "smtp_host": "127.0.0.1", "smtp_port": world.rig.sink_port, "tls": "none",
            "min_gap_seconds": 0, **login})
        self.assertEqual((201, True), (status, answer["has_password"]))
        world.enrol(world.sequence(STEPS[:1]), people(1))
        box = answer["id"]
        # The sink knows no AUTH, so the mailbox gets into trouble, which is told without the password too.
        self.until(lambda: world.api("GET", f"/api/v1/mailboxes/{box}")["state_reason"] or world.ledger(), 15, world)
        wrong = world.call("PATCH", f"/api/v1/mailboxes/{box}", {"smtp_password": PASSWORD + "\n", "nosuch": 1})
        self.assertEqual(422, wrong[0])
        shown = json.dumps([answer, wrong[2], world.api("GET", f"/api/v1/mailboxes/{box}"),
                            list(world.api.pages("/api/v1/enrollments"))])
        self.assertNotIn(PASSWORD, shown)
        self.assertNotIn(PASSWORD, world.programs["all"].last_words(10_000))
        dump = subprocess.run([os.path.join(os.environ["SEQUITUR_PG_BIN"], "pg_dump"), world.url],
                              stdout=subprocess.PIPE, check=True).stdout
        for form in (PASSWORD.encode(), PASSWORD.encode().hex().encode()):
            self.assertNotIn(form, dump)
        self.assertTrue(world.programs["all"].stop())

        shutil.move(key, key + ".away")
        for _ in range(2):  # a missing key, then another one
            done = world.rig.run("serve", check=False)
            self.assertEqual(1, done.returncode)
            self.assertIn("Put the key back", done.stderr)
            with open(key, "w", encoding="utf-8") as other:
                other.write("ab" * 32 + "\n")
        shutil.move(key + ".away", key)
        world.heal(world.programs["all"])
        self.until(lambda: world.api.is_ready(world.api.ports[0]), 15)

    def test_it_stops_when_asked_once_and_at_once_when_asked_twice(self):
        world = self.world(sender__lease="60s")
        world.sink()
        program = world.serve()
        world.mailbox(0)
        world.enrol(world.sequence(STEPS[:1]), people(1) + people(1, local="stall.dot.p{}"))
        self.until(lambda: world.one("SELECT count(*) FROM email_queues "
                                     "WHERE phase = 'dot' AND status = 'sending'") == 1
                   and world.statuses().get("sent") == 1, 15, world)
        port = world.api.ports[0]
        program.signal(signal.SIGTERM)
        # It has a permit, so its answer is waited for, and whoever asks is told that it ends.
        self.until(lambda: "stopping" in program.last_words(), 10)
        self.until(lambda: not world.api.is_ready(port), 10)
        self.assertTrue(program.is_running())
        program.signal(signal.SIGTERM)
        self.assertTrue(wait_until(lambda: not program.is_running(), 5))
        self.assertEqual(143, program.process.returncode)

        idle = world.serve("idle")
        self.assertTrue(idle.stop())

    def test_verify_finds_what_was_tampered_with(self):
        world = self.world()
        world.sink()
        world.serve()
        world.mailbox(0)
        world.enrol(world.sequence(STEPS[:1]), people(3))
        self.until(lambda: world.enrollments() == {"completed": 3}, 15, world)
        self.until_quiet(world)
        self.assertEqual({"holds": True, "ledger_lines": 3, "emails": {"sent": 3}, "broken": []}, self.verify(world))
        with open(world.rig.ledger_path, encoding="utf-8") as file:
            lines = file.readlines()
        for kept, invariant in ((lines[:2], "I2"), (lines + lines[:1], "I1"), ([], "I2")):
            path = os.path.join(world.rig.folder, "tampered.jsonl")
            with open(path, "w", encoding="utf-8") as file:
                file.writelines(kept)
            done = world.rig.run("verify", "--ledger", path, "--json", check=False)
            self.assertEqual(6, done.returncode)
            report = json.loads(done.stdout)
            self.assertFalse(report["holds"])
            self.assertIn(invariant, [one["invariant"] for one in report["broken"]])
            done = world.rig.run("verify", "--ledger", path, check=False)
            self.assertEqual((6, True), (done.returncode, f"BROKEN {invariant}" in done.stdout))
        with open(path, "w", encoding="utf-8") as file:
            file.write("not a ledger\n")
        done = world.rig.run("verify", "--ledger", path, check=False)
        self.assertNotEqual(0, done.returncode)
        self.assertIn("line 1", done.stdout + done.stderr)


if __name__ == "__main__":
    unittest.main()
