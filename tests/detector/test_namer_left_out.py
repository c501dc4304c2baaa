"""What the namer leaves out early changes no row: told beside the slow plain form."""

import random
from functools import cache

import pytest
from hand_rows import ODR_MHZ, beats, burst, fact, minute, move, opens
from notturno_core import namer, wire
from plain_namer import PlainNamer

STREAMS = 16
# As they are, with rows that are final at once, and with margins that reach beyond the wait.
RULES = (
    {},
    {"hold_ms": 0},
    {"hold_ms": 2000, "turn_margin_ms": 9000, "rhythm_least_beats": 3},
    {"weak_margin_ms": 100, "turn_margin_ms": 200, "echo_ms": 4000, "rhythm_quick_beats": 5},
)


@cache
def stream(seed):
    """Return the facts of some minutes in which all comes often and close, in order."""
    rng, now, rows = random.Random(seed), 1000, []
    for _ in range(70):
        now += int(rng.expovariate(1 / rng.choice((300, 1500, 6000)))) + 1
        mg, ms = int(5 * 40 ** rng.random()), rng.randrange(20, 1100)
        way = rng.choice(((127, 0, 0), (0, 0, 127), (90, 0, 90)))
        what = rng.randrange(5)
        if what < 2:
            slow = rng.choice((0, 0, mg))
            facts = {"direction_q7": way, "effective_ms": rng.randrange(20, 400)}
            rows.append(fact(burst(ms, now, mg, cycles=rng.randrange(1, 9), **facts), 60))
            rows[-1]["clipped"], rows[-1]["cut"] = slow % 2, slow % 3 == 1
        elif what == 2:
            ms *= rng.choice((1, 4, 20))
            rows += [opens(now), fact(move(ms, now, mg, posture_after_q7=way), 500)]
        else:
            rows += rhythm_of(rng, now, mg)
    rows += [minute(k, *rng.choice(((700, 1000), (4000, 1000)))) for k in range(now // 60000)]
    return sorted(rows, key=lambda row: row["closed_sample"])


def rhythm_of(rng, now, mg):
    """Return the blocks of beats of one rhythm, even and not, with some missed and some more."""
    ms, off = rng.choice((110, 180, 330, 700, 980, 2500, 3400)), rng.choice((0.02, 0.12, 0.3))
    times = [now + ms * k for k in range(rng.randrange(2, 14)) if rng.random() > 0.1]
    times += [at + ms // 3 for at in times if rng.random() < 0.2]
    times = sorted({at + int(ms * off * rng.uniform(-1, 1)) for at in times})
    quick = ms < 1000 and rng.random() < 0.7
    return [beats(cycles=[at]) | {"peak_mg": mg} if quick else beats(at) for at in times]


def told_by(kind, seed, rules, change=None):
    """Return all that is told; change: done to the namer before it begins."""
    made = kind(ODR_MHZ, namer.DEFAULTS | rules)
    if change:
        change(made)
    out, rows = [], stream(seed)
    for number, found in enumerate(rows):
        out += made.feed(dict(found))
        if number % 50 == 49:
            out += made.gap()
    return out + made.finish(rows[-1]["closed_sample"])


def differing(rules, change=None):
    """Yield of each stream whether a namer tells other rows of it than its plain form."""
    for seed in range(STREAMS):
        yield told_by(namer.Namer, seed, rules, change) != told_by(PlainNamer, seed, rules)


@pytest.mark.parametrize("rules", RULES, ids=["default", "at_once", "far", "near"])
def test_no_row_is_told_otherwise_than_by_the_plain_form(rules):
    assert not any(differing(rules))


def less(bound, runs_bound=False):
    def change(made):
        for owner in made._witnesses._runs if runs_bound else (made,):
            setattr(owner, bound, getattr(owner, bound) * 2 // 3)

    return change


@pytest.mark.parametrize(
    "change",
    [less("_reach"), less("_longest", True), less("_hold")],
    ids=["reach", "longest", "hold"],
)
def test_a_bound_that_is_less_by_a_third_is_seen(change):
    assert any(differing(RULES[2], change))


def test_the_streams_hold_every_kind_of_row_and_flags_by_others():
    kinds, flags = set(), 0
    for seed in range(STREAMS):
        for what, values, _ in told_by(namer.Namer, seed, {}):
            if what == namer.FINAL:
                kinds.add(values["kind"])
                flags |= values["flags"]
    assert kinds >= set(wire.EVENT_NAMES) - {wire.EVENT_NOT_WORN, wire.EVENT_GAP}
    others = wire.FLAG_IN_LM | wire.FLAG_IN_RHYTHM | wire.FLAG_IN_AWAKE | wire.FLAG_VIBRATION
    assert flags & others == others
