"""A band's ticks to UTC: what settings are worth, together and against each other."""

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notturno.nights import anchors as settings
from notturno.nights.anchors import Anchor
from notturno.nights.clocks import BootClock

T0 = 1_768_253_400_000
H_MS = 3_600_000
D_MS = 24 * H_MS


def host(at_h, off_ms=0, error_ms=20, drift=0.0):
    """Return the setting that a host made at_h true hours after the start of the band."""
    return Anchor(round(at_h * H_MS * (1 + drift)), T0 + round(at_h * H_MS) + off_ms, error_ms)


def test_without_a_setting_the_clock_is_unknown():
    clock = BootClock([])
    assert (clock.kind, clock.utc_ms(5), clock.error_ms(5)) == ("unknown", None, None)
    assert clock.worst_error_ms(0, H_MS) is None
    assert clock.span_ms(1000, 4000) == 3000
    assert clock.set_aside == ()


def test_one_setting_gives_an_offset_and_owns_to_the_drift_of_the_worst_oscillator():
    clock = BootClock([Anchor(1000, T0, 20)])
    assert clock.kind == "estimated"
    assert clock.utc_ms(1000 + H_MS) == T0 + H_MS
    assert 20 <= clock.error_ms(1000) <= 60
    for drift in (0.1, -0.1):
        true_ms = T0 + H_MS / (1 + drift)
        assert abs(clock.utc_ms(1000 + H_MS) - true_ms) <= clock.error_ms(1000 + H_MS)
    assert clock.error_ms(1000 + H_MS) < 0.2 * H_MS


@given(drift=st.floats(-0.1, 0.1), at_h=st.floats(0, 9), start_h=st.floats(0, 48))
def test_two_settings_measure_the_drift_between_them(drift, at_h, start_h):
    clock = BootClock([host(start_h, drift=drift), host(start_h + 9, drift=drift)])
    assert clock.kind == "measured"
    asked = host(start_h + at_h, drift=drift)
    assert abs(clock.utc_ms(asked.tick_ms) - asked.utc_ms) <= 6000
    assert clock.error_ms(asked.tick_ms) >= abs(clock.utc_ms(asked.tick_ms) - asked.utc_ms)


def test_the_stated_error_of_a_usual_drift_stays_of_the_order_of_a_minute():
    two = BootClock([host(0, drift=0.005), host(9, drift=0.005)])
    assert 5_000 < two.error_ms(4.5 * H_MS) < 240_000
    steady = BootClock([host(0, drift=0.0005), host(9, drift=0.0005)], [0.000004] * 15)
    assert 20 < steady.worst_error_ms(0, 9 * H_MS) < 1_000
    swaying = BootClock([host(0, drift=0.0005), host(9, drift=0.0005)], [0.0012, -0.0012] * 8)
    assert swaying.worst_error_ms(0, 9 * H_MS) > 20_000
    many = BootClock([host(h, drift=0.005) for h in (0, 9, 24, 33, 48)])
    assert 1_000 < many.worst_error_ms(24 * H_MS, 33 * H_MS) < 90_000


def test_no_cliff_at_any_drift_that_is_possible():
    errors = []
    for i in range(-110, 111):
        drift = i / 1000
        clock = BootClock([host(0, drift=drift), host(9, drift=drift)])
        middle = host(4.5, drift=drift)
        assert abs(clock.utc_ms(middle.tick_ms) - middle.utc_ms) < 6000, drift
        errors.append(clock.error_ms(middle.tick_ms))
    steps = zip(errors, errors[1:], strict=False)
    assert all(b < 1.35 * a + 5_000 and a < 1.35 * b + 5_000 for a, b in steps)
    assert errors[10] > 4 * errors[110]  # 10 % may as well be a host that was an hour wrong


def test_of_settings_seconds_apart_the_better_counts():
    clock = BootClock([Anchor(1000, T0, 50), Anchor(2000, T0 + 1080, 10)])
    assert clock.kind == "estimated"
    assert clock.utc_ms(2000) == T0 + 1080
    # Put right at once, the clock has two that contradict each other.
    clock = BootClock([Anchor(1000, T0 + 3_600_000, 10), Anchor(11_000, T0 + 10_000, 20)])
    assert clock.error_ms(5000) > 3_500_000
    # Two minutes apart they are two sittings, weighed by their errors.
    clock = BootClock([Anchor(0, T0, 1500), Anchor(120_000, T0 + 121_400, 10)])
    assert clock.kind == "estimated"
    assert abs(clock.utc_ms(120_000) - T0 - 121_400) < 10
    assert clock.utc_ms(0) > T0 + 200


def test_what_settings_measure_follows_from_their_errors_not_from_minutes():
    def kind(span_s, error_ms):
        apart = [Anchor(0, T0, error_ms), Anchor(span_s * 1000, T0 + span_s * 1000, error_ms)]
        return BootClock(apart).kind

    assert kind(90, 20) == "measured"
    assert kind(90, 200) == "estimated"
    assert kind(900, 200) == "measured"
    assert kind(900, 2000) == "estimated"


