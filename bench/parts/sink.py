"""Postfix's smtp-sink: the neutral end of every bench. It is unpacked from its package, no daemon is installed.

Its counter (`-c`) is read in gulps of 20 ms: (seconds, mails) pairs, from which the rate of a drain follows.
"""
import fcntl
import os
import resource
import subprocess
import threading
import time

from rig import accepts, free_port, wait_until

F_SETPIPE_SZ = 1031
SESSIONS_MAX = 16_000


def postfix_program(name):
    folder = os.environ["SEQUITUR_POSTFIX"]
    environment = {**os.environ, "LD_LIBRARY_PATH": os.path.join(folder, "usr/lib/postfix")}
    return os.path.join(folder, "usr/sbin", name), environment


def many_files():
    """10,000 sessions need as many descriptors."""
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


class Sink:
    def __init__(self, *options, sessions_max=SESSIONS_MAX, port=None):
        self.port = port or free_port()
        program, environment = postfix_program("smtp-sink")
        as_nobody = ["-u", "nobody"] if os.geteuid() == 0 else []  # it refuses to stay root
        reader, writer = os.pipe()
        fcntl.fcntl(writer, F_SETPIPE_SZ, 1 << 20)
        self.process = subprocess.Popen(
            [program, *as_nobody, "-c", "-m", str(sessions_max), *options, f"127.0.0.1:{self.port}", "1024"],
            env=environment, stdin=subprocess.DEVNULL, stdout=writer, stderr=subprocess.PIPE, preexec_fn=many_files)
        os.close(writer)
        self.samples = []
        self.mails = 0
        self.sessions = 0
        self._reader = reader
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()
        if not wait_until(lambda: accepts(self.port) or self.process.poll() is not None, 10) or self.process.poll():
            raise RuntimeError(f"smtp-sink did not start: {self.process.stderr.read().decode()}")
        self._probes = self.sessions + 1

    def _follow(self):
        rest = b""
        while gulp := os.read(self._reader, 1 << 20):
            now = time.monotonic()
            *whole, rest = (rest + gulp).split(b"\r")
            if whole:
                counts = dict(pair.split(b"=") for pair in whole[-1].split() if b"=" in pair)
                self.sessions = int(counts.get(b"sess", 0))
                mails = int(counts.get(b"mesg", 0))
                if mails != self.mails:
                    self.mails = mails
                    self.samples.append((now, mails))
            time.sleep(0.02)

    def clear(self):
        """From here on only what comes now counts."""
        self.samples = []
        return self.mails

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self._thread.join(5)
        os.close(self._reader)
        self.process.stderr.close()


def rate(samples, start=0):
    """Mails a second from the first gulp to the last; its own mails do not count, as it has no beginning."""
    if len(samples) < 2:
        return 0.0
    (begin, first), (end, last) = samples[0], samples[-1]
    return (last - first) / (end - begin) if end > begin else float(last - start)
