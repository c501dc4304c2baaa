"""At which shifts of the right leg a rule may turn, distance by distance of the texts."""

import pytest
from notturno.scoring.movements.legs import Row
from notturno.scoring.onenight import both_legs

S = 1_000_000


def row(onset_s, length_s=1.0, side="L"):
    return Row(round(onset_s * S), round((onset_s + length_s) * S), side, None)


def turns(left, right, error_s, holes=(), stages=None):
    found = both_legs._turns(left, right, round(error_s * S), list(holes), stages)
    return [at / S for at in found]


def test_equal_onsets_and_ends_turn_where_they_pass():
    """Both begin at 100 s and last 1 s: nothing else of the texts is within a tenth."""
    assert turns([row(100)], [row(100)], 0.1) == [0]
    assert turns([row(100)], [row(100.05)], 0.1) == [-0.05]
    assert turns([row(100)], [row(100.05, 1.01)], 0.1) == [-0.06, -0.05]


@pytest.mark.parametrize(
    "apart_s",
    [
        5.0,  # AASM: two legs are one below 5 s; and its shortest interval
        10.0,  # WASM: the shortest interval
        90.0,  # both: the longest
    ],
)
@pytest.mark.parametrize("which", [1, -1])
def test_onsets_apart_by_a_bound_of_the_texts_turn(apart_s, which):
    found = turns([row(500)], [row(500 + which * (apart_s + 0.02), 0.77)], 0.1)
    assert found == [which * -0.02]
    assert turns([row(500)], [row(500 + which * (apart_s + 0.2), 0.77)], 0.1) == []


@pytest.mark.parametrize(
    "apart_s",
    [
        0.0,
        0.5,  # WASM: two legs are one below half a second from end to onset
        10.0,  # AASM: the longest movement
        15.0,  # WASM: the longest of both legs
    ],
)
def test_an_end_and_an_onset_apart_by_a_bound_turn(apart_s):
    left = row(500, 1.3)
    assert turns([left], [row(501.3 + apart_s + 0.03, 0.77)], 0.1) == [-0.03]
    right = row(500, 1.3)
    assert turns([row(501.3 + apart_s + 0.03, 0.77)], [right], 0.1) == [0.03]


def test_what_is_too_short_for_a_movement_turns_nothing():
    assert turns([row(100, 0.499999)], [row(100)], 0.1) == []
    assert turns([row(100)], [row(100, 0.499999)], 0.1) == []
    assert turns([row(100, 0.5)], [row(100, 0.5)], 0.1) == [0]


def test_borders_of_gaps_and_stages_turn_where_an_onset_or_end_crosses_them():
    holes, stages = [(200 * S, 260 * S)], [(0, "W"), (330 * S, "N2")]
    right = [row(199.98, 7.77), row(322.3, 7.73)]
    assert turns([row(1000)], right, 0.1, holes, stages) == [-0.03, 0.02]
    assert turns([row(1000)], right, 0.1, holes) == [0.02]


@pytest.mark.parametrize(("error_s", "found"), [(0.02, [0.02]), (0.019999, [])])
def test_a_turn_at_the_end_of_the_clocks_error_is_one(error_s, found):
    assert turns([row(100)], [row(99.98, 1.3)], error_s) == found


def test_each_turn_is_there_once_and_in_order():
    left = [row(100), row(105, 2)]
    right = [row(100.03, 0.8), row(105.03, 1.8), row(95.01, 1.1)]
    found = turns(left, right, 0.1)
    assert found == sorted(set(found)) and -0.03 in found and -0.01 in found
