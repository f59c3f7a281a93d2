"""A mail server that misbehaves by script, for stories about what one wrong answer does.

`script(phase, session)` is asked at each of the phases greeting, ehlo, starttls, auth, mail, rcpt, data, dot, and
answers None (as it should be), a reply as text, or one of the acts below. It keeps every mail it took, each
connection's verbs, and how long each connection lasted.
"""
import base64
import socket
import threading
import time

STALL = object()       # no answer until the client hangs up
DROP = object()        # hangs up
TAKE_AND_DROP = object()  # keeps the mail, then hangs up

ORDINARY = {"greeting": "220 mail.test ESMTP", "starttls": "220 go on", "auth": "235 welcome", "mail": "250 ok",
            "rcpt": "250 ok", "data": "354 go on", "dot": "250 2.0.0 taken"}


class Late:
    """A reply after so many seconds."""

    def __init__(self, seconds, reply):
        self.seconds, self.reply = seconds, reply


class HangUp(Exception):
    pass


class Session:
    def __init__(self, server, connection):
        self.server, self.connection = server, connection
        self.began, self.ended = time.monotonic(), None
        self.file = connection.makefile("rb")
        self.verbs, self.words, self.mails = [], [], 0
        self.sender = self.recipient = ""
        self.was_resumed = False

    def send(self, text):
        data = text.encode() if isinstance(text, str) else text
        size = self.server.slice_bytes or len(data)
        for at in range(0, len(data), size):
            self.connection.sendall(data[at:at + size])
            self.server.bytes_sent += size

    def until_hang_up(self):
        while self.connection.recv(65536):
            pass
        raise HangUp

    def answer(self, phase, ordinary=None):
        """True where the ordinary answer, or another positive one, was given."""
        act = self.server.script(phase, self)
        if isinstance(act, Late):
            self.server.wait(act.seconds)
            act = act.reply
        if act is STALL:
            self.until_hang_up()
        if act is DROP:
            raise HangUp
        reply = ordinary or ORDINARY[phase]
        if isinstance(act, (str, bytes)):
            reply = act
        self.send(reply + "\r\n" if isinstance(reply, str) else reply)
        return act is None

    def line(self):
        line = self.file.readline()
        if not line:
            raise HangUp
        self.words.append(line.decode(errors="replace").rstrip())
        return line

    def body(self):
        lines = []
        for line in iter(self.file.readline, b".\r\n"):
            if not line:
                raise HangUp
            lines.append(line[1:] if line.startswith(b".") else line)
        return b"".join(lines)

    def take(self):
        content = self.body()
        act = self.server.script("dot", self)
        if act is None or act is TAKE_AND_DROP or isinstance(act, Late):
            self.server.mails.append((self.sender, self.recipient, content))
            self.mails += 1
        if act is TAKE_AND_DROP:
            raise HangUp
        self.answer_with(act)

    def answer_with(self, act):
        if isinstance(act, Late):
            self.server.wait(act.seconds)
            act = act.reply
        if act is STALL:
            self.until_hang_up()
        if act is DROP:
            raise HangUp
        self.send((act or ORDINARY["dot"]) + "\r\n")

    def start_tls(self):
        if not self.server.context:
            return
        self.connection = self.server.context.wrap_socket(self.connection, server_side=True)
        self.file = self.connection.makefile("rb")
        self.was_resumed = bool(self.connection.session_reused)

    def command(self, line):
        verb = line.split(maxsplit=1)[0].upper().decode(errors="replace") if line.strip() else ""
        self.verbs.append(verb)
        if verb == "EHLO":
            offers = ["mail.test", *self.server.offers, "HELP"]
            self.answer("ehlo", "\r\n".join(f"250{' ' if word == 'HELP' else '-'}{word}" for word in offers))
        elif verb == "STARTTLS":
            if self.answer("starttls"):
                self.start_tls()
        elif verb == "AUTH":
            self.answer("auth")
        elif verb == "MAIL":
            self.sender = line.split(b"<")[1].split(b">")[0].decode()
            self.answer("mail")
        elif verb == "RCPT":
            self.recipient = line.split(b"<")[1].split(b">")[0].decode()
            self.answer("rcpt")
        elif verb == "DATA":
            if self.answer("data"):
                self.take()
        elif verb == "QUIT":
            self.send("221 bye\r\n")
            raise HangUp
        else:
            self.send("250 ok\r\n")

    def run(self):
        try:
            if self.server.implicit:
                self.start_tls()
            self.answer("greeting")
            while True:
                self.command(self.line())
        except (HangUp, OSError, ValueError):
            pass
        finally:
            self.ended = time.monotonic()
            for end in (lambda: self.connection.shutdown(socket.SHUT_RDWR), self.file.close, self.connection.close):
                try:
                    end()
                except OSError:
                    pass

    @property
    def lasted(self):
        return (self.ended or time.monotonic()) - self.began

    def says_secret(self, secret):
        """Whether a client said this, as it is or within base64."""
        for word in " ".join(self.words).split():
            try:
                if secret in base64.b64decode(word + "===").decode(errors="replace"):
                    return True
            except ValueError:
                continue
        return any(secret in line for line in self.words)


class ScriptedServer:
    def __init__(self, script=lambda phase, session: None, offers=(), context=None, implicit=False, slice_bytes=0):
        self.script, self.offers, self.context = script, offers, context
        self.implicit, self.slice_bytes = implicit, slice_bytes
        self.mails, self.sessions, self.bytes_sent = [], [], 0
        self.closed = threading.Event()
        self.listener = socket.socket()
        self.listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        self.listener.bind(("127.0.0.1", 0))
        self.listener.listen(128)
        self.port = self.listener.getsockname()[1]
        threading.Thread(target=self.serve, daemon=True).start()

    def serve(self):
        while True:
            try:
                connection, _ = self.listener.accept()
            except OSError:
                return
            connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
            session = Session(self, connection)
            self.sessions.append(session)
            threading.Thread(target=session.run, daemon=True).start()

    def wait(self, seconds):
        """For a late answer; ends early with the server."""
        self.closed.wait(seconds)

    def heard(self, *verbs):
        return [verb for session in self.sessions for verb in session.verbs if verb in verbs]

    def close(self):
        self.closed.set()
        self.listener.close()
