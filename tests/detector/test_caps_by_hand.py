"""What a row says where its field is full, and a rhythm's own figures: a sample is a ms."""

from array import array

import pytest
from hand_rows import ODR_MHZ, beats, burst, fact, minute, move, opens
from notturno_core import namer, rhythms, runs, wire


def told(*facts):
    """Return (what, values) of all that a stream tells of some facts, and the stream."""
    stream = namer.Namer(ODR_MHZ)
    out = [row for found in facts for row in stream.feed(dict(found))]
    return [(what, values) for what, values, _ in out], stream


@pytest.mark.parametrize("lasts", [65_534, 65_535, 65_536, 70_000])
def test_a_length_has_sixteen_bits(lasts):
    ((_, values),), _ = told(fact(move(lasts)))
    assert values["move_samples"] == min(lasts, 65_535)
    ((_, values),), _ = told(fact(burst(lasts)))
    assert values["burst_samples"] == min(lasts, 65_535)


def test_a_movement_begins_with_its_first_burst_and_is_no_longer_than_sixteen_bits():
    facts = [opens(1000), fact(burst(100, at=900)), fact(move(65_500, at=1000))]
    values = told(*facts)[0][-1][1]
    assert values["onset_sample"] == 900 and values["move_samples"] == 65_535


@pytest.mark.parametrize("count", [3, 254, 255, 256, 300])
def test_so_many_bursts_within_a_movement_have_eight_bits_and_twelve_are_kept(count):
    inside = [fact(burst(5, at=1000 + 10 * k, mg=20 + k % 7)) for k in range(count)]
    rows, stream = told(opens(1000), *inside)
    assert rows == [] and len(stream._inside) == min(count, 12)
    (given,) = stream.feed(dict(fact(move(4000, at=1000))))
    assert given[1]["bursts"] == min(count, 255)
    assert given[1]["quick_peak_mg"] == max(20 + k % 7 for k in range(count))


@pytest.mark.parametrize(("jerks", "lms"), [(0, 255), (255, 0), (256, 300)])
def test_a_minute_counts_to_255(jerks, lms):
    _, stream = told()
    stream._counts = [jerks, lms]
    ((what, values, _),) = stream.feed(minute(0, 50, 100))
    assert (what, values["jerks"], values["lms"]) == ("minute", min(jerks, 255), min(lms, 255))
    ((_, values, _),) = stream.feed(minute(1, 50, 100))
    assert (values["jerks"], values["lms"]) == (0, 0), "each minute begins anew"


def test_a_jerk_and_a_movement_are_counted_once_each_as_they_are_first_named():
    _, stream = told(fact(burst(at=100)), fact(move(at=5000)), fact(burst(at=15_000)))
    assert stream._counts == [2, 1]


def test_forty_eight_rows_are_remembered():
    facts = [fact(burst(20, at=3000 * k)) for k in range(60)]
    _, stream = told(*facts)
    stream.advance(10**6)
    assert len(stream._recent) == 48 and stream._recent[0]["onset_sample"] == 3000 * 12


@pytest.mark.parametrize(
    ("apart", "said"), [(0, 0), (32_767, 32_767), (32_768, 32_767), (-40_000, -32_768)]
)
def test_a_place_within_a_row_has_sixteen_bits(apart, said):
    assert namer._fit(apart) == said


def test_a_rhythms_row_lasts_half_a_beat_beyond_its_last():
    facts = [beats(*range(1000, 13_000, 1000))]
    _, stream = told(*facts)
    rows = stream.finish(60_000)
    (row,) = [values for what, values, _ in rows if what == "final"]
    assert (row["onset_sample"], row["duration_samples"]) == (1000, 11_000 + 500)
    assert (row["rhythm_mhz"], row["beats"], row["cycles"]) == (1000, 12, 12)


