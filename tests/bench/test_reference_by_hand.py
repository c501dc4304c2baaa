"""The reference's judgements one by one, on movements and windows made by hand.

Its constants are nobody's but its own: each is held by a value just before and just behind it.
"""

import math
from dataclasses import replace

import numpy as np
import pytest
from notturno.bench.baselines.reference import names, rhythms, segments, spells, tones
from notturno.bench.baselines.reference.segments import Segment
from notturno.bench.baselines.reference.signal import Prepared

PLAIN = Segment(
    **{"first": 0, "last": 100, "onset_s": 100.0, "seconds": 0.4, "peak_mg": 100.0},
    **{"quick_mg": 100.0, "floor_mg": 2.0, "effective_s": 0.1, "centre_hz": 6.0},
    **{"slow_share": 1.0, "along_gravity": 0.0, "turn_deg": 0.0, "uneven": 1.0},
)


def segment(**other):
    return replace(PLAIN, **other)


def at(*onsets_s, **other):
    return [segment(onset_s=onset_s, **other) for onset_s in onsets_s]


# --- what a movement was -------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("effective_s", "seconds", "slow_share", "is_lm"),
    [
        *[(0.134, 0.62, 1.0, False), (0.136, 0.62, 1.0, True), (0.135, 0.61, 1.0, False)],
        *[(0.135, 0.63, 1.0, True), (0.135, 0.62, 0.9, False), (0.135, 0.62, 1.1, True)],
        # of how slow it is seven tenths count, in natural logarithms, and no more than one of them
        *[(0.271, 0.62, 1e-9, False), (0.273, 0.62, 1e-9, True)],
        *[(0.0669, 0.62, 1e9, False), (0.0672, 0.62, 1e9, True)],
        *[(0.1915, 0.62, math.exp(-0.5), False), (0.1917, 0.62, math.exp(-0.5), True)],
        *[(9.0, 0.499, 1.0, False), (9.0, 0.5, 1.0, True)],
    ],
)
def test_a_limb_movement_by_how_long_its_strength_lasts_and_how_slow_it_is(
    effective_s, seconds, slow_share, is_lm
):
    made = segment(effective_s=effective_s, seconds=seconds, slow_share=slow_share)
    assert bool(names.is_lm(made)) is is_lm


LM = {"effective_s": 1.0, "seconds": 2.0}


@pytest.mark.parametrize(
    ("what", "hum", "kind", "flags"),
    [
        ({}, False, "jerk", []),
        ({}, True, "jerk", ["vibration"]),
        ({"peak_mg": 1.0}, False, "jerk", []),
        ({**LM}, False, "lm", []),
        ({**LM, "peak_mg": 20.0}, False, "lm", []),
        ({**LM, "peak_mg": 19.9}, False, "lm", ["vibration"]),
        ({"turn_deg": 25.0, "seconds": 1.5}, True, "posture", []),
        ({"turn_deg": 24.9, "seconds": 1.5}, False, "lm", []),
        ({"turn_deg": 25.0, "seconds": 1.49}, False, "lm", []),
        # straight up and down, weak and slow: somebody else
        ({**LM, "peak_mg": 29.9, "along_gravity": 0.86}, False, "lm", ["vibration"]),
        ({**LM, "peak_mg": 30.0, "along_gravity": 0.86}, False, "lm", []),
        ({**LM, "peak_mg": 29.9, "along_gravity": 0.85}, False, "lm", []),
        ({"peak_mg": 29.9, "along_gravity": 0.86, "centre_hz": 3.5}, False, "jerk", ["vibration"]),
        ({"peak_mg": 29.9, "along_gravity": 0.86, "centre_hz": 3.6}, False, "jerk", []),
    ],
)
def test_what_a_movement_was_and_whether_it_was_the_limbs(what, hum, kind, flags):
    made = segment(**what)
    assert names._one(made, hum) == {
        **{"kind": kind, "onset_s": 100.0, "duration_s": made.seconds, "peak_mg": made.peak_mg},
        **{"rhythm_hz": None, "flags": flags},
    }


