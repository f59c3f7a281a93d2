"""Tracking from outside: what a mail carries, what a hit is answered with, and that every answered hit is recorded
once, whatever happens to the database, the bus or the process meanwhile."""
import concurrent.futures
import http.client
import os
import re
import signal
import unittest

from mail_server import MailServer
from world import Story, forged, people, wait_until

BROWSER = {"User-Agent": "Mozilla/5.0 (X11; Linux x86_64) Firefox/121.0"}
BODY = ('<html><body><!-- <a href="https://e.test/no"> --><p>Hi {{first_name}}</p>'
        '<a class="x" href="https://e.test/a?x=1&amp;y=2">one</a> <A HREF=\'https://e.test/{{first_name}}\'>two</A>'
        '<a href=https://e.test/c>three</a><a href="mailto:a@e.test">four</a>'
        '<a href="{{unsubscribe_url}}">five</a></body></html>')
OPT_OUT = re.compile(r"https?://[\w.:]+/u/[\w-]+")
LINK = re.compile(r"http://127\.0\.0\.1:\d+(/t/([oc])/[\w-]+)")


class Tracking(Story):
    def mails(self, count=1, contact=None, settings=None, mailbox=None, fault="", **members):
        """A world, and `count` mails of one sequence as they arrived."""
        world = self.world(**(settings or {}))
        server = MailServer()
        self.addCleanup(server.close)
        world.serve(fault=fault)
        world.mailbox(smtp_port=server.port, **(mailbox or {}))
        step = [{"subject": "Hello", "content": BODY}]
        world.enrol(world.sequence(step, **members), [{**person, **(contact or {})} for person in people(count)])
        self.until(lambda: len(server.mails) == count, 20, world)
        return world, server.mails

    @staticmethod
    def html_of(mail):
        return mail.message.get_body(("html",)).get_content().rstrip("\r\n")

    def untracked(self, mail):
        """What it would be without tracking; the opt-out link, which is ours, is never tracked."""
        opt_out = OPT_OUT.search(self.html_of(mail))[0]
        return (BODY.replace("e.test/{{first_name}}", "e.test/Person%200").replace("{{first_name}}", "Person 0")
                .replace("{{unsubscribe_url}}", opt_out))

    @staticmethod
    def text_of(mail):
        return mail.message.get_body(("plain",)).get_content()

    def links(self, mail):
        """Paths: (the pixel's, the links')."""
        found = LINK.findall(self.html_of(mail))
        return [path for path, kind in found if kind == "o"], [path for path, kind in found if kind == "c"]

    def hit(self, world, path, method="GET", port=None, **headers):
        """(status, headers, body); None: it was not answered."""
        connection = http.client.HTTPConnection("127.0.0.1", port or world.api.ports[0], timeout=30)
        try:
            connection.request(method, path, headers={**BROWSER, **headers})
            answer = connection.getresponse()
            return answer.status, answer.headers, answer.read()
        except (OSError, http.client.HTTPException):
            return None
        finally:
            connection.close()

    def events(self, world):
        return world.sql("SELECT event_type::text, event_data FROM email_events "
                         "WHERE event_type IN ('opened', 'clicked') ORDER BY created_at, id")

    def test_case_76_links_and_pixel_are_spliced_in_and_every_other_byte_stays(self):
        world, mails = self.mails()
        (pixel,), clicks = self.links(mails[0])
        self.assertEqual(3, len(clicks))
        base = f"http://127.0.0.1:{world.api.ports[0]}"
        expected = self.untracked(mails[0])
        links = ("https://e.test/a?x=1&amp;y=2", "https://e.test/Person%200", "https://e.test/c")
        for link, path in zip(links, clicks):
            self.assertIn(link, expected)
            expected = expected.replace(link, base + path)
        expected = expected.replace("</body>", f'<img src="{base}{pixel}" width="1" height="1" alt=""></body>')
        self.assertEqual(expected, self.html_of(mails[0]))
        self.assertNotIn("/t/", self.text_of(mails[0]))
        self.assertIn("https://e.test/a?x=1&y=2", self.text_of(mails[0]))

    def test_a_hit_is_answered_at_once_and_recorded(self):
        world, mails = self.mails()
        self.until(lambda: world.statuses() == {"sent": 1}, 20, world)
        (pixel,), clicks = self.links(mails[0])
        status, headers, body = self.hit(world, pixel)
        self.assertEqual((200, "image/gif", 43), (status, headers["Content-Type"], len(body)))
        self.assertEqual("no-store", headers["Cache-Control"])
        # Case 80: the query is not looked at.
        status, headers, body = self.hit(world, clicks[0] + "?url=https://evil.test")
        self.assertEqual((302, "https://e.test/a?x=1&y=2", b""), (status, headers["Location"], body))
        self.assertEqual(("no-store", "no-referrer", "noindex"),
                         (headers["Cache-Control"], headers["Referrer-Policy"], headers["X-Robots-Tag"]))
        self.assertEqual("https://e.test/Person%200", self.hit(world, clicks[1])[1]["Location"])
        self.until(lambda: len(self.events(world)) == 3, 20, world)
        opened, clicked, _ = self.events(world)
        self.assertEqual(("opened", {"kind": "human", "agent": "Firefox", "network": "127.0.0.0/24"}), opened)
        self.assertEqual(("clicked", 0, "https://e.test/a?x=1&y=2"),
                         (clicked[0], clicked[1]["link"], clicked[1]["url"]))
        # The mail has left a moment ago: no person is so quick.
        self.assertEqual(("machine", "soon_after_sent"), (clicked[1]["kind"], clicked[1]["reason"]))
        email = world.one("SELECT id FROM email_queues")
        told = [event["type"] for event in world.api("GET", f"/api/v1/emails/{email}")["events"]]
        self.assertEqual(["sent", "opened", "clicked", "clicked"], told)
        sequence = world.one("SELECT id FROM sequences")
        items = world.api("GET", f"/api/v1/reports/links?sequence_id={sequence}")["items"]
        self.assertEqual([(0, 0, 1), (0, 1, 1)],
                         [(item["step_order"], item["link"], item["clicks"]["machine"]) for item in items])
        metrics = self.hit(world, "/metrics")[2].decode()
        self.assertIn('sequitur_tracking_request_duration_seconds_count{kind="click"} 2', metrics)
        self.assertIn('sequitur_events_total{type="clicked",machine="false"} 2', metrics)

    def test_case_79_a_token_that_is_not_ours_gets_the_pixel_and_no_redirect(self):
        world, mails = self.mails()
        (pixel,), clicks = self.links(mails[0])
        for path in (forged(pixel, -6), "/t/o/x", "/t/o/" + clicks[0][5:]):
            status, headers, body = self.hit(world, path)
            self.assertEqual((200, "image/gif", 43), (status, headers["Content-Type"], len(body)), path)
        for path in (forged(clicks[0], -6), "/t/c/x", "/t/c/" + pixel[5:], "/t/c/" + "A" * 3000):
            status, headers, _ = self.hit(world, path)
            self.assertEqual((404, None), (status, headers["Location"]), path)
        # Case 81: HEAD is answered and is no event.
        self.assertEqual(302, self.hit(world, clicks[0], "HEAD")[0])
        self.assertEqual(200, self.hit(world, pixel, "HEAD")[0])
        self.hit(world, pixel)
        self.until(lambda: self.events(world), 20, world)
        self.assertEqual(1, len(self.events(world)))

    def test_case_82_both_toggles_off_not_one_tracking_byte(self):
        _, mails = self.mails(open_tracking_enabled=False, click_tracking_enabled=False)
        self.assertEqual(self.untracked(mails[0]), self.html_of(mails[0]))
        self.assertNotIn(b"/t/", mails[0].content)

    def test_each_toggle_and_the_person_decide(self):
        _, mails = self.mails(click_tracking_enabled=False)
        self.assertEqual((1, 0), tuple(map(len, self.links(mails[0]))))
        _, mails = self.mails(open_tracking_enabled=False)
        self.assertEqual((0, 3), tuple(map(len, self.links(mails[0]))))
        _, mails = self.mails(contact={"do_not_track": True})
        self.assertEqual(self.untracked(mails[0]), self.html_of(mails[0]))

    def test_links_lead_to_the_mailboxs_host_or_the_public_url(self):
        world, mails = self.mails(mailbox={"tracking_host": "track.corp.test"})
        self.assertEqual(4, self.html_of(mails[0]).count("https://track.corp.test/t/"))
        box = world.api("GET", "/api/v1/mailboxes")["items"][0]
        self.assertEqual(("track.corp.test", []), (box["tracking_host"], box["warnings"]))
        _, mails = self.mails(settings={"http__public_url": "https://go.corp.test/"})
        self.assertEqual(4, self.html_of(mails[0]).count("https://go.corp.test/t/"))

    def test_a_mailbox_elsewhere_without_a_public_url_says_that_it_is_not_tracked(self):
        world = self.world()
        world.serve()
        world.mailbox(smtp_host="smtp.corp.test", tls="implicit")
        box = world.api("GET", "/api/v1/mailboxes")["items"][0]
        self.assertIn("no_tracking", [warning["code"] for warning in box["warnings"]])
        status, _, answer = world.call("PATCH", f"/api/v1/mailboxes/{box['id']}", {"tracking_host": "track.corp.test"})
        self.assertEqual((200, []), (status, answer["warnings"]))
        status, _, answer = world.call("PATCH", f"/api/v1/mailboxes/{box['id']}", {"tracking_host": "https://x.test"})
        self.assertEqual((422, "/tracking_host"), (status, answer["errors"][0]["pointer"]))

    def test_a_rotated_key_leaves_the_links_that_were_sent_as_they_are(self):
        world, mails = self.mails()
        (pixel,), clicks = self.links(mails[0])
        self.assertIn("link key 2 signs in 10m", world.rig.run("links", "rotate").stdout)
        world.programs["all"].stop()
        world.programs["all"].start()
        self.until(lambda: world.api.is_ready(world.api.ports[0]), 20, world)
        self.assertEqual(302, self.hit(world, clicks[0])[0])
        self.hit(world, pixel)
        self.until(lambda: len(self.events(world)) == 2, 20, world)

    # ---- nothing that was answered is lost

    def answered(self, world, paths):
        """How many of them were."""
        with concurrent.futures.ThreadPoolExecutor(8) as pool:
            return sum(1 for answer in pool.map(lambda path: self.hit(world, path), paths) if answer)

    def recorded(self, world):
        """How often each email was opened."""
        return dict(world.sql("SELECT email_queue_id::text, count(*) FROM email_events "
                              "WHERE event_type = 'opened' GROUP BY 1"))

    def test_hits_while_the_database_is_away_are_answered_and_recorded_when_it_is_back(self):
        world, mails = self.mails(20)
        pixels = [self.links(mail)[0][0] for mail in mails]
        self.until_quiet(world)
        world.on_server(f"ALTER DATABASE {world.database} ALLOW_CONNECTIONS false")
        world.on_server(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{world.database}'")
        world.disconnect()
        self.assertEqual(20, self.answered(world, pixels))
        clicks = self.links(mails[0])[1]
        self.assertEqual(302, self.hit(world, clicks[2])[0])
        world.on_server(f"ALTER DATABASE {world.database} ALLOW_CONNECTIONS true")
        self.until(lambda: len(self.events(world)) == 21, 40, world)
        self.assertEqual([1] * 20, list(self.recorded(world).values()))

    def test_what_a_stopped_process_kept_is_published_by_the_next(self):
        world, mails = self.mails(5)
        pixels = [self.links(mail)[0][0] for mail in mails]
        self.until_quiet(world)
        world.on_server(f"ALTER DATABASE {world.database} ALLOW_CONNECTIONS false")
        world.on_server(f"SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = '{world.database}'")
        world.disconnect()
        self.assertEqual(5, self.answered(world, pixels))
        world.programs["all"].kill()
        world.on_server(f"ALTER DATABASE {world.database} ALLOW_CONNECTIONS true")
        world.programs["all"].start()
        self.until(lambda: len(self.recorded(world)) == 5, 40, world)
        self.assertEqual([1] * 5, list(self.recorded(world).values()))

    def test_killed_while_loaded_every_answered_hit_is_recorded_once(self):
        world, mails = self.mails(40)
        self.until_quiet(world)
        program = world.programs["all"]
        pixels = [(mail.message["X-Sequitur-Id"], self.links(mail)[0][0]) for mail in mails] * 50
        answered, unanswered = [], []

        def load(email, path):
            if self.hit(world, path):
                return answered.append(email)
            unanswered.append(email)
            return wait_until(lambda: world.api.is_ready(world.api.ports[0]), 30)

        with concurrent.futures.ThreadPoolExecutor(16) as pool:
            hits = [pool.submit(load, *pixel) for pixel in pixels]
            for enough in (300, 900):
                self.until(lambda: len(answered) >= enough, 60, world)
                program.kill()
                program.start()
            for hit in hits:
                hit.result()
        self.assertGreater(len(unanswered), 0, "it was not killed under load")

        def missing():
            recorded = self.recorded(world)
            return [email for email in set(answered) if recorded.get(email, 0) < answered.count(email)]

        self.until(lambda: not missing(), 60, world)
        # One that was cut off may be recorded too, but nothing twice.
        recorded = self.recorded(world)
        for email in set(answered):
            self.assertLessEqual(recorded[email], answered.count(email) + unanswered.count(email))
        self.until(lambda: not self.kept(world), 20, world)
        self.assertEqual(recorded, self.recorded(world))

    def test_a_process_may_die_at_any_step_of_a_hit(self):
        for point in ("hits.before_sync", "hits.after_sync", "hits.before_publish", "hits.after_publish"):
            with self.subTest(point):
                world, mails = self.mails(6, fault=f"{point}:kill:1")
                program = world.programs["all"]
                answered = []
                for mail in mails:
                    if self.hit(world, self.links(mail)[0][0]):
                        answered.append(mail.message["X-Sequitur-Id"])
                        if point.endswith("publish"):  # the relay has only this one
                            break
                self.until(lambda: not program.is_running(), 20, world)
                self.assertEqual(-signal.SIGKILL, program.process.returncode)
                world.heal(program)
                self.until(lambda: world.api.is_ready(world.api.ports[0]), 30, world)
                for mail in mails:
                    if mail.message["X-Sequitur-Id"] not in answered and self.hit(world, self.links(mail)[0][0]):
                        answered.append(mail.message["X-Sequitur-Id"])
                self.until(lambda: set(self.recorded(world)) >= set(answered), 30, world)
                self.until(lambda: not self.kept(world), 20, world)
                counts = self.recorded(world)
                self.assertEqual(6, len(counts))
                # The hit that was cut off before its answer came once more, as another hit.
                cut_off = 1 if point == "hits.after_sync" else 0
                self.assertEqual(6 + cut_off, sum(counts.values()))

    def spool(self, world):
        (name,) = os.listdir(os.path.join(world.rig.folder, "tracking"))
        return os.path.join(world.rig.folder, "tracking", name)

    def kept(self, world):
        """Bytes that wait for the bus."""
        return sum(entry.stat().st_size for entry in os.scandir(self.spool(world)))


if __name__ == "__main__":
    unittest.main()
