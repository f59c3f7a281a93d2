"""The world of a story: a database of its own, a sink, and processes of the program.

A story is a `Story`: it gets a world and cleans it up. It says what runs (`serve`), what is sent (`mailbox`,
`sequence`, `enrol`), waits for what must come about (`until`), and ends with `verify`, which also looks that no
process ended by itself. SEQUITUR_KEEP=1 leaves the folder with the logs and the database for a look.
"""
import http.client
import json
import os
import sys
import unittest
import urllib.parse
import uuid

import psycopg2
from bus_records import BusRecords

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
from rig import Api, Ledger, Refused, Rig, free_port, mailbox, wait_until  # noqa: E402,F401

# Short enough for a test: a day is long against the time between two looks, a lease against a busy machine.
SETTINGS = {"http.auth": "none", "schedule.day": "1s", "retry.first_delay": "1s", "producer.interval": "2s",
            "sender.lease": "6s", "sender.backoff_first": "1s", "sender.backoff_max": "2s", "janitor.interval": "500ms",
            "janitor.queued_after": "4s", "janitor.failed_after": "4s", "janitor.stranded_after": "4s",
            "log.level": "info"}

STEPS = [{"subject": "Hello {{first_name}}", "content": "<p>Hello {{first_name}}</p>"},
         {"subject": "", "content": "<p>{{first_name}}, again</p>", "wait_days": 1},
         {"subject": "Last", "content": "<p>Good bye, {{first_name}}</p>", "wait_days": 1}]

# (on their way, due now though their mailbox has room and is well, people without a next step)
STILL_MOVING = """
WITH shut AS (SELECT id FROM mailboxes m WHERE status <> 'active' OR EXISTS (
                SELECT FROM mailbox_daily_counts c WHERE c.mailbox_id = m.id
                   AND c.date = (now() AT TIME ZONE m.timezone)::date
                   AND reserved_count + sent_count + unknown_count >= cap))
SELECT (SELECT count(*) FROM email_queues WHERE status IN ('queued', 'sending', 'failed')),
       (SELECT count(*) FROM email_queues WHERE status = 'scheduled' AND mailbox_id NOT IN (SELECT id FROM shut)),
       (SELECT count(*) FROM sequence_contacts sc WHERE status = 'active' AND NOT EXISTS
          (SELECT FROM email_queues e WHERE e.sequence_contact_id = sc.id
              AND e.status IN ('scheduled', 'queued', 'sending', 'failed', 'held', 'unknown')))
"""


def people(count, start=0, local="p{}"):
    """Contacts; their local parts are the sink's script, such as "451.dot.x1.p{}"."""
    return [{"email": f"{local.format(n)}@people.test", "first_name": f"Person {n}"}
            for n in range(start, start + count)]


def forged(link, place):
    """The link with another character at this place, whichever stood there: a token is random text."""
    other = "A" if link[place] != "A" else "B"
    return "".join((*link[:place], other, *link[place:][1:]))


