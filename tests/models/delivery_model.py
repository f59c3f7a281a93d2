"""One mail's life as a machine: every step that it, its workers, its surroundings and people may take next.

One row of email_queues, two workers, a bus that repeats, delays and loses records, crashes between any two
steps, a reaper that fires at any moment (so nothing rests on clocks), lost answers of the SMTP server and of
the database, and people who cancel, pause the sequence or pause the mailbox at any moment. Each stop act is one
step here; pause_model.py takes it apart. delivery_model_test.py explores all orders. `without` names the guards
that are taken away.
"""
from typing import NamedTuple

# How often each may happen: little of everything while people act, and much of it while nobody does.
PEOPLE = {"crash": 1, "reap": 1, "poll": 3, "repeat": 1, "reject": 1, "wipe": 1, "slow": 1, "acts": 3}
MACHINES = {"crash": 2, "reap": 3, "poll": 4, "repeat": 1, "reject": 2, "wipe": 1, "slow": 1, "acts": 0}
KINDS = {kind: at for at, kind in enumerate(PEOPLE)}
OPEN = ("scheduled", "queued", "sending", "failed", "held")
IDLE = ("idle", 0)


class State(NamedTuple):
    status: str = "scheduled"
    epoch: int = 0
    phase: str = "-"
    flag: bool = False  # cancel_requested
    records: int = 0  # on the bus, or at a worker that did not commit its offset
    accepted: int = 0
    workers: tuple = (IDLE, IDLE)  # (what it does, the epoch it claimed with), sorted: workers are alike
    cron: str = "idle"
    over: str = "no"  # the enrolment: no | stopped | after-permit (the answer said so)
    sequence: str = "active"  # active | paused | resumed
    mailbox: str = "active"  # active | paused | resumed
    late: bool = False
    left: tuple = tuple(PEOPLE.values())


def spend(s, kind):
    """The state after taking one of this kind from what is left, or None."""
    at = KINDS[kind]
    return s._replace(left=s.left[:at] + (s.left[at] - 1,) + s.left[at + 1:]) if s.left[at] else None


def send_back(s, without=()):
    """A row that may not go on: the statuses decide what it becomes, and its flag is spent."""
    status = "cancelled" if s.over == "stopped" else "held" if s.sequence == "paused" else "scheduled"
    return s._replace(status=status, phase="-", flag=s.flag and "flag-spent" in without)


def stop_acts(s):
    """Cancel, pause and resume; each has committed its status and then the rows, and is answered."""
    def stopped(s):
        if s.status == "sending":
            return s._replace(flag=True)
        return send_back(s) if s.status in ("scheduled", "queued", "failed", "held") else s

    def freed(s):
        clear = s.status == "sending" and s.phase == "pre" and s.over == "no"
        return s._replace(flag=False) if clear and "paused" not in (s.sequence, s.mailbox) else s

    if (s := spend(s, "acts")) is None:
        return
    if s.over == "no" and s.status in OPEN:
        yield "cancel", stopped(s._replace(over="after-permit" if s.phase == "dot" else "stopped"))
    if s.sequence == "active":
        yield "pause the sequence", stopped(s._replace(sequence="paused"))
    if s.sequence == "paused":
        yield "resume the sequence", freed(s._replace(sequence="resumed"))
    if s.mailbox == "active":
        yield "pause the mailbox", stopped(s._replace(mailbox="paused"))
    if s.mailbox == "paused":
        yield "resume the mailbox", freed(s._replace(mailbox="resumed"))


def housekeeping(s, without):
    """Producer, relay, janitor, retry. The bus may repeat a record and may lose all of them."""
    if s.status == "scheduled" and s.mailbox != "paused" and not s.flag:
        yield "produce", s._replace(status="queued", records=s.records + 1)
    if s.records and (n := spend(s, "repeat")):
        yield "relay publishes again", n._replace(records=s.records + 1)
    if s.records and (n := spend(s, "wipe")):
        yield "the bus loses its log", n._replace(records=0)
    if s.status == "queued" and "queue-timeout" not in without and (n := s if not s.records else spend(s, "slow")):
        yield "janitor: queued too long", send_back(n)
    if s.status == "sending" and (n := spend(s, "reap")):
        if s.phase == "pre" or {"reaper-phase", "lease"} & without:
            yield "reaper: lease expired, row goes back", send_back(n)
        else:
            yield "reaper: lease expired in dot, unknown", n._replace(status="unknown")
    if s.status == "failed":
        yield "retry", send_back(s)
    if s.status == "held" and s.sequence != "paused":
        yield "janitor: nothing holds the row", send_back(s)
    if s.status == "unknown":
        yield "janitor: unknown for long, assumed sent", s._replace(status="assumed_sent")


