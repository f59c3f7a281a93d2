"""The program under test, role by role in processes of their own, so that each one's cost is seen."""
import concurrent.futures
import contextlib
import http.client
import json
import threading

from parts.cpu import cpu_us, memory_kb
from parts.report import progress
from rig import Api, Rig, free_port, mailbox, wait_until

ROLES = ("producer", "relay", "sender", "followup", "retry", "recorder", "janitor")
PARAGRAPH = ("<p>{{first_name}}, the figures of the last quarter are out, and your colleagues at "
             "{{company|your company}} asked for a comparison with the year before. It takes ten minutes to "
             "read.</p>\n")
LINKS = "".join(f'<p><a href="https://example.com/report/{n}?from=mail">Part {n} of the report</a></p>\n'
                for n in (1, 2, 3))
WIRE_BYTES = 8_600  # of a mail of STEPS: HTML, its text part, headers, footer
# About 4 KB of HTML with three links, as a mail of this kind has.
STEPS = [{"subject": "The report, {{first_name}}", "content": PARAGRAPH * 20 + LINKS},
         {"subject": "", "content": "<p>Did you find the time, {{first_name}}?</p>", "wait_days": 3}]


def post_people(connection, sequence, numbers):
    people = [{"email": f"p{n}@acme{n % 1000}.test", "first_name": f"Person {n}", "last_name": "Doe",
               "company": f"Acme {n % 1000}"} for n in numbers]
    connection.request("POST", f"/api/v1/sequences/{sequence}/contacts", json.dumps({"contacts": people}),
                       {"Content-Type": "application/json"})
    answer = connection.getresponse()
    body = answer.read()
    if answer.status >= 300 or json.loads(body)["contacts_added"] != len(people):
        raise RuntimeError(f"enrolment answered {answer.status}: {body[:300]}")


class Product:
    def __init__(self, server, sink_port, **settings):
        self.server = server
        self.port = free_port()
        self.rig = Rig("bench", {"http.auth": "none", "http.listen": f"127.0.0.1:{self.port}", "log.level": "warn",
                                 "database.url": server.url, **settings})
        self.rig.sink_port = sink_port
        self.rig.run("migrate", "up")
        self.api = Api([self.port])
        self.roles = {}

    def start(self, name, *roles):
        """Its connections carry its name, by which the server's CPU time is told apart."""
        join = "&" if "?" in self.server.url else "?"
        url = f"{self.server.url}{join}application_name={name}"
        self.roles[name] = self.rig.program(name, "serve", "--roles", ",".join(roles or (name,)), database__url=url)
        return self.roles[name].start()

    def start_api(self):
        program = self.start("api")
        if not wait_until(lambda: self.api.is_ready(self.port) or not program.is_running(), 60):
            raise RuntimeError("the API did not get ready:\n" + program.last_words())

    def start_roles(self, senders=1, together=False):
        if together:
            self.start("engine", *ROLES)
            return
        for role in ROLES:
            if role != "sender":
                self.start(role)
        for n in range(senders):
            self.start(f"sender-{n}" if senders > 1 else "sender", "sender")

    def mailboxes(self, count, capacity, first=0, **members):
        ids = []
        for n in range(first, first + count):
            ids.append(self.api("POST", "/api/v1/mailboxes", mailbox(self.rig, n, capacity, **members))["id"])
        return ids

    def sequence(self, steps=None, name="bench", mailbox_ids=None, tracked=False):
        """Not tracked unless a bench is about that: the baselines beside us do not track."""
        body = {"name": name, "steps": steps or STEPS,
                "open_tracking_enabled": tracked, "click_tracking_enabled": tracked}
        if mailbox_ids:
            body["mailbox_ids"] = mailbox_ids
        return self.api("POST", "/api/v1/sequences", body)["id"]

    def enrol(self, sequence, count, first=0, a_request=5_000, clients=1, each=None, text="loading"):
        """`clients` at the same time, each over a kept connection; `each(done)` is called after every request."""
        starts, lock, done = iter(range(first, first + count, a_request)), threading.Lock(), [0]

        def client():
            connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=300)
            with contextlib.closing(connection):
                while True:
                    with lock:
                        start = next(starts, None)
                    if start is None:
                        return
                    numbers = range(start, min(first + count, start + a_request))
                    post_people(connection, sequence, numbers)
                    with lock:
                        done[0] += len(numbers)
                        progress(text, done[0], count)
                        if each:
                            each(done[0])

        with concurrent.futures.ThreadPoolExecutor(clients) as pool:
            for future in [pool.submit(client) for _ in range(clients)]:
                future.result()

    def cpu_us(self):
        return {name: cpu_us(program.process.pid) for name, program in self.roles.items() if program.is_running()}

    def peak_mb(self):
        return {name: memory_kb(program.process.pid) / 1024 for name, program in self.roles.items()
                if program.is_running()}

    def dead(self):
        return [name for name, program in self.roles.items() if not program.is_running()]

    def last_words(self):
        return "\n".join(f"--- {name}\n{program.last_words(8)}" for name, program in self.roles.items())

    def stop_roles(self):
        for program in self.roles.values():
            program.ask_to_stop()
        for program in self.roles.values():
            program.stop(30)
        self.roles = {}

    def close(self):
        self.stop_roles()
        self.rig.stop()
        self.rig.remove()