LONG = {"seconds": 0.56, "centre_hz": 7.1, "slow_share": 0.79, "quick_mg": 29.9}
TONE = {"effective_s": 0.17, "centre_hz": 5.1, "slow_share": 0.59, "quick_mg": 29.9}


@pytest.mark.parametrize(
    ("what", "other", "hums"),
    [(LONG, {}, True), (TONE, {}, True)]
    + [(LONG, other, False) for other in ({"seconds": 0.55}, {"centre_hz": 7.0})]
    + [(LONG, other, False) for other in ({"slow_share": 0.8}, {"quick_mg": 30.0})]
    + [(TONE, other, False) for other in ({"effective_s": 0.16}, {"centre_hz": 5.0})]
    + [(TONE, other, False) for other in ({"slow_share": 0.6}, {"quick_mg": 30.0})],
)
def test_a_hum_is_long_and_quick_or_a_tone_and_weak(what, other, hums):
    assert names._hums([segment(**{**what, **other})]) == [hums]


WEAK = {"quick_mg": 10.0, "effective_s": 0.06}


@pytest.mark.parametrize(
    ("others", "hums"),
    [
        (at(40.1, 80, 120, 159.9, **WEAK), True),
        (at(40.1, 80, 120, **WEAK), False),  # four others at the least
        (at(39.9, 80, 120, 159.9, **WEAK), False),  # within a minute
        (at(40.1, 80, 120, 160.1, **WEAK), False),
        (at(40.1, 80, 120, **WEAK) + at(159, **{**WEAK, "quick_mg": 19.9}), True),
        (at(40.1, 80, 120, **WEAK) + at(159, **{**WEAK, "quick_mg": 20.1}), False),
        (at(40.1, 80, 120, **WEAK) + at(159, **{**WEAK, "quick_mg": 4.9}), False),
        # alike: by a fifth of a natural logarithm
        (at(40.1, 80, 120, **WEAK) + at(159, **WEAK, centre_hz=6.0 * math.exp(0.19)), True),
        (at(40.1, 80, 120, **WEAK) + at(159, **WEAK, centre_hz=6.0 * math.exp(0.21)), False),
        (at(40.1, 80, 120, **WEAK) + at(159, **WEAK, centre_hz=6.0 * math.exp(-0.21)), False),
    ],
)
def test_one_of_a_train_of_alike_is_a_hum(others, hums):
    found = sorted([*others, segment(**WEAK)], key=lambda each: each.onset_s)
    assert names._hums(found)[[each.onset_s for each in found].index(100.0)] is hums


@pytest.mark.parametrize(
    ("what", "hums"),
    [({"quick_mg": 17.9}, True), ({"quick_mg": 18.0}, False), ({"effective_s": 0.05}, False)]
    + [({"effective_s": 0.051}, True), ({"centre_hz": 4.5}, False), ({"centre_hz": 4.6}, True)]
    + [({"centre_hz": 10.4}, True), ({"centre_hz": 10.5}, False)],
)
def test_a_train_is_of_weak_movements_of_some_hertz(what, hums):
    made = at(80, 90, 100, 110, 120, **{**WEAK, **what})
    assert names._hums(made)[2] is hums


@pytest.mark.parametrize(("shared_s", "inside"), [(0.26, True), (0.25, False)])
def test_most_of_a_movement_lies_in_a_rhythm_or_it_is_none_of_its_beats(shared_s, inside):
    made = [segment(seconds=0.5)]
    assert names._inside([(99, 100 + shared_s)], made) == [inside]
    assert names._inside([(100.5 - shared_s, 200)], made) == [inside]


# --- contexts ------------------------------------------------------------------------------------


def irregular(made, share=0.0):
    return bool(spells._irregular(made, np.ones(len(made), bool), share))


def spaced(*gaps_s, **other):
    return at(*np.cumsum([0.0, *gaps_s]), **other)