def worker(s, i, without):
    """Claim, session, permit, dot, outcome. An outcome may come late: to a row that is unknown by now."""
    does, epoch = s.workers[i]
    mine = s.epoch == epoch or "epoch" in without

    def now(s, does, epoch=epoch):
        return s._replace(workers=tuple(sorted(s.workers[:i] + ((does, epoch),) + s.workers[i + 1:])))

    idle = now(s, *IDLE)
    if does != "idle" and (n := spend(s, "crash")):  # the offset was not committed: the record comes again
        yield f"kill -9 while {does}", now(n, *IDLE)._replace(records=s.records + 1)
    if does == "idle" and s.records and (n := spend(s, "poll")):
        yield "poll", now(n, "polled", 0)._replace(records=s.records - 1)
    elif does == "polled":
        if s.status == "queued" or ("claim-status" in without and s.status in OPEN):
            claimed = s._replace(status="sending", epoch=s.epoch + 1, phase="pre")
            yield "claim", now(claimed, "sure" if "lease" in without else "claimed", s.epoch + 1)
        else:
            yield "claim refused", idle
    elif does == "claimed":
        if not (mine and s.status == "sending" and s.phase == "pre"):
            yield "permit refused", idle
        elif s.flag and "permit-cancel" not in without:
            yield "permit refused, row goes back", send_back(idle, without)
        else:
            late = s.over == "stopped" or "paused" in (s.sequence, s.mailbox)
            permitted = s._replace(phase="dot", late=late)
            yield "permit", now(permitted, "sure")
            yield "permit, its answer is lost", now(permitted, "asking")
        yield "no answer to the permit", now(s, "asking")
        yield "session fails before the dot", now(s, "failing")
    elif does == "asking":  # read again: a permit with our epoch is ours, once
        yield "read the row again", now(s, "sure") if mine and (s.status, s.phase) == ("sending", "dot") else idle
    elif does == "sure":
        yield "dot, 250", now(s._replace(accepted=s.accepted + 1), "accepted")
        yield "dot accepted, answer lost", now(s._replace(accepted=s.accepted + 1), "lost")
        yield "connection lost before the dot", now(s, "lost")
        if n := spend(s, "reject"):
            yield "dot, 4xx", now(n, "rejected")
    elif does in ("accepted", "rejected", "lost", "failing"):
        yield "outcome", outcome(idle, does, mine, without)


def outcome(s, does, mine, without):
    waits = s.status == "sending" or (s.status == "unknown" and does in ("accepted", "rejected"))
    if not mine or not (waits or (s.status == "assumed_sent" and does == "accepted")):
        return s  # fenced
    if does == "failing" or (does == "lost" and "lease" in without):
        return send_back(s)
    return s._replace(**{"accepted": {"status": "sent"}, "lost": {"status": "unknown"},
                         "rejected": {"status": "failed", "phase": "-"}}[does])


def drawn(s):
    """The flows as first drawn: the cron job produces what it read and then writes; workers write blindly."""
    if s.cron == "idle" and s.status == "scheduled":
        yield "cron reads", s._replace(cron="read")
    if s.cron == "read":
        yield "cron produces", s._replace(cron="produced", records=s.records + 1)
    if s.cron == "produced" and (n := spend(s, "crash")):
        yield "cron is killed", n._replace(cron="idle")
    if s.cron == "produced":
        yield "cron: UPDATE status = queued", s._replace(cron="idle", status="queued")
    for i, (does, _) in enumerate(s.workers):
        def now(s, does):
            return s._replace(workers=tuple(sorted(s.workers[:i] + ((does, 0),) + s.workers[i + 1:])))
        if does == "idle" and s.records and (n := spend(s, "poll")):
            yield "poll, UPDATE status = sending", now(n._replace(status="sending", records=s.records - 1), "sure")
        if does == "sure":
            yield "dot, 250", now(s._replace(accepted=s.accepted + 1), "accepted")
        if does == "accepted":
            yield "UPDATE status = sent", now(s._replace(status="sent"), "idle")


def steps(s, without):
    if "drawn" in without:
        yield from drawn(s)
        return
    yield from stop_acts(s)
    yield from housekeeping(s, without)
    for i in (0, 1) if s.workers[0] != s.workers[1] else (0,):
        yield from worker(s, i, without)
