#!/usr/bin/env python3
"""An SMTP server that takes its time: it answers what it has read after so many milliseconds, as one far away does.

Pipelined commands are answered together, so a round trip costs the wait once. Runs as a process of its own:
slow_sink.py PORT WAIT_MS [STALL], where STALL is `greeting` or `data`: there it says nothing more until SIGUSR1. Every
0.2 s it prints `connections stalled mails twice`; a mail is told from another by its Message-ID.
"""
import asyncio
import contextlib
import re
import resource
import signal
import sys

MESSAGE_ID = re.compile(rb"^message-id:\s*(\S+)", re.IGNORECASE | re.MULTILINE)
HEAD_BYTES = 4096
ANSWERS = {b"EHLO": b"250-slow.test\r\n250-PIPELINING\r\n250-ENHANCEDSTATUSCODES\r\n250 SIZE 35882577\r\n",
           b"QUIT": b"221 2.0.0 bye\r\n"}


class Counts:
    def __init__(self, wait_ms, stall):
        self.wait = wait_ms / 1000
        self.stall = stall
        self.released = asyncio.Event()
        self.connections = self.stalled = self.mails = self.twice = 0
        self.seen = set()

    async def pause(self, where):
        if where == self.stall and not self.released.is_set():
            self.stalled += 1
            try:
                await self.released.wait()
            finally:
                self.stalled -= 1

    def accept(self, head):
        found = MESSAGE_ID.search(head)
        name = found.group(1) if found else b""
        self.twice += name in self.seen
        self.seen.add(name)
        self.mails += 1


class Session(asyncio.Protocol):
    """Bytes go into a queue; one task a connection works them off."""

    def __init__(self, counts):
        self.counts = counts
        self.data = bytearray()
        self.news = asyncio.Event()
        self.closed = False

    def connection_made(self, transport):
        self.transport = transport
        self.counts.connections += 1
        self.task = asyncio.ensure_future(self.talk())

    def data_received(self, data):
        self.data += data
        self.news.set()

    def connection_lost(self, _error):
        self.counts.connections -= 1
        self.closed = True
        self.task.cancel()

    async def talk(self):
        await self.counts.pause("greeting")
        self.transport.write(b"220 slow.test ESMTP\r\n")
        while not self.closed:
            while b"\n" not in self.data:
                self.news.clear()
                await self.news.wait()
            if self.counts.wait:
                await asyncio.sleep(self.counts.wait)
            *lines, rest = bytes(self.data).split(b"\r\n")
            self.data = bytearray(rest)
            await self.answer(lines)

    async def answer(self, lines):
        replies = []
        for number, line in enumerate(lines):
            verb = line[:4].upper()
            if verb == b"DATA":
                await self.counts.pause("data")
                self.transport.write(b"".join([*replies, b"354 go ahead\r\n"]))
                await self.body(b"\r\n".join([*lines[number + 1:], bytes(self.data)]))
                return
            replies.append(ANSWERS.get(verb, b"250 2.0.0 ok\r\n"))
        self.transport.write(b"".join(replies))
        if lines and lines[-1][:4].upper() == b"QUIT":
            self.transport.close()

    async def body(self, start):
        self.data = bytearray(start)
        while (end := self.data.find(b"\r\n.\r\n")) < 0:
            self.news.clear()
            await self.news.wait()
        self.counts.accept(bytes(self.data[:HEAD_BYTES]))
        self.data = self.data[end + 5:]
        if self.counts.wait:
            await asyncio.sleep(self.counts.wait)
        self.transport.write(b"250 2.0.0 ok\r\n")


async def main(port, wait_ms, stall=""):
    counts = Counts(float(wait_ms), stall)
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGUSR1, counts.released.set)
    server = await loop.create_server(lambda: Session(counts), "127.0.0.1", int(port), backlog=4096)
    async with server:
        while True:
            print(counts.connections, counts.stalled, counts.mails, counts.twice, flush=True)
            await asyncio.sleep(0.2)


if __name__ == "__main__":
    hard = resource.getrlimit(resource.RLIMIT_NOFILE)[1]
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))
    with contextlib.suppress(KeyboardInterrupt, BrokenPipeError):
        asyncio.run(main(*sys.argv[1:]))
