"""The bench's figures on lists made by hand, and on any lists."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from notturno.bench import matching, metrics
from notturno.nights import counts


def row(kind, onset_s, duration_s=0.1, peak_mg=50.0, rhythm_hz=None, flags=()):
    return dict(
        kind=kind,
        onset_s=onset_s,
        duration_s=duration_s,
        peak_mg=peak_mg,
        rhythm_hz=rhythm_hz,
        flags=list(flags),
    )


def figures(truths, events, hours=1.0, others=()):
    return metrics.figures([metrics.tally(truths, events, hours, others)])


def test_onsets_half_a_second_apart_belong_together_and_farther_do_not():
    truth = [row("jerk", 10.0)]
    assert matching.match(truth, [row("jerk", 10.5)]) == [(0, 0)]
    assert matching.match(truth, [row("jerk", 9.5)]) == [(0, 0)]
    assert matching.match(truth, [row("jerk", 10.501)]) == []
    assert matching.match(truth, [row("jerk", 9.3)]) == []


def test_overlap_is_enough_however_far_the_onsets_are():
    assert matching.match([row("lm", 10, 5)], [row("lm", 14, 1)]) == [(0, 0)]
    assert matching.match([row("lm", 10, 1)], [row("lm", 4, 6.5)]) == [(0, 0)]


def test_one_event_explains_one_truth_and_the_nearest_onset_wins():
    truths = [row("jerk", 10.0), row("jerk", 10.4)]
    assert matching.match(truths, [row("jerk", 10.3)]) == [(1, 0)]
    assert matching.match([row("jerk", 10.0)], [row("jerk", 9.8), row("jerk", 10.1)]) == [(0, 1)]


def test_a_short_event_is_found_behind_a_long_one():
    events = [row("lm", 1, 60), row("lm", 50.1, 1)]
    assert matching.match([row("lm", 50, 1)], events) == [(0, 1)]


@settings(max_examples=60, deadline=None)
@given(
    truths=st.lists(st.floats(0, 60), max_size=12),
    events=st.lists(st.tuples(st.floats(0, 60), st.floats(0.02, 5)), max_size=12),
)
def test_matching_is_one_to_one_whatever_happens_and_leaves_no_possible_pair(truths, events):
    truths = [row("lm", t, 0.5) for t in sorted(truths)]
    events = [row("lm", t, d) for t, d in events]
    pairs = matching.match(truths, events)
    assert len({i for i, _ in pairs}) == len({j for _, j in pairs}) == len(pairs)
    for i, truth in enumerate(truths):
        for j, event in enumerate(events):
            if i not in {i for i, _ in pairs} and j not in {j for _, j in pairs}:
                assert matching.match([truth], [event]) == []


def test_sensitivity_ppv_and_rate_of_a_night_made_by_hand():
    truths = [row("jerk", t, peak_mg=p) for t, p in ((10, 50), (20, 50), (30, 12), (40, 12))]
    events = [row("jerk", t) for t in (10.01, 20.03, 30.02, 70.0)]
    f = figures(truths, events, hours=0.5)
    assert f["sensitivity"]["jerk"] == 0.75
    assert f["ppv"]["jerk"] == 0.75
    assert f["false_per_h"]["jerk"] == 2.0
    assert f["bands"] == {
        "4-8": [0, 0],
        "8-20": [1, 2],
        "20-60": [2, 2],
        "60-200": [0, 0],
        "200+": [0, 0],
    }
    assert metrics.found_in(f, "8-20") == 0.5 and metrics.found_in(f, "8-20", "20-60") == 0.75
    assert metrics.found_in(f, "200+") is None
    assert f["onset_error_ms"]["jerk"] == pytest.approx(20)


def test_a_jerk_that_says_it_is_not_single_is_neither_found_nor_false():
    for _, flag in counts.OF_JERKS:
        f = figures(
            [row("jerk", 10)], [row("jerk", 10, flags=[flag]), row("jerk", 90, flags=[flag])]
        )
        assert f["events"]["jerk"] == 0 and f["sensitivity"]["jerk"] == 0
        assert f["left_out"] == {"jerk": {flag: 2}}
    for _, flag in counts.OF_LMS:
        f = figures([row("lm", 10, 2)], [row("lm", 10, 2, flags=[flag])])
        assert f["events"]["lm"] == 0 and f["left_out"] == {"lm": {flag: 1}}
    assert figures([], [row("lm", 10, 2, flags=["large"])])["events"]["lm"] == 1
    clipped = figures([row("jerk", 10)], [row("jerk", 10, flags=["clipped"])])
    assert clipped["sensitivity"]["jerk"] == 1


def test_awake_truth_excuses_movements_but_no_jerk():
    truths = [row("awake", 100, 300)]
    f = figures(truths, [row("lm", 150, 2), row("rhythm", 200, 5, rhythm_hz=4), row("jerk", 250)])
    assert (f["events"]["lm"], f["events"]["rhythm"], f["events"]["jerk"]) == (0, 0, 1)
    assert f["false_per_h"]["jerk"] == 1


def test_a_movement_taken_for_a_jerk_is_missed_false_and_in_the_confusion():
    truths = [row("lm", 10, 2), row("jerk", 30), row("posture", 50, 5)]
    events = [row("jerk", 10.1), row("jerk", 30.0), row("posture", 51, 4), row("rhythm", 80, 3)]
    f = figures(truths, events)
    assert f["confusion"] == {
        "jerk": {"jerk": 1},
        "posture": {"posture": 1},
        "lm": {"jerk": 1},
        "false": {"rhythm": 1},
    }
    assert f["f1"] == {"jerk": pytest.approx(2 / 3), "lm": 0, "posture": 1, "rhythm": 0}
    assert f["macro_f1"] == pytest.approx((2 / 3 + 1) / 4)


def test_confusion_holds_every_truth_and_every_event_once():
    truths = [row("jerk", 2 * t) for t in range(20)] + [
        row("lm", 100 + 9 * t, 3) for t in range(9)
    ]
    events = [row("jerk", 2 * t + 0.3) for t in range(0, 20, 3)]
    events += [row("jerk", 101 + 9 * t) for t in range(4)] + [row("lm", 300, 2)]
    table = figures(truths, events)["confusion"]
    rows = [sum(columns.values()) for kind, columns in table.items() if kind != "false"]
    found = [n for columns in table.values() for kind, n in columns.items() if kind != "missed"]
    assert sum(rows) == len(truths)
    assert sum(found) == len(events)


def test_errors_are_medians_over_what_was_found():
    truths = [row("lm", 10, 2.0), row("lm", 30, 2.0), row("rhythm", 50, 8, rhythm_hz=1.5)]
    events = [row("lm", 10.03, 2.1), row("lm", 29.99, 1.7), row("rhythm", 50, 8, rhythm_hz=1.6)]
    f = figures(truths, events)
    assert f["onset_error_ms"]["lm"] == pytest.approx(20)
    assert f["lm_duration_error_ms"] == pytest.approx(200)
    assert f["rhythm_error_hz"] == pytest.approx(0.1)
    f = figures([*truths, row("jerk", 80)], [*events, row("jerk", 80.1)])
    assert f["onset_error_ms"] == {"jerk": pytest.approx(100), "lm": pytest.approx(20)}
    assert f["onset_error_all_ms"] == pytest.approx(30), "of 10, 30 and 100 ms"


def test_the_error_of_the_movement_rate_does_not_cancel_between_nights():
    four = [row("lm", 20 * t, 2) for t in range(4)]
    over = metrics.tally(four, [row("lm", 20 * t, 2) for t in range(5)], 1)
    under = metrics.tally(four, four[:3], 1)
    assert metrics.figures([over, under])["lm_rate_error_pct"] == pytest.approx(25)


def test_where_there_was_nothing_to_find_no_figure_is_made_up():
    f = figures([], [])
    assert f["sensitivity"]["jerk"] is f["ppv"]["jerk"] is f["macro_f1"] is None
    assert f["lm_rate_error_pct"] is f["onset_error_all_ms"] is f["rhythm_error_hz"] is None
    assert f["false_per_h"]["jerk"] == 0


@pytest.mark.parametrize(
    "peak_mg, band",
    [
        (4.0, "4-8"),
        (7.9, "4-8"),
        (8.0, "8-20"),
        (20.0, "20-60"),
        (60.0, "60-200"),
        (200.0, "200+"),
    ],
)
def test_a_band_holds_its_lower_edge(peak_mg, band):
    f = figures([row("jerk", 10, peak_mg=peak_mg)], [row("jerk", 10)])
    assert [name for name, pair in f["bands"].items() if pair == [1, 1]] == [band]


def test_a_false_event_is_laid_to_what_shook_the_band_then():
    others = [row("snore", 100, 1.5), row("phone", 200, 0.5), row("tone", 300, 900)]
    events = [row("jerk", 101.2), row("lm", 200.9, 2), row("jerk", 202), row("rhythm", 600, 9)]
    f = figures([row("jerk", 10)], [row("jerk", 10), *events], others=others)
    assert f["false_from"] == {
        "snore": {"jerk": 1},
        "phone": {"lm": 1},
        "nothing": {"jerk": 1},
        "tone": {"rhythm": 1},
    }


def test_strong_jerks_while_something_is_switched_on_are_counted_apart():
    truths = [row("jerk", t, peak_mg=p) for t, p in ((50, 100), (150, 100), (160, 59), (170, 60))]
    events = [row("jerk", 150), row("jerk", 160)]
    others = [row("noise", 100, 100), row("snore", 40, 20)]
    assert figures(truths, events, others=others)["switched"] == [1, 2]


def test_waits_count_from_the_movements_end_and_only_where_they_are_told():
    events = [
        row("lm", 10, 2) | {"provisional_s": 12.5, "final_s": 30.0, "provisional_kind": "jerk"},
        row("jerk", 40, 0.5)
        | {"provisional_s": 41.5, "final_s": 60.5, "provisional_kind": "jerk"},
        row("jerk", 50, 0.5),
        row("awake", 60, 600) | {"provisional_s": 900.0, "final_s": 900.0},
    ]
    f = figures([], events)
    assert f["provisional_s_p95"] == pytest.approx(1.0)
    assert f["final_s_p95"] == pytest.approx(20.0)
    assert f["revised"] == [1, 2]
    assert figures([], [row("jerk", 50)])["final_s_p95"] is None


def test_a_percentile_is_a_value_that_so_many_do_not_exceed():
    values = list(range(1, 101))
    assert metrics.percentile(values, 95) == 95
    assert metrics.percentile([3.0], 95) == 3.0
    assert metrics.percentile([], 95) is None


def span(onset_s, duration_s, kind="lm"):
    return {"kind": kind, "onset_s": onset_s, "duration_s": duration_s}


@pytest.mark.parametrize(
    ("onset_s", "duration_s", "matched"),
    [
        # of a movement from 100 s to 102 s
        *[(99.5, 0.25, True), (99.25, 0.5, False), (99.25, 0.75, True), (90.0, 10.0, True)],
        *[(102.0, 1.0, True), (102.25, 1.0, False), (101.0, 0.1, True), (90.0, 9.75, False)],
    ],
)
def test_an_event_explains_what_it_overlaps_or_begins_half_a_second_from(
    onset_s, duration_s, matched
):
    events = [span(0, 50), span(onset_s, duration_s)]  # a long one, which is over
    found = matching.match([span(100, 2)], events)
    assert found == ([(0, 1)] if matched else [])


def test_a_short_truth_reaches_half_a_second_on_too():
    assert matching.match([span(100, 0.1)], [span(100.5, 1)]) == [(0, 0)]
    assert matching.match([span(100, 0.1)], [span(100.625, 1)]) == []
    assert matching.match([span(100, 0.1)], [span(102, 1)], tolerance_s=2.0) == [(0, 0)]


@pytest.mark.parametrize(
    ("row", "source"),
    [
        (span(90, 9.5, "phone"), "phone"),  # over half a second before
        (span(90, 9.25, "phone"), "nothing"),
        (span(102, 5, "phone"), "phone"),
        (span(102.25, 5, "phone"), "nothing"),
        (span(101, 0.1, "phone"), "phone"),
    ],
)
def test_what_shook_the_band_may_be_over_for_half_a_second(row, source):
    others = [span(0, 50, "tone"), row]
    assert matching.sources([span(100, 2)], [0], others) == {source: {"lm": 1}}
    assert matching.sources([span(100, 2)], [0], [row]) == {source: {"lm": 1}}  # none is longer
    assert matching.sources([span(100, 2)], [0], []) == {"nothing": {"lm": 1}}


def test_a_rhythm_whose_pace_nobody_said_has_no_error():
    f = figures([row("rhythm", 50, 8, rhythm_hz=1.5)], [row("rhythm", 50, 8)])
    assert f["hits"]["rhythm"] == 1 and f["rhythm_error_hz"] is None


def test_hours_called_awake_are_those_of_all_spans():
    spans = [row("awake", 0, 1200), row("awake", 5000, 600), row("lm", 9000, 3600)]
    assert metrics.tally([], spans, 8.0)["awake_h"] == 0.5
