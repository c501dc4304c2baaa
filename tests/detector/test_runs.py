"""Each constant of even beats is held: what is said turns at its bound, and another moves it."""

import pytest
from hand_rows import beats, finals, rhythm
from notturno_core import namer, names, runs

CLONIC = "rhythm clonic_band"


def every(ms, count, first_ms=None):
    """Return so many times, ms apart; between the first two `first_ms`."""
    lead = ms if first_ms is None else first_ms
    return [1000, *(1000 + lead + ms * k for k in range(count - 1))]


def of_cycles(ms, count, first_ms=None):
    return finals(namer.DEFAULTS, [beats(cycles=every(ms, count, first_ms))])


def of_beats(ms, count, first_ms=None):
    return finals(namer.DEFAULTS, [beats(*every(ms, count, first_ms))])


def ended_after(ms):
    """Say whether a run of quick beats is over so long after its last."""
    facts = [beats(*every(400, 8))]
    return finals(namer.DEFAULTS | {"hold_ms": 0}, facts, now=facts[0]["beats"][-1] + ms)


def lesser(fast_mhz, slow_mhz):
    """Say which of two rhythms at one time is part of the other: the one of more beats too?"""
    fast, slow = rhythm(mhz=fast_mhz, beats=40, number=1), rhythm(mhz=slow_mhz, number=2)
    return "fast" if names.relate(fast, slow, 1000000) else "slow"


def one_row(mhz):
    """Return the rows of a run at 1 Hz, a pause, and one at another pace."""
    first = every(1000, 12)
    apart = 1000000 // mhz
    second = [first[-1] + 4000 + apart * k for k in range(12)]
    return finals(namer.DEFAULTS, [beats(*first), beats(*second)])


# rule -> (who is asked, the answer, what it is asked), below its bound and above it
HELD = {
    "cycles_slowest_ms": [(of_cycles, "rhythm", 500, 7), (of_cycles, "", 501, 7)],
    "cycles_fastest_mhz": [(of_cycles, CLONIC, 105, 7), (of_cycles, "", 104, 7)],
    "cycles_off_pct": [(of_cycles, "rhythm", 400, 7, 501), (of_cycles, "", 400, 7, 502)],
    "beats_slowest_ms": [(of_beats, "rhythm vibration", 3500, 4), (of_beats, "", 3501, 4)],
    "beats_fastest_mhz": [(of_beats, CLONIC, 294, 8), (of_beats, "rhythm", 293, 8)],
    "beats_off_pct": [(of_beats, "rhythm", 1000, 4, 1241), (of_beats, "", 1000, 4, 1242)],
    "ends_ms": [(ended_after, "", 2599), (ended_after, "rhythm", 2600)],
    "same_pace": [
        (lesser, "fast", 2399, 1000),
        (lesser, "slow", 2401, 1000),
        (one_row, "rhythm", 1198),
        (one_row, "rhythm, rhythm", 1210),
    ],
}


def wrong(rule):
    return [asked for ask, answer, *asked in HELD[rule] if ask(*asked) != answer]


def test_every_rule_has_its_lines():
    assert sorted(HELD) == sorted(rule for rule, _, _ in runs.RULES)


@pytest.mark.parametrize("rule", HELD)
def test_a_run_turns_at_the_bound_of_its_rule(rule):
    assert wrong(rule) == []


@pytest.mark.parametrize("factor", [2 / 3, 4 / 3])
@pytest.mark.parametrize("rule", HELD)
def test_a_constant_changed_by_a_third_tells_another_run(rule, factor, monkeypatch):
    monkeypatch.setitem(runs.DEFAULTS, rule, round(runs.DEFAULTS[rule] * factor))
    assert wrong(rule)
