"""Each constant of even beats is held: what is said turns at its bound, and another moves it."""

import random
from array import array

import pytest
from hand_rows import ODR_MHZ, beats, finals
from notturno_core import namer, names, rhythms, runs

NO_RUN = (0, 1, 0, 1, 0)
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
    slow = ms >= runs.FIXED["cycles_slowest_ms"]
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


def by_a_run(beats, mhz, distances_mhz):
    """Return what is told in mHz of a minute of so many cycles in a row at a pace."""
    rhythm = rhythms.Rhythm(0)
    rhythm.last = 60_000
    rhythm.longest = array("H", (beats, mhz, 5, 1, 60_000, 0, 1, 0, 1, 0))
    return rhythm.tell(ODR_MHZ, distances_mhz)["rhythm_mhz"]


def pairs_of_cycles(paired):
    """Say what is told of 140 cycles in a row that are so surely in pairs."""
    return "strokes" if by_runs((140, 2400, 5, paired, 58_000), NO_RUN) < 1500 else "each"


def pairs_of_beats(paired):
    """Say what is told of 140 beats in a row that are so surely in pairs."""
    return "strokes" if by_runs(NO_RUN, (140, 2400, 5, paired, 58_000)) < 1500 else "each"


def by_runs(cycles, envelope):
    """Return what is told in mHz of a minute of 2.4 Hz, by its two longest runs."""
    rhythm = rhythms.Rhythm(0)
    rhythm.last, rhythm.longest = 60_000, array("H", (*cycles, *envelope))
    return rhythm.tell(ODR_MHZ, 2400)["rhythm_mhz"]


def paired(compared, apart, other, neighbours):
    """Return how sure it is that beats whose gaps differ by so much in all come in pairs."""
    run = going_on()
    run._compared, run._apart, run._other_apart = compared, apart, other
    run._next_apart = neighbours
    return run.paired()


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
    "sure_beats": [(by_a_run, 7000, 28, 7000, 3500), (by_a_run, 3500, 27, 7000, 3500)],
    "lobes_slow_mhz": [(by_a_run, 1000, 60, 1000, 2000), (by_a_run, 2000, 60, 999, 2000)],
    "lobes_quick_mhz": [
        (by_a_run, 1999, 60, 1999, 3998),
        (by_a_run, 4000, 60, 2000, 4000),
        (by_a_run, 4000, 60, 4000, 2000),
        (by_a_run, 2000, 60, 3999, 2000),
    ],
    "pair_least": [(paired, 270, 12, 0, 900, 900), (paired, 1, 11, 0, 900, 900)],
    "pair_pct": [(paired, 0, 700, 1000, 1900, 2500), (paired, 1, 700, 1900, 1000, 2520)],
    "pair_sure": [(pairs_of_cycles, "each", 48), (pairs_of_cycles, "strokes", 49)],
    "pair_sure_beats": [(pairs_of_beats, "each", 99), (pairs_of_beats, "strokes", 100)],
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
    assert sorted(HELD) == sorted(rule for rule, _, _ in runs.FIXED_RULES)


@pytest.mark.parametrize("rule", HELD)
def test_a_run_turns_at_the_bound_of_its_rule(rule):
    assert wrong(rule) == []


@pytest.mark.parametrize("factor", [2 / 3, 4 / 3])
@pytest.mark.parametrize("rule", HELD)
def test_a_constant_changed_by_a_third_tells_another_run(rule, factor, monkeypatch):
    monkeypatch.setitem(runs.FIXED, rule, round(runs.FIXED[rule] * factor))
    assert wrong(rule)


def going_on():
    """Return a run of four beats 100 samples apart, the last at 300: 20 % off is near enough."""
    run = runs.Run(slowest=300, fastest=20, tolerance_pct=20, least_beats=4)
    assert [run.add(at) for at in (0, 100, 200, 300)] == [False] * 4
    assert (run.on, run.pace, run.beats, run.first, run.last) == (True, 100, 4, 0, 300)
    return run


@pytest.mark.parametrize(
    ("gap", "ended", "beats"),
    [
        (121, False, 5),  # a fifth and a sample: the next beat
        (79, False, 5),
        (78, False, 4),  # one between: passed over
        (122, True, 0),
        (159, False, 5),  # twice as far within a fifth of both: one was missed
        (241, False, 5),
        (158, True, 0),
        (242, True, 0),
    ],
)
def test_what_the_next_beat_is_to_a_run(gap, ended, beats):
    run = going_on()
    assert run.add(300 + gap) is ended and run.on is not ended
    if not ended:
        assert run.beats == beats and run.last == (300 + gap if beats == 5 else 300)


def test_one_beat_may_be_missed_and_not_two_on_end():
    run = going_on()
    assert not run.add(500) and run.intervals == 5 and run.on
    assert run.add(700), "a second one"
    run = going_on()
    assert not run.add(500) and not run.add(600) and not run.add(800)


