"""A limb that is lifted, held and let go is one movement: which two strokes are, by hand.

At 1000 samples a second: 300 ms are 300 samples. A unit of gravity's direction is 1/127, 7.9 mg.
"""

import pytest
from hand_rows import ODR_MHZ, UP, burst, fact, move, opens, turn, words
from notturno_core import namer, names

AWAY, BACK = (127, 0, 0), (-127, 0, 0)
TILTED = (5, 0, 127)


def lifted(at=1000, ms=600, **facts):
    return move(ms, at, **({"direction_q7": AWAY, "posture_after_q7": TILTED} | facts))


def let_go(at=4000, ms=600, **facts):
    held = {"posture_before_q7": TILTED, "posture_after_q7": UP}
    return move(ms, at, **({"direction_q7": BACK} | held | facts))


def finals(*rows):
    """Return the final rows of movements that end one after the other."""
    found, out = namer.Namer(ODR_MHZ), []
    for row in rows:
        out += found.feed(opens(row["onset_sample"])) + found.feed(fact(row, 300))
    out += found.finish(rows[-1]["onset_sample"] + 60000)
    return [values for what, values, _ in out if what == namer.FINAL]


def spans(rows):
    return [(words(row), row["onset_sample"], row["duration_samples"]) for row in rows]


def test_a_limb_that_is_held_and_let_go_has_moved_once():
    """From 1.0 s to 4.6 s, and it lies as before."""
    (row,) = finals(lifted(), let_go())
    assert spans([row]) == [("lm large", 1000, 3600)]
    assert row["posture_after_q7"] == UP


def test_what_became_a_part_has_taken_no_number():
    rows = finals(lifted(), let_go(), lifted(30000), let_go(33000))
    assert [(row["onset_sample"], row["number"]) for row in rows] == [(1000, 0), (30000, 1)]


def test_two_brief_strokes_are_one_movement_too():
    """Each alone is a jerk: of its energy nothing comes after half a second."""
    up, down = lifted(later_pct=0), let_go(later_pct=0)
    assert spans(finals(up)) == [("jerk", 1000, 600)]
    assert spans(finals(up, down)) == [("lm large", 1000, 3600)]


def test_a_burst_that_lets_go_stays_a_row_in_the_movement():
    found, out = namer.Namer(ODR_MHZ), []
    jerk = burst(200, 4000, direction_q7=BACK, posture_before_q7=TILTED)
    facts = [opens(1000), fact(lifted(), 300), opens(4000), fact(jerk, 100)]
    for one in [*facts, fact(let_go(later_pct=0), 300)]:
        out += found.feed(one)
    out += found.finish(60000)
    rows = [values for what, values, _ in out if what == namer.FINAL]
    assert spans(rows) == [("jerk in_lm", 4000, 200), ("lm large", 1000, 3600)]


@pytest.mark.parametrize(
    "second",
    [
        let_go(direction_q7=AWAY),  # it goes on
        let_go(direction_q7=(0, -127, 0)),
        let_go(posture_after_q7=TILTED),  # it is not laid back
        let_go(10401),  # no LM is longer than 10 s
        let_go(mg=600),  # four times as strong as 150 mg: another movement
        let_go(mg=37),
    ],
)
def test_not_each_second_stroke_lets_go(second):
    assert [row["onset_sample"] for row in finals(lifted(), second)] == [
        1000,
        second["onset_sample"],
    ]


@pytest.mark.parametrize("second", [let_go(10400), let_go(mg=599), let_go(mg=38)])
def test_so_late_and_so_unlike_it_still_does(second):
    assert len(finals(lifted(), second)) == 1


@pytest.mark.parametrize(("units", "held"), [(1, False), (2, True)])
def test_a_limb_that_swung_back_by_itself_was_not_held(units, held):
    """One unit is a breath's 8 mg, two are 16."""
    way = (units, 0, 127)
    rows = lifted(posture_after_q7=way), let_go(posture_before_q7=way)
    assert len(finals(*rows)) == (1 if held else 2)


@pytest.mark.parametrize(("x", "held"), [(99, False), (100, True)])
def test_a_limb_is_held_where_gravity_lay_twelve_mg_elsewhere(x, held):
    """Two units along a line of which x of 127 lie in that axis: 198 or 200 of 127 x 127."""
    first = lifted(direction_q7=(-x, -78, 0))
    second = let_go(direction_q7=(x, 78, 0), posture_before_q7=(2, 0, 127))
    assert names.let_go(second, second, first, ODR_MHZ) is held


@pytest.mark.parametrize(("left", "held"), [(2, True), (3, False)])
def test_a_limb_is_let_go_where_it_lies_half_way_back_and_more(left, held):
    second = let_go(posture_before_q7=(4, 0, 127), posture_after_q7=(left, 0, 127))
    assert names.let_go(second, second, lifted(), ODR_MHZ) is held


@pytest.mark.parametrize(("cosine_q7", "held"), [(106, False), (107, True)])
def test_a_push_back_is_one_along_the_same_line(cosine_q7, held):
    """107 of 127 are 84 percent."""
    first, second = lifted(), let_go(direction_q7=(-cosine_q7, 69, 0))
    assert names.let_go(second, second, first, ODR_MHZ) is held


def test_the_whole_movement_is_no_longer_than_an_lm():
    """From where the slow band saw the first begin, to where it saw the second end."""
    first, second = lifted(move_onset_samples=0), let_go(10400, move_onset_samples=0)
    earlier = lifted(move_onset_samples=-1)
    assert names.let_go(second, second, first, ODR_MHZ)
    assert not names.let_go(second, second, earlier, ODR_MHZ)
    assert names.let_go(second, second, lifted(move_onset_samples=1), ODR_MHZ)
    later = let_go(10400, move_onset_samples=1)
    assert not names.let_go(later, later, first, ODR_MHZ)
    assert names.let_go(later, second, first, ODR_MHZ)


def test_no_turn_is_let_go():
    rows = finals(turn(2000, 1000, direction_q7=AWAY), let_go(posture_before_q7=AWAY))
    assert [words(row).split()[0] for row in rows] == ["posture", "posture"]


def test_who_is_awake_moves_to_and_fro():
    found = namer.Namer(ODR_MHZ)
    found._pending = [lifted()]
    assert found._held(let_go(), let_go())
    found._pending, found._awake.onset = [lifted()], 0
    assert not found._held(let_go(), let_go())
