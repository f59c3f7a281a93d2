#!/usr/bin/env python3
"""Can a mail get its permit after a pause was answered? Every order of one row's life and one pause.

PostgreSQL, READ COMMITTED, statement by statement: a statement picks rows by its snapshot, waits for the row's
lock, then tests the row's own columns again on the newest version; what it read of other tables stays as the
snapshot had it. Any process may crash between two statements; its open transaction is undone. The row is born by
a follow-up, produced, claimed and permitted. What holds for a pause holds for each stop act: all are written
like this one (status first, rows in a second transaction, then the answer).
"""
import sys
from typing import NamedTuple

TWO = ("set status", "commit", "look", "flag", "commit", "answer")
ONE = ("set status", "look", "flag", "commit", "answer")
LIFE = {"birth": ("insert", "commit"), "producer": ("look", "queue", "commit"), "claim": ("look", "take", "commit"),
        "permit": ("look", "permit", "commit")}
# variant: (the pause's steps, checks that are left out, whether a permit may come late)
VARIANTS = {
    "status first, then the rows, then the answer": (TWO, (), False),
    "only the producer looks at the sequence (the claim's look is a second net)": (TWO, ("claim",), False),
    "nobody looks at the sequence": (TWO, ("claim", "producer"), True),
    "status and rows in one transaction": (ONE, (), True),
    "the permit does not test the flag": (TWO, ("flag",), True),
    "answered before the rows": (("set status", "commit", "answer", "look", "flag", "commit"), (), True),
}
FROM = {"queue": ("scheduled",), "take": ("queued",), "permit": ("sending",),
        "flag": ("scheduled", "queued", "sending")}
TO = {"queue": "queued", "take": "sending", "permit": "dot"}
LATE = "late"


class State(NamedTuple):
    sequence: str = "active"  # committed
    row: tuple = None  # committed: (status, flag); None before birth
    open_sequence: tuple = None  # (process, value): written, not committed
    open_row: tuple = None
    at: tuple = (0,) * 5  # the next step of each process; DONE: ended or crashed
    seen: tuple = (None,) * 5  # each process's snapshot: (sequence, row)
    answered: bool = False


DONE = 99


def put(values, i, value):
    return values[:i] + (value,) + values[i + 1:]


def act(s, i, process, step, unchecked):
    """The state after one step; None if it has to wait for a lock; LATE for the harm."""
    on = s._replace(at=put(s.at, i, s.at[i] + 1))
    if step == "look":
        return on._replace(seen=put(s.seen, i, (s.sequence, s.row)))
    if step == "set status":
        return on._replace(open_sequence=(process, "paused"))
    if step == "insert":
        return on._replace(open_row=(process, ("scheduled", False)))
    if step == "answer":
        return on._replace(answered=True)
    if step == "commit":
        return commit(s, on, process)
    return write_row(s, on, i, process, step, unchecked)


def commit(s, on, process):
    if s.open_row and s.open_row[0] == process:
        if process == "permit" and s.answered:
            return LATE
        on = on._replace(row=s.open_row[1], open_row=None)
    if s.open_sequence and s.open_sequence[0] == process:
        on = on._replace(sequence=s.open_sequence[1], open_sequence=None)
    return on


def write_row(s, on, i, process, step, unchecked):
    nothing = on if step == "flag" else s._replace(at=put(s.at, i, DONE))  # a pause goes on without rows
    sequence, picked = s.seen[i]
    if not may_write(step, picked, unchecked):
        return nothing
    if process in ("producer", "claim") and process not in unchecked and sequence != "active":
        return nothing
    if s.open_row:
        return None  # waits for the lock
    if not may_write(step, s.row, unchecked):
        return nothing
    return on._replace(open_row=(process, (s.row[0], True) if step == "flag" else (TO[step], s.row[1])))


def may_write(step, row, unchecked):
    if row is None or row[0] not in FROM[step]:
        return False
    return step == "flag" or not row[1] or (step == "permit" and "flag" in unchecked)


def crash(s, i, process):
    return s._replace(at=put(s.at, i, DONE),
                      open_sequence=None if s.open_sequence and s.open_sequence[0] == process else s.open_sequence,
                      open_row=None if s.open_row and s.open_row[0] == process else s.open_row)


def explore(pause, unchecked):
    """(states seen, whether a permit came late)."""
    plan = list({**LIFE, "pause": pause}.items())
    seen, todo, late = {State()}, [State()], False
    while todo:
        s = todo.pop()
        for i, (process, steps) in enumerate(plan):
            n = act(s, i, process, steps[s.at[i]], unchecked) if s.at[i] < len(steps) else None
            if n == LATE:
                late = True
            elif n is not None:
                new = {n, crash(n, i, process)} - seen
                seen |= new
                todo += new
    return len(seen), late


def main():
    wrong = 0
    for name, (pause, unchecked, expected) in VARIANTS.items():
        states, late = explore(pause, unchecked)
        wrong += late != expected
        print(f"{'' if late == expected else 'WRONG: '}{name}: {'a permit comes late' if late else 'none late'}, "
              f"{states} states")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
