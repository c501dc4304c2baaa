"""How a logger's recording becomes nights, and what of it was held flat: at each bound."""

from types import SimpleNamespace

import numpy as np
import pytest
from notturno.loggers import idle, nights, replayed

H, DAY_S = 3600.0, 86_400.0
NOON = 1_768_219_200.0  # 2026-01-12 12:00 on the logger's clock


def recording(hours, local_s=None, utc_s=None):
    return SimpleNamespace(start_local_s=local_s, start_utc_s=utc_s, length_s=hours * H)


def windows(*arguments, **how):
    return nights.windows(recording(*arguments, **how))


# --- which nights --------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("starts_h", "hours", "name"),
    [
        (10, 8, "2026-01-12"),  # 22:00 to 06:00
        (13, 9.98, "2026-01-12"),  # to eleven in the morning
        (1, 10, "2026-01-12"),  # 13:00 to 23:00: the middle is 18:00, which begins the evening
        (0.9, 10, "2026-01-11"),
        (18, 6, "2026-01-12"),
    ],
)
def test_a_night_is_named_by_the_evening_before_its_middle(starts_h, hours, name):
    assert windows(hours, NOON + starts_h * H) == [(name, 0.0, hours * H)]


def test_the_clock_on_the_wall_is_meant_before_utc_and_none_is_a_night_without_a_date():
    assert windows(8, NOON + 10 * H, 0.0)[0][0] == "2026-01-12"
    assert windows(8, None, NOON + 10 * H)[0][0] == "2026-01-12"
    assert windows(8) == [("night", 0.0, 8 * H)]


def test_a_long_recording_is_cut_at_noons_and_named_by_the_day_of_each():
    assert len(windows(20, NOON + 10 * H)) == 1 and len(windows(20.01, NOON + 10 * H)) == 2
    found = windows(60, NOON + 10 * H)
    assert found == [
        ("2026-01-12", 0.0, 14 * H),
        ("2026-01-13", 14 * H, 38 * H),
        ("2026-01-14", 38 * H, 60 * H),
    ]
    assert windows(48, NOON) == [("2026-01-12", 0.0, DAY_S), ("2026-01-13", DAY_S, 2 * DAY_S)]
    undated = windows(30)
    assert undated == [("night-1", 0.0, DAY_S), ("night-2", DAY_S, 30 * H)]


@pytest.mark.parametrize(("more_s", "nights_"), [(59.9, 1), (60.0, 2)])
def test_less_than_a_minute_of_a_day_is_no_night(more_s, nights_):
    assert len(windows((DAY_S + more_s) / H, NOON)) == nights_


# --- what lies in one ----------------------------------------------------------------------------


def test_gaps_and_spans_are_cut_at_the_nights_ends_and_counted_from_its_begin():
    assert nights._cut([(0, 5), (8, 12), (18, 30), (30, 40)], 10.0, 20.0) == [
        (0, 2.0),
        (8.0, 10.0),
    ]
    events = [
        {"kind": kind, "onset_s": onset, "duration_s": 4.0, "flags": ["clipped"]}
        for kind, onset in (("jerk", 9.9), ("jerk", 10.0), ("lm", 19.9), ("jerk", 20.0))
        + (("awake", 7.0), ("awake", 5.9), ("not_worn", 19.0), ("not_worn", 20.0))
    ]
    found = nights._events(events, 10.0, 20.0)
    told = [(one["kind"], one["onset_s"], one["duration_s"], one["seq"]) for one in found]
    assert told == [
        ("jerk", 0.0, 4.0, 1),
        ("lm", 9.9, 4.0, 2),
        ("awake", 0.0, 1.0, 4),
        ("not_worn", 9.0, 1.0, 6),
    ]
    first = found[0]
    assert (first["log_id"], first["session_seq"], first["onset_utc_ms"]) == (0, 0, None)
    assert first["flag_names"] == ["clipped"] and first["flags"]


def test_a_nights_axis_begins_where_the_night_does():
    whole = SimpleNamespace(gaps_s=lambda: [(3590.0, 3610.0), (5000.0, 5001.5)], odr_hz=25.0)
    jerk = dict(kind="jerk", onset_s=3700.25, duration_s=0.5, peak_mg=90, flags=[], beats=None)
    scored, _ = nights._scored(
        whole, replayed.Replayed([jerk], []), 3600.0, 7200.0, "night", "left"
    )
    axis = scored.axis
    assert axis.span_us == axis.in_bed_us == (0, 3_600_000_000)
    assert axis.gaps == [(0, 10_000_000), (1_400_000_000, 1_401_500_000)]
    assert [(e["onset_us"], e["end_us"]) for e in axis.events] == [(100_250_000, 100_750_000)]
    assert nights._scored(whole, None, 3595.0, 3600.0, "night", "") == (None, None)


def test_minutes_are_those_that_end_in_the_night_and_say_whether_it_was_worn():
    minutes = [
        {
            "end_s": at,
            "sample": k,
            "activity_q4_mg": 24,
            "gravity_mg": (1, 2, 3),
            "tilt_max_deg": 5,
        }
        for k, at in enumerate((600.0, 660.0, 720.0, 780.0))
    ]
    off = {"kind": "not_worn", "onset_s": 690.0, "duration_s": 30.0}
    found = nights._minutes(SimpleNamespace(events=[off], minutes=minutes), 600.0, 720.0)
    assert [one["end_utc_ms"] for one in found] == [60_000, 120_000]
    assert [one["flag_names"] for one in found] == [[], ["not_worn"]]
    assert found[0]["activity_mg"] == 1.5 and found[0]["gravity_mg"] == [1, 2, 3]
    after = nights._minutes(SimpleNamespace(events=[off], minutes=minutes), 720.0, 780.0)
    assert after[0]["flag_names"] == []  # its middle is 750: worn again


