"""Bursts that a movement takes in or that are made one: which, their sums and spans, by hand.

At 1000 samples a second: 300 ms are 300 samples.
"""

import pytest
from hand_rows import ODR_MHZ, UP, burst, fact, move, opens
from notturno_core import namer, names, wire

RULES = names.DEFAULTS
LAST_16 = 65535  # the largest number of 16 bits, 255 of 8: the record's own fields


def stream():
    return namer.Namer(ODR_MHZ)


def finals(*facts):
    """Return the final rows of facts, by onset."""
    found, out = stream(), []
    for one in facts:
        out += found.feed(dict(one))
    out += found.finish(facts[-1]["closed_sample"])
    rows = [values for what, values, _ in out if what == namer.FINAL]
    return sorted(rows, key=lambda row: row["onset_sample"])


# --- two strokes -----------------------------------------------------------------------------


def strokes(first_mg=20, mg=20, slow_mg=8, n=2):
    return [burst(100, 0, first_mg, slow_peak_mg=0)] + [
        burst(100, 700 * k, mg, slow_peak_mg=slow_mg) for k in range(1, n)
    ]


def made_a_movement(found, bursts):
    """Say whether bursts that wait are one movement once the last of them is told."""
    found._pending = list(bursts)
    found._chain(bursts[-1])
    return bursts[0]["source"] == wire.SOURCE_MOVE


@pytest.mark.parametrize(
    ("bursts", "pair"),
    [
        (strokes(), True),
        (strokes(n=1), False),
        (strokes(n=3), False),
        (strokes(slow_mg=0), False),  # the slow band saw neither
        (strokes(20, 79), False),  # as large as a jerk is
        (strokes(20, 59), True),
        (strokes(14, 56), False),  # four times as strong, which is not alike
        (strokes(15, 56), True),
        (strokes(56, 14), False),
    ],
)
def test_two_alike_weak_strokes_are_a_pair(bursts, pair):
    assert made_a_movement(stream(), bursts) is pair


def test_while_a_rhythm_goes_on_no_two_strokes_are_a_pair():
    found = stream()
    found._witnesses.limb.on = True
    assert not made_a_movement(found, strokes())


def test_a_movement_whose_end_the_floor_hides_lasts_as_long_as_the_shortest_that_is_one():
    """A fifth of its energy comes after its first half second, so it lasted longer than that."""
    floor = {"floor_q4_mg": 160}  # 10 mg
    seen = fact(move(ms=300, slow_peak_mg=40, later_pct=20), closes_ms=500) | floor
    (row,) = finals(opens(0), fact(burst(ms=200, mg=45)) | floor, seen)
    assert (row["kind"], row["duration_samples"], row["move_samples"]) == (wire.EVENT_LM, 501, 501)
    longer = seen | {"duration_samples": 800}
    (row,) = finals(opens(0), fact(burst(ms=200, mg=45)) | floor, longer)
    assert row["duration_samples"] == 800


# --- which bursts lead to one ------------------------------------------------------------------


def linked(*waiting, last_at=3000, apart_ms=500):
    found = stream()
    found._pending = list(waiting)
    first, bursts = found._linked(burst(100, last_at), apart_ms)
    return first["onset_sample"], [row["onset_sample"] for row in bursts]


def test_bursts_lead_to_one_over_silences_no_longer_than_said():
    near, far = burst(100, 2400), burst(100, 1799)
    assert linked(near) == (2400, [2400])
    assert linked(burst(100, 2399)) == (3000, [])
    assert linked(burst(100, 1800), near) == (1800, [2400, 1800])
    assert linked(far, near) == (2400, [2400])


def test_a_rhythm_a_row_without_a_burst_and_a_movement_that_the_slow_band_saw_are_passed_over():
    one, near = burst(100, 1900), burst(100, 2400)
    run = burst(9000, 0) | {"source": wire.SOURCE_RUN}
    silent = burst(100, 2600, bursts=0)
    seen = move(100, 2600, bursts=1)
    for between in (run, silent, seen):
        assert linked(one, near, between) == (1900, [2400, 1900])
    made_one = move(100, 2600, bursts=3, slow_peak_mg=0)  # of bursts alone: one of them
    assert linked(made_one) == (2600, [2600])


# --- bursts made one -----------------------------------------------------------------------------


def made_one(*bursts):
    """Return the first of the bursts after the last one joined it and all between."""
    found = stream()
    found._make_one(bursts[0], bursts[-1], list(bursts))
    return bursts[0]


def test_bursts_made_one_last_from_the_first_to_the_last_and_add_up():
    one = made_one(
        burst(100, 1000, 30, effective_ms=40),
        burst(100, 1400, 20, effective_ms=50, bursts=2),
        burst(150, 1800, 25, effective_ms=60),
    )
    assert (one["source"], one["onset_sample"], one["move_samples"]) == (
        wire.SOURCE_MOVE,
        1000,
        950,
    )
    assert (one["move_onset_samples"], one["bursts"]) == (0, 4)
    assert (one["effective_ms"], one["morph_ms"], one["later_pct"]) == (150, 150, 100)


