"""Minutes worn or not, and the cases a detector must not fail, on lists made by hand."""

import re

import numpy as np
import pytest
from notturno.bench import cases, worn
from notturno.sleeper import models


def row(kind, onset_s, duration_s, rhythm_hz=None):
    return dict(
        kind=kind, onset_s=onset_s, duration_s=duration_s, peak_mg=50.0, rhythm_hz=rhythm_hz
    )


def test_minutes_are_right_where_both_agree_and_the_edges_are_not_judged():
    truths = [row("not_worn", 630, 1200)]  # from 10.5 to 30.5 min
    assert worn.minutes(truths, truths, 1.0) == [58, 58]
    assert worn.minutes(truths, [], 1.0) == [39, 58]
    late = [row("not_worn", 660 + 5 * 60, 1200 - 6 * 60)]
    assert worn.minutes(truths, late, 1.0) == [53, 58]
    assert worn.minutes([], [row("not_worn", 0, 3600)], 1.0) == [0, 60]
    assert worn.minutes([], [row("not_worn", 31, 29)], 1.0) == [60, 60]
    assert worn.minutes([], [row("not_worn", 30, 30)], 1.0) == [59, 60]


def night_of(truth):
    class Night:
        pass

    Night.truth = truth
    return Night()


SERIES = cases.Case("made up", lm=(2.5, 20.0), turn_s=45.0)
RHYTHMS = cases.Case("made up", rhythm=(60.0, 1.0, 1.5))


def test_a_series_is_right_only_with_its_movements_and_little_awake():
    truth = [row("posture", 100, 45)] + [row("lm", 200 + 20 * k, 2.5) for k in range(100)]
    good = [dict(t, flags=[]) for t in truth]
    assert cases.judged(SERIES, night_of(truth), good)[0]
    assert not cases.judged(SERIES, night_of(truth), good[4:])[0]
    assert not cases.judged(SERIES, night_of(truth), [*good, row("awake", 0, 110)])[0]
    assert cases.judged(SERIES, night_of(truth), [*good, row("awake", 0, 100)])[0]
    extra = [row("lm", 2500 + 20 * k, 2) for k in range(5)]
    assert not cases.judged(SERIES, night_of(truth), [*good, *extra])[0]
    right, said = cases.judged(SERIES, night_of(truth), [])
    assert not right and "LM found 0.000, PPV 0.000, awake 0 s" in said
    # at its bounds: 98 of a hundred, and a minute awake beside the turn
    assert cases.judged(SERIES, night_of(truth), good[:-2])[0]
    assert not cases.judged(SERIES, night_of(truth), good[:-3])[0]
    assert cases.judged(SERIES, night_of(truth), [*good, row("awake", 0, 105)])[0]
    assert not cases.judged(SERIES, night_of(truth), [*good, row("awake", 0, 105.1)])[0]
    few = truth[:50]
    assert cases.judged(SERIES, night_of(few), [*few, row("lm", 2500, 2)])[0]
    assert not cases.judged(SERIES, night_of(few[:-1]), [*few, row("lm", 2500, 2)])[0]


@pytest.mark.parametrize(
    "found, right",
    [
        ([row("rhythm", 100, 60, 1.2), row("rhythm", 300, 60, 1.5)], True),
        ([row("rhythm", 100, 60, 1.2)], False),
        ([row("rhythm", 100, 60, 1.2), row("rhythm", 300, 47, 1.5)], False),
        ([row("rhythm", 100, 60, 1.2), row("rhythm", 300, 60, 3.0)], False),
        (
            [
                row("rhythm", 100, 60, 1.2),
                row("rhythm", 300, 50, 1.5),
                row("rhythm", 350, 10, 1.5),
            ],
            False,
        ),
    ],
)
def test_a_rhythm_is_right_only_as_one_row_of_its_length_and_pace(found, right):
    truth = [row("rhythm", 100, 60, 1.2), row("rhythm", 300, 60, 1.5)]
    assert cases.judged(RHYTHMS, night_of(truth), found)[0] == right
    for awake_s, is_right in ((60, right), (60.1, False)):
        woken = [*found, row("awake", 1000, awake_s)]
        assert cases.judged(RHYTHMS, night_of(truth), woken)[0] == is_right