# longest runs (beats, mHz, uneven) of cycles and of beats, by distances -> mHz, beats, cycles, off
TOLD_NOTHING = (1, 0)  # whether in pairs, and how many samples long
TELLS = [
    ((20, 2000, 5), (0, 1, 0), 0, (2000, 21, 20, 5)),
    ((20, 2000, 5), (20, 1000, 9), 0, (2000, 21, 20, 5)),  # of as many beats the first
    ((20, 2000, 5), (21, 1000, 9), 0, (1000, 11, 21, 9)),
    ((20, 2000, 5), (0, 1, 0), 2300, (2000, 21, 20, 5)),  # as near as a sixth: the run's
    ((20, 2000, 5), (0, 1, 0), 1000, (1000, 11, 10, 5)),  # it took both lobes for beats
    ((20, 2000, 5), (9, 1000, 9), 1100, (1000, 11, 9, 9)),  # the other one is as quick
    ((20, 2000, 5), (9, 4000, 9), 1000, (1000, 11, 10, 5)),
    ((300, 2000, 5), (0, 1, 0), 0, (2000, 21, 255, 5)),
    ((255, 2000, 5), (0, 1, 0), 0, (2000, 21, 255, 5)),
    ((0, 1, 0), (0, 1, 0), 0, (1, 1, 0, 0)),
]


@pytest.mark.parametrize(("cycles", "envelope", "mhz", "said"), TELLS)
def test_what_is_said_of_ten_seconds_of_a_rhythm(cycles, envelope, mhz, said):
    rhythm = rhythms.Rhythm(0)
    rhythm.first, rhythm.last = 500, 10_500
    rhythm.longest = array("H", (*cycles, *TOLD_NOTHING, *envelope, *TOLD_NOTHING))
    found = rhythm.tell(ODR_MHZ, mhz)
    keys = ("rhythm_mhz", "beats", "cycles", "uneven_pct")
    assert tuple(found[key] for key in keys) == said
    assert (found["onset_sample"], found["duration_samples"]) == (500, 10_000)
    assert (found["kind"], found["flags"]) == (wire.EVENT_RHYTHM, 0)


def test_a_rhythm_of_hours_fills_its_fields():
    rhythm = rhythms.Rhythm(0)
    rhythm.longest = array("H", (9, 60_000, 5, 1, 0, 0, 1, 0, 1, 0))
    rhythm.last = 65_534 * 1000 // 60
    assert rhythm.tell(ODR_MHZ, 0)["beats"] == 65_535
    rhythm.last += 10_000
    assert rhythm.tell(ODR_MHZ, 0)["beats"] == 65_535
    assert rhythm.tell(ODR_MHZ, 70_000)["rhythm_mhz"] == 60_000
    assert rhythm.tell(ODR_MHZ, 80_000)["rhythm_mhz"] == 65_535
    rhythm.last = 0
    assert rhythm.tell(ODR_MHZ, 0)["duration_samples"] == 1


@pytest.mark.parametrize(("off_pct", "said"), [(0, 0), (509, 254), (512, 255), (9999, 255)])
def test_how_uneven_a_run_is_has_eight_bits(off_pct, said):
    run = runs.Run(1000, 100, 25, 4)
    run._off_pct, run._steps = off_pct, 2
    assert run.uneven_pct() == said


@pytest.mark.parametrize(
    ("a_mhz", "b_mhz", "near", "same"),
    [
        (1000, 1200, True, True),  # 200 of 1200 are a sixth
        (1000, 1201, False, False),
        (1200, 1000, True, True),
        (1000, 2000, False, True),
        (1000, 1666, False, False),
        (1000, 1667, False, True),
        (1000, 2400, False, True),
        (1000, 2401, False, False),
    ],
)
def test_paces_within_a_sixth_are_one_and_so_are_a_pace_and_its_double(a_mhz, b_mhz, near, same):
    assert runs.is_near(a_mhz, b_mhz) is near
    assert runs.same_pace(a_mhz, b_mhz) is runs.same_pace(b_mhz, a_mhz) is same


@pytest.mark.parametrize(
    ("pace", "due"), [(100, 2600), (520, 2600), (521, 1300 + 1302), (1000, 1300 + 2500)]
)
def test_a_run_ends_two_paces_and_a_half_behind_its_last_beat_or_later(pace, due):
    run = runs.Run(4000, 50, 25, 4)
    run.pace, run.last = pace, 7000
    assert run.due(2600) == 7000 + due
