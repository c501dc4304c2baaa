"""A beat whose stroke and return are two is told at its own pace, and even beats at theirs."""

import random
from array import array

import pytest
from hand_rows import ODR_MHZ, beats, finals
from notturno_core import namer, names, rhythms

MINUTE_MS = 60_000
NO_RUN = (0, 1, 0, 1, 0)


def in_pairs(seed, pace_ms):
    """Return a minute of strokes; what follows each by so much is even, as a limb's return is."""
    rng, at, times = random.Random(seed), 1000, []
    back_ms = round(pace_ms * rng.uniform(0.42, 0.58))
    while at < MINUTE_MS:
        times += [at, at + back_ms]
        at += round(pace_ms * rng.gauss(1, 0.05))
    return times


def alike(seed, pace_ms):
    """Return a minute of beats, each gap longer or shorter by itself."""
    rng, at, times = random.Random(seed), 1000, []
    while at < MINUTE_MS:
        times.append(at)
        at += round(pace_ms * rng.gauss(1, 0.05))
    return times


def told_hz(cycles, envelope=(), peak_mg=50):
    found = rhythms.Witnesses(ODR_MHZ, names.DEFAULTS)
    found.add(cycles, list(envelope), peak_mg)
    return found.told(found.limb)["rhythm_mhz"] / 1000


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("pace_ms", [900, 700, 520])
def test_a_return_is_no_beat_of_its_own(seed, pace_ms):
    assert told_hz(in_pairs(seed, pace_ms)) == pytest.approx(1000 / pace_ms, rel=0.06)


@pytest.mark.parametrize(
    ("pace_ms", "peak_mg", "strokes"), [(520, 19, 2), (520, 20, 1), (700, 19, 1)]
)
def test_what_is_as_weak_and_quick_as_a_pump_is_told_as_it_swings(pace_ms, peak_mg, strokes):
    """From 3 Hz and below 20 mg a rhythm is a machine's; at half its pace it would be a limb's."""
    said_hz = told_hz(in_pairs(3, pace_ms), peak_mg=peak_mg)
    assert said_hz == pytest.approx(1000 / pace_ms * strokes, rel=0.06)


@pytest.mark.parametrize("seed", range(12))
@pytest.mark.parametrize("pace_ms", [450, 350, 260, 150])
def test_beats_that_are_all_alike_are_beats(seed, pace_ms):
    assert told_hz(alike(seed, pace_ms)) == pytest.approx(1000 / pace_ms, rel=0.06)


def test_of_pairs_strokes_and_returns_are_counted_as_cycles_and_strokes_as_beats():
    found = rhythms.Witnesses(ODR_MHZ, names.DEFAULTS)
    late_ms = [0, 40, -50, 30, 60, -20, -60]
    strokes = [1000 + 900 * k + late_ms[k % 7] for k in range(65)]
    found.add([at + back_ms for at in strokes for back_ms in (0, 450)], [], 50)
    said = found.told(found.limb)
    assert said["beats"] == 65 and said["cycles"] in (129, 130)


def told(cycles, envelope, distances_mhz, last=60_000):
    """Return what is told in mHz: longest runs (beats, mHz, uneven, paired, samples)."""
    rhythm = rhythms.Rhythm(0)
    rhythm.last, rhythm.longest = last, array("H", (*cycles, *envelope))
    return rhythm.tell(ODR_MHZ, distances_mhz)["rhythm_mhz"]