@pytest.mark.parametrize(
    ("made", "share", "is_irregular"),
    [
        ([segment(seconds=20.0)], 0.0, False),
        ([segment(seconds=20.1)], 0.0, True),
        ([segment(seconds=11.1)], 0.51, True),
        ([segment(seconds=11.0)], 0.51, False),
        ([segment(seconds=11.1)], 0.5, False),
        (at(0, 10, turn_deg=25.1), 0.0, True),
        (at(0, 10, turn_deg=25.0), 0.0, False),
        ([*at(0, turn_deg=90.0), *at(5, 10)], 0.0, False),
        (spaced(3.6, 3.6, 3.6), 0.0, True),  # four and more: by their gaps
        (spaced(3.7, 3.7, 3.7), 0.0, False),
        ([*at(0, 9, turn_deg=90.0), *at(18, 27)], 0.0, False),
        (spaced(4.0, 4.0, 10.0), 0.0, False),  # spread 2.83 of 6.00: 0.471
        (spaced(4.0, 4.0, 10.5), 0.0, True),  # 3.06 of 6.17: 0.497
        (spaced(5.9, 5.9, 30.0), 0.0, True),
        (spaced(6.0, 6.0, 30.0), 0.0, False),
        ([], 0.0, False),
    ],
)
def test_movements_are_in_no_order_by_their_length_their_turns_or_their_gaps(
    made, share, is_irregular
):
    assert irregular(made, share) is is_irregular


def test_only_what_is_near_is_asked():
    made = spaced(2.0, 2.0, 2.0, 2.0, 10.0, 10.0, 10.0)
    assert irregular(made)
    assert not spells._irregular(made, np.arange(8) > 3, 0.0)


def awake(*made, runs=(), length_s=900.0):
    return spells.awake(list(made), list(runs), length_s)


def large(onset_s, seconds, **other):
    return segment(onset_s=onset_s, seconds=seconds, **{"peak_mg": 51.0, **other})


def run(begin_s, end_s):
    return {"onset_s": begin_s, "duration_s": end_s - begin_s}


def test_a_spell_awake_is_where_three_tenths_of_a_minute_are_movement_and_a_quarter_around():
    # 20 of 60 s are in the window from 290 s to 350 s; a quarter of a minute is put to each side
    assert awake(large(300, 40)) == [(275.0, 365.0)]
    assert awake(large(300, 39)) == [(275.0, 365.0)]
    assert awake(large(300, 38)) == []  # 18 s are not more than three tenths: 85 s in all
    assert awake(large(300, 40, peak_mg=50.0)) == []
    assert awake(large(0, 70)) == [(0.0, 95.0)]


def test_spells_less_than_a_minute_apart_are_one():
    assert awake(large(300, 40), large(415, 40)) == [(275.0, 480.0)]
    assert awake(large(300, 40), large(420, 40)) == [(275.0, 365.0), (395.0, 485.0)]


@pytest.mark.parametrize(
    ("rhythm", "uneven", "is_awake"),
    [
        (run(301.0, 400), 1.0, True),
        (run(300.9, 400), 1.0, False),
        (run(200, 300.0), 1.0, True),
        (run(200, 300.1), 1.0, False),
        (run(290, 400), 2.1, True),
        (run(290, 400), 2.0, False),
    ],
)
def test_the_beats_of_a_rhythm_are_not_being_awake_but_what_is_uneven_is(rhythm, uneven, is_awake):
    assert bool(awake(large(300, 40, uneven=uneven), runs=[rhythm])) is is_awake


@pytest.mark.parametrize(("seconds", "is_awake"), [(0.3, False), (0.31, True)])
def test_what_is_shorter_than_a_third_of_a_second_keeps_nobody_awake(seconds, is_awake):
    made = [large(300 + k / 4, seconds) for k in range(400)]
    assert bool(awake(*made)) is is_awake


def not_worn(monkeypatch, *ratios):
    hz = 2.0
    raw = np.repeat(np.array(ratios)[:, None], 120, axis=0) * np.ones(3)

    def ratio(part, night):
        assert len(part) == 120 and len(np.unique(part)) == 1  # one minute
        return part[0, 0]

    monkeypatch.setattr(spells, "_body_over_noise", ratio)
    return spells.not_worn(Prepared(hz, raw, *[raw] * 6))


