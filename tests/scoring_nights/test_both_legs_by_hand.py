"""The shifts of one leg against the other at which a rule turns, and ranges; by hand."""

from types import SimpleNamespace

import pytest
from night_rows import session
from notturno.nights.axis import night_axis
from notturno.refusals import Refusal
from notturno.scoring.movements.legs import Row
from notturno.scoring.onenight import both_legs, jerk_patterns, person, two_bands

S = 1_000_000


def row(onset_us, lasts_us=S):
    return Row(onset_us, onset_us + lasts_us, "L")


def turns(left, right, error_us, holes=(), stages=None):
    return both_legs._turns(left, right, error_us, list(holes), stages)


@pytest.mark.parametrize(
    ("distance_us", "turn"),
    [
        (0, 0),  # an onset that passes another
        (5 * S, 0),  # AASM: legs are one below 5 s, and an interval is one from 5 s on
        (10 * S, 0),
        (90 * S, 0),
        (S, 0),  # an end that meets an onset
        (S + S // 2, 0),  # half a second behind it
        (10 * S + S, 0),  # the longest movement of one leg, and of both
        (15 * S + S, 0),
        (7 * S, None),
        (45 * S, None),
    ],
)
def test_a_rule_turns_where_a_distance_is_one_of_its_bounds(distance_us, turn):
    for left, right in (((0,), (distance_us,)), ((distance_us,), (0,))):
        found = turns([row(at) for at in left], [row(at) for at in right], 10)
        assert (0 in found) is (turn == 0)


def test_turns_are_those_within_the_error_both_ends_included():
    base = 1000 * S
    for off, inside in ((-21, False), (-20, True), (20, True), (21, False)):
        found = turns([row(base)], [row(base + 90 * S - off)], 20)
        assert (off in found) is inside
    # Rows of less than half a second are no movements.
    assert turns([row(base, S // 2 - 1)], [row(base)], 20) == []
    assert turns([row(base, S // 2)], [row(base)], 20) != []


def test_a_border_of_sleep_or_of_a_gap_turns_what_begins_or_ends_there():
    right = [row(1000 * S, 3 * S)]
    assert turns([], right, 20, stages=[(1000 * S + 7, "W")]) == [7]
    assert turns([], right, 20, stages=[(1003 * S - 7, "W")]) == [-7]
    assert turns([], right, 20, holes=[(500 * S, 1000 * S + 3), (1003 * S, 2000 * S)]) == [0, 3]
    assert turns([row(0)], right, 20) == []


def test_each_turn_and_the_microsecond_behind_it_are_scored():
    assert both_legs._shifts([], 20) == ([0], True)
    assert both_legs._shifts([-5, 3, 20], 20) == ([-20, -5, -4, 0, 3, 4, 20], True)
    many = list(range(-40, 40, 4))  # 20 turns: 40 shifts and one end; 0 is a turn
    found, whole = both_legs._shifts(many, 50)
    assert (len(found), whole) == (41, True)
    found, whole = both_legs._shifts([*many, 49], 50)
    assert not whole and len(found) <= 41 and {0, -50, 50} <= set(found)


def scored(plm, lm=4):
    names = dict.fromkeys(both_legs.HEADLINES, 1.0)
    return names | {"plm": plm, "lm": lm, "other": plm}


def test_a_headline_that_the_clocks_change_is_a_range():
    none = Refusal("none", "x")
    same = both_legs._with_ranges(scored(4), [scored(4), scored(4)])
    assert same == scored(4)
    found = both_legs._with_ranges(scored(4), [scored(0), scored(4), scored(9)])
    assert found["plm"] == {"low": 0, "high": 9, "at_0": 4} and found["other"] == 4
    partly = both_legs._with_ranges(scored(4), [scored(4), scored(none)])["plm"]
    assert partly == {"low": 4, "high": 4, "at_0": 4, "refused_at_some": True}
    assert both_legs._with_ranges(scored(none), [scored(none)])["plm"] == none


# --- two bands -----------------------------------------------------------------------------------


def test_pairs_are_nearest_first_and_reach_behind_a_long_movement():
    one = [(0, 100), (10 * S, 10 * S + 100)]
    assert two_bands.pairs(one, [(500_099, 500_200)]) == [(0, 0)]
    assert two_bands.pairs(one, [(500_100, 500_200)]) == []
    long = [(0, 5 * S)]
    assert two_bands.pairs([(5 * S + 499_999, 6 * S)], long) == [(0, 0)]
    assert two_bands.pairs([(5 * S + 500_000, 6 * S)], long) == []
    assert two_bands.pairs([(0, 100), (300, 400)], [(290, 400)]) == [(1, 0)]


def test_lags_have_their_quartiles_and_five_are_needed():
    found = two_bands._lags([10.0, 20.0, 40.0, 80.0, 160.0], 7.5)
    assert (found["median"], found["quartiles"]) == (40, [20, 80])
    assert (found["uncertainty"], found["pairs"]) == (7.5, 5)
    said = [two_bands._lags([1.0] * n, 1).reason for n in (0, 1, 4)]
    assert [text.rsplit("; ")[1] for text in said] == [
        "there are 0.", "there is 1.", "there are 4.",
    ]  # fmt: skip


def test_hours_are_those_of_spans_wherever_they_lie_and_clocks_differ_in_microseconds(monkeypatch):
    assert person._h([(3_600 * S, 5_400 * S), (7_200 * S, 7_200 * S + 900 * S)]) == 0.75
    given = []

    def figures(left, right, both, error_us, **more):
        given.append(error_us)
        raise StopIteration

    axis = SimpleNamespace(
        origin_utc_ms=0,
        countable=[(0, S)],
        recorded=[(0, S)],
        not_worn=[],
        left_out=lambda kind: {},
        counted=lambda kind: [],
    )
    columns = {"countable_h": 1, "start_utc_ms": 0, "end_utc_ms": 1, "jerks": 0, "lms": 0}
    side = SimpleNamespace(axis=axis, columns=columns | {"rhythms": 0}, slept=Refusal("n", "x"))
    monkeypatch.setattr(person.both_legs, "figures", figures)
    monkeypatch.setattr(person, "_sleep_starts", lambda *given: {})
    with pytest.raises(StopIteration):
        person._counted(side, side, {"refusal": None, "clock_error_ms": 1.25})
    assert given == [1250]


# --- a person's columns --------------------------------------------------------------------------


def test_what_rests_on_an_open_count_is_open_and_only_headlines_have_their_range():
    figures = {"clm": 5, "plm": {"low": 4, "high": 8}, "hours": {"sleep": 7.5}, "rates": {"x": 2}}
    assert person._figure(figures, "clm") == 5
    assert person._figure(figures, "plm").reason == "The clocks leave it open: 4 to 8."
    assert person._figure(figures, "rates", "x").reason == "The clocks leave it open: 4 to 8 PLM."
    assert person._figure(figures, "hours", "sleep") == 7.5
    told = person._plm_per_h(figures, 6, 2.0)
    assert told.reason == "The clocks leave it open: 2 to 4."
    assert person._plm_per_h(figures | {"plm": 6}, 6, 2.0) == 3.0
    none = Refusal("none", "x")
    assert person._figure(none, "plm") is none


def test_reasons_of_both_sides_are_added_up():
    assert person._left_out([{"a": 1, "b": 2}, {"b": 3}, {}]) == {"a": 1, "b": 5}
    assert person._moved([(1, 2), (5, 9)], 10) == [(11, 12), (15, 19)]
    assert person._h([(0, 3_600_000_000), (0, 1_800_000_000)]) == 1.5


# --- how jerks lie -------------------------------------------------------------------------------


def test_octaves_begin_with_the_first_bin_doubled():
    found = jerk_patterns._octaves([0, 7.9, 8, 15.9, 16, 40], 4)
    assert [(bin["from"], bin["to"], bin["count"]) for bin in found] == [
        (0, 8, 2),
        (8, 16, 2),
        (16, 32, 1),
        (32, 64, 1),
    ]


@pytest.mark.parametrize("onsets", [[], [5, 6]])
def test_without_enough_jerks_there_is_no_cluster(onsets):
    axis = night_axis([], [], [session(60)])
    assert jerk_patterns.clusters(onsets, axis) == {
        "clusters": 0,
        "jerks_in_clusters": 0,
        "largest": 0,
        "spans": [],
    }
