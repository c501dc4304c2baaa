"""Each setting of the segments is held: another value by a third gives other golden rows.

The golden hash has the settings themselves in it, and so changes with any of them; here the rows
alone are compared. How weak is too weak is also said in numbers, on streams in which each event is
stronger than the one before.
"""

import pytest
from executors import executor
from golden_streams import Stream, streams
from hand_made import MG_PER_LSB, ODR_HZ, add_jerk, add_sway, counts, still
from notturno_core import segments
from test_golden_rows import facts_of, rows_of, told_of

AT_26_HZ = "awake and turned at 26 Hz"
AT_FULL_SCALE = "full scale with gaps at 208 Hz"

# setting -> the golden streams whose rows turn on it: a third smaller, a third larger
HELD = {
    "jerk_on_ug": ("fragmentary", "fragmentary"),
    "jerk_on_floor_pct": (AT_FULL_SCALE, AT_FULL_SCALE),
    "jerk_on_floor_slow_pct": (AT_26_HZ, AT_26_HZ),
    "jerk_low_ug": ("beats and their neighbours at 52 Hz", "taken off, knocked at, put on"),
    "jerk_low_floor_pct": ("foot_tremor", "foot_tremor"),
    "jerk_quiet_ms": (AT_26_HZ, AT_26_HZ),
    "lm_on_ug": ("foot_tremor", "foot_tremor"),
    "lm_on_floor_pct": (AT_26_HZ, AT_26_HZ),
    "lm_low_ug": ("restless", "restless"),
    "lm_low_floor_pct": (AT_26_HZ, AT_26_HZ),
    "lm_quiet_ms": ("foot_tremor", "foot_tremor"),
    "longest_ms": (AT_26_HZ, AT_26_HZ),
}


def by_a_third(setting):
    """Return the setting's value a third smaller and a third larger, rounded away from it."""
    value = segments.DEFAULTS[setting]
    return value * 2 // 3, -(-value * 4 // 3)


def facts_by(stream, **settings):
    """Return the detector's state and the facts of all segments of a stream, in order."""
    module = executor("native")
    state, rows = rows_of(module, stream, **settings)
    return state, facts_of(module, state, rows)


def told_by(stream, **settings):
    """Return all that is told of a stream: (what, values, sample)."""
    state, facts = facts_by(stream, **settings)
    return told_of(facts, state)


def how_many(stream, row, **settings):
    """Return how many segments of one sort are found."""
    return sum(facts["row"] == row for facts in facts_by(stream, **settings)[1])


@pytest.fixture(scope="module")
def golden():
    return streams()


def test_every_setting_has_its_streams():
    assert list(HELD) == [setting for setting, _, _ in segments.SETTINGS]


@pytest.mark.parametrize("setting", HELD)
def test_a_setting_changed_by_a_third_gives_other_golden_rows(golden, setting):
    for name, other in zip(HELD[setting], by_a_third(setting), strict=True):
        assert told_by(golden[name], **{setting: other}) != told_by(golden[name]), other


def test_the_weakest_jerk_that_is_found_is_known():
    a = still(140, seed=3)
    for k in range(16):
        add_jerk(a, 20 + 6 * k, 2 + k / 4, seed=k)
    stream = Stream(counts(a), MG_PER_LSB, ODR_HZ)
    found = [
        how_many(stream, segments.ROW_BURST, jerk_on_ug=ug) for ug in by_a_third("jerk_on_ug")
    ]
    assert how_many(stream, segments.ROW_BURST) == 10
    assert found == [11, 5]


def test_the_weakest_movement_that_is_found_is_known():
    a = still(240, seed=4)
    for k in range(16):
        add_sway(a, 20 + 13 * k, 2.5, 0.8, 5 + k)
    stream = Stream(counts(a), MG_PER_LSB, ODR_HZ)
    found = [how_many(stream, segments.ROW_MOVE, lm_on_ug=ug) for ug in by_a_third("lm_on_ug")]
    assert how_many(stream, segments.ROW_MOVE) == 11
    assert found == [14, 8]