def test_moments_and_dates_are_of_the_logs_own_calendar():
    assert nights._iso(NOON + 0.4) == "2026-01-12T12:00:00"
    assert nights._iso(NOON + 0.6) == "2026-01-12T12:00:01"
    assert nights._date(0) == "1970-01-01" and nights._date(NOON - 0.5 * DAY_S - 1) == "2026-01-11"


# --- what was held flat --------------------------------------------------------------------------


def flat(*pieces, hz=10):
    """Return samples: (seconds, whether they are one and the same), one piece behind the other."""
    rng, out = np.random.default_rng(1), []
    for seconds, same in pieces:
        n = round(seconds * hz)
        moving = rng.integers(-500, 500, (n, 3)) + np.arange(n)[:, None] % 7
        out.append(np.tile([[7, 8, 1000]], (n, 1)) if same else moving)
    return np.concatenate(out).astype(np.int16)


@pytest.mark.parametrize(("seconds", "runs"), [(9.9, 0), (10.0, 1), (25.3, 1)])
def test_ten_seconds_of_one_sample_are_a_flat_run(seconds, runs):
    acc = flat((20, False), (seconds, True), (20, False))
    found = idle.flat_runs(acc, 10.0)
    assert found == [(200, 200 + round(seconds * 10))] * runs


def test_runs_at_both_ends_and_two_of_another_value_are_each_one():
    acc = flat((12, True), (15, False), (12, True))
    assert idle.flat_runs(acc, 10.0) == [(0, 120), (270, 390)]
    acc[330:] += 1  # two values, of six seconds each
    assert idle.flat_runs(acc, 10.0) == [(0, 120)]
    one_axis = flat((12, True))
    one_axis[60, 1] += 1
    assert idle.flat_runs(one_axis, 10.0) == []


def at_s(sample):
    return sample / 10.0


def test_under_a_minute_of_flatness_says_nothing():
    assert idle.judged([(0, 300), (1000, 1300)], at_s) == ([], [], None)  # 59.8 s
    spans, off, note = idle.judged([(0, 300), (1000, 1303)], at_s)
    assert spans == [(0.0, 29.9), (100.0, 130.2)] and off == []
    assert note[:2] == ("flat", 2) and "0.02 h stand flat" in str(note[2])


@pytest.mark.parametrize(("minutes", "worn"), [(89.99, True), (90.0, False)])
def test_an_hour_and_a_half_of_flatness_is_a_strap_without_a_limb(minutes, worn):
    run = (50, 50 + round(minutes * 600) + 1)
    spans, off, _ = idle.judged([run], at_s)
    assert off == ([] if worn else spans)


@pytest.mark.parametrize(
    ("spread_mg", "hours", "off"),
    [(12.9, 1.6, True), (13.1, 1.6, False), (12.9, 1.4, False), (12.9, 1.51, True)],
)
def test_coarse_counts_are_not_worn_where_no_axis_spreads_by_13_mg(spread_mg, hours, off):
    hz, n = 4.0, round(hours * H * 4.0)
    acc = np.zeros((n + 4 * 40, 3), np.int16)
    acc[:, 2] = 1000
    # one in four is looked at: those go up and down by turns, so that their spread is as said
    looked = np.zeros(len(acc))
    looked[::4] = np.where(np.arange(len(acc[::4])) % 2, spread_mg, -spread_mg)
    acc[:, 1] = np.round(looked * 10)
    acc[n:, 0] = np.arange(len(acc) - n) % 8 * 300
    found = idle.still_spans(acc, 0.1, hz, lambda sample: sample / hz)
    assert bool(found) is off
    if off:
        assert found[0][0] == 0.0 and found[0][1] == pytest.approx(hours * H, abs=11)


def test_a_minute_ends_when_its_last_sample_has_been_taken(monkeypatch):
    """At 50 Hz, two seconds missing before sample 2000; a strap off is half sure."""

    def named(whole, engine, settings, minutes):
        minutes += [{"sample": 1500, "n": 1}, {"sample": 3000, "n": 2}]
        assert (engine, settings) == ("native", {"a": 1, "b": 3})
        return []

    monkeypatch.setattr(replayed.engines, "named", named)
    monkeypatch.setattr(
        replayed.engines, "seconds", lambda whole: lambda k: k / 50 + 2.0 * (k >= 2000)
    )
    loaded = SimpleNamespace(
        recording=SimpleNamespace(odr_hz=50.0), settings={"a": 1, "b": 2}, not_worn=((10.0, 20.5),)
    )
    found = replayed.replayed(loaded, settings={"b": 3})
    assert [(row["n"], row["end_s"]) for row in found.minutes] == [
        *((1, pytest.approx(30.0)), (2, pytest.approx(62.0))),
    ]
    (off,) = found.events
    told = {"kind": "not_worn", "onset_s": 10.0, "duration_s": 10.5, "confidence": 0.5}
    told |= {"provisional_s": 20.5, "final_s": 20.5, "peak_mg": 0, "peak_jerk_mg_per_s": 0}
    assert off.items() >= told.items() and off["number"] == 0 and not off["flags"]
    assert all(off[name] == 0 for name in replayed.engines.FACTS)
