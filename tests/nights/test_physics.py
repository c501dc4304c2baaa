"""What of a night contradicts physics: each bound from both of its sides, and how it is said."""

import pytest
from notturno.nights import physics
from notturno_core import plausible

STILL = {"gravity_mg": [600, 0, -800], "activity_mg": 3.0}


def minute(*gravity_mg, activity_mg=3.0):
    return {"gravity_mg": list(gravity_mg), "activity_mg": activity_mg}


def session(rate_hz=104.0, odr_mhz=104_000, clock="measured", recorded_s=28_800.0, sensor_id=0x6C):
    return {
        "rate_hz": rate_hz,
        "odr_mhz": odr_mhz,
        "sensor_id": sensor_id,
        "clock": clock,
        "recorded_s": recorded_s,
    }


def night(wrong, count, of=100):
    return [wrong] * count + [STILL] * (of - count)


def test_a_healthy_night_is_believed_without_a_word():
    assert physics.judge([STILL] * 480, [session()]) == ((), None, 0.0)


def test_an_empty_night_is_believed_without_a_word():
    assert physics.judge([], []) == ((), None, 0.0)
    assert physics.judge([], [session()]) == ((), None, 0.0)


@pytest.mark.parametrize("sign", [1, -1])
@pytest.mark.parametrize("axis", [0, 1, 2])
@pytest.mark.parametrize(
    ("length_mg", "fault"),
    [
        (849, plausible.GRAVITY_LOW),
        (850, 0),
        (1150, 0),
        (1151, plausible.GRAVITY_HIGH),
    ],
)
def test_gravity_has_bounds_that_are_alike_on_every_axis_and_sign(axis, sign, length_mg, fault):
    vector = [0, 0, 0]
    vector[axis] = sign * length_mg
    believed = physics.judge([minute(*vector)] * 480, [session()])
    if not fault:
        assert believed == ((), None, 0.0)
        return
    assert believed.share == 1.0
    assert believed.spoils == (
        f"In 480 of 480 minutes {plausible.FAULTS[fault]}: the chip, its range or its wiring is "
        "not as the band believes, and so are all strengths."
    )
    assert believed.warnings == (believed.spoils,)


@pytest.mark.parametrize(("count", "told"), [(10, False), (11, True)])
def test_a_tenth_of_the_minutes_may_have_turned_in_their_middle(count, told):
    believed = physics.judge(night(minute(0, 0, 500), count), [session()])
    assert (believed.spoils is not None) == bool(believed.warnings) == told
    assert believed.share == (count / 100 if told else 0.0)


def test_faults_of_two_kinds_count_together_and_the_commoner_is_named_first():
    minutes = [minute(0, 0, 500)] * 5 + [minute(0, 1500, 0)] * 7 + [STILL] * 88
    believed = physics.judge(minutes, [session()])
    assert believed.share == 0.12
    assert believed.spoils.startswith(
        "In 12 of 100 minutes gravity was far above 1 g or gravity was far below 1 g: the chip"
    )


def test_a_sensor_that_is_silent_throughout_spoils_the_night():
    believed = physics.judge(night(minute(0, 0, 0, activity_mg=0.0), 60), [session()])
    assert believed.share == 0.6
    assert believed.spoils.startswith("In 60 of 100 minutes no axis showed anything:")


@pytest.mark.parametrize(("count", "told"), [(10, 0), (11, 1), (100, 1)])
def test_movement_without_a_direction_is_a_warning_and_spoils_no_count(count, told):
    believed = physics.judge(night(minute(0, 0, 0, activity_mg=0.5), count), [session()])
    assert believed.spoils is None
    assert believed.share == 0.0
    assert len(believed.warnings) == told
    if told:
        assert (
            f"In {count} of 100 minutes no direction of gravity was kept" in believed.warnings[0]
        )


@pytest.mark.parametrize(
    ("clock", "rate_hz", "fault"),
    [  # the chip's own 2 %, and 0.2 % of a measured clock or 12 % of another
        ("measured", 106.288, 0),
        ("measured", 106.289, plausible.RATE_HIGH),
        ("measured", 101.712, 0),
        ("measured", 101.711, plausible.RATE_LOW),
        ("estimated", 118.56, 0),
        ("estimated", 118.561, plausible.RATE_HIGH),
        ("unknown", 89.44, 0),
        ("unknown", 89.439, plausible.RATE_LOW),
    ],
)
def test_a_rate_is_believed_as_far_as_chip_and_clock_may_be_off(clock, rate_hz, fault):
    believed = physics.judge([STILL] * 480, [session(rate_hz, clock=clock)])
    if fault:
        assert believed.share == 1.0
        assert believed.spoils == (
            f"Samples came at {rate_hz:.1f} Hz where the chip says 104.0: "
            f"{plausible.FAULTS[fault]}."
        )
    else:
        assert believed == ((), None, 0.0)


def test_each_chip_is_believed_as_far_as_it_may_be_off():
    mpu = session(108.9, sensor_id=0x68)  # 4.7 %
    assert physics.judge([STILL] * 480, [mpu]) == ((), None, 0.0)
    assert physics.judge([STILL] * 480, [{**mpu, "sensor_id": 0x6C}]).share == 1.0


def test_a_chip_that_names_no_rate_is_said():
    believed = physics.judge([STILL] * 480, [session(odr_mhz=0)])
    assert believed.spoils.endswith("where the chip says 0.0: one of the two is no rate.")


def test_a_short_recording_at_a_wrong_rate_spoils_its_own_time_and_no_more():
    parts = [session(), session(208.0, recorded_s=3_200.0)]
    believed = physics.judge([STILL] * 480, parts)
    assert believed.share == pytest.approx(0.1)
    assert believed.warnings == (believed.spoils,)
    # two of them hold their time together
    parts = [session(), session(208.0, recorded_s=3_600.0), session(52.0, recorded_s=3_600.0)]
    believed = physics.judge([STILL] * 480, parts)
    assert believed.share == pytest.approx(0.2)
    assert len(believed.warnings) == 2


def test_what_spoils_more_of_the_night_is_named_first():
    low = night(minute(0, 0, 500), 15)
    believed = physics.judge(low, [session(208.0)])
    assert (believed.share, len(believed.warnings)) == (1.0, 2)
    assert believed.spoils.startswith("Samples came at 208.0 Hz")
    parts = [session(), session(208.0, recorded_s=3_200.0)]
    believed = physics.judge(low, parts)
    assert believed.share == 0.15
    assert believed.spoils.startswith("In 15 of 100 minutes")
