"""A machine or a noise that is switched on is one movement for a minute: jerks upon it count.

At 1000 samples a second; no limb movement is longer than 10 s (AASM, WASM), and twice as long is
none in any reading.
"""

import pytest
from hand_rows import ODR_MHZ, burst, fact, given, move, named, opens, words
from notturno_core import namer, names


def told(lasts_ms, *bursts, **of_move):
    """Return the rows of a movement and of the bursts in it, in words with their mg, by onset."""
    stream, out = namer.Namer(ODR_MHZ), []
    strongest = max(each["quick_peak_mg"] for each in bursts)
    whole = move(lasts_ms, 2000, strongest, **of_move)
    for each in (opens(2000), *map(fact, bursts), fact(whole)):
        out += stream.feed(dict(each))
    out += stream.finish(lasts_ms + 2000)
    rows = [row for what, row, _ in out if what == namer.FINAL]
    rows.sort(key=lambda row: row["onset_sample"])
    return [f"{words(row)} {row['peak_mg']}" for row in rows]


def hums(*at, mg=10):
    return [burst(400, each, mg, cycles=3, centre_dhz=120) for each in at]


JERK, OTHER = burst(150, 9000, 120), burst(150, 15000, 40)
LONG_MS = 20001


def test_a_jerk_upon_a_noise_is_a_row_of_its_own_and_counts():
    assert told(LONG_MS, *hums(2000, 5000), JERK) == ["lm large vibration 10", "jerk 120"]


def test_so_are_two_and_each_is_told_from_what_shakes():
    rows = told(LONG_MS, *hums(2000), JERK, OTHER)
    assert rows == ["lm large vibration 10", "jerk 120", "jerk 40"]


@pytest.mark.parametrize(
    ("lasts_ms", "bursts"),
    [
        (20000, [*hums(2000, 5000), JERK]),  # not as long
        (LONG_MS, [*hums(2000, 5000, mg=31), JERK]),  # not four times as strong
        (LONG_MS, [*hums(2000, 5000, mg=5), burst(150, 9000, 29)]),  # a mattress passes on as much
        (LONG_MS, [JERK]),  # upon nothing
    ],
)
def test_any_other_movement_keeps_its_strokes(lasts_ms, bursts):
    rows = told(lasts_ms, *bursts)
    assert len(rows) == 1 and rows[0].startswith("lm")


def test_a_burst_before_it_that_stands_out_keeps_its_number():
    rows = told(LONG_MS, burst(150, 1850, 120), *hums(3000, 5000))
    assert rows == ["jerk 120", "lm large vibration 10"]


def test_a_row_so_long_holds_no_jerk_four_times_as_strong():
    strong = burst(at=9000, mg=200)
    assert given(names.DEFAULTS, strong, move(LONG_MS, mg=50)) == ""
    assert given(names.DEFAULTS, strong, move(20000, mg=50)) == "in_lm"
    assert given(names.DEFAULTS, burst(at=9000, mg=199), move(LONG_MS, mg=50)) == "in_lm"


# --- what is strong rings for longer -------------------------------------------------------------


@pytest.mark.parametrize(
    ("ms", "mg", "later_pct", "kind"),
    [
        (689, 160, 13, "jerk"),
        (689, 160, 14, "lm"),
        (689, 159, 13, "lm"),
        (690, 160, 13, "lm"),
    ],
)
def test_a_strong_short_movement_must_go_on_more_strongly(ms, mg, later_pct, kind):
    said = named(names.DEFAULTS, move(ms, mg=mg, later_pct=later_pct, centre_dhz=60))
    assert said.split()[0] == kind