@pytest.mark.parametrize(
    ("cycles", "envelope", "mhz", "said"),
    [
        ((140, 2400, 5, 100, 58_000), NO_RUN, 2400, 1200),
        ((140, 2400, 5, 1, 58_000), NO_RUN, 2400, 2400),
        # a beat is told to a sum of samples, a cycle to one: less is chance
        ((140, 2400, 5, 49, 58_000), NO_RUN, 2400, 1200),
        (NO_RUN, (140, 2400, 5, 99, 58_000), 2400, 2400),
        (NO_RUN, (140, 2400, 5, 100, 58_000), 2400, 1200),
        ((140, 2400, 5, 1, 58_000), (140, 2400, 5, 100, 58_000), 2400, 1200),
        # a cycle's time is known four times as well as a beat's
        ((140, 2400, 5, 0, 58_000), (140, 2400, 5, 100, 58_000), 2400, 2400),
        ((140, 2400, 5, 0, 57_999), (140, 2400, 5, 100, 58_000), 2400, 1200),
        # cycles tell both lobes already, at twice the pace: beats that come in pairs are beats
        ((280, 4800, 5, 100, 58_000), (140, 2400, 5, 100, 58_000), 2400, 2400),
        ((280, 6800, 5, 100, 58_000), (140, 2400, 5, 100, 58_000), 2400, 1200),
        # slower than legs beat with a return that is told apart
        ((50, 990, 5, 100, 50_000), NO_RUN, 990, 990),
        ((50, 1000, 5, 100, 50_000), NO_RUN, 1000, 500),
        # of another pace than is told
        ((140, 2400, 5, 100, 58_000), NO_RUN, 3600, 3600),
    ],
)
def test_what_comes_in_pairs_is_told_at_half_its_pace(cycles, envelope, mhz, said):
    assert told(cycles, envelope, mhz) == said


@pytest.mark.parametrize(
    ("cycles", "envelope", "mhz", "said"),
    [
        ((36, 1200, 5, 1, 30_000), NO_RUN, 2400, 1200),  # half of the time is enough
        ((36, 1200, 5, 1, 29_999), NO_RUN, 2400, 2400),
        ((36, 1200, 5, 1, 30_000), NO_RUN, 1801, 1200),  # between one and a half times as quick
        ((36, 1200, 5, 1, 30_000), NO_RUN, 1800, 1800),
        ((36, 1200, 5, 1, 30_000), NO_RUN, 3119, 1200),  # and a little more than twice
        ((36, 1200, 5, 1, 30_000), NO_RUN, 3120, 3120),
        # where a run goes at what is told, it must be much shorter
        ((36, 1200, 5, 1, 30_000), (58, 2400, 5, 1, 24_000), 2400, 1200),
        ((36, 1200, 5, 1, 30_000), (58, 2400, 5, 1, 24_001), 2400, 2400),
        # and may not be all alike
        ((36, 1200, 5, 1, 30_000), (58, 2400, 5, 0, 24_000), 2400, 2400),
        ((58, 2400, 5, 1, 24_000), (36, 1200, 5, 1, 30_000), 2400, 1200),
    ],
)
def test_a_run_that_lasts_is_believed_over_distances_half_as_long(cycles, envelope, mhz, said):
    assert told(cycles, envelope, mhz) == said


@pytest.mark.parametrize(("mhz", "said"), [(3500, 7000), (2400, 7000), (7001, 7000), (9000, 9000)])
def test_a_quick_run_is_believed_over_distances_twice_as_long(mhz, said):
    """Of a beat at 3.5 Hz no two lobes come as evenly; half of the swings were not seen."""
    assert told((60, 7000, 5, 1, 9000), NO_RUN, mhz) == said


def test_slow_beats_among_quick_ones_are_part_of_their_rhythm_while_it_goes_on():
    """A row that is final before the quick rhythm ends knows of it all the same."""
    quick = list(range(1000, 60_000, 180))
    slow = list(range(1200, 16_000, 2600))
    facts = []
    for block in range(0, 60_000, 1000):
        ends = block + 1000
        swings = [at for at in quick if block <= at < ends]
        if swings:
            facts.append(beats(*(at for at in slow if block <= at < ends), cycles=swings))
    said = finals(namer.DEFAULTS, facts)
    assert said == "rhythm clonic_band, rhythm in_rhythm vibration"