def test_five_minutes_without_a_body_are_not_worn(monkeypatch):
    off = 1.11
    assert not_worn(monkeypatch, 2, 2, off, off, off, off, off, 2) == [(120.0, 420.0)]
    assert not_worn(monkeypatch, 2, 2, off, off, off, off, 2, 2) == []
    assert not_worn(monkeypatch, *[1.12] * 9) == []
    assert not_worn(monkeypatch, *[off] * 5) == [(0.0, 300.0)]
    assert not_worn(monkeypatch, *[off] * 4) == []
    # one minute alone says nothing, of the one or of the other
    assert not_worn(monkeypatch, *[off] * 3, 2, *[off] * 3) == [(0.0, 420.0)]


def test_a_body_is_more_than_a_sensors_own_noise():
    rng, hz = np.random.default_rng(1), 100.0
    noise = rng.normal(0, 1, (6000, 3))
    breath = 1.5 * np.sin(2 * np.pi * 0.25 * np.arange(6000) / hz)[:, None]
    night = Prepared(hz, *[noise] * 7)
    assert spells._body_over_noise(noise, night) < 1.12
    assert spells._body_over_noise(noise + breath, night) > 1.5
    # what is above nine hertz is no body's
    hum = 1.5 * np.sin(2 * np.pi * 10.0 * np.arange(6000) / hz)[:, None]
    assert spells._body_over_noise(noise + hum, night) < 1.12


# --- rhythms -------------------------------------------------------------------------------------


def test_segments_nearer_than_the_slowest_beat_are_of_one_group_and_turns_of_none():
    made = at(0, 2.6, 5.31, 8.0) + at(10.0, turn_deg=25.1) + at(10.5, turn_deg=25.0)
    groups = [[each.onset_s for each in group] for group in rhythms._groups(made)]
    # each lasts 0.4 s: gaps of 2.2, 2.31, 2.29; behind a turn another begins
    assert groups == [[0, 2.6], [5.31, 8.0], [10.5]]


@pytest.mark.parametrize(
    ("pace_s", "folded_s"),
    [(1.0, 0.5), (1.1, 0.55), (1.16, 1.16), (0.87, 0.435), (0.84, 0.84), (1.5, 0.5), (0.6, 0.6)],
)
def test_two_or_three_beats_taken_for_one_are_folded_as_their_neighbours_beat(pace_s, folded_s):
    windows = [(k / 2, 0.5) for k in range(9)]
    windows[4] = (2.0, pace_s)
    found = rhythms._folded(windows)
    assert found[4] == (2.0, pytest.approx(folded_s))
    assert [pace for k, (_, pace) in enumerate(found) if k != 4] == [0.5] * 8


@pytest.mark.parametrize(("apart", "folded_s"), [(20, 0.5), (21, 1.0)])
def test_neighbours_are_twenty_windows_to_each_side(apart, folded_s):
    """Of 41 a quarter is asked: eleven of the shorter pace must be among them."""
    windows = [(float(k), 1.0) for k in range(60)]
    for k in range(30 + apart - 10, 30 + apart + 1):
        windows[k] = (float(k), 0.5)
    assert rhythms._folded(windows)[30] == (30.0, folded_s)


def test_windows_of_one_pace_are_joined_over_ten_seconds_and_a_third_of_a_logarithm():
    near, far = 0.5 * math.exp(0.29), 0.5 * math.exp(0.31)
    assert rhythms._joined([(0, 0.5), (9.9, 0.5)]) == [(0, 9.9, 0.5)]
    assert rhythms._joined([(0, 0.5), (10.0, 0.5)]) == [(0, 0, 0.5), (10.0, 10.0, 0.5)]
    assert rhythms._joined([(0, 0.5), (5, near)]) == [(0, 5, pytest.approx((0.5 + near) / 2))]
    assert len(rhythms._joined([(0, 0.5), (5, far)])) == 2
    # a shorter one within a longer one, or less than half a second beside it, is an accident
    inside = [(0, 0.5), (3, 2.0), (3.5, 2.0), (6, 0.5)]
    assert rhythms._joined(inside) == [(0, 6, 0.5)]
    beside = [(0, 0.5), (6, 0.5), (6.4, 2.0)]
    assert rhythms._joined(beside) == [(0, 6, 0.5)]
    assert rhythms._joined([(0, 0.5), (6, 0.5), (7.0, 2.0)]) == [(0, 6, 0.5), (7.0, 7.0, 2.0)]
    # of two that overlap the longer one stays, though the other began before it
    later = [(0, 2.0), (2, 0.5), (3, 2.0), (9, 0.5)]
    assert rhythms._joined(later) == [(2, 9, 0.5)]


