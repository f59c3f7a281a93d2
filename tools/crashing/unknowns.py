"""Why each mail is `unknown`: by the very process that asked for its dot, not by a fault somewhere near in time.

A sender says at level debug which emails it asks leave to send, before it asks. So the (email, epoch)
of an unknown mail leads to one process, and only what happened to that process, to the database, or to
this recipient by script explains it.
"""
import collections
import datetime
import json


SCRIPTED = "the sink dropped the answer, by script"
KILLED = "its sender was killed"
FROZEN = "its sender was frozen"
CUT = "its connection was cut"
DATABASE = "PostgreSQL was down"
# From asking for the dot to an outcome in the database, on a machine that is busy dying.
IN_FLIGHT_SECONDS = 2.5
# The log is written before the question, and clocks are read on either side of it.
SLACK_SECONDS = 0.2

UNKNOWN = """
SELECT e.id, v.event_data->>'epoch', extract(epoch FROM e.dot_at), c.email
  FROM email_queues e JOIN sequence_contacts sc ON sc.id = e.sequence_contact_id JOIN contacts c ON c.id = sc.contact_id
  LEFT JOIN LATERAL (SELECT event_data FROM email_events v WHERE v.email_queue_id = e.id AND event_type = 'unknown'
                      ORDER BY v.created_at DESC LIMIT 1) v ON true
 WHERE e.status IN ('unknown', 'assumed_sent')"""


def askers(logs):
    """{(email, epoch): (who asked for its dot, when)} from {slot: its log}."""
    asked = {}
    for slot, path in logs.items():
        with open(path, errors="replace", encoding="utf-8") as log:
            for line in log:
                if '"asks to send"' not in line:
                    continue
                try:
                    said = json.loads(line)
                except ValueError:
                    continue  # the process was killed while it wrote
                at = datetime.datetime.strptime(said["ts"], "%Y-%m-%dT%H:%M:%S.%fZ")
                at = at.replace(tzinfo=datetime.timezone.utc).timestamp()
                for one in said["emails"].split():
                    email, epoch = one.split("#")
                    asked[email, epoch] = slot, at
    return asked


def reason(slot, at, windows):
    """What happened to the sender `slot` after it asked at `at`, or to the database; None: nothing did."""
    for kind, whom, begin, end in windows:
        mine = whom == slot
        if kind == "kill" and mine and -SLACK_SECONDS <= begin - at <= IN_FLIGHT_SECONDS:
            return KILLED
        if kind == "freeze" and mine and begin - SLACK_SECONDS <= at + IN_FLIGHT_SECONDS and end >= at:
            return FROZEN
    for kind, _, begin, end in windows:
        if kind == "cut smtp" and -SLACK_SECONDS <= begin - at <= IN_FLIGHT_SECONDS:
            return CUT
        if kind == "postgres" and begin - SLACK_SECONDS <= at + IN_FLIGHT_SECONDS and end >= at:
            return DATABASE
    return None


def reasons(postgres, logs, windows):
    """({reason: how many}, [those without one, in words])."""
    asked = askers(logs)
    found, left = collections.Counter(), []
    for email, epoch, dot_at, address in postgres.rows(UNKNOWN):
        slot, at = asked.get((email, epoch), (None, None))
        why = SCRIPTED if address.startswith("drop") else slot and reason(slot, at, windows)
        if why:
            found[why] += 1
        else:
            left.append(f"{email} of epoch {epoch}, permitted at {float(dot_at):.3f}, asked for by {slot} at {at}")
    return found, left
