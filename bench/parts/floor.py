"""The floor: Postfix's smtp-source to the same sink. It has no database and sends the same bytes again and again."""
import os
import subprocess
import time

from parts.cpu import cpu_us
from parts.product import WIRE_BYTES
from parts.sink import Sink, many_files, postfix_program, rate
from rig import wait_until

CONNECTIONS = 32


def smtp_source(count, _mailboxes):
    """Kept connections, mails of the product's size."""
    sink = Sink()
    try:
        program, environment = postfix_program("smtp-source")
        command = [program, "-d", "-s", str(CONNECTIONS), "-m", str(count), "-l", str(WIRE_BYTES), "-f", "a@mail.test",
                   "-t", "b@acme.test", f"127.0.0.1:{sink.port}"]
        before, begin = cpu_us(sink.process.pid), sum(os.times()[2:4])
        start = time.monotonic()
        subprocess.run(command, env=environment, check=True, preexec_fn=many_files, stdin=subprocess.DEVNULL,
                       stdout=subprocess.DEVNULL)
        wait_until(lambda: sink.mails >= count, 10)
        spent = (sum(os.times()[2:4]) - begin) * 1_000_000
        return {"emails": sink.mails, "seconds": time.monotonic() - start, "rate": rate(sink.samples),
                "cpu_us": {"client": spent / count, "sink": (cpu_us(sink.process.pid) - before) / count},
                "sessions": sink.sessions, "samples": list(sink.samples)}
    finally:
        sink.stop()
