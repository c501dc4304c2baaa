"""Sleep from the band's minutes: the published bounds from both sides, and when it is refused."""

import pytest
from night_rows import gap, minutes, session
from notturno import refusals
from notturno.nights.axis import night_axis
from notturno.refusals import is_refusal
from notturno.scoring.onenight import sleep
from notturno.scoring.staging import Hypnogram


def axis_of(rows, n_minutes=None, gaps=()):
    return night_axis([], rows, [session(n_minutes or len(rows))], gaps)


def night(*parts):
    """Return minutes from (count, keywords) one after the other."""
    rows, at = [], 0
    for count, values in parts:
        rows += minutes(count, at, **values)
        at += count
    return rows


MOVING = {"tilt_deg": 40, "activity_mg": 80.0}


@pytest.mark.parametrize(("tilt", "asleep_h"), [(5, 1.0), (6, 0.0)])
def test_a_turn_of_more_than_5_degrees_is_wake(tilt, asleep_h):
    found = sleep.estimate(axis_of(minutes(60, tilt_deg=tilt)))
    assert found["sleep_h"] == asleep_h
    assert found["wake_h"] == 1.0 - asleep_h


@pytest.mark.parametrize(("still", "added"), [(4, 0), (5, 5)])
def test_stillness_counts_from_5_minutes_on(still, added):
    rows = night((40, {}), (3, MOVING), (still, {}), (3, MOVING), (40, {}))
    found = sleep.estimate(axis_of(rows))
    assert found["sleep_h"] * 60 == pytest.approx(80 + added)


@pytest.mark.parametrize(("awake", "joined"), [(59, True), (60, False)])
def test_blocks_join_across_less_than_an_hour(awake, joined):
    rows = night((40, {}), (awake, MOVING), (50, {}))
    found = sleep.estimate(axis_of(rows))
    start = 0.0 if joined else (40 + awake) * 60.0
    assert found["window_s"] == [start, (90 + awake) * 60.0]
    assert found["sleep_h"] * 60 == pytest.approx(90 if joined else 50)


@pytest.mark.parametrize(("still", "found_one"), [(30, False), (31, True)])
def test_a_window_needs_a_block_of_more_than_30_minutes(still, found_one):
    found = sleep.estimate(axis_of(night((20, MOVING), (still, {}), (20, MOVING))))
    assert is_refusal(found["window_s"]) is not found_one
    assert (found["sleep_h"] > 0) is found_one


@pytest.mark.parametrize("rule", sleep.SUMMARY_RULES)
def test_sleep_is_refused_from_29_minutes_and_without_a_limb(rule):
    short = sleep.estimate(axis_of(minutes(29)), rule)
    assert short.code == refusals.TOO_SHORT
    assert not is_refusal(sleep.estimate(axis_of(minutes(30)), rule))
    table = sleep.estimate(axis_of(minutes(60, flags=["not_worn"])), rule)
    assert table.code == refusals.NOT_WORN
    for worn, enough in ((30, True), (29, False)):
        rows = night((worn, {}), (10, {"flags": ["not_worn"]}))
        assert is_refusal(sleep.estimate(axis_of(rows), rule)) != enough


def test_time_not_worn_and_gaps_are_neither_sleep_nor_wake():
    rows = night((60, {}), (30, {"flags": ["not_worn"]}), (60, {}))
    found = sleep.estimate(axis_of(rows))
    assert (found["sleep_h"], found["wake_h"], found["unknown_h"]) == (2.0, 0.0, 0.5)
    rows = minutes(60) + minutes(60, 90)
    found = sleep.estimate(axis_of(rows, 150, [gap(60, 90)]))
    assert (found["sleep_h"], found["unknown_h"]) == (2.0, 0.0)


def test_minutes_a_few_ms_apart_leave_no_holes():
    rows = [row | {"end_utc_ms": row["end_utc_ms"] + 11 * i} for i, row in enumerate(minutes(90))]
    found = sleep.estimate(axis_of(rows))
    assert len(found["stages"]) == 2
    assert found["sleep_h"] == pytest.approx(1.5)


def test_cole_kripke_weighs_the_minutes_around():
    # One minute of a counts makes its neighbours wake where a times their weight reaches 1.
    loud = {"activity_mg": 1.0 + 1 / 0.075}
    rows = night((60, {}), (1, loud), (60, {}))
    found = sleep.estimate(axis_of(rows), "cole_kripke_1992", counts_per_mg=1.0)
    stages = Hypnogram(found["stages"])
    awake = [m for m in range(121) if stages.stage_at(m * 60_000_000 + 1) == "W"]
    weights = dict(zip(range(-4, 3), sleep.COLE_KRIPKE, strict=True))
    assert awake == sorted(60 - step for step, weight in weights.items() if weight / 0.075 >= 1)
    assert 60 in awake and 61 in awake and 63 not in awake


@pytest.mark.parametrize(("mg", "asleep"), [(15.9, True), (16.1, False)])
def test_a_steady_15_mg_above_the_quiet_level_is_wake(mg, asleep):
    rows = night((60, {}), (40, {"activity_mg": mg}), (60, {}))
    stages = Hypnogram(sleep.estimate(axis_of(rows), "cole_kripke_1992")["stages"])
    assert (stages.stage_at(80 * 60_000_000) == "S") is asleep


def test_a_single_turn_ends_no_sleep_period_and_is_awake_by_the_minute():
    rows = night(*[part for _ in range(10) for part in ((12, {}), (1, MOVING))])
    found = sleep.estimate(axis_of(rows))
    assert found["window_s"] == [0.0, 130 * 60.0]
    assert found["wake_h"] * 60 == pytest.approx(10)


def test_a_quiet_level_of_the_sensor_is_no_activity():
    found = sleep.estimate(axis_of(minutes(60, activity_mg=30.0)), "cole_kripke_1992")
    assert found["sleep_h"] == 1.0
    assert "never calibrated" in found["limits"]


def test_every_estimate_names_its_rule_and_limits():
    for rule in sleep.SUMMARY_RULES:
        found = sleep.estimate(axis_of(minutes(60)), rule)
        assert found["rule"] == rule and found["limits"] == sleep.LIMITS[rule]
    with pytest.raises(ValueError, match="no such rule"):
        sleep.estimate(axis_of(minutes(60)), "guess")


@pytest.mark.parametrize(
    ("marks_min", "hours"),
    [([10, 50], 40 / 60), ([50, 10, 30], 40 / 60), ([10], None), ([10, 39], None)],
)
def test_marks_are_the_first_and_last_press_30_minutes_apart(marks_min, hours):
    found = sleep.from_marks(axis_of(minutes(60)), [m * 60_000_000 for m in marks_min])
    if hours is None:
        assert found.code == refusals.NO_STAGES
    else:
        assert found["sleep_h"] == pytest.approx(hours)


def test_a_night_undated_is_estimated_all_the_same():
    rows = [row | {"end_utc_ms": None} for row in minutes(90)]
    one = session(90, start_utc_ms=None, end_utc_ms=None, clock="unknown", clock_error_ms=None)
    assert sleep.estimate(night_axis([], rows, [one]))["sleep_h"] == pytest.approx(1.5, abs=0.001)