def flat(mg=20.0, hz=10.0, seconds=200):
    signal = np.zeros((int(seconds * hz), 3))
    signal[:, 0] = mg
    return Prepared(hz, signal, signal, *[signal] * 5)


def whole(seconds=20.0):
    return [segment(onset_s=100.0, seconds=seconds, first=1000, last=1000 + int(10 * seconds))]


@pytest.fixture
def nothing_slower(monkeypatch):
    monkeypatch.setattr(rhythms, "_nothing_slower", lambda *_: True)


@pytest.mark.parametrize(
    ("begin_s", "end_s", "pace_s", "found"),
    [
        # most of twenty seconds: 12; windows reach 3.25 s to each side, quick ones 0.9 s
        (103.25, 108.76, 0.5, True),
        (103.25, 108.74, 0.5, False),
        (100.9, 111.11, 0.3, True),
        (100.9, 111.09, 0.3, False),
        (111.25, 125.0, 0.5, True),
        (111.27, 125.0, 0.5, False),
    ],
)
def test_most_of_what_a_rhythm_touches_is_rhythm(nothing_slower, begin_s, end_s, pace_s, found):
    event = rhythms._event(flat(), whole(), begin_s, end_s, pace_s)
    assert (event is not None) is found
    if found:
        assert event == {
            **{"kind": "rhythm", "onset_s": 100.0, "duration_s": 20.0, "peak_mg": 20.0},
            **{"rhythm_hz": pytest.approx(1 / pace_s), "flags": []},
        }


@pytest.mark.parametrize(
    ("pace_s", "beats"), [(0.39, 7.0), (0.41, 4.5), (0.6, 4.5)], ids=["quick", "slower", "slow"]
)
def test_a_rhythm_has_seven_quick_beats_or_five_slow_ones(nothing_slower, pace_s, beats):
    for off_s, found in ((0.01, True), (-0.01, False)):
        end_s = 100.0 + beats * pace_s - 3.25 + off_s
        event = rhythms._event(flat(), whole(3.0), 98.0, end_s, pace_s)
        assert (event is not None) is found


@pytest.mark.parametrize(("mg", "flags"), [(16.9, ["vibration"]), (17.0, [])])
def test_a_weak_rhythm_is_another_bodys(nothing_slower, mg, flags):
    assert rhythms._event(flat(mg), whole(), 101.0, 119.0, 0.5)["flags"] == flags
    assert rhythms._event(flat(), whole(), 10.0, 20.0, 0.5) is None, "it touches nothing"


def waves(*parts, seconds=40, hz=50.0, ramp=0.0):
    """Return (n, 3) of sines (Hz, size) and a ramp along x."""
    t = np.arange(int(seconds * hz)) / hz
    x = sum(size * np.sin(2 * np.pi * f * t) for f, size in parts) + ramp * t
    return np.stack([x, 0 * x, 0 * x], axis=1), hz


@pytest.mark.parametrize(
    ("parts", "pace_s", "nothing"),
    [
        ([(2.0, 1.0)], 0.5, True),
        ([(2.0, 1.0), (0.5, 0.40)], 0.5, True),  # of the energy 0.138
        ([(2.0, 1.0), (0.5, 0.44)], 0.5, False),  # 0.162
        ([(4.0, 1.0), (2.0, 0.6)], 0.25, False),  # slower: below 0.55 of the pace, 2.2 Hz
        ([(4.0, 1.0), (2.4, 0.6)], 0.25, True),
        ([(1.2, 1.0), (0.8, 0.6)], 0.8, False),  # and whatever the pace below 1 Hz
        ([(1.4, 1.0), (1.2, 0.6)], 0.7, True),
    ],
)
def test_a_rhythm_holds_little_that_is_slower_than_its_beats(parts, pace_s, nothing):
    assert bool(rhythms._nothing_slower(*waves(*parts), pace_s)) is nothing
    assert bool(rhythms._nothing_slower(*waves(*parts, ramp=5.0), pace_s)) is nothing


