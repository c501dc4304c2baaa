"""Jerks of one night: every bound from both sides, and what must not change a figure."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from night_rows import event, gap, minutes, session
from notturno import refusals
from notturno.errors import UserError
from notturno.nights.axis import night_axis
from notturno.nights.spans import without
from notturno.refusals import Refusal, is_refusal
from notturno.scoring.onenight import jerks, sleep_starts
from notturno.scoring.staging import Hypnogram
from scipy.stats import binom
from whole import whole_or

MIN_US = 60_000_000


def figures(events, n_minutes=60, hypnogram=None, gaps=(), minute_rows=()):
    axis = night_axis(events, minute_rows, [session(n_minutes)], gaps)
    return jerks.figures(axis, hypnogram, "hypnogram")


def dense(per_min, n_minutes, first_min=5):
    return [
        event((first_min + m) * 60 + 5 + i * 60 / per_min)
        for m in range(n_minutes)
        for i in range(per_min)
        if 5 + i * 60 / per_min < 60
    ]


@pytest.mark.parametrize(
    ("per_min", "n_minutes", "possible"),
    [(5, 20, True), (4, 20, False), (5, 19, False), (4, 40, False), (6, 21, True)],
)
def test_fragmentary_needs_5_a_minute_for_20_minutes(per_min, n_minutes, possible):
    found = figures(dense(per_min, n_minutes))["fragmentary"]
    assert found["possible"] is possible
    assert found["longest_run_min"] == (n_minutes if per_min >= 5 else 0)
    assert "not a diagnosis" in found["note"]


def test_fragmentary_minutes_on_both_sides_of_a_gap_are_no_run():
    events = dense(5, 10) + dense(5, 10, first_min=20)
    found = figures(events, gaps=[gap(15, 20)])["fragmentary"]
    assert (found["possible"], found["longest_run_min"], found["dense_min"]) == (False, 10, 20)
    # The quoted rule may be read either way, so both readings are told.
    assert (found["possible_on_end"], found["possible_in_total"]) == (False, True)
    one_less = figures(events[:-1], gaps=[gap(15, 20)])["fragmentary"]
    assert (one_less["dense_min"], one_less["possible_in_total"]) == (19, False)
    on_end = figures(dense(5, 20))["fragmentary"]
    assert on_end["possible_on_end"] is on_end["possible_in_total"] is True


def test_dense_minutes_are_told_in_sleep_and_in_nrem_where_that_is_known():
    stages = [(0, "W"), (10 * MIN_US, "N2"), (15 * MIN_US, "R"), (60 * MIN_US, "END")]
    found = figures(dense(5, 20), hypnogram=Hypnogram(stages))["fragmentary"]
    assert (found["dense_min_in_sleep"], found["dense_min_in_nrem"]) == (15.0, 5.0)
    guess = Hypnogram([(0, "W"), (10 * MIN_US, "S"), (60 * MIN_US, "END")])
    found = figures(dense(5, 20), hypnogram=guess)["fragmentary"]
    assert found["dense_min_in_sleep"] == 15.0
    assert found["dense_min_in_nrem"].code == refusals.NO_STAGES
    assert figures(dense(5, 20))["fragmentary"]["dense_min_in_sleep"].code == refusals.NO_STAGES


def test_fragmentary_is_refused_under_20_recorded_minutes():
    assert figures([], 19)["fragmentary"].code == refusals.TOO_SHORT
    assert figures([], 20)["fragmentary"]["possible"] is False


@pytest.mark.parametrize("flag", ["in_rhythm", "in_awake", "in_lm", "vibration"])
def test_a_jerk_in_other_company_is_no_single_one(flag):
    found = figures([event(100), event(200, flags=[flag])])
    assert found["single_jerks"] == 1
    assert found["not_counted"][flag] == 1


def test_rates_divide_by_the_hours_they_name():
    stages = Hypnogram([(0, "W"), (30 * MIN_US, "N2"), (60 * MIN_US, "END")])
    found = figures([event(60), event(40 * 60), event(41 * 60)], hypnogram=stages)
    assert found["rates"] == {"per_countable_h": 3.0, "per_sleep_h": 4.0}
    assert set(found["denominators"]) == set(found["rates"])


def test_neither_the_count_nor_the_hours_know_of_time_that_does_not_count():
    stages = Hypnogram([(0, "N2"), (60 * MIN_US, "END")])
    rows = minutes(50) + minutes(10, 50, flags=["not_worn"])
    events = [event(60), event(25 * 60), event(55 * 60), event(20 * 60, "awake", 600.0)]
    found = figures(events, hypnogram=stages, minute_rows=rows)
    assert found["not_counted"] == {"awake": 1, "not_worn": 1}
    assert found["rates"]["per_countable_h"] == pytest.approx(60 / 40)
    assert found["rates"]["per_sleep_h"] == pytest.approx(60 / 40)


def test_the_verdict_of_the_night_goes_before_every_rate():
    axis = night_axis([event(60)], [], [session(60)])
    stages = Hypnogram([(0, "N2"), (60 * MIN_US, "END")])
    verdict = Refusal("not worn", refusals.NOT_WORN)
    found = jerks.figures(axis, stages, "hypnogram", verdict)
    assert found["single_jerks"] == 1
    assert set(found["rates"].values()) == {verdict}
    assert found["rhythms"]["leg_0.3_4_hz"]["runs_per_countable_h"] == verdict


@pytest.mark.parametrize(
    ("at_s", "first"),
    [(1199.999, 0), (1200, 1), (2100, 1), (2100.001, 0)],
)
def test_a_sleep_start_lies_from_10_min_before_to_5_min_after_the_onset(at_s, first):
    stages = Hypnogram([(0, "W"), (30 * MIN_US, "N1"), (60 * MIN_US, "END")])
    found = figures([event(at_s)], hypnogram=stages)["sleep_starts"]
    assert (found["around_first_onset"], found["around_later_onsets"]) == (first, 0)


@pytest.mark.parametrize(("wake_min", "later"), [(4.99, 0), (5, 1)])
def test_a_later_onset_follows_5_minutes_of_wake(wake_min, later):
    again_us = round((30 + wake_min) * MIN_US)
    stages = Hypnogram(
        [(0, "W"), (10 * MIN_US, "S"), (30 * MIN_US, "W"), (again_us, "S"), (60 * MIN_US, "END")]
    )
    found = figures([event(again_us / 1e6)], hypnogram=stages)["sleep_starts"]
    assert (found["later_onsets"], found["around_later_onsets"]) == (later, later)


EVEN = Hypnogram([(0, "W"), (30 * MIN_US, "S"), (480 * MIN_US, "END")])


@pytest.mark.parametrize("per_h", [30, 60])
def test_jerks_at_an_even_rate_near_the_onset_are_as_many_as_chance_gives(per_h):
    step_s = 3600 / per_h
    events = [event(step_s * (i + 0.5)) for i in range(8 * per_h)]
    found = figures(events, 480, EVEN)["sleep_starts"]
    assert found["by_chance"] == pytest.approx(per_h / 4, rel=0.005)
    assert found["around_first_onset_by_chance"] == found["by_chance"]
    assert found["around_later_onsets_by_chance"] == 0
    assert abs(found["around_first_onset"] - per_h / 4) <= 1
    assert found["p_by_chance"] > 0.3


def test_many_jerks_near_the_onset_are_more_than_chance_gives():
    even = [event(120 * i + 60) for i in range(240)]
    crowd = [event(30 * 60 + i + 0.5) for i in range(12)]
    found = figures(even + crowd, 480, EVEN)["sleep_starts"]
    assert found["by_chance"] == pytest.approx(7.5, abs=0.1)  # the crowd is not in the rate
    assert found["around_any_onset"] == 20
    # Exact: 20 or more of 252 in 15 of 480 min.
    assert found["p_by_chance"] == pytest.approx(binom.sf(19, 252, 15 / 480), rel=1e-4)
    assert found["around_first_onset_p_by_chance"] == found["p_by_chance"]


def test_chance_is_told_apart_for_later_onsets_and_no_jerk_is_counted_twice():
    stages = Hypnogram(
        [
            *[(0, "W"), (30 * MIN_US, "S"), (34 * MIN_US, "W"), (40 * MIN_US, "S")],
            *[(200 * MIN_US, "W"), (220 * MIN_US, "S"), (480 * MIN_US, "END")],
        ]
    )
    events = [event(120 * i + 60) for i in range(240)]
    found = figures(events, 480, stages)["sleep_starts"]
    # 20 to 35 min; 35 to 45 min (what of 30 to 45 the first leaves) and 210 to 225 min.
    assert found["around_first_onset_by_chance"] == pytest.approx(7.5, abs=0.1)
    assert found["around_later_onsets_by_chance"] == pytest.approx(12.5, abs=0.1)
    assert found["by_chance"] == pytest.approx(20, abs=0.2)
    assert found["around_any_onset"] == (
        found["around_first_onset"] + found["around_later_onsets"]
    )


def test_time_that_does_not_count_gives_nothing_to_chance():
    # The band was off from 25 min on for 45 min: of the window 5 min are left.
    rows = minutes(25) + minutes(45, 25, flags=["not_worn"]) + minutes(410, 70)
    events = [event(120 * i + 60) for i in range(240)]
    found = figures(events, 480, EVEN, minute_rows=rows)["sleep_starts"]
    assert found["by_chance"] == pytest.approx(2.5, abs=0.05)
    assert found["around_first_onset"] == 2


def test_chance_is_refused_where_nothing_lies_away_from_the_onsets():
    stages = Hypnogram([(0, "W"), (10 * MIN_US, "S"), (19 * MIN_US, "END")])
    found = figures([event(60)], 19, stages)["sleep_starts"]
    assert found["around_first_onset"] == 1
    assert found["by_chance"].code == found["p_by_chance"].code == refusals.TOO_SHORT
    assert figures([event(60)], 21, stages)["sleep_starts"]["by_chance"] == 0


def test_the_chance_of_sleep_starts_holds_as_often_as_it_says():
    import random

    rng = random.Random(11)
    spans = [(0, 480 * MIN_US)]
    false = 0
    for _ in range(2000):
        onsets = sorted(rng.randrange(480 * MIN_US) for _ in range(rng.randrange(0, 60)))
        false += sleep_starts.figures(onsets, spans, EVEN)["p_by_chance"] <= 0.05
    assert false / 2000 < 0.06


def test_without_sleep_no_sleep_start_is_made_up():
    assert figures([event(1)])["sleep_starts"].code == refusals.NO_STAGES
    awake = Hypnogram([(0, "W"), (60 * MIN_US, "END")])
    found = figures([event(1)], hypnogram=awake)
    assert found["sleep_starts"].code == refusals.NO_SLEEP
    assert found["rates"]["per_sleep_h"].code == refusals.NO_SLEEP


@pytest.mark.parametrize(
    ("onsets", "clusters"),
    [([100, 110, 120], 1), ([100, 110, 120.001], 0), ([100, 110], 0), ([1, 2, 3, 50, 51, 52], 2)],
)
def test_a_cluster_is_3_jerks_none_over_10_s_after_the_last(onsets, clusters):
    assert figures([event(at) for at in onsets])["clusters"]["clusters"] == clusters


def test_rhythms_of_the_two_bands_are_never_one_sum():
    events = [
        event(10, "rhythm", 10.0, rhythm_hz=1.5, beats=15),
        event(50, "rhythm", 20.0, rhythm_hz=1.0, beats=20),
        event(90, "rhythm", 4.0, ["clonic_band"], rhythm_hz=5.0, beats=20),
        event(95, "rhythm", 4.0, ["clonic_band", "vibration"], rhythm_hz=7.0, beats=28),
    ]
    found = figures(events)["rhythms"]
    leg, clonic = found["leg_0.3_4_hz"], found["clonic_3_8_hz"]
    assert (leg["runs"], leg["beats"], leg["length_total_s"]) == (2, 35, 30.0)
    assert leg["frequency_hz"] == {"min": 1.0, "median": 1.25, "max": 1.5}
    assert (clonic["runs"], clonic["frequency_hz"]["max"]) == (1, 5.0)


@pytest.mark.parametrize(("n", "refused"), [(4, True), (5, False)])
def test_strength_needs_5_jerks_and_intervals_one_more(n, refused):
    found = figures([event(10 * i + 1) for i in range(n)])
    assert is_refusal(found["strength"]) is refused
    assert is_refusal(found["intervals"])
    assert not is_refusal(figures([event(10 * i + 1) for i in range(6)])["intervals"])


def test_no_interval_is_measured_across_a_gap():
    onsets = [60, 120, 180, 240, 300, 360, 1300, 1360]
    found = figures([event(at) for at in onsets], gaps=[gap(10, 20)])["intervals"]
    assert (found["measured"], found["across_uncountable"]) == (6, 1)
    assert found["interval_s"]["p95"] == 60.0


def test_an_hour_of_which_hardly_any_counts_has_a_count_and_no_rate():
    found = figures([event(10), event(3601)], 64)["by_hour"]
    assert found[0]["per_countable_h"] == 1.0
    assert (found[1]["single_jerks"], found[1]["countable_min"]) == (1, 4.0)
    assert is_refusal(found[1]["per_countable_h"])


def test_sessions_of_an_unknown_clock_share_the_ticks_of_one_start_only():
    undated = {"start_utc_ms": None, "end_utc_ms": None, "clock": "unknown"}
    first = session(30, **undated)
    second = session(30, **undated, seq=5, tick_ms=1000 + 40 * 60_000)
    events = [event(60, onset_utc_ms=None), event(60, onset_utc_ms=None, session_seq=5)]
    axis = night_axis(events, [], [first, second])
    assert [e["onset_us"] // MIN_US for e in axis.events] == [1, 41]
    assert axis.gaps == [(30 * MIN_US, 40 * MIN_US)]
    with pytest.raises(UserError, match="no common time"):
        night_axis(events, [], [first, second | {"boot_id": 2}])


def test_two_bands_are_no_one_night():
    with pytest.raises(UserError, match="two bands"):
        night_axis([], [], [session(30), session(30, device_id="b2")])


onset_lists = st.lists(st.integers(0, 3_000_000), max_size=60, unique=True)


@settings(max_examples=60, deadline=None)
@given(onset_lists, st.randoms(), st.integers(-(10**9), 10**9))
def test_order_and_date_change_no_figure(onsets_ms, random, shift_ms):
    events = [event(at / 1000, seq=i) for i, at in enumerate(onsets_ms)]
    found = figures(events)
    random.shuffle(events)
    moved = [e | {"onset_utc_ms": e["onset_utc_ms"] + shift_ms} for e in events]
    one = session(60)
    for key in ("start_utc_ms", "end_utc_ms"):
        one[key] += shift_ms
    axis = night_axis(moved, [], [one])
    moved_found = jerks.figures(axis, None, "hypnogram")
    assert refusals.to_json(moved_found) == refusals.to_json(found)


@settings(max_examples=60, deadline=None)
@given(onset_lists)
def test_a_far_jerk_adds_itself_alone(onsets_ms):
    events = [event(at / 1000, seq=i) for i, at in enumerate(onsets_ms)]
    before, after = figures(events), figures([*events, event(3500, seq=99)])
    assert after["single_jerks"] == before["single_jerks"] + 1
    assert after["clusters"] == before["clusters"]
    assert after["rhythms"] == before["rhythms"]
    assert after["fragmentary"] == before["fragmentary"]
    assert sum(h["single_jerks"] for h in after["by_hour"]) == len(onsets_ms) + 1


spans = st.lists(st.tuples(st.integers(0, 50), st.integers(0, 50)).map(sorted), max_size=6)


@settings(max_examples=whole_or(200, 80), deadline=None)
@given(spans)
def test_without_leaves_exactly_what_no_hole_covers(holes):
    left = without([(5, 20), (30, 45)], [tuple(hole) for hole in holes])
    for at in range(50):
        inside = 5 <= at < 20 or 30 <= at < 45
        covered = any(a <= at < b for a, b in holes)
        assert any(a <= at < b for a, b in left) == (inside and not covered)
