"""A second scorer, slow and plain, to hold against the first.

Written from the rules' text alone and in another way: closures over all pairs instead of a
sweep, windows of four instead of a walk. It shares no code with notturno.scoring. Times are
integer microseconds; a movement here is a set of rows.

Run as a program it scores random nights with both and stops at the first difference:
    python tests/scoring_movements/brute_force.py 100000
"""

import random
import sys

S = 1_000_000


def half_second_rows(rows):
    return [(a, b, leg) for a, b, leg in rows if b - a >= S // 2]


def closure(items, related):
    """Partition items into the classes of the transitive closure of a symmetric relation."""
    left, classes = list(items), []
    while left:
        reached = [left.pop()]
        for x in reached:  # grows while it is gone through
            near = [y for y in left if related(x, y)]
            if near:
                reached += near
                left = [y for y in left if y not in near]
        classes.append(reached)
    return classes


def hull(rows):
    if len(rows) == 1:  # most are asked so, and thousands of times a night
        return rows[0][:2]
    return min(r[0] for r in rows), max(r[1] for r in rows)


def legs(rows):
    """Overlapping rows of one leg are one movement."""
    classes = closure(
        half_second_rows(rows),
        lambda p, q: p[2] == q[2] and p[0] < q[1] and q[0] < p[1],
    )
    return [(*hull(rows_of), rows_of[0][2]) for rows_of in classes]


def two_legs(p, q):
    """Two legs: they overlap, or from the end of one to the start of the next is < 0.5 s."""
    if p[2] == q[2]:
        return False
    gap = max(p[0], q[0]) - min(p[1], q[1])
    return gap < S // 2


def is_clm(parts):
    a, b = hull(parts)
    if len(parts) == 1:
        return b - a <= 10 * S
    return len(parts) <= 4 and b - a <= 15 * S and all(q[1] - q[0] <= 10 * S for q in parts)


def restart_between(x, y, gaps):
    return any(hull(x)[0] < end <= hull(y)[0] for _, end in gaps)


def wasm_neighbours(x, y, gaps):
    """May y follow x, the LM just before it, in one series? Returns None or why not."""
    if not is_clm(y):
        return "non_clm"
    if restart_between(x, y, gaps):
        return "gap"
    imi = hull(y)[0] - hull(x)[0]
    return "short_imi" if imi < 10 * S else "long_imi" if imi > 90 * S else None


def in_a_window_of_four(sequence, follows, fits):
    """Indices that lie in some four in a row, each fitting and following the one before."""
    inside = set()
    for k in range(len(sequence) - 3):
        four = sequence[k : k + 4]
        if all(fits(x) for x in four) and all(
            follows(x, y) is None for x, y in zip(four, four[1:], strict=False)
        ):
            inside.update(range(k, k + 4))
    return inside


def wasm_sequence(movements):
    return taken_up(sorted(closure(movements, two_legs), key=hull))


def taken_up(found):
    """One of both legs takes up the next that starts < 0.5 s after its end, again and again."""
    for i in range(len(found) - 1):
        both = len({leg for _, _, leg in found[i]}) > 1
        if both and hull(found[i + 1])[0] - hull(found[i])[1] < S // 2:
            return taken_up([*found[:i], found[i] + found[i + 1], *found[i + 2 :]])
    return found


def wasm_plm(sequence, gaps):
    inside = in_a_window_of_four(sequence, lambda x, y: wasm_neighbours(x, y, gaps), is_clm)
    return [hull(sequence[i])[0] for i in sorted(inside)]


def wasm_breaks(sequence, gaps):
    """Why each series ended: look behind every PLM whose successor does not follow it."""
    inside = in_a_window_of_four(sequence, lambda x, y: wasm_neighbours(x, y, gaps), is_clm)
    reasons = []
    for i in sorted(inside):
        if i + 1 == len(sequence):
            reasons.append("end_of_list")
        else:
            why = wasm_neighbours(sequence[i], sequence[i + 1], gaps)
            if why is not None:
                reasons.append(why)
    return reasons


def wasm_touches_breathing(parts, events):
    a, b = hull(parts)
    return any(b >= end - 2 * S and a <= end + 41 * S // 4 for _, end in events)


def wasm(movements, gaps, events, asleep):
    sequence = wasm_sequence(movements)
    quiet = [x for x in sequence if not (is_clm(x) and wasm_touches_breathing(x, events))]
    plm = wasm_plm(sequence, gaps)
    return {
        "lm": len(sequence),
        "clm": sum(map(is_clm, sequence)),
        "plm": plm,
        "plms": sum(asleep(x) for x in plm),
        "plm_nonresp": len(wasm_plm(quiet, gaps)),
        "breaks": wasm_breaks(sequence, gaps),
    }


def aasm_sequence(movements):
    """LM of 0.5-10 s. The earliest opens a group of all with onsets under 5 s from its own, if
    they are of two legs; of one leg, it is alone. Then the same of what is left."""
    waiting = [x for x in movements if x[1] - x[0] <= 10 * S]
    groups = []
    while waiting:
        earliest = min(waiting)
        near = [x for x in waiting if x[0] < earliest[0] + 5 * S]
        legs_near = {leg for _, _, leg in near}
        groups.append(near if len(legs_near) > 1 else [earliest])
        waiting = [x for x in waiting if x not in groups[-1]]
    return groups


def aasm_touches_breathing(parts, events):
    a, b = hull(parts)
    return any(b >= start - S // 2 and a <= end + S // 2 for start, end in events)


def aasm_kept(sequence, gaps):
    """Drop the later LM of an interval under 5 s, measuring on from the one that stays."""
    kept = sequence[:1]
    for x in sequence[1:]:
        near = hull(x)[0] - hull(kept[-1])[0] < 5 * S
        if not near or restart_between(kept[-1], x, gaps):
            kept = [*kept, x]
    return kept


def aasm(movements, gaps, events, asleep_part):
    sequence = aasm_sequence(movements)
    scored = [
        x for x in sequence if not aasm_touches_breathing(x, events) and asleep_part(*hull(x))
    ]
    kept = aasm_kept(scored, gaps)

    def follows(x, y):
        if restart_between(x, y, gaps):
            return "gap"
        return "long_imi" if hull(y)[0] - hull(x)[0] > 90 * S else None

    inside = in_a_window_of_four(kept, follows, lambda _: True)
    too_long = [x for x in movements if x[1] - x[0] > 10 * S]
    return {
        "lm": len(sequence) + len(too_long),
        "clm": len(sequence),
        "plm": [hull(kept[i])[0] for i in sorted(inside)],
    }


# --- random nights on times where the rules turn ------------------------------------------------
STEPS_MS = (
    (0, 100, 400, 499, 500, 501, 700, 1000, 2500, 4999, 5000, 5001, 9999, 10000, 10001)
    + (12000, 15000, 20000, 20000, 25000, 30000, 40000, 89999, 90000, 90001, 120000)
    + (10000, 15000, 20000, 30000, 60000, 90000)  # again, so that series do arise
)
# Steps of nights that are mostly series: both ends of the range and a few just outside.
PERIODIC_MS = (10000, 10000, 10001, 12000, 15000, 20000, 25000, 30000, 60000, 89999, 90000) * 2
PERIODIC_MS += (5000, 4999, 9999, 90001)
LASTING_MS = (300, 499, 500, 501, 600, 1000, 1500, 2000, 3000, 4000, 5000, 7000, 9999) + (
    (10000, 10001, 11000, 15000, 500, 1000, 2000, 2000, 1000)
)
MORE_PARTS_MS = (0, 100, 300, 499, 500, 900, 1500, 2500, 3000, 4400, 4600)


def random_night(rng):
    """Return (rows, gaps, breathing, stages) in microseconds."""
    sides = rng.choice((("L", "R"), ("L", "R", "L", "R", ""), ("L",), ("",)))
    steps, parts = rng.choice(
        ((STEPS_MS, (1, 1, 1, 1, 2, 2, 3, 5)), (PERIODIC_MS, (1, 1, 1, 1, 1, 2)))
    )
    rows, at = [], rng.randrange(0, 5000)
    for _ in range(rng.randint(5, 30)):
        at += rng.choice(steps)
        onset = at
        for _ in range(rng.choice(parts)):
            rows.append((onset, onset + rng.choice(LASTING_MS), rng.choice(sides)))
            onset += rng.choice(MORE_PARTS_MS)
    rows = rows[:30]
    rng.shuffle(rows)
    last = max(b for _, b, _ in rows)

    def near():
        a, b, _ = rng.choice(rows)
        shifts = (-2000, -500, 0, 500, 2000, 10250, -10250, 1, -1)
        return max(0, rng.choice((a, b)) + rng.choice(shifts) + rng.choice((0, 0, 1, -1)))

    gaps = []
    if rng.random() < 0.3:
        a = near()
        gaps = [(a, a + rng.choice((0, 10, 1000, 5000)))]
    breathing = []
    for _ in range(rng.choice((0, 0, 1, 3))):
        end = near()
        breathing.append((max(0, end - rng.choice((10000, 500, 20000))), end))
    stages, t = [], 0
    while t <= last + 30000:
        stages.append((t * 1000, rng.choice(("N2", "N2", "N2", "R", "W", "?"))))
        t += 30000
    to_us = 1000
    return (
        [(a * to_us, b * to_us, s) for a, b, s in rows],
        [(a * to_us, b * to_us) for a, b in gaps],
        [(a * to_us, b * to_us) for a, b in breathing],
        stages,
    )


def stage_lookups(stages):
    def asleep(at):
        return [s for t, s in stages if t <= at][-1] in ("N1", "N2", "N3", "R")

    def asleep_part(a, b):
        return any(s in ("N1", "N2", "N3", "R") and t < b and t + 30 * S > a for t, s in stages)

    return asleep, asleep_part


def difference(night):
    """Score a night with both scorers; return None where they agree, else what differs."""
    from notturno.scoring.movements.score import score_night

    rows, gaps, breathing, stages = night
    asleep, asleep_part = stage_lookups(stages)
    movements = legs(rows)
    fast = score_night(
        [(a, b, s, None) for a, b, s in rows], "both", stages, resp=breathing, gaps=gaps
    )
    for rules, slow in (
        ("wasm2016", wasm(movements, gaps, breathing, asleep)),
        ("aasm3", aasm(movements, gaps, breathing, asleep_part)),
    ):
        ours = fast[rules]
        told = {key: ours[key] for key in ("lm", "clm", "plms", "plm_nonresp")}
        told["plm"] = sorted(round(t * S) for run in ours["series"] for t in run["onsets_s"])
        told["breaks"] = [found["reason"] for found in ours["breaks"]]
        for key, value in slow.items():
            if told[key] != value:
                return f"{rules} {key}: {told[key]} and {value} by brute force, night {night}"
    return None


def main():
    nights = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    seed = int(sys.argv[2]) if len(sys.argv) > 2 else 1
    rng = random.Random(seed)
    series = 0
    for number in range(nights):
        found = difference(random_night(rng))
        if found is not None:
            print(f"night {number} of seed {seed} differs: {found}")
            raise SystemExit(1)
        series += 1
    print(f"{series} random nights agree (seed {seed})")


if __name__ == "__main__":
    main()