def test_what_the_slow_band_saw_of_one_makes_it_longer_on_both_sides():
    seen = {"slow_peak_mg": 5, "move_onset_samples": -200, "move_samples": 1500}
    one = made_one(burst(100, 1000, 30, **seen), burst(100, 1800, 30))
    assert (one["onset_sample"], one["duration_samples"]) == (800, 1500)
    assert (one["burst_onset_samples"], one["move_onset_samples"]) == (200, 0)
    late = {"slow_peak_mg": 5, "move_onset_samples": 50, "move_samples": 200}
    one = made_one(burst(100, 1000, 30, **late), burst(100, 1800, 30))
    assert (one["onset_sample"], one["duration_samples"]) == (1000, 900)


def test_bursts_made_one_are_as_large_as_the_first_and_the_last():
    one = made_one(burst(100, 0, 30), burst(100, 400, 50, peak_jerk_mg_per_s=9000))
    assert (one["quick_peak_mg"], one["peak_mg"], one["peak_jerk_mg_per_s"]) == (50, 50, 9000)


def test_sums_end_at_the_largest_number_of_their_field():
    one = made_one(
        burst(100, 0, 30, bursts=200, effective_ms=60000),
        burst(100, 70000, 30, bursts=100, effective_ms=60000),
    )
    assert (one["move_samples"], one["bursts"], one["effective_ms"]) == (LAST_16, 255, LAST_16)
    assert one["morph_ms"] == 500  # no more of it is asked of a leg movement: AASM, half a second


# --- bursts within a movement ------------------------------------------------------------------


def in_movement(*bursts, onset=2000, ms=2000, mg=150):
    """Return the rows of bursts and of the movement that is open while they come."""
    facts = [fact(one) for one in bursts if one["onset_sample"] + one["duration_samples"] < onset]
    inner = [fact(one) for one in bursts if one["onset_sample"] + one["duration_samples"] >= onset]
    return finals(*facts, opens(onset), *inner, fact(move(ms, onset, mg)))


@pytest.mark.parametrize(("end", "inside"), [(1700, True), (1699, False)])
def test_a_burst_told_while_a_movement_is_open_is_of_it_from_300_ms_before(end, inside):
    found = stream()
    found.feed(opens(2000))
    found._burst(fact(burst(100, end - 99)))
    assert (found._bursts_inside, len(found._inside)) == ((1, 1) if inside else (0, 0))
    assert bool(found._pending) is not inside


def test_a_movement_counts_its_bursts_and_takes_the_facts_of_the_largest():
    (row,) = in_movement(burst(80, 2100, 50), burst(90, 2500, 200, centre_dhz=90), burst(70, 2900))
    assert (row["bursts"], row["burst_samples"], row["centre_dhz"]) == (3, 90, 90)
    assert row["burst_onset_samples"] == 500 and row["quick_peak_mg"] == 200
    assert row["onset_sample"] == 2000 and row["move_samples"] == 2000


def test_a_burst_just_before_a_movement_is_its_beginning():
    (row,) = in_movement(burst(100, 1650))
    assert (row["onset_sample"], row["move_samples"], row["bursts"]) == (1650, 2350, 1)
    rows = in_movement(burst(100, 1550))  # it ends 350 ms before
    assert [one["onset_sample"] for one in rows] == [1550, 2000]


def test_of_many_bursts_the_twelve_largest_are_kept_and_all_are_counted():
    found = stream()
    found.feed(opens(1000))
    for k in range(15):
        found.feed(fact(burst(50, 1000 + 100 * k, mg=100 + k)))
    assert found._bursts_inside == 15
    assert sorted(row["quick_peak_mg"] for row in found._inside) == list(range(103, 115))


def test_a_long_movement_and_many_bursts_end_at_the_largest_number_of_their_field():
    found = stream()
    found.feed(opens(0))
    found._bursts_inside = 300
    found.feed(fact(move(70000, 0)))
    (row,) = found._pending
    assert (row["bursts"], row["move_samples"]) == (255, LAST_16)


@pytest.mark.parametrize(("apart_ms", "same"), [(17999, True), (18000, False)])
def test_gravity_before_a_movement_is_that_before_the_last_one_if_it_came_within_18_s(
    apart_ms, same
):
    """So long a row waits for what belongs to it."""
    turned = (127, 0, 0)
    first = fact(move(2000, 0, posture_after_q7=turned))
    second = fact(move(2000, 1999 + apart_ms, posture_before_q7=UP))
    found = stream()
    found.feed(first)
    found.feed(second)
    rows = [row for row in found._pending if row["onset_sample"]]
    assert rows[0]["posture_before_q7"] == (turned if same else UP)


def test_each_movement_counts_the_bursts_within_it_alone():
    found, rows = stream(), []
    for onset in (1000, 30000):
        rows += found.feed(opens(onset))
        for k in range(3):
            rows += found.feed(fact(burst(50, onset + 300 * k)))
        rows += found.feed(fact(move(2000, onset)))
    rows += found.finish(60000)
    finals_alone = [values for what, values, _ in rows if what == namer.FINAL]
    assert [row["bursts"] for row in finals_alone] == [3, 3]


@pytest.mark.parametrize(("floor_mg", "one"), [(20, True), (10, False)])
def test_however_large_near_the_floor_two_strokes_are_one_movement(floor_mg, one):
    """Of what is no more than some five times the floor only tips are seen."""
    found, rows = stream(), []
    for at in (1000, 2000):
        rows += found.feed(fact(burst(80, at, 70)) | {"floor_q4_mg": floor_mg * 16})
    rows += found.finish(60000)
    kinds = [values["kind"] for what, values, _ in rows if what == namer.FINAL]
    assert (wire.EVENT_LM in kinds) is one
