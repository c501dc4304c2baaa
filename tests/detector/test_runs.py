"""Each constant of even beats is held: what is said turns at its bound, and another moves it."""

import pytest
from hand_rows import ODR_MHZ, beats, finals
from notturno_core import namer, names, rhythms, runs

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


def one_row(mhz):
    """Return the rows of a run at 1 Hz, a pause, and one at another pace."""
    first = every(1000, 12)
    apart = 1000000 // mhz
    second = [first[-1] + 4000 + apart * k for k in range(12)]
    return finals(namer.DEFAULTS, [beats(*first), beats(*second)])


def after(silence_ms, ms, then_ms):
    """Return the rows of beats every ms, a silence, and beats at another pace."""
    first = every(ms, 12)
    second = [first[-1] + silence_ms + then_ms * k for k in range(12)]
    slow = ms >= runs.DEFAULTS["cycles_slowest_ms"]
    facts = [beats(at) if slow else beats(cycles=[at]) for at in first + second]
    return finals(namer.DEFAULTS, facts)


def told_mhz(beats_at, cycles_at):
    """Return the pace of a rhythm by the distances of all its beats, in mHz."""
    found = rhythms.Witnesses(ODR_MHZ, names.DEFAULTS)
    found.add(cycles_at, beats_at, 50)
    return found.told(found.limb)["rhythm_mhz"]


def lobes(first_ms):
    """Say what is told of 1 Hz with two lobes, the second so long after the first."""
    both = [1000 * k + at for k in range(1, 14) for at in (0, first_ms)]
    return "lobes" if told_mhz(both, []) > 1500 else "swings"


def lacking(one_of):
    """Say what is told of 4 Hz of which one swing in so many was missed."""
    mhz = told_mhz([], [1000 + 250 * k for k in range(60) if k % one_of])
    return "swings" if mhz > 3500 else "seldom"


def uneven(by_ms):
    """Say what is told of beats of which one in three comes so much too early."""
    times = [3000 * k + at for k in range(1, 12) for at in (0, 1000 - by_ms, 2000)]
    return "each" if told_mhz(times, []) > 600 else "each third"


# rule -> (who is asked, the answer, what it is asked), below its bound and above it
HELD = {
    "cycles_slowest_ms": [(of_cycles, "rhythm", 1000, 7), (of_cycles, "", 1001, 7)],
    "cycles_fastest_mhz": [(of_cycles, CLONIC, 105, 7), (of_cycles, "", 104, 7)],
    "cycles_off_pct": [(of_cycles, "rhythm", 400, 7, 501), (of_cycles, "", 400, 7, 502)],
    "beats_slowest_ms": [(of_beats, "rhythm vibration", 3500, 4), (of_beats, "", 3501, 4)],
    "beats_fastest_mhz": [(of_beats, CLONIC, 294, 8), (of_beats, "", 293, 8)],
    "beats_off_pct": [(of_beats, "rhythm", 1000, 4, 1241), (of_beats, "", 1000, 4, 1242)],
    "ends_ms": [(ended_after, "", 2599), (ended_after, "rhythm", 2600)],
    "same_pace": [
        (one_row, "rhythm", 1198),
        (one_row, "rhythm, rhythm", 1210),
    ],
    "distance_step_pct": [(uneven, "each", 270), (uneven, "each third", 280)],
    "distance_share_pct": [
        (lobes, "swings", 400),
        (lacking, "seldom", 3),
        (lacking, "swings", 4),
    ],
    "pause_ms": [
        (after, CLONIC, 1300, 250, 400),
        (after, f"{CLONIC}, rhythm", 1301, 250, 400),
    ],
    # one missed beat is none, to two beats and a quarter
    "pause_beats": [
        (after, "rhythm", 2600, 2000, 1300),
        (after, "rhythm, rhythm", 5000, 2000, 1300),
    ],
    "same_pause_ms": [
        (after, CLONIC, 5200, 250, 250),
        (after, f"{CLONIC}, {CLONIC}", 5201, 250, 250),
    ],
    "same_pause_beats": [
        (after, "rhythm", 7500, 2500, 2500),
        (after, "rhythm, rhythm", 7501, 2500, 2500),
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
