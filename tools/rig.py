"""What demo.py and crash.py share: the program under test as processes, its API, the sink's ledger.

Only the standard library. Everything that a run writes lies in one folder of its own, which goes
with the run unless it is kept for a look.
"""
import http.client
import json
import os
import random
import shutil
import signal
import socket
import subprocess
import tempfile
import time

BIN = os.environ.get("SEQUITUR_BIN", "build/sequitur")


_taken = []  # ports of this process, as names that end with it


def free_port():
    """Below the range from which connections take theirs: there it could be gone before it is used.

    Nobody else who asks here gets it while this process lives, whether or not something listens on it yet.
    """
    while True:
        port = random.randrange(12_000, 32_000)
        name = socket.socket(socket.AF_UNIX)
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                name.bind(f"\0sequitur-port-{port}")
                probe.bind(("127.0.0.1", port))
            except OSError:
                name.close()
                continue
        _taken.append(name)
        return port


def wait_until(condition, seconds, step=0.05):
    """True as soon as `condition()` is, False after `seconds`."""
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(step)
    return bool(condition())


class Refused(Exception):
    """The API said no: its status and its problem document."""

    def __init__(self, status, body):
        super().__init__(f"{status}: {body}")
        self.status = status
        self.body = body


class Api:
    """Calls that go to whichever of the addresses answers; only safe for calls that may be repeated."""

    def __init__(self, ports):
        self.ports = list(ports)

    def __call__(self, method, path, body=None, patience=60):
        end = time.monotonic() + patience
        while True:
            for port in list(self.ports):
                try:
                    return self.once(port, method, path, body)
                except (OSError, http.client.HTTPException):
                    pass  # killed, frozen or not up yet: the next one
                except Refused as no:
                    if no.status < 500:
                        raise
            # The one that just failed is asked last.
            self.ports.append(self.ports.pop(0))
            if time.monotonic() > end:
                raise TimeoutError(f"nobody answered {method} {path} for {patience} s")
            time.sleep(0.1)

    @staticmethod
    def once(port, method, path, body=None, timeout=10):
        connection = http.client.HTTPConnection("127.0.0.1", port, timeout=timeout)
        try:
            text = None if body is None else json.dumps(body)
            connection.request(method, path, text, {"Content-Type": "application/json"} if text else {})
            answer = connection.getresponse()
            content = answer.read()
        finally:
            connection.close()
        parsed = json.loads(content) if content and "json" in answer.getheader("Content-Type", "") else content.decode()
        if answer.status >= 400:
            raise Refused(answer.status, parsed)
        return parsed

    def pages(self, path, limit=200):
        """The items of all pages."""
        cursor = None
        while True:
            join = "&" if "?" in path else "?"
            page = self("GET", f"{path}{join}limit={limit}" + (f"&cursor={cursor}" if cursor else ""))
            yield from page["items"]
            cursor = page.get("next_cursor")
            if not cursor:
                return

    def is_ready(self, port):
        try:
            self.once(port, "GET", "/readyz", timeout=2)
            return True
        except (OSError, http.client.HTTPException, Refused):
            return False


class Program:
    """One process of the program, which can be started again; its log is appended to one file."""

    def __init__(self, name, arguments, environment, folder):
        self.name = name
        self.arguments = arguments
        self.environment = environment
        self.log = os.path.join(folder, name + ".log")
        self.process = None
        self.is_asked = False

    def start(self):
        self.is_asked = False
        with open(self.log, "ab") as log:
            # A session of its own: a Ctrl-C at the terminal reaches us, and we decide who ends when.
            self.process = subprocess.Popen([BIN, *self.arguments], env=self.environment, stdin=subprocess.DEVNULL,
                                            stdout=log, stderr=log, start_new_session=True)
        return self

    def is_running(self):
        return self.process is not None and self.process.poll() is None

    def signal(self, number):
        if self.is_running():
            self.process.send_signal(number)

    def kill(self):
        self.signal(signal.SIGKILL)
        self.process.wait()

    def ask_to_stop(self):
        """Once: a second signal would cut the drain off."""
        self.signal(signal.SIGCONT)
        if not self.is_asked:
            self.signal(signal.SIGTERM)
        self.is_asked = True

    def stop(self, seconds=15):
        """Asks, waits, insists; True if it ended by itself with code 0."""
        if self.process is None:
            return True
        self.ask_to_stop()
        try:
            return self.process.wait(seconds) == 0
        except subprocess.TimeoutExpired:
            self.kill()
            return False

    def last_words(self, lines=15):
        with open(self.log, errors="replace") as log:
            return "".join(log.readlines()[-lines:])


