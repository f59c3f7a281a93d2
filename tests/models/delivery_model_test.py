#!/usr/bin/env python3
"""Is a mail ever lost or sent twice? Every order of delivery_model.py's steps, within its budgets.

  twice     the server accepted the mail more than once
  invented  the row says sent, but nothing was accepted
  late      a permit was granted after a stop act had been answered
  stuck     the row is open, nothing stands against it, and nothing would ever move it
The design (the protocol that the program follows) must show none of them. Each guard of GUARDS, taken away alone,
must be found missing, and so must the two designs one would write first. `--without GUARD` prints the shortest
way to the harm.
"""
import sys
from collections import deque

from delivery_model import IDLE, MACHINES, OPEN, PEOPLE, State, housekeeping, steps

GUARDS = {
    "claim-status": "the claim takes queued rows only",
    "permit-cancel": "the permit tests cancel_requested",
    "reaper-phase": "an expired lease in phase dot becomes unknown",
    "epoch": "a session touches its own row only",
    "flag-spent": "a row that goes back loses its flag",
    "queue-timeout": "queued rows that nobody has go back",
}
NAIVE = {
    "drawn": "produce, then UPDATE; every status write unguarded (the flows as first drawn)",
    "lease": "compare-and-set claim and a lease, but no permit",
}


def harm(s, without):
    if s.accepted > 1:
        return "twice"
    if s.status == "sent" and not s.accepted:
        return "invented"
    if s.late:
        return "late"
    at_rest = s.workers == (IDLE, IDLE) and not s.records and s.cron == "idle"
    waits = (s.status, s.mailbox) == ("scheduled", "paused") or (s.status, s.sequence) == ("held", "paused")
    # A row in sending is the reaper's, whose budget here is no promise of the design.
    if at_rest and s.status in OPEN and s.status != "sending" and not waits and "drawn" not in without:
        return None if any(True for _ in housekeeping(s, without)) else "stuck"
    return None


def explore(without, budget):
    """(states seen, harm or None, the shortest way to it)."""
    start = State(left=tuple(budget.values()))
    came, todo = {start: None}, deque([start])
    while todo:
        s = todo.popleft()
        if found := harm(s, without):
            way = []
            while came[s]:
                s, step = came[s]
                way.append(step)
            return len(came), found, way[::-1]
        for step, n in steps(s, without):
            if n not in came:
                came[n] = (s, step)
                todo.append(n)
    return len(came), None, []


def main():
    if sys.argv[1:2] == ["--without"]:
        seen, found, way = explore({sys.argv[2]}, PEOPLE)
        print(f"{found or 'no harm'} ({seen} states): " + " | ".join(way))
        return 0 if found else 1
    wrong = 0
    for name in (*GUARDS, *NAIVE):
        seen, found, way = explore({name}, PEOPLE)
        wrong += found is None
        print(f"without {name}: {found or 'NOT FOUND MISSING'} after {len(way)} steps, {seen} states", flush=True)
    for budget in (PEOPLE, MACHINES):
        seen, found, way = explore(set(), budget)
        wrong += found is not None
        print(f"the design: {found or 'no harm'}, {seen} states " + " | ".join(way), flush=True)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main())