@pytest.mark.parametrize("wrong_ms", [3 * D_MS, H_MS, -H_MS, -D_MS, D_MS])
@pytest.mark.parametrize("at", [0, 1, 2, 3, 4])
def test_a_wrong_setting_loses_once_the_right_ones_are_more(wrong_ms, at):
    right = [host(h, drift=0.01) for h in (0, 9, 24, 33, 48)]
    given_ = list(right)
    given_[at] = host((0, 9, 24, 33, 48)[at], wrong_ms, drift=0.01)
    clock = BootClock(given_)
    assert clock.set_aside == (given_[at],)
    assert clock.kind == "measured"
    for one in right:
        assert abs(clock.utc_ms(one.tick_ms) - one.utc_ms) < 60_000


@pytest.mark.parametrize("wrong_ms", [3 * D_MS, -D_MS, H_MS, -H_MS])
def test_of_two_that_contradict_each_other_nobody_knows(wrong_ms):
    for by in ((0, wrong_ms), (wrong_ms, 0)):
        clock = BootClock([host(0, by[0]), host(5, by[1])])
        assert clock.kind == "estimated"
        assert len(clock.set_aside) == 1 and clock.set_aside[0].tick_ms > 0
        for at_h in (0, 2, 5, 10):
            asked = host(at_h)
            for true_ms in (asked.utc_ms, asked.utc_ms + wrong_ms):
                assert abs(clock.utc_ms(asked.tick_ms) - true_ms) <= clock.error_ms(asked.tick_ms)


def test_a_wrong_setting_does_not_move_a_night_that_was_dated_rightly():
    clock = BootClock([host(0), host(9, 3 * D_MS)])
    assert clock.utc_ms(4 * H_MS) == T0 + 4 * H_MS
    assert clock.error_ms(4 * H_MS) > 3 * D_MS


def test_two_groups_at_odds_the_newest_is_believed_and_the_error_holds_both():
    old = [host(0, D_MS), host(9, D_MS)]
    new = [host(24), host(33)]
    clock = BootClock(old + new)
    assert clock.set_aside == tuple(old)
    assert clock.kind == "estimated"
    assert clock.error_ms(5 * H_MS) > D_MS


def test_the_worst_error_of_a_session_is_not_that_of_its_start():
    clock = BootClock([host(0)])
    assert clock.worst_error_ms(0, 8 * H_MS) == clock.error_ms(8 * H_MS)
    bracketed = BootClock([host(0), host(9)])
    worst = bracketed.worst_error_ms(0, 9 * H_MS)
    assert worst > 10 * bracketed.error_ms(0)
    assert worst >= max(bracketed.error_ms(h * H_MS) for h in range(10))


def test_the_error_grows_with_the_distance_from_the_settings():
    clock = BootClock([host(0), host(9)])
    errors = [clock.error_ms(at * H_MS) for at in (9, 12, 18, 36, 72)]
    assert errors == sorted(errors) and errors[-1] > 4 * errors[1]
    errors = [clock.error_ms(-at * H_MS) for at in (0, 3, 9, 27, 63)]
    assert errors == sorted(errors) and errors[-1] > 4 * errors[1]


some_anchors = st.lists(
    st.builds(
        Anchor,
        st.integers(0, 30 * D_MS),
        st.integers(T0, T0 + 30 * D_MS),
        st.integers(0, 65_535),
    ),
    min_size=1,
    max_size=6,
)
some_ticks = st.lists(st.integers(-D_MS, 40 * D_MS), min_size=2, max_size=8)


def _said(clock, ticks):
    return clock.kind, clock.set_aside, [(clock.utc_ms(t), clock.error_ms(t)) for t in ticks]


@given(some_anchors, some_ticks, st.randoms())
def test_neither_order_nor_repetition_of_settings_matters(anchors, ticks, random):
    said = _said(BootClock(anchors), ticks)
    again = anchors + [random.choice(anchors)]
    random.shuffle(again)
    assert _said(BootClock(again), ticks) == said


@given(some_anchors, some_ticks)
def test_later_ticks_are_never_earlier(anchors, ticks):
    clock = BootClock(anchors)
    ticks.sort()
    utcs = [clock.utc_ms(tick) for tick in ticks]
    assert utcs == sorted(utcs)
    assert all(clock.span_ms(a, b) >= 0 for a, b in zip(ticks, ticks[1:], strict=False))


@given(some_anchors, some_ticks, st.integers(-D_MS, 365 * D_MS))
def test_hosts_in_another_year_shift_all_times_alike(anchors, ticks, shift_ms):
    clock = BootClock(anchors)
    later = BootClock([Anchor(a.tick_ms, a.utc_ms + shift_ms, a.error_ms) for a in anchors])
    for tick in ticks:
        assert later.utc_ms(tick) == clock.utc_ms(tick) + shift_ms
        assert later.error_ms(tick) == clock.error_ms(tick)


def test_only_near_settings_speak_for_a_session_and_a_new_one_moves_few():
    daily = [host(24 * day) for day in range(200)]
    near = settings.near(daily, 100.1 * D_MS, 100.4 * D_MS)
    assert near == daily[97:105]
    # What lies minutes apart counts once.
    twice = sorted([*daily, *(host(24 * day + 0.2) for day in range(200))])
    assert settings.near(twice, 100.1 * D_MS, 100.4 * D_MS) == twice[194:210]
    # A flood is cut.
    flood = [Anchor(100 * D_MS + i * 50, T0 + 100 * D_MS + i * 50, 5) for i in range(1000)]
    near = settings.near(daily + flood, 100.5 * D_MS, 100.9 * D_MS)
    assert len(near) <= settings.MOST_SETTINGS + settings.NEAR_SETTINGS
    assert settings.near(daily, 3 * D_MS + 1, float("inf")) == daily
