"""A mail server that keeps what it is given, for stories that read the mail itself. The sink keeps only a ledger.

`delay` says how long each answer takes, in seconds. `offers` are the words of its EHLO; with `users` it asks for a
login. STARTTLS is offered where there is a `context` (ssl.SSLContext) and the word stands in `offers`.
"""
import base64
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

    def start_tls(self):
        self.say("220 go on")
        self.request = self.server.context.wrap_socket(self.request, server_side=True)
        self.setup()

    def answer_to(self, question):
        self.say("334 " + base64.b64encode(question.encode()).decode())
        return base64.b64decode(self.rfile.readline()).decode()

    def log_in(self, line):
        """PLAIN with an initial response, LOGIN with two questions."""
        words = line.decode().split()
        if words[1].upper() == "PLAIN":
            login = tuple(base64.b64decode(words[2]).decode().split("\0")[1:])
        else:
            login = (self.answer_to("Username:"), self.answer_to("Password:"))
        self.server.logins.append((words[1].upper(), *login))
        self.is_known = self.server.users.get(login[0]) == login[1]
        self.say("235 welcome" if self.is_known else "535 5.7.8 no such login")

    def finish(self):
        super().finish()
        self.request.close()

    def handle(self):
        self.say("220 mail.test ESMTP")
        self.is_known = not self.server.users
        sender = recipient = ""
        for line in iter(lambda: self.rfile.readline(), b""):  # STARTTLS makes another rfile
            verb = line[:4].upper()
            self.server.verbs.append(verb.strip().decode())
            if verb == b"EHLO":
                self.say("\r\n".join(["250-mail.test", *(f"250-{word}" for word in self.server.offers), "250 HELP"]))
            elif verb == b"STAR":
                self.start_tls()
            elif verb == b"AUTH":
                self.log_in(line)
            elif not self.is_known and verb in (b"MAIL", b"RCPT", b"DATA"):
                self.say("530 5.7.0 log in first")
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

    def __init__(self, delay=lambda: 0, offers=("PIPELINING",), users=None, context=None):
        super().__init__(("127.0.0.1", 0), _Session)
        self.mails, self.verbs, self.logins = [], [], []
        self.delay, self.offers, self.users, self.context = delay, offers, users or {}, context
        self.port = self.server_address[1]
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def handle_error(self, request, client_address):
        """A client that hangs up, or does not like the certificate, is part of a story."""

    def close(self):
        self.shutdown()
        self.server_close()