@pytest.mark.parametrize(
    ("truth_hz", "row_hz", "right"),
    [
        (5.0, 5.5, True),
        (5.0, 5.51, False),
        (5.0, 4.49, False),
        (1.0, 1.19, True),
        (1.0, 1.21, False),
        (1.0, None, False),
    ],
)
def test_a_pace_is_right_within_a_tenth_or_a_fifth_of_a_hertz(truth_hz, row_hz, right):
    truth, found = row("rhythm", 100, 60, truth_hz), row("rhythm", 100, 60, row_hz)
    assert cases._well_found(truth, found) == right


@pytest.mark.parametrize(
    ("onset_s", "seconds", "right"),
    [(112, 48, True), (112.1, 60, False), (90, 58, True), (90, 57.9, False), (100, 48, True)],
)
def test_four_fifths_of_a_rhythm_are_to_be_covered(onset_s, seconds, right):
    truth, found = row("rhythm", 100, 60, 2.0), row("rhythm", onset_s, seconds, 2.0)
    assert cases._well_found(truth, found) is right


@pytest.mark.parametrize("case", cases.CASES, ids=lambda case: case.name)
def test_a_case_is_the_night_that_its_name_says(case, monkeypatch):
    if case is not cases.CASES[1]:  # one is enough to see that the night is recorded
        counts = np.zeros((3600 * 104, 3), np.int16)
        monkeypatch.setattr(cases.sensor, "record", lambda night, seed, model: (counts, 104.0))
    night, recording = cases.made(case, models.HELD_OUT[1])
    assert recording.length_s == pytest.approx(3600, abs=1)
    said = [float(word) for word in re.findall(r"[0-9.]+", case.name)]
    if case.rhythm:
        assert case.rhythm == (said[0], said[1], said[-1])
    else:
        assert (case.turn_s, *case.lm) == (said[-3] if said[2:] else 0.0, *said[-2:])
    truths = [r for r in night.truth if r["kind"] == ("lm" if case.lm else "rhythm")]
    if case.lm:
        seconds, every_s = case.lm
        gaps = [b["onset_s"] - a["onset_s"] for a, b in zip(truths, truths[1:], strict=False)]
        assert len(truths) > 0.9 * 3300 / every_s
        assert all(abs(gap / every_s - 1) < 0.1 for gap in gaps)
        assert all(r["duration_s"] == seconds for r in truths)
        assert 3570 - 1.1 * every_s < truths[-1]["onset_s"] < 3570
        assert 30 < min(r["peak_mg"] for r in truths) < 60
        assert 300 < max(r["peak_mg"] for r in truths) < 410
    else:
        seconds, low_hz, high_hz = case.rhythm
        assert len(truths) >= 10
        assert all(0.85 * seconds < r["duration_s"] < 1.15 * seconds for r in truths)
        assert all(0.9 * low_hz < r["rhythm_hz"] < 1.1 * high_hz for r in truths)
        ends = [r["onset_s"] + r["duration_s"] for r in truths]
        gaps = [b["onset_s"] - a for a, b in zip(ends, truths[1:], strict=False)]
        # one to two minutes and a half of rest; a rhythm is a beat shorter or longer
        assert 55 < min(gaps) < 90 and 115 < max(gaps) < 155 and ends[-1] < 3571
        assert all(35 < r["peak_mg"] < 210 for r in truths)
    turns = [r["duration_s"] for r in night.truth if r["kind"] == "posture"]
    assert turns == ([case.turn_s] if case.turn_s else [])
    # two minutes of rest, then a turn and a quarter of a minute behind it
    begins_s = 120 + (case.turn_s + 15 if case.turn_s else 0)
    assert truths[0]["onset_s"] == pytest.approx(begins_s, abs=1.5)
    assert truths[-1]["onset_s"] + truths[-1]["duration_s"] <= 3600