def pace(*parts, share=1.0, window=rhythms.QUICK, seconds=10):
    values, hz = waves(*parts, seconds=seconds, hz=100.0)
    middle = len(values) // 2
    values[middle:] *= math.sqrt(share)
    return rhythms._pace(values, seconds / 2, hz, *window)


@pytest.mark.parametrize("hz", [3.0, 5.0, 8.0])
def test_a_quick_pace_is_the_lag_of_likeness(hz):
    assert pace((hz, 1.0)) == pytest.approx(1 / hz, abs=0.006)


def test_what_fades_within_a_window_has_no_pace():
    assert pace((5.0, 1.0), share=1 / 4.8) and pace((5.0, 1.0), share=4.8)
    assert pace((5.0, 1.0), share=1 / 5.2) is pace((5.0, 1.0), share=5.2) is None


def test_where_nothing_is_there_is_no_pace_and_nothing_divided():
    with np.errstate(all="raise"):
        assert pace((5.0, 0.0)) is None


def test_each_half_of_a_window_holds_two_and_a_half_of_the_shortest_beats():
    """Of 0.2 s: half a second."""
    asked = (0.2, 1.0, 10.0, 0.3)
    assert pace((10 / 3, 1.0), window=asked, seconds=1.0) == pytest.approx(0.3)
    assert pace((10 / 3, 1.0), window=asked, seconds=0.98) is None


def test_a_slow_pace_needs_a_window_of_six_seconds_and_a_quick_one_is_no_slow_one():
    assert pace((1.0, 1.0), window=rhythms.SLOW, seconds=20) == pytest.approx(1.0, abs=0.011)
    assert pace((1.0, 1.0)) is None  # its lag is longer than a quick one's
    assert pace((2.0, 1.0), window=rhythms.SLOW, seconds=1) is None  # too short a stretch


# --- tones ---------------------------------------------------------------------------------------


def test_lines_of_nearly_one_frequency_that_meet_are_one():
    found = []
    for line in ((11.0, 0, 100), (11.37, 100, 200), (11.38, 150, 180), (20.0, 0, 50)):
        tones._note(found, *line)
    # three eighths of a hertz; the second begins where the first ends
    assert found == [[11.0, 0, 200], [11.38, 150, 180], [20.0, 0, 50]]
    tones._note(found, 11.0, 201, 300)
    assert found[-1] == [11.0, 201, 300]


# --- what is measured of a movement --------------------------------------------------------------


def test_how_uneven_a_movement_is_by_its_seconds():
    rising = np.repeat(np.arange(1.0, 11.0), 10)
    assert segments._uneven(rising, 10) == pytest.approx(9.1 / 5.5)  # the 90th of 100, the median
    assert segments._uneven(rising[:39], 10) == 1.0  # below four seconds nothing is said
    assert segments._uneven(rising[:40], 10) == pytest.approx(3.7 / 2.5)


def test_a_turn_is_told_by_where_it_lay_before_and_behind():
    z, x, gone = [0.0, 0.0, 1000.0], [600.0, 0.0, 800.0], [-9e3, 9e3, 0.0]
    raw = np.array([gone] * 75 + [z] * 22 + [gone] * 56 + [x] * 22 + [gone] * 75)
    still = np.tile([123.4, -567.8, 901.2], (300, 1))
    assert segments._gravity(Prepared(10.0, still, *[still] * 6), 100, 150)[1] < 1e-3
    before, turn_deg = segments._gravity(Prepared(10.0, raw, *[raw] * 6), 100, 150)
    assert before == pytest.approx([0, 0, 1]) and turn_deg == pytest.approx(36.87, abs=0.01)


def test_the_middle_of_a_spectrum_is_weighed_by_power():
    t = np.arange(640) / 64.0
    both = np.sin(2 * np.pi * 4 * t)[:, None] * [1.0, 0, 0]
    both = both + np.sin(2 * np.pi * 12 * t)[:, None] * [0, 0, 1.0]
    assert segments._centre_hz(both, 64.0) == pytest.approx(8.0, abs=0.1)
