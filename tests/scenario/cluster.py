"""A PostgreSQL server of one test's own: for what is counted or broken for a whole server."""
import os
import pwd
import shutil
import subprocess
import sys
import tempfile

sys.path.insert(0, os.path.join(os.path.dirname(os.path.abspath(__file__)), "..", "..", "tools"))
from rig import free_port  # noqa: E402

PG_BIN = os.environ.get("SEQUITUR_PG_BIN", "/usr/lib/postgresql/15/bin")


class Cluster:
    """Runs on loopback; PostgreSQL refuses root, so for root it runs as the package's user `postgres`."""

    def __init__(self, data=None, wal=None, **options):
        """`data` and `wal` are empty folders for the two halves, where they shall lie apart. A log of its own
        has files of 1 MB, so that it soon needs a new one."""
        self.folder = tempfile.mkdtemp(prefix="sequitur-cluster-", dir="/var/tmp")
        self.data = os.path.join(data or self.folder, "data")
        self.port = free_port()
        self._as_owner = []
        if os.geteuid() == 0:
            owner = pwd.getpwnam("postgres")
            for folder in filter(None, (self.folder, data, wal)):
                os.chown(folder, owner.pw_uid, owner.pw_gid)
            self._as_owner = ["runuser", "-u", "postgres", "--"]
        self._run("initdb", "-D", self.data, "-U", "test", "-A", "trust", "-E", "UTF8", "--locale=C.UTF-8",
                  "--no-sync", *(["--waldir", os.path.join(wal, "wal"), "--wal-segsize=1"] if wal else []))
        settings = {"port": self.port, "listen_addresses": "127.0.0.1", "unix_socket_directories": self.folder,
                    "max_connections": 200, "shared_preload_libraries": "pg_stat_statements", **options}
        lines = "".join(f"{name} = '{value}'\n" for name, value in settings.items())
        subprocess.run([*self._as_owner, "tee", "-a", os.path.join(self.data, "postgresql.conf")],
                       input=lines.encode(), stdout=subprocess.DEVNULL, check=True)
        self.start()

    def url(self, database="postgres"):
        return f"postgresql://test@127.0.0.1:{self.port}/{database}"

    def start(self):
        self._run("pg_ctl", "-D", self.data, "-w", "-l", os.path.join(self.folder, "log"), "start")

    def stop(self, mode="fast"):
        self._run("pg_ctl", "-D", self.data, "-w", "-m", mode, "stop")

    def is_running(self):
        return subprocess.run([*self._as_owner, os.path.join(PG_BIN, "pg_ctl"), "-D", self.data, "status"], cwd="/",
                              check=False, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL).returncode == 0

    def remove(self):
        if self.is_running():
            self.stop("immediate")
        shutil.rmtree(self.folder, ignore_errors=True)

    def _run(self, program, *arguments):
        subprocess.run([*self._as_owner, os.path.join(PG_BIN, program), *arguments], cwd="/", check=True,
                       stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
