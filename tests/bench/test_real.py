"""Real recordings in the bench: where they rest, what is refused, what is mixed in."""

import numpy as np
import pytest
from notturno import recordings
from notturno.bench import peers_there, real
from notturno.detect import recording as raw

WRIST = "paradigma_wrist_100hz"


@pytest.fixture(scope="module")
def everything():
    return real.everything()


def spans_of(kind, *spans):
    return [dict(kind=kind, onset_s=a, duration_s=b - a, flags=[]) for a, b in spans]


def jerk(onset_s, *flags):
    return dict(kind="jerk", onset_s=onset_s, duration_s=0.1, flags=list(flags))


def test_the_sleeping_wrist_gets_the_noise_its_logger_took_away(everything):
    asleep = everything[recordings.ASLEEP.stem]
    silent = raw.load(recordings.ASLEEP)
    added_mg = (asleep.acc - silent.acc.astype(float)) * silent.mg_per_lsb
    assert added_mg.std() == pytest.approx(0.75, rel=0.02)
    assert abs(added_mg.mean(axis=0)).max() < 0.05  # gravity stays where it was
    assert np.array_equal(asleep.acc, real.everything()[recordings.ASLEEP.stem].acc)


def test_what_is_refused_is_time_awake_and_not_worn_and_rows_that_do_not_count():
    name = recordings.ASLEEP.stem
    taken = {name: raw.Recording(np.zeros((30 * 7200, 3), np.int16), 0.244, 30.0)}
    events = [
        *spans_of("awake", (0, 1200), (3600, 3900)),
        *spans_of("not_worn", (6000, 6600)),
        jerk(600),
        jerk(2000),
        jerk(4000),
        jerk(4001, "in_rhythm"),
        jerk(3700),
    ]
    [row] = real.refused(taken, {"made up": lambda _: events})
    assert row["hours"] == 2 and row["awake_h"] == pytest.approx(1500 / 3600)
    assert row["not_worn_h"] == pytest.approx(600 / 3600)
    assert (row["jerks"], row["rows"], row["left_out"]) == (2, 5, 3)
    assert row["asleep_h"] == pytest.approx((7200 - 3720) / 3600)
    assert row["asleep_jerks"] == 1
    assert row["asleep_awake_h"] == pytest.approx(180 / 3600)


def test_jerks_are_put_where_a_wrist_rests_and_the_rest_stays_as_it_was(everything):
    before = everything[WRIST]
    after, truth = real.with_jerks(before, (1, 0, 0))
    assert len(truth) >= 5
    moved = np.abs(after.acc.astype(int) - before.acc).max(axis=1) > 0
    seconds = np.flatnonzero(moved) / before.odr_hz
    onsets = np.array([row["onset_s"] for row in truth])
    gap = seconds[:, None] - onsets
    assert np.where(gap >= -0.02, gap, 99).min(axis=1).max() < 3
    rests = real.rest_spans(before)
    for row in truth:
        assert any(a < row["onset_s"] < b for a, b in rests)
        assert 4 <= row["peak_mg"] <= 1500
    again, _ = real.with_jerks(before, (1, 0, 0))
    assert np.array_equal(again.acc, after.acc)


def test_nobody_rests_while_walking(everything):
    assert real.rest_spans(everything["st_wrist_walking_26hz"]) == []


def test_mixed_jerks_are_counted_by_who_slept_and_found_by_whoever_finds_them(everything):
    chosen = {name: everything[name] for name in (WRIST, recordings.ASLEEP.stem)}
    asked = []

    def all_of_them(recording):
        asked.append(recording)
        return []

    got = real.mixed(chosen, {"nobody": all_of_them}, 1)
    assert set(got) == {"awake", "asleep"}
    assert len(asked) == real.REPEATS["awake"] + real.REPEATS["asleep"]
    for figures in got.values():
        f = figures["nobody"]
        assert f["sensitivity"]["jerk"] == 0 and f["truths"]["jerk"] > 5


def test_what_another_program_says_of_its_own_failure_is_cut_to_a_cell_of_a_table():
    named = peers_there._named(ValueError("x" * 400))
    assert named.startswith("ValueError: xxx") and len(named) == 160


def test_what_is_beyond_sixteen_bits_is_the_largest_of_its_sign():
    recording = raw.Recording(np.zeros((1, 3), np.int16), 0.5, 30.0)
    made = real._as_counts(np.array([[1e6, -1e6, 0.3]]), recording)
    assert made.acc.tolist() == [[32_767, -32_768, 1]] and made.acc.dtype == np.int16
    assert (made.mg_per_lsb, made.odr_hz) == (0.5, 30.0)
