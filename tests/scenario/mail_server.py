"""A mail server that keeps what it is given, for stories that read the mail itself. The sink keeps only a ledger.

`delay` says how long each answer takes, in seconds.
"""
import email
import email.policy
import socketserver
import threading
import time


class Received:
    def __init__(self, sender, recipient, content):
        self.sender, self.recipient, self.content = sender, recipient, content
        self.at = time.monotonic()
        self.message = email.message_from_bytes(content, policy=email.policy.default)


class _Session(socketserver.StreamRequestHandler):
    def say(self, line):
        time.sleep(self.server.delay())  # tree-ok(sleep): this is what makes the server slow
        self.wfile.write(line.encode() + b"\r\n")

    def content(self):
        """None: hung up before the dot."""
        lines = []
        for line in iter(self.rfile.readline, b""):
            if line == b".\r\n":
                return b"".join(lines)
            lines.append(line[1:] if line.startswith(b".") else line)
        return None

    def handle(self):
        self.say("220 mail.test ESMTP")
        sender = recipient = ""
        for line in iter(self.rfile.readline, b""):
            verb = line[:4].upper()
            if verb == b"EHLO":
                self.say("250-mail.test\r\n250 PIPELINING")
            elif verb == b"MAIL":
                sender = line.split(b"<")[1].split(b">")[0].decode()
                self.say("250 ok")
            elif verb == b"RCPT":
                recipient = line.split(b"<")[1].split(b">")[0].decode()
                self.say("250 ok")
            elif verb == b"DATA":
                self.say("354 go on")
                content = self.content()
                if content is None:
                    return None
                self.server.mails.append(Received(sender, recipient, content))
                self.say("250 taken")
            elif verb == b"QUIT":
                return self.say("221 bye")
            else:
                self.say("250 ok")
        return None


class MailServer(socketserver.ThreadingTCPServer):
    allow_reuse_address = daemon_threads = True

    def __init__(self, delay=lambda: 0):
        super().__init__(("127.0.0.1", 0), _Session)
        self.mails = []
        self.delay = delay
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def close(self):
        self.shutdown()
        self.server_close()
