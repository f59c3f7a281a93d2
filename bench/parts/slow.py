"""The slow sink as a process, with the same face as the fast one: mails, samples, clear()."""
import os
import signal
import subprocess
import sys
import threading
import time

from rig import accepts, free_port, wait_until


class SlowSink:
    def __init__(self, wait_ms, stall=""):
        self.port = free_port()
        program = os.path.join(os.path.dirname(os.path.abspath(__file__)), "slow_sink.py")
        self.process = subprocess.Popen([sys.executable, program, str(self.port), str(wait_ms), stall],
                                        stdin=subprocess.DEVNULL, stdout=subprocess.PIPE)
        self.connections = self.stalled = self.mails = self.twice = 0
        self.connections_max = 0
        self.samples = []
        self._thread = threading.Thread(target=self._follow, daemon=True)
        self._thread.start()
        if not wait_until(lambda: accepts(self.port), 10):
            raise RuntimeError("the slow sink did not start")

    def _follow(self):
        for line in self.process.stdout:
            self.connections, self.stalled, mails, self.twice = map(int, line.split())
            self.connections_max = max(self.connections_max, self.connections)
            if mails != self.mails:
                self.mails = mails
                self.samples.append((time.monotonic(), mails))

    @property
    def sessions(self):
        return self.connections_max

    def clear(self):
        self.samples, self.connections_max = [], 0
        return self.mails

    def release(self):
        """Those that wait in the stall go on."""
        self.process.send_signal(signal.SIGUSR1)

    def stop(self):
        self.process.terminate()
        self.process.wait()
        self._thread.join(5)
        self.process.stdout.close()