class World:
    def __init__(self, name="story", server=None, **settings):
        self.server = server or os.environ["SEQUITUR_TEST_DATABASE_URL"]
        self.database = f"{name}_{uuid.uuid4().hex[:12]}".lower()
        self.url = urllib.parse.urlsplit(self.server)._replace(path="/" + self.database).geturl()
        self._connection = None
        self.on_server(f"CREATE DATABASE {self.database}")
        self.rig = Rig(name, {**SETTINGS, "database.url": self.url,
                              **{key.replace("__", "."): value for key, value in settings.items()}})
        self.rig.environment.pop("SEQUITUR_TEST_DATABASE_URL", None)
        self.api = Api([])
        self.programs = {}
        self.rig.run("migrate", "up")

    # ---- processes

    def sink(self, *arguments):
        self.programs["sink"] = self.rig.start_sink(*arguments)
        return self.programs["sink"]

    def serve(self, name="all", roles="all", fault="", wait=True, **settings):
        """Starts a process with these roles. With an API it is waited for, unless it may die at its start."""
        if fault:
            settings["fault"] = fault
        port = None
        if "api" in roles or roles == "all":
            port = free_port()
            settings.setdefault("http__listen", f"127.0.0.1:{port}")
        program = self.programs[name] = self.rig.program(name, "serve", "--roles", roles, **settings)
        program.start()
        if port:
            self.api.ports.insert(0, port)
        if port and wait and not wait_until(lambda: self.api.is_ready(port) or not program.is_running(), 60):
            raise RuntimeError(f"{name} did not get ready:\n{program.last_words()}")
        return program

    def heal(self, program):
        """Starts it again, without its fault."""
        program.environment.pop("SEQUITUR_FAULT", None)
        return program.start()

    def call(self, method, path, body=None, **headers):
        """One request as it is: (status, headers, body); `body` may be bytes."""
        content = body if body is None or isinstance(body, bytes) else json.dumps(body).encode()
        connection = http.client.HTTPConnection("127.0.0.1", self.api.ports[0], timeout=60)
        try:
            connection.request(method, path, content, {"Content-Type": "application/json", **headers})
            answer = connection.getresponse()
            text = answer.read()
            is_json = "json" in answer.headers.get("Content-Type", "")
            return answer.status, answer.headers, json.loads(text) if is_json else text.decode()
        finally:
            connection.close()

    # ---- mail

    def mailbox(self, number=0, capacity=1000, **members):
        return self.api("POST", "/api/v1/mailboxes", mailbox(self.rig, number, capacity, **members))["id"]

    def mailboxes(self, count, capacity=1000, **members):
        return [self.mailbox(number, capacity, **members) for number in range(count)]

    def sequence(self, steps=2, mailboxes=None, name="Sequence", **members):
        body = {"name": name, "steps": STEPS[:steps] if isinstance(steps, int) else steps, **members}
        if mailboxes:
            body["mailbox_ids"] = mailboxes
        return self.api("POST", "/api/v1/sequences", body)["id"]

    def enrol(self, sequence, contacts):
        """Posting the same people again adds nobody: the call is safe while processes die."""
        return self.api("POST", f"/api/v1/sequences/{sequence}/contacts", {"contacts": contacts})

    # ---- what came of it

    def sql(self, query, *arguments):
        """Rows, or [] for a statement that returns none; each call is a transaction of its own."""
        if self._connection is None or self._connection.closed:
            self._connection = psycopg2.connect(self.url)
            self._connection.autocommit = True
        with self._connection.cursor() as cursor:
            cursor.execute(query, arguments or None)
            return cursor.fetchall() if cursor.description else []

    def disconnect(self):
        """The next statement opens a connection: this one's server is gone."""
        if self._connection:
            self._connection.close()

    def one(self, query, *arguments):
        return self.sql(query, *arguments)[0][0]

    def bus_records(self):
        """The records of the bus that this world is on."""
        return BusRecords(self)

    def statuses(self):
        return dict(self.sql("SELECT status::text, count(*) FROM email_queues GROUP BY 1"))

    def enrollments(self):
        return dict(self.sql("SELECT status::text, count(*) FROM sequence_contacts GROUP BY 1"))

    def ledger(self):
        return Ledger(self.rig.ledger_path).news()

    def moving(self):
        return self.sql(STILL_MOVING)[0]

    def is_quiet(self):
        return not any(self.moving())

    def verify(self, running=False):
        """Raises with the list of what is broken; returns the report."""
        done = self.rig.run("verify", "--ledger", self.rig.ledger_path, "--json", *(["--running"] if running else []),
                            check=False)
        if done.returncode != 0:
            raise AssertionError(f"verify: {done.returncode}\n{done.stdout}{done.stderr}")
        return json.loads(done.stdout)

    def died(self):
        """The processes that ended, with their codes (a signal is negative)."""
        return {name: program.process.returncode for name, program in self.programs.items()
                if not program.is_running()}

    # ---- the end

    def on_server(self, statement):
        connection = psycopg2.connect(self.server)
        connection.autocommit = True
        try:
            connection.cursor().execute(statement)
        finally:
            connection.close()

    def close(self):
        self.rig.stop()
        self.disconnect()
        if os.environ.get("SEQUITUR_KEEP"):
            print(f"kept: {self.rig.folder} {self.url}", file=sys.stderr)
            return
        self.rig.remove()
        self.on_server(f"DROP DATABASE {self.database} WITH (FORCE)")


class Story(unittest.TestCase):
    """Gives each test a world; `settings` of the class are the program's."""

    settings = {}

    def world(self, **settings):
        world = World(type(self).__name__.lower(), **{**self.settings, **settings})
        self.addCleanup(world.close)
        return world

    def until(self, condition, seconds, world=None, says="it did not come about"):
        if wait_until(condition, seconds):
            return
        words = ""
        if world:
            words = f"\nemails {world.statuses()}, people {world.enrollments()}, moving {world.moving()}"
            for name, program in world.programs.items():
                words += f"\n--- {name}\n{program.last_words(8)}"
        self.fail(f"{says} within {seconds} s{words}")

    def until_quiet(self, world, seconds=60):
        self.until(world.is_quiet, seconds, world, "something still moves")

    def verify(self, world):
        """At the end of every story: nobody died unasked, and every promise of the protocol holds."""
        self.assertEqual({}, world.died())
        reports = []

        def holds():
            try:
                reports.append(world.verify())
            except AssertionError as broken:
                reports.append(broken)
            return not isinstance(reports[-1], AssertionError)

        # What follows the last mail (its next step, its completion) may still be on its way.
        if not wait_until(holds, 10, step=0.5):
            raise reports[-1]
        return reports[-1]
