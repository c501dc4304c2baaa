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
    assert set(got) == {"awake", "asleep", real.ROWS}
    assert len(asked) == real.REPEATS["awake"] + real.REPEATS["asleep"]
    for figures in got.values():
        f = figures["nobody"]
        assert f["sensitivity"]["jerk"] == 0 and f["truths"]["jerk"] > 5


@pytest.mark.parametrize(("flags", "span"), [(["in_awake"], False), ([], True), (["slow"], True)])
def test_what_is_refused_has_a_row_and_is_not_found(everything, flags, span):
    truths = [real.with_jerks(everything[WRIST], (1, 0, repeat))[1] for repeat in range(8)]
    turns = iter(truths)

    def all_refused(recording):
        events = [truth | {"flags": flags} for truth in next(turns)]
        whole = {"kind": "awake", "onset_s": 0.0, "duration_s": recording.length_s, "flags": []}
        return events + [whole] * span

    got = real.mixed({WRIST: everything[WRIST]}, {"shy": all_refused}, 1)
    assert got["awake"]["shy"]["sensitivity"]["jerk"] == 0
    assert got[real.ROWS]["shy"]["sensitivity"]["jerk"] == 1


def test_what_another_program_says_of_its_own_failure_is_cut_to_a_cell_of_a_table():
    named = peers_there._named(ValueError("x" * 400))
    assert named.startswith("ValueError: xxx") and len(named) == 160


def test_what_is_beyond_sixteen_bits_is_the_largest_of_its_sign():
    recording = raw.Recording(np.zeros((1, 3), np.int16), 0.5, 30.0)
    made = real._as_counts(np.array([[1e6, -1e6, 0.3]]), recording)
    assert made.acc.tolist() == [[32_767, -32_768, 1]] and made.acc.dtype == np.int16
    assert (made.mg_per_lsb, made.odr_hz) == (0.5, 30.0)


def lying(seconds, hz=50.0, moved=(), mg=1000.0):
    """Return a wrist at rest that is shaken by 60 mg in the seconds that are told."""
    acc = np.zeros((int(seconds * hz), 3))
    acc[:, 2] = mg
    for second in moved:
        acc[int(second * hz) : int((second + 1) * hz) : 2, 0] += 60
    return raw.Recording(np.round(acc / 0.5).astype(np.int16), 0.5, hz)


def test_rest_is_five_seconds_or_more_without_movement():
    moved = lying(30, moved=(4, 11, 19))  # what is filtered dies away within a second more
    assert real.rest_spans(moved) == [(6.0, 11.0), (13.0, 19.0), (21.0, 30.0)]
    assert real.rest_spans(lying(11, moved=(4,))) == [(6.0, 11.0)]
    assert real.rest_spans(lying(10.9, moved=(4,))) == []
    # a second is as long as its samples: 26 of 26.5 a second
    assert real.rest_spans(lying(10, hz=26.5)) == [(0.0, pytest.approx(10 * 26 / 26.5))]


@pytest.mark.parametrize(("mg", "rests"), [(19.0, True), (21.0, False)])
def test_a_second_at_rest_stays_below_twenty_mg_of_what_is_no_gravity(mg, rests):
    t = np.arange(1000) / 50
    acc = np.zeros((1000, 3))
    acc[:, 0], acc[:, 2] = mg * np.sin(2 * np.pi * 5 * t), 1000 + 20 * np.sin(2 * np.pi * 0.02 * t)
    taken = raw.Recording(np.round(acc / 0.05).astype(np.int16), 0.05, 50.0)
    assert bool(real.rest_spans(taken)) is rests


def test_jerks_stand_six_seconds_apart_or_more_and_off_the_ends_of_a_rest():
    both, truth = real.with_jerks(lying(1200, moved=(600, 603)), (1, 2, 3))
    onsets = np.array([row["onset_s"] for row in truth])
    gaps = np.diff(onsets)
    assert onsets[0] == 6.0, "from the beginning as if one had just been"
    assert gaps.min() >= 6.0 and 10.0 < gaps.mean() < 14.5  # six more in the mean
    assert onsets[-1] < 1198.5 and not ((onsets > 598.5) & (onsets < 605.5)).any()
    assert {row["kind"] for row in truth} == {"jerk"} and len(both.acc) == 60_000
    assert real.REPEATS == {"awake": 8, "asleep": 1}


@pytest.mark.parametrize(
    ("onset_s", "first", "end"), [(1.0, 50, 56), (1.01, 51, 56), (1.95, 98, 100)]
)
def test_a_wave_is_put_between_the_samples_where_it_began(onset_s, first, end):
    acc_mg, hz = np.zeros((100, 3)), 50.0
    n = int(0.1 * real.RENDER_HZ) + 1  # a tenth of a second
    wave = np.arange(n)[:, None] * [1.0, 2.0, -1.0]
    real._add(acc_mg, hz, onset_s, wave)
    at = np.arange(first, end)
    x = (at / hz - onset_s) * real.RENDER_HZ
    assert acc_mg[first:end] == pytest.approx(x[:, None] * [1.0, 2.0, -1.0], abs=1e-6)
    assert not acc_mg[:first].any() and not acc_mg[end:].any()
