"""Hosts whose clocks were wrong: the stated error holds the truth, and no right night moves.

Each case is a night's boot: settings (hours since its start, by how much the host was wrong, whose
clock it was), the band's drift, and what its samples show of it.
"""

import pytest
from notturno.nights.anchors import Anchor
from notturno.nights.clocks import BootClock
from notturno.nights.settings import judge

H, MIN, DAY = 3_600_000, 60_000, 86_400_000
T0 = 1_768_253_400_000
MINE, OTHER = 0x1111, 0x2222
NIGHT = tuple(h * H for h in (0.5, 2, 4, 6, 8, 9.5))
SENSOR_OFF = 0.004  # by how much the sensor's own rate is off its trim
DRIFTS = [0.0, 0.005, -0.005, 0.02, -0.02]


def boot(settings, drift, far=SENSOR_OFF):
    """Return the clock of a boot; settings: (hours, wrong by ms, host id)."""
    anchors = [
        Anchor(round(h * H * (1 + drift)), T0 + round(h * H) + wrong, 40, host)
        for h, wrong, host in settings
    ]
    return BootClock(anchors, (), 1 / (1 + drift) - 1 + far)


def errors(clock, drift, at=NIGHT):
    """Return (true error, stated error) at moments of the night, ms."""
    ticks = [round(t * (1 + drift)) for t in at]
    return [
        (abs(clock.utc_ms(tick) - T0 - t), clock.error_ms(tick))
        for tick, t in zip(ticks, at, strict=True)
    ]


WRONG = [3 * DAY, -3 * DAY, DAY, H, -H, 30 * MIN]
HOLDS = {
    "wrong after the night": lambda w: [(0, 0, MINE), (10, w, OTHER)],
    "wrong before the night": lambda w: [(0, w, OTHER), (10, 0, MINE)],
    "the same computer": lambda w: [(0, 0, MINE), (10, w, MINE)],
    "twice from one computer": lambda w: [(0, 0, MINE), (10, w, OTHER), (10.5, w, OTHER)],
    "and right again": lambda w: [(0, 0, MINE), (10, w, OTHER), (12, 0, MINE)],
    "twice, and right again": lambda w: [
        (0, 0, MINE),
        (10, w, OTHER),
        (10.5, w, OTHER),
        (11, 0, MINE),
    ],
    "two right, two wrong": lambda w: [
        (0, 0, MINE),
        (2, 0, MINE),
        (10, w, OTHER),
        (10.5, w, OTHER),
    ],
    "the clock chip and a wrong host": lambda w: [(0, 0, 0), (10, w, OTHER)],
}


@pytest.mark.parametrize("drift", DRIFTS)
@pytest.mark.parametrize("wrong_ms", WRONG)
@pytest.mark.parametrize("case", HOLDS)
def test_the_stated_error_holds_the_truth(case, wrong_ms, drift):
    clock = boot(HOLDS[case](wrong_ms), drift)
    assert all(true <= stated for true, stated in errors(clock, drift))


@pytest.mark.parametrize("drift", DRIFTS)
@pytest.mark.parametrize("wrong_ms", WRONG[:-1])  # half an hour in ten may be a drift of 5 %
@pytest.mark.parametrize(
    "later",
    ["wrong after the night", "twice from one computer", "the clock chip and a wrong host"],
)
def test_a_night_that_was_dated_rightly_does_not_move(later, wrong_ms, drift):
    settings = HOLDS[later](wrong_ms)
    before, after = boot(settings[:1], drift), boot(settings, drift)
    for t in NIGHT:
        tick = round(t * (1 + drift))
        moved_ms = abs(after.utc_ms(tick) - before.utc_ms(tick))
        assert moved_ms <= before.error_ms(tick)
    assert before.set_aside == () and after.set_aside


@pytest.mark.parametrize("drift", DRIFTS)
@pytest.mark.parametrize("wrong_ms", WRONG[:-1])
def test_two_right_settings_later_the_time_is_right(wrong_ms, drift):
    """Wherever the wrong one stands among them."""
    for place in range(3):
        settings = [(0, 0, MINE), (12, 0, MINE), (34, 0, MINE)]
        settings[place] = (settings[place][0], wrong_ms, OTHER)
        clock = boot(settings, drift)
        assert all(true <= stated for true, stated in errors(clock, drift))
        if abs(wrong_ms) > H or place < 2:  # an hour in 22 may be a drift of 5 %
            assert [anchor.host_id for anchor in clock.set_aside] == [OTHER]
            assert all(true < 60_000 for true, _ in errors(clock, drift))


@pytest.mark.parametrize("drift", [0.0, 0.02, 0.1, -0.1])
def test_settings_that_only_the_bands_drift_parts_are_both_believed(drift):
    """The samples show the same drift: an RC oscillator far off is no wrong host."""
    clock = boot([(0, 0, MINE), (10, 0, OTHER)], drift)
    assert clock.set_aside == () and clock.kind == "measured"
    assert all(true <= stated < 20 * MIN for true, stated in errors(clock, drift))


@pytest.mark.parametrize("drift", [0.0, 0.02])
def test_without_samples_a_drift_of_ten_percent_is_as_good_a_story(drift):
    """What cannot be known: then the stated error reaches far, and the clock is not measured."""
    anchors = [
        Anchor(0, T0, 40, MINE),
        Anchor(round(10 * H * (1 + drift)), T0 + 11 * H, 40, OTHER),
    ]
    assert BootClock(anchors).error_ms(5 * H) > 10 * MIN


def test_one_setting_alone_is_believed_and_says_how_far_the_tick_may_have_drifted():
    """Nothing of this boot can contradict it: see the limits in the module's docstring."""
    clock = boot([(0, H, MINE)], 0.0)
    assert clock.set_aside == () and clock.kind == "estimated"


@pytest.mark.parametrize(
    ("since_h", "off_ms", "contradicts"),
    [
        (1, 0, False),
        (1, 70_000, False),  # 2 % of an hour is 72 s
        (1, 80_000, True),
        (10, 11 * MIN, False),
        (10, H, True),
        (10, -H, True),
        (10, 3 * DAY, True),
        (-10, H, True),
    ],
)
def test_a_clock_that_jumped_is_told_from_a_tick_that_drifts(since_h, off_ms, contradicts):
    anchors = [Anchor(20 * H, T0, 40, OTHER)]
    judged = judge(anchors, (20 + since_h) * H, T0 + since_h * H + off_ms)
    assert judged.difference_ms == off_ms
    assert judged.against.host_id == OTHER
    assert judged.contradicts is contradicts


def test_a_clock_is_not_held_against_a_setting_that_nobody_believes():
    anchors = [Anchor(0, T0, 40, MINE), Anchor(H, T0 + H, 40, MINE)]
    anchors.append(Anchor(2 * H, T0 + 2 * H + 3 * DAY, 40, OTHER))
    judged = judge(anchors, 3 * H, T0 + 3 * H)
    assert (judged.difference_ms, judged.against.host_id) == (0, MINE)
    assert judge([], 0, T0) is None
