"""A real mail server and a real IMAP server of a test's own: Postfix takes mail after STARTTLS and a login and puts it
into a Maildir, Dovecot checks the password and lets it be read.

Postfix is unpacked from Debian's package, so that no machine's mail goes another way. Both run from one folder on
loopback ports, and need root; the user that owns the mail is one that every Debian has."""
import imaplib
import os
import pwd
import shutil
import signal
import socket
import subprocess
import tempfile

from world import free_port, wait_until

POSTFIX = os.environ.get("SEQUITUR_POSTFIX", "")
USER, PASSWORD = "anna@mail.test", "secret-word"

POSTFIX_MAIN = """
compatibility_level = 3.6
myhostname = mx.mail.test
mydestination =
inet_interfaces = 127.0.0.1
inet_protocols = ipv4
mynetworks =
smtpd_relay_restrictions = permit_sasl_authenticated, reject
queue_directory = {folder}/queue
data_directory = {folder}/data
command_directory = {postfix}/usr/sbin
daemon_directory = {postfix}/usr/lib/postfix/sbin
shlib_directory = {postfix}/usr/lib/postfix
import_environment = LD_LIBRARY_PATH={postfix}/usr/lib/postfix MAIL_CONFIG TZ
mail_owner = uucp
setgid_group = news
maillog_file = {folder}/log/postfix
maillog_file_prefixes = {folder}
smtpd_tls_security_level = encrypt
smtpd_tls_cert_file = {certificate}
smtpd_tls_key_file = {key}
smtpd_sasl_auth_enable = yes
smtpd_sasl_type = dovecot
smtpd_sasl_path = inet:127.0.0.1:{auth_port}
smtpd_sasl_security_options = noanonymous
smtpd_tls_auth_only = yes
virtual_mailbox_domains = static:ALL
virtual_mailbox_maps = static:read/
virtual_mailbox_base = {folder}/mail
virtual_uid_maps = static:{uid}
virtual_gid_maps = static:{gid}
virtual_minimum_uid = 1
alias_maps =
"""

POSTFIX_MASTER = """
127.0.0.1:{smtp_port} inet n - n - - smtpd
pickup   unix n - n 60  1 pickup
cleanup  unix n - n -   0 cleanup
qmgr     unix n - n 300 1 qmgr
tlsmgr   unix - - n 1000? 1 tlsmgr
rewrite  unix - - n -   - trivial-rewrite
bounce   unix - - n -   0 bounce
defer    unix - - n -   0 bounce
trace    unix - - n -   0 bounce
verify   unix - - n -   1 verify
proxymap unix - - n -   - proxymap
error    unix - - n -   - error
discard  unix - - n -   - discard
virtual  unix - n n -   - virtual
anvil    unix - - n -   1 anvil
scache   unix - - n -   1 scache
postlog  unix-dgram n - n - 1 postlogd
"""

DOVECOT = """
protocols = imap
listen = 127.0.0.1
base_dir = {folder}/dovecot
log_path = {folder}/log/dovecot
first_valid_uid = 1
ssl = no
disable_plaintext_auth = no
auth_mechanisms = plain login
mail_location = maildir:{folder}/mail/read
passdb {{
  driver = static
  args = password={{PLAIN}}{password}
}}
userdb {{
  driver = static
  args = uid={uid} gid={gid} home={folder}/mail
}}
service imap-login {{
  chroot =
  inet_listener imap {{
    port = {imap_port}
  }}
  inet_listener imaps {{
    port = 0
  }}
}}
service auth {{
  inet_listener {{
    port = {auth_port}
    address = 127.0.0.1
  }}
}}
service anvil {{
  chroot =
}}
"""


class PostfixAndDovecot:
    def __init__(self, pair):
        """`pair`: certificate and key of Postfix."""
        self.smtp_port, self.imap_port, auth_port = free_port(), free_port(), free_port()
        self.folder = tempfile.mkdtemp(prefix="sequitur-mail-servers-", dir="/var/tmp")
        os.chmod(self.folder, 0o755)
        owner = pwd.getpwnam("uucp")
        for name in ("queue", "data", "log", "mail", "dovecot", "conf"):
            os.mkdir(os.path.join(self.folder, name), 0o755)
        for name in ("data", "mail", "log"):
            os.chown(os.path.join(self.folder, name), owner.pw_uid, owner.pw_gid)
        values = {"folder": self.folder, "postfix": POSTFIX, "certificate": pair[0], "key": pair[1],
                  "smtp_port": self.smtp_port, "imap_port": self.imap_port, "auth_port": auth_port,
                  "uid": owner.pw_uid, "gid": owner.pw_gid, "password": PASSWORD}
        self._write("conf/main.cf", POSTFIX_MAIN.format(**values))
        self._write("conf/master.cf", POSTFIX_MASTER.format(**values))
        self._write("conf/dovecot.conf", DOVECOT.format(**values))
        for name in ("active", "bounce", "corrupt", "defer", "deferred", "flush", "hold", "incoming", "private",
                     "maildrop", "public", "pid", "saved", "trace"):
            path = os.path.join(self.folder, "queue", name)
            os.mkdir(path, 0o700)
            if name != "pid":
                os.chown(path, owner.pw_uid, owner.pw_gid)
        self.programs = [
            self._start("dovecot", "/usr/sbin/dovecot", "-F", "-c", self.path("conf/dovecot.conf")),
            self._start("postfix", f"{POSTFIX}/usr/lib/postfix/sbin/master", "-d", "-c", self.path("conf"))]
        if not wait_until(lambda: self.greets() and self.lets_in(), 20):
            raise RuntimeError("the mail servers did not get ready:\n" + self.last_words())

    def path(self, name):
        return os.path.join(self.folder, name)

    def greets(self):
        try:
            with socket.create_connection(("127.0.0.1", self.smtp_port), timeout=10) as client:
                return client.recv(4) == b"220 "
        except OSError:
            return False

    def lets_in(self):
        try:
            return self.messages() == []
        except (OSError, imaplib.IMAP4.error):
            return False

    def messages(self):
        """The bytes of every message, as the IMAP server gives them."""
        with imaplib.IMAP4("127.0.0.1", self.imap_port, timeout=10) as client:
            client.login(USER, PASSWORD)
            client.select("INBOX", readonly=True)
            numbers = client.search(None, "ALL")[1][0].split()
            return [client.fetch(number, "(BODY.PEEK[])")[1][0][1] for number in numbers]

    def last_words(self):
        words = ""
        for name in ("log/postfix", "log/dovecot", "log/postfix.out", "log/dovecot.out"):
            if os.path.exists(self.path(name)):
                with open(self.path(name), encoding="utf-8", errors="replace") as file:
                    words += f"--- {name}\n" + "".join(file.readlines()[-20:])
        return words

    def close(self):
        for program in self.programs:
            program.send_signal(signal.SIGTERM)
        for program in self.programs:
            program.wait(20)
        shutil.rmtree(self.folder, ignore_errors=True)

    def _write(self, name, text):
        with open(self.path(name), "w", encoding="utf-8") as file:
            file.write(text.lstrip())

    def _start(self, name, program, *arguments):
        with open(self.path(f"log/{name}.out"), "wb") as out:
            return subprocess.Popen([program, *arguments], stdout=out, stderr=out, cwd="/",
                                    env={"PATH": os.environ["PATH"], "MAIL_CONFIG": self.path("conf"),
                                         "LD_LIBRARY_PATH": f"{POSTFIX}/usr/lib/postfix"})