class Ledger:
    """Follows the sink's file: each accepted mail once, in order."""

    def __init__(self, path):
        self.path = path
        self.lines = 0
        self._rest = b""
        self._offset = 0

    def news(self):
        """The lines that came since the last call, as objects."""
        try:
            with open(self.path, "rb") as file:
                file.seek(self._offset)
                new = file.read()
        except FileNotFoundError:
            return []
        self._offset += len(new)
        *whole, self._rest = (self._rest + new).split(b"\n")
        self.lines += len(whole)
        return [json.loads(line) for line in whole]


class Rig:
    """A run: its folder, its settings, its processes."""

    def __init__(self, name, settings):
        self.folder = tempfile.mkdtemp(prefix=f"sequitur-{name}-")
        self.environment = {k: v for k, v in os.environ.items() if not k.startswith("SEQUITUR_") or "DATABASE" in k}
        self.environment["SEQUITUR_SECRETS__KEY_FILE"] = os.path.join(self.folder, "master.key")
        self.environment["SEQUITUR_TRACKING__SPOOL"] = os.path.join(self.folder, "tracking")
        self.set(settings)
        self.ledger_path = os.path.join(self.folder, "ledger.jsonl")
        self.sink_port = free_port()
        self.programs = []

    def set(self, settings):
        """For every process that is started from now on."""
        self.environment.update({"SEQUITUR_" + k.upper().replace(".", "__"): str(v) for k, v in settings.items()})

    def run(self, *arguments, check=True):
        """A command of the program, to its end."""
        done = subprocess.run([BIN, *arguments], env=self.environment, stdin=subprocess.DEVNULL,
                              stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
        if check and done.returncode != 0:
            raise RuntimeError(f"sequitur {' '.join(arguments)} ended with {done.returncode}:\n{done.stderr}")
        return done

    def program(self, name, *arguments, **settings):
        environment = dict(self.environment)
        environment.update({"SEQUITUR_" + k.upper(): str(v) for k, v in settings.items()})
        program = Program(name, list(arguments), environment, self.folder)
        self.programs.append(program)
        return program

    def start_sink(self, *arguments):
        sink = self.program("sink", "sink", "--listen", f"127.0.0.1:{self.sink_port}", "--ledger", self.ledger_path,
                            *arguments)
        sink.start()
        if not wait_until(lambda: accepts(self.sink_port) or not sink.is_running(), 15) or not sink.is_running():
            raise RuntimeError("the sink did not start:\n" + sink.last_words())
        return sink

    def stop(self):
        """Everything, the sink last: what is on the wire may still be answered."""
        for program in self.programs:
            if program.name != "sink":
                program.ask_to_stop()
        for program in sorted(self.programs, key=lambda p: p.name == "sink"):
            program.stop()

    def remove(self):
        shutil.rmtree(self.folder, ignore_errors=True)


def accepts(port):
    with socket.socket() as probe:
        probe.settimeout(1)
        return probe.connect_ex(("127.0.0.1", port)) == 0


def mailbox(rig, number, capacity, **members):
    return {"email": f"sender{number:03}@mail.test", "from_name": f"Sender {number}", "daily_capacity": capacity,
            "smtp_host": "127.0.0.1", "smtp_port": rig.sink_port, "tls": "none", "min_gap_seconds": 0, **members}
