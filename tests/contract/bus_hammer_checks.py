"""What must be true after a run of bus_hammer.py: from the producers' and members' files, from every change of a lease,
and from what is left in the log."""
import collections
import json

ENOUGH = 3  # of the same kind


def read_lines(folder, pattern):
    for file in folder.glob(pattern):
        for line in file.read_text().splitlines():
            yield file.name.split(".", 1)[1], json.loads(line)


class Producers:
    def __init__(self, folder):
        self.topic, self.poison, self.acked, self.rolled = {}, set(), set(), set()
        for _, (what, ids) in read_lines(folder, "producer.*"):
            if what == "try":
                self.topic |= {rid: topic for rid, topic, _ in ids}
                self.poison |= {rid for rid, _, is_poison in ids if is_poison}
            elif what == "ack":
                self.acked |= set(ids)
            elif what == "rolled":
                self.rolled |= set(ids)


def check_delivery(producers, seen, groups):
    """Whatever was acknowledged came to every group, whatever was rolled back to none."""
    ids = collections.defaultdict(set)
    for row in seen:
        ids[row["grp"], row["topic"]].add(row["id"])
    for group, topic in groups:
        missed = {rid for rid in producers.acked if producers.topic[rid] == topic} - ids[group, topic]
        if missed:
            yield f"{len(missed)} acknowledged records never seen by {group}/{topic}"
        if producers.rolled & ids[group, topic]:
            yield f"records that were rolled back were seen by {group}/{topic}"
    if not producers.acked:
        yield "nothing was published"


def check_leases(audit, seen):
    """Every change follows on the one before; one epoch has one owner; no commit by another, back, or of the unseen."""
    first_seen, state = {}, {}
    for row in seen:
        first_seen.setdefault((row["grp"], row["topic"], row["part"], row["off"]), row["at"])
    for row in audit:
        key = (row["grp"], row["topic"], row["part"])
        before = (row["old_owner"], row["old_epoch"], row["old_off"])
        if state.setdefault(key, before) != before:
            yield f"{key}: a change of the lease was lost"
        state[key] = (row["new_owner"], row["new_epoch"], row["new_off"])
        is_taking = row["new_epoch"] != row["old_epoch"] or row["new_owner"] not in (row["old_owner"], None)
        if is_taking and (row["new_epoch"] != row["old_epoch"] + 1 or row["new_owner"] != row["actor"]):
            yield f"{key}: taken without a new epoch, or for somebody else"
        if not is_taking and row["actor"] != row["old_owner"]:
            yield f"{key}: a commit in the epoch of another member"
        if row["new_off"] < row["old_off"]:
            yield f"{key}: the committed offset moved back"
        if any(key + (off,) not in first_seen or first_seen[key + (off,)] > row["at"]
               for off in range(row["old_off"], row["new_off"])):
            yield f"{key}: committed before it was seen"


def check_order(audit, seen):
    """Within one epoch one member reads, from the committed offset on, without holes."""
    taken_at = {(row["grp"], row["topic"], row["part"], row["new_epoch"]): row["new_off"]
                for row in audit if row["new_epoch"] != row["old_epoch"]}
    runs = collections.defaultdict(list)
    for row in seen:
        runs[row["grp"], row["topic"], row["part"], row["epoch"]].append((row["off"], row["member"]))
    for key, run in runs.items():
        offsets = [off for off, _ in run]
        if len({member for _, member in run}) > 1:
            yield f"{key}: two members in one epoch"
        if offsets != list(range(offsets[0], offsets[0] + len(offsets))):
            yield f"{key}: not read in order"
        if taken_at.get(key, offsets[0]) != offsets[0]:
            yield f"{key}: reading did not start at the committed offset"


def check_commits(folder, audit):
    """A member that was told "accepted" finds it in the lease; nobody met a gap."""
    accepted = {(row["actor"], row["part"], row["new_epoch"], row["new_off"]) for row in audit}
    for member, (what, *rest) in read_lines(folder, "member.*"):
        if what == "gap":
            yield f"records were missing: {rest}"
            continue
        part, epoch, off, was_accepted, _ = rest
        if was_accepted and (member, part, epoch, off) not in accepted:
            yield f"a commit was accepted of which the lease knows nothing: {rest}"


def check_log(bus):
    """What is left is dense."""
    for topic, part, next_off, log_start in bus.ask("SELECT topic, part, next_off, log_start FROM bus_partition"):
        kept = [off for (off,) in bus.ask("SELECT off FROM bus_log WHERE topic = %s AND part = %s ORDER BY off",
                                          topic, part)]
        if kept != list(range(log_start, next_off)):
            yield f"topic {topic} partition {part}: offsets not dense in [{log_start}, {next_off})"


def check_dead_letters(bus, producers, groups, dlq):
    letters = [json.loads(bytes(payload))
               for (payload,) in bus.ask("SELECT payload FROM bus_log WHERE topic = %s", dlq)]
    dead = {(letter["group"], letter["id"]) for letter in letters}
    for group, topic in groups:
        if any((group, rid) not in dead
               for rid in producers.poison & producers.acked if producers.topic[rid] == topic):
            yield f"poison of {group}/{topic} without a dead letter"


def rows(bus, table):
    columns = [name for (name,) in bus.ask("SELECT attname FROM pg_attribute WHERE attrelid = %s::regclass "
                                           "AND attnum > 0 ORDER BY attnum", table)]
    return [dict(zip(columns, row)) for row in bus.ask(f"SELECT * FROM {table} ORDER BY n")]


def check(bus, folder, groups, dlq):
    producers, seen, audit = Producers(folder), rows(bus, "hammer_seen"), rows(bus, "hammer_audit")
    bad = []
    for found in (check_delivery(producers, seen, groups), check_leases(audit, seen), check_order(audit, seen),
                  check_commits(folder, audit), check_log(bus), check_dead_letters(bus, producers, groups, dlq)):
        bad += list(found)[:ENOUGH]
    deadlocks = bus.ask("SELECT deadlocks FROM pg_stat_database WHERE datname = current_database()")[0][0]
    if deadlocks:
        bad.append(f"{deadlocks} deadlocks")
    return bad
