# ctest: fast
"""The way out of the mail: by the provider's button, by the page, over every sequence, at once and for good."""
import base64
import hashlib
import re
import threading
import unittest
import urllib.parse

from cluster import Cluster
from mail_server import MailServer
from world import STEPS, Story, forged, people

ONE_STEP = STEPS[:1]
ONE_CLICK = b"List-Unsubscribe=One-Click"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}


class OptOut(Story):
    settings = {"mail.organisation": "Acme & Co", "mail.postal_address": "1 Main Street; Springfield"}

    def begin(self, roles="all", **settings):
        self.server = MailServer()
        self.addCleanup(self.server.close)
        world = self.world(**settings)
        self.sender = world.serve("all" if roles == "all" else "front", roles)
        world.mailbox(0, smtp_port=self.server.port)
        return world

    def mails_to(self, local):
        return [mail for mail in list(self.server.mails) if mail.recipient.startswith(local)]

    def link_of(self, mail):
        """As a path: in both parts and in the header the same."""
        links = {re.search(r"(https?://[^\s\"<>]+/u/[\w-]+)", mail.message.get_body((kind,)).get_content()).group(1)
                 for kind in ("html", "plain")}
        self.assertEqual(1, len(links), links)
        self.assertEqual(["<" + min(links) + ">"], mail.message.get_all("List-Unsubscribe"))
        self.assertEqual(["List-Unsubscribe=One-Click"], mail.message.get_all("List-Unsubscribe-Post"))
        return urllib.parse.urlsplit(links.pop()).path

    def first_mail(self, world, sequence, local="ana"):
        world.enrol(sequence, people(1, local=local))
        self.until(lambda: self.mails_to(local), 15, world)
        return self.mails_to(local)[0]

    def click(self, world, link, body=ONE_CLICK, **headers):
        return world.call("POST", link, body, **{**FORM, **headers})

    def events(self, world):
        return [row[0] for row in world.sql("SELECT event_type::text FROM email_events WHERE event_type::text IN "
                                            "('unsubscribed', 'resubscribed') ORDER BY created_at")]

    def state(self, world):
        """Everything that an opt-out writes."""
        return world.sql("SELECT 'c', id::text, xmin::text FROM contacts UNION ALL SELECT 's', id::text, xmin::text "
                         "FROM suppressions UNION ALL SELECT 'e', id::text, xmin::text FROM sequence_contacts "
                         "UNION ALL SELECT 'v', count(*)::text, '' FROM email_events ORDER BY 1, 2")

    def test_case_83_a_get_changes_nothing_and_one_click_acts_at_once(self):
        world = self.begin()
        mail = self.first_mail(world, world.sequence([ONE_STEP[0], {**STEPS[1], "wait_days": 300}]))
        self.until(lambda: world.statuses() == {"sent": 1, "scheduled": 1}, 15, world)
        link, before = self.link_of(mail), self.state(world)
        for turn in range(1_000):
            status, headers, page = world.call("HEAD" if turn % 10 == 9 else "GET", link)
            self.assertEqual(200, status)
            self.assertIsNone(headers["Set-Cookie"])
        self.assertEqual(before, self.state(world))
        self.assertIn("Stop all mail from Acme &amp; Co to <b>ana@people.test</b>?",
                      world.call("GET", link)[2])

        for _ in range(2):
            status, headers, text = self.click(world, link)
            self.assertEqual((200, "unsubscribed\n", None, None),
                             (status, text, headers["Set-Cookie"], headers["Location"]))
        self.assertEqual(["unsubscribed"], self.events(world))
        self.assertEqual({"sent": 1, "cancelled": 1}, world.statuses())
        self.assertEqual([("stopped", "unsubscribed")], world.sql("SELECT status, reason FROM sequence_contacts"))
        self.assertEqual([("email", "ana@people.test", "unsubscribed")],
                         world.sql("SELECT kind, value, reason FROM suppressions"))
        self.assertIn('sequitur_unsubscribes_total{via="one_click"} 1', world.call("GET", "/metrics")[2])
        skipped = world.enrol(world.sequence(ONE_STEP), people(1, local="ANA"))["skipped"]
        self.assertEqual(["unsubscribed"], [one["code"] for one in skipped])
        self.assertEqual({}, world.died())

    def test_case_84_what_waits_on_the_bus_is_cancelled_and_no_connection_is_made_for_it(self):
        world = self.begin(janitor__queued_after="60s")
        link = self.link_of(self.first_mail(world, world.sequence(ONE_STEP)))
        self.until(lambda: world.enrollments() == {"completed": 1}, 15, world)
        self.sender.stop()
        world.programs.pop("all")
        world.serve("front", "api,producer,relay")
        for _ in range(3):
            world.enrol(world.sequence(ONE_STEP), people(1, local="ana"))
        # One whose entry came after every look of the stop act: the claim is the last to look.
        world.enrol(world.sequence(ONE_STEP), people(1, local="late"))
        self.until(lambda: world.statuses() == {"sent": 1, "queued": 4}, 15, world)

        status, _, page = self.click(world, link, b"confirm=1")
        self.assertEqual(200, status)
        self.assertIn("3 messages that were planned for you will not be sent.", page)
        self.assertEqual({"sent": 1, "queued": 1, "cancelled": 3}, world.statuses())
        self.assertEqual(1, world.one("SELECT sum(reserved_count) FROM mailbox_daily_counts"))
        world.sql("INSERT INTO suppressions (kind, value, reason, settled_at) "
                  "VALUES ('email', 'late@people.test', 'manual', now())")

        self.server.verbs.clear()
        world.serve("rest", "sender,followup,retry,recorder,janitor")
        self.until(lambda: world.statuses() == {"sent": 1, "cancelled": 4}, 15, world)
        self.assertEqual([("suppressed", 1), ("unsubscribed", 3)],
                         world.sql("SELECT reason, count(*) FROM email_queues WHERE status = 'cancelled' "
                                   "GROUP BY 1 ORDER BY 1"))
        self.assertEqual(([], 1), (self.server.verbs, len(self.server.mails)))
        self.assertEqual(0, world.one("SELECT sum(reserved_count) FROM mailbox_daily_counts"))
        self.assertEqual({}, world.died())

    def test_the_page_stops_every_sequence_and_the_undo_frees_the_address_only(self):
        world = self.begin()
        first = self.first_mail(world, world.sequence([ONE_STEP[0], {**STEPS[1], "wait_days": 300}]))
        world.enrol(world.sequence([{**ONE_STEP[0], "wait_days": 300}]),
                    people(2, local="{}ana") + people(1, local="ana"))
        self.until(lambda: world.statuses() == {"sent": 1, "scheduled": 4}, 15, world)
        link = self.link_of(first)

        page = self.click(world, link, b"confirm=1")[2]
        self.assertIn("<h1>You are unsubscribed</h1>", page)
        self.assertIn("2 messages that were planned for you will not be sent.", page)
        self.assertIn('name="undo"', world.call("GET", link)[2])
        self.assertEqual({"sent": 1, "cancelled": 2, "scheduled": 2}, world.statuses())

        self.assertIn("<h1>You can get mail again</h1>", self.click(world, link, b"undo=1")[2])
        self.assertEqual(["unsubscribed", "resubscribed"], self.events(world))
        self.assertEqual({"sent": 1, "cancelled": 2, "scheduled": 2}, world.statuses())
        world.enrol(world.sequence([{**ONE_STEP[0], "subject": "New"}]), people(1, local="ana"))
        self.until(lambda: len(self.mails_to("ana")) == 2, 15, world)
        self.assertEqual({}, world.died())

    def test_a_message_that_has_its_permit_is_named_on_the_page(self):
        world = self.begin(sender__lease="60s")
        link = self.link_of(self.first_mail(world, world.sequence(ONE_STEP)))
        self.until(lambda: world.enrollments() == {"completed": 1}, 15, world)
        answered = threading.Event()
        self.addCleanup(answered.set)
        # The server has the whole second message, and does not say so yet.
        self.server.delay = lambda: 0 if len(self.server.mails) < 2 or answered.wait(30) else 0
        world.enrol(world.sequence(ONE_STEP), people(1, local="ana"))
        self.until(lambda: len(self.server.mails) == 2, 15, world)

        page = self.click(world, link, b"confirm=1")[2]
        self.assertIn("1 message was already on its way and may still arrive. Nothing comes after it.", page)
        self.assertIn("may still arrive", self.click(world, link, b"confirm=1")[2])
        answered.set()
        self.until(lambda: world.statuses() == {"sent": 2}, 15, world)
        self.assertNotIn("may still arrive", self.click(world, link, b"confirm=1")[2])
        self.assertEqual(["unsubscribed"], self.events(world))
        self.assertEqual({}, world.died())

    def test_a_forged_link_is_not_found_and_every_page_is_held_to_its_policy(self):
        world = self.begin()
        link = self.link_of(self.first_mail(world, world.sequence(ONE_STEP)))
        for place in range(3, len(link)):
            wrong = forged(link, place)
            self.assertEqual(404, self.click(world, wrong)[0], wrong)
        self.assertEqual([], self.events(world))
        self.assertEqual(400, self.click(world, link, b"")[0])
        status, headers, page = world.call("GET", link)
        style = re.search("<style>(.*)</style>", page).group(1)
        digest = base64.b64encode(hashlib.sha256(style.encode()).digest()).decode()
        self.assertIn(f"style-src 'sha256-{digest}'", headers["Content-Security-Policy"])
        self.assertEqual(("noindex, nofollow", "no-store"), (headers["X-Robots-Tag"], headers["Cache-Control"]))

    def test_without_a_database_the_provider_is_asked_to_come_again(self):
        server = Cluster()
        self.addCleanup(server.remove)
        world = self.begin(server=server.url())
        link = self.link_of(self.first_mail(world, world.sequence(ONE_STEP)))
        server.stop("immediate")
        world.disconnect()
        status, headers, _ = self.click(world, link)
        self.assertEqual((503, "30"), (status, headers["Retry-After"]))
        self.assertEqual(503, world.call("GET", link)[0])
        self.assertEqual(404, world.call("GET", link + "x")[0])
        server.start()
        self.until(lambda: self.click(world, link)[0] == 200, 20, world)
        self.assertEqual(["unsubscribed"], self.events(world))

    def test_a_crash_between_the_two_transactions_is_finished(self):
        world = self.begin()
        link = self.link_of(self.first_mail(world, world.sequence([ONE_STEP[0], {**STEPS[1], "wait_days": 300}])))
        world.enrol(world.sequence([{**ONE_STEP[0], "wait_days": 300}]), people(1, local="ana"))
        self.until(lambda: world.statuses() == {"sent": 1, "scheduled": 2}, 15, world)
        dies = world.serve("dies", "api", fault="stop.between_transactions:kill:1")
        with self.assertRaises(OSError):
            self.click(world, link)
        dies.process.wait(10)
        world.programs.pop("dies")
        world.api.ports.pop(0)
        self.assertEqual({"sent": 1, "scheduled": 2}, world.statuses())
        self.assertEqual({"stopped": 2}, world.enrollments())
        self.until(lambda: world.statuses() == {"sent": 1, "cancelled": 2}, 30, world, "the janitor finished nothing")
        self.assertEqual(0, world.one("SELECT count(*) FROM suppressions WHERE settled_at IS NULL"))

    def test_a_mail_ends_with_the_way_out_unless_its_author_shows_it(self):
        world = self.begin()
        text = self.first_mail(world, world.sequence(ONE_STEP), "foot").message.get_body(("plain",)).get_content()
        self.assertRegex(text, r"--\r?\nAcme & Co\r?\n1 Main Street\r?\nSpringfield\r?\nUnsubscribe: http://\S+/u/\S+")
        own = self.first_mail(world, world.sequence(
            [{"subject": "Own", "content": '<p>Hi</p><p><a href="{{unsubscribe_url}}">No more</a></p>'}]), "own")
        html = own.message.get_body(("html",)).get_content()
        self.assertIn(self.link_of(own), html)
        self.assertNotIn("Springfield", html)


if __name__ == "__main__":
    unittest.main()