def test_more_than_twice_as_many_between_as_beats_end_a_run():
    run = going_on()
    between = [run.add(310 + k) for k in range(10)]
    assert between == [False] * 9 + [True]


def test_a_run_that_gets_no_beat_ends_two_and_a_half_paces_on():
    run = going_on()
    assert run.due(0) == 550 and run.due(400) == 300 + 200 + 250 and run.due(1000) == 1300


@pytest.mark.parametrize(("by", "uneven_pct"), [((100, 100, 100), 0), ((90, 110, 100), 6)])
def test_how_uneven_a_run_is(by, uneven_pct):
    """The mean of 10, 10 and 0 percent."""
    run = runs.Run(slowest=300, fastest=20, tolerance_pct=20, least_beats=4)
    at = 1000
    run.add(at)
    for gap in by:
        at += gap
        run.add(at)
    assert run.on and run.uneven_pct() == uneven_pct


@pytest.mark.parametrize(("first", "begins"), [(0, True), (-1, False)])
def test_each_beat_of_a_run_may_be_off_and_the_whole_as_much_longer(first, begins):
    run = runs.Run(slowest=100, fastest=10, tolerance_pct=20, least_beats=4)
    for at in (first, 121, 242, 342):  # a pace of 100, and a fifth and a sample late
        run.add(at)
    assert run.on is begins


def test_four_beats_are_looked_for_among_two_more_between_each_two():
    assert runs.Run(slowest=100, fastest=10, tolerance_pct=20, least_beats=4).keeps == 11


def test_gaps_that_differ_by_less_than_half_a_sample_are_alike():
    """A gap is told to a sample: none is evener than that."""
    assert [paired(100, 0, 0, apart) for apart in (62, 63, 112, 113)] == [0, 1, 98, 102]


def test_what_is_known_of_pairs_is_kept_from_run_to_run_of_one_pace():
    """Two beats that are missed on end stop a run; behind them the limb returns as it did."""
    run = runs.Run(slowest=300, fastest=20, tolerance_pct=25, least_beats=4)
    rng, at, sure, stopped = random.Random(5), 0, [], 0
    for k in range(60):
        if k % 10 != 9:
            stopped += run.add(at) + run.add(at + 100 + rng.randint(-6, 6))
        else:
            sure.append(run.paired())
        at += 200 + rng.randint(-18, 18)
    assert stopped == 5 and sure[0] < runs.FIXED["pair_sure"] <= sure[-1]
    assert max(sure[:2]) < runs.FIXED["pair_sure"]


@pytest.mark.parametrize(("silence", "pace", "sure"), [(0, 100, 1), (1, 100, 0), (0, 140, 0)])
def test_of_another_pace_or_behind_a_silence_it_is_asked_anew(silence, pace, sure):
    run = runs.Run(slowest=300, fastest=20, tolerance_pct=25, least_beats=4)
    late = (0, 9, -11, 7, 13, -4, -13)
    for k in range(70):
        run.add(200 * k + late[k % 7])
        run.add(200 * k + late[k % 7] + 100)
    was = run.paired()
    assert was >= runs.FIXED["pair_sure_beats"]
    if silence:
        run.end()
    for k in range(30):
        run.add(15_000 + pace * k)
    assert run.on and run.beats < 40
    assert run.paired() >= was if sure else run.paired() == 0


def test_nothing_is_told_of_gaps_behind_a_beat_that_was_missed():
    """Two gaps on end are one: each is compared with the one before it and the one before that."""
    run = going_on()
    for at in (390, 500, 590):
        run.add(at)
    assert (run._compared, run._next_apart) == (1, 20)
    assert {run._apart, run._other_apart} == {0}
    for at in (800, 890, 1000):
        run.add(at)
    assert run._compared == 1
    run.add(1090)
    assert run._compared == 2 and run._next_apart == 40


def test_of_pairs_the_same_half_is_even_however_often_a_beat_was_missed():
    run = runs.Run(slowest=300, fastest=20, tolerance_pct=25, least_beats=4)
    rng, at, missed = random.Random(3), 0, 0
    for k in range(120):
        for lobe in (at, at + 100):
            if k % 9 == 7 and lobe == at + 100 * (k // 9 % 2):
                missed += 1  # now a stroke, now a return
            else:
                run.add(lobe)
        at += 200 + rng.randint(-15, 15)
    assert missed == 13 and run.on and run.beats > 200
    assert run.paired() >= runs.FIXED["pair_sure_beats"]
    assert min(run._apart, run._other_apart) == 0


@pytest.mark.parametrize(
    ("mhz", "same"), [(6000, 1), (3000, 1), (2400, 1), (2401, 0), (1667, 1), (1666, 0), (4000, 0)]
)
def test_a_witness_that_sees_each_second_or_third_beat_tells_of_the_same_rhythm(mhz, same):
    assert runs.same_pace(mhz, 6000) == runs.same_pace(6000, mhz) == bool(same)
