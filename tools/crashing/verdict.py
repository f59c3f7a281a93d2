"""Afterwards: whether everything came to rest, and whether the ledger and the database tell the same story."""
import collections
import json
import time

from crashing.screen import progress, table
from crashing.unknowns import reasons

RECOVERED_SECONDS = 60
STILL_MOVING = """
WITH full_today AS (SELECT mailbox_id FROM mailbox_daily_counts
                     WHERE date = (now() AT TIME ZONE 'UTC')::date
                       AND reserved_count + sent_count + unknown_count >= cap)
SELECT (SELECT count(*) FROM email_queues WHERE status IN ('queued', 'sending', 'failed')),
       (SELECT count(*) FROM email_queues WHERE status = 'scheduled' AND mailbox_id NOT IN (SELECT * FROM full_today)),
       (SELECT count(*) FROM sequence_contacts sc WHERE status = 'active' AND NOT EXISTS
          (SELECT FROM email_queues e WHERE e.sequence_contact_id = sc.id
              AND e.status IN ('scheduled', 'queued', 'sending', 'failed', 'held', 'unknown')))
"""


def wait_for_quiet(postgres, ledger, seconds):
    """Seconds until nothing moved any more; None if it still does after `seconds`."""
    start = time.monotonic()
    while time.monotonic() - start < seconds:
        moving = [int(n) for n in postgres.rows(STILL_MOVING)[0]]
        ledger.news()
        progress(f"running out: {moving[0]} on their way, {moving[1]} scheduled, {moving[2]} without a next step")
        if not any(moving):
            return time.monotonic() - start
        time.sleep(1)
    return None


def compare(postgres, ledger_path):
    """Our own count, independent of `verify`: ids in the ledger against rows in the database."""
    with open(ledger_path, encoding="utf-8") as file:
        lines = [json.loads(line) for line in file]
    by_id = collections.Counter(line["message_id"].strip("<>").split("@")[0].split(".")[-1] for line in lines)
    rows = {row_id.replace("-", ""): status for row_id, status in postgres.rows("SELECT id, status FROM email_queues")}
    per_day = collections.Counter((line["from"], line["at"][:10]) for line in lines)
    caps = dict(postgres.rows("SELECT email, daily_capacity FROM mailboxes"))
    return {
        "mails": len(lines),
        "duplicates": sum(n - 1 for n in by_id.values()),
        "lost": sum(1 for row, status in rows.items() if status == "sent" and row not in by_id),
        "unrecorded": sum(1 for row in by_id if rows.get(row) not in ("sent", "unknown", "assumed_sent")),
        "over a limit": sum(1 for (sender, _), n in per_day.items() if n > int(caps[sender])),
    }


def senders(programs):
    return {slot: program.log for slot, program in programs.items() if slot.startswith("sender")}


def judge(rig, postgres, trouble, feeder, ledger, quiet, ran, drained):
    own = compare(postgres, rig.ledger_path)
    why, unexplained = reasons(postgres, senders(trouble.programs), trouble.windows)
    checked = rig.run("verify", "--ledger", rig.ledger_path, "--json", check=False)
    kills = sum(n for kind, n in trouble.counts.items() if kind.startswith("kill"))
    lines = [("ran for", f"{ran / 60:.1f} min"), ("kills", kills)]
    lines += [(f"  {kind}", n) for kind, n in sorted(trouble.counts.items())]
    lines += [("people enrolled", feeder.enrolled), *own.items()]
    lines += [("unknown", sum(why.values()) + len(unexplained))]
    lines += [*((f"  {reason}", n) for reason, n in why.most_common()),
              ("  without a reason", len(unexplained)),
              ("recovered in", "NOT" if quiet is None else f"{quiet:.0f} s after every topic and PostgreSQL were lost"),
              ("verify", "ok" if checked.returncode == 0 else f"FAILED with {checked.returncode}")]
    table(lines)
    bad = [f"{name}: {own[name]}" for name in ("duplicates", "lost", "unrecorded", "over a limit") if own[name]]
    bad += [f"unknown without a fault that explains it: {one}" for one in unexplained[:10]]
    if quiet is None or quiet > RECOVERED_SECONDS:
        bad.append(f"mail still moved {RECOVERED_SECONDS} s after everything was healed")
    bad += [] if checked.returncode == 0 else ["verify: " + (checked.stdout or checked.stderr).strip()[:4000]]
    bad += [f"enrolling was refused: {no}" for no in feeder.refusals[:3]] + trouble.surprises
    bad += [] if drained else ["a process did not end on SIGTERM"]
    for violation in bad:
        print(f"\nVIOLATION {violation}", flush=True)
    return 1 if bad else 0
