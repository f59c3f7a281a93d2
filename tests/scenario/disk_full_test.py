"""Row 19: PostgreSQL's disk is full while mail runs, once where its tables lie, once where its log lies. Sending
stops: nothing leaves that can not be recorded. Once there is room again it goes on by itself; nothing is lost or
doubled.

The disk is a small tmpfs, mounted by root, or by anybody within a user namespace of his own."""
import errno
import os
import subprocess
import sys
import tempfile
import unittest

from cluster import Cluster
from world import Story, people, wait_until

SKIPPED = 77
SMALL_DISK = "size=160m,mode=755"
MANY = 4000


class SmallDisk:
    def __init__(self):
        mounted = os.environ.get("SEQUITUR_TEST_DISKS")
        self.is_ours = not mounted
        if mounted:
            # Mounted already; each story takes one that is still empty.
            self.folder = next(disk for disk in mounted.split(":") if not os.listdir(disk))
        else:
            self.folder = tempfile.mkdtemp(prefix="sequitur-disk-", dir="/var/tmp")
            try:
                subprocess.run(["mount", "-t", "tmpfs", "-o", SMALL_DISK, "sequitur-test", self.folder], check=True)
            except BaseException:
                os.rmdir(self.folder)
                raise
        self.filler = os.path.join(self.folder, "filler")

    def fill(self):
        """To the last byte: what others free meanwhile is taken too."""
        with open(self.filler, "ab", buffering=0) as file:
            for size in (1 << 20, 1 << 12, 1):
                try:
                    while file.write(b"\0" * size):
                        pass
                except OSError as full:
                    if full.errno != errno.ENOSPC:
                        raise

    def make_room(self):
        os.remove(self.filler)

    def close(self):
        if not self.is_ours:
            return
        subprocess.run(["umount", "-l", self.folder], check=True)
        os.rmdir(self.folder)


class DiskFull(Story):
    settings = {"sender__lease": "60s"}

    def start(self, half, **options):
        """`half` of the server, data or wal, lies on the small disk."""
        self.disk = SmallDisk()
        self.addCleanup(self.disk.close)
        self.server = Cluster(**{half: self.disk.folder}, **options, autovacuum="off",
                              recovery_init_sync_method="syncfs")
        self.addCleanup(self.server.remove)
        world = self.world(server=self.server.url())
        world.sink()
        world.serve("one")
        world.serve("two")
        sequence = world.sequence(2, world.mailboxes(8))
        world.enrol(sequence, people(MANY))
        self.until(lambda: len(world.ledger()) >= 200, 60, world, "no mail runs")
        return world

    def lines(self, world):
        return len(world.ledger())

    def sending_stops(self, world):
        """Until nothing leaves for 3 s though there is much to send; returns what had left."""
        def stands():
            before = self.lines(world)
            return not wait_until(lambda: self.lines(world) > before, 3)

        self.until(stands, 60, says="mail leaves though nothing can be recorded")
        count = self.lines(world)
        self.assertLess(count, 2 * MANY)
        return count

    def goes_on(self, world):
        self.until(lambda: self.lines(world) >= 2 * MANY, 120, world, "it did not go on")
        self.until_quiet(world)
        self.assertEqual({"sent": 2 * MANY}, world.statuses())
        self.assertEqual({"completed": MANY}, world.enrollments())
        self.assertEqual(2 * MANY, self.verify(world)["ledger_lines"])

    def test_the_disk_of_the_tables_is_full(self):
        world = self.start("data")
        self.disk.fill()
        count = self.sending_stops(world)
        # What had its permit may have left; its outcome is kept, and nobody gets another permit.
        recorded = world.one("SELECT count(*) FROM email_queues WHERE status = 'sent'")
        asked = world.one("SELECT count(*) FROM email_queues WHERE status IN ('sending', 'unknown') AND phase = 'dot'")
        self.assertLessEqual(count, recorded + asked)
        for name in ("one", "two"):
            self.assertIn("No space left", world.programs[name].last_words(100_000))
        self.disk.make_room()
        self.goes_on(world)

    def test_the_disk_of_the_log_is_full_and_the_server_dies_of_it(self):
        world = self.start("wal", max_wal_size="32MB", min_wal_size="2MB")
        self.disk.fill()
        self.until(lambda: not self.server.is_running(), 60, says="the server lives on")
        world.disconnect()
        self.sending_stops(world)
        self.disk.make_room()
        self.server.start()
        self.goes_on(world)


def skip(why):
    print(f"SKIPPED: no small disk can be mounted here: {why}", file=sys.stderr)
    sys.exit(SKIPPED)


def mount_or_enter_namespace():
    """Root mounts by itself. Anybody else has the disks mounted in a namespace where he is root; PostgreSQL refuses
    root there too, so the story itself runs in a second namespace, as the user who called."""
    if os.geteuid() == 0:
        try:
            SmallDisk().close()
        except (OSError, subprocess.CalledProcessError) as error:
            skip(error)
    elif "SEQUITUR_TEST_DISKS" not in os.environ:
        disks = [tempfile.mkdtemp(prefix="sequitur-disk-", dir="/var/tmp") for _ in range(2)]
        mounts = " && ".join(f"mount -t tmpfs -o {SMALL_DISK} sequitur-test {disk}" for disk in disks)
        inside = f"unshare -U --map-user={os.getuid()} --map-group={os.getgid()} --"
        script = f'{mounts} || exit {SKIPPED}; {inside} "$@"'
        done = subprocess.run(["unshare", "-U", "-r", "-m", "sh", "-c", script, "sh", sys.executable, "-B", *sys.argv],
                              check=False, env={**os.environ, "SEQUITUR_TEST_DISKS": ":".join(disks)})
        for disk in disks:
            os.rmdir(disk)
        skip("unshare or mount failed") if done.returncode == SKIPPED else sys.exit(done.returncode)


if __name__ == "__main__":
    mount_or_enter_namespace()
    unittest.main()
