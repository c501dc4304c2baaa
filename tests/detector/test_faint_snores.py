"""A faint snore is seen with one breath in ten: it is told by its line over ten minutes.

Its pushes are near the floor, all along one line, and the limb's own strong moves lie elsewhere.
"""

import pytest
from hand_rows import ODR_MHZ, burst, move, words
from notturno_core import names, wire

MINUTE_MS = 60000
ACROSS = (0, 127, 0)


def slant(along_pct):
    """Return a direction of which so much lies along that of the other rows, by x."""
    return round(1.27 * along_pct), 0, round(1.27 * (100**2 - along_pct**2) ** 0.5)


def breaths(*minutes, mg=6, way=(127, 0, 0)):
    """Faint bursts, minutes from the row that is asked for."""
    return [
        burst(at=20 * MINUTE_MS + round(MINUTE_MS * m), mg=mg, direction_q7=way) for m in minutes
    ]


def is_snore(rows, mg=6, **facts):
    """Say whether a faint burst, 20 minutes into the night, is one of these rows' kind."""
    one = burst(at=20 * MINUTE_MS, mg=mg, **facts)
    return bool(names.crowd(one, [one, *rows], ODR_MHZ))


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        (breaths(-9, 4, 8), True),
        (breaths(-9, 4), False),  # three of a kind are a chance
        (breaths(-9, 4, 10), True),
        (breaths(-9, 4, 10.01), False),
        (breaths(-9, 4, 8, mg=11), True),
        (breaths(-9, 4, 8, mg=12), False),  # not as strong as it
        (breaths(-9, 4, 8, way=slant(86)), True),
        (breaths(-9, 4, 8, way=slant(82)), False),
        (breaths(-9, 4, way=(-127, 0, 0)) + breaths(8), True),  # a push to and fro is one line
    ],
)
def test_four_faint_bursts_along_one_line_within_ten_minutes_are_a_snores(rows, said):
    assert is_snore(rows) is said


@pytest.mark.parametrize(("mg", "said"), [(9, True), (10, False)])
def test_what_is_not_faint_is_looked_at_for_half_a_minute_alone(mg, said):
    assert is_snore(breaths(-9, 4, 8, mg=mg), mg) is said


def test_a_movement_is_no_faint_burst():
    one = move(at=20 * MINUTE_MS, mg=6)
    assert not names.crowd(one, [one, *breaths(-9, 4, 8)], ODR_MHZ)


@pytest.mark.parametrize(
    ("strong", "said"),
    [
        ([burst(mg=100)], False),  # a limb on a hinge: its strong jerks lie along the line as well
        ([move(mg=100)], False),
        ([burst(mg=100, direction_q7=ACROSS)], True),
        ([burst(mg=100), burst(mg=100, direction_q7=ACROSS)], True),
        ([burst(mg=100)] * 2 + [burst(mg=100, direction_q7=ACROSS)], True),  # 66 %
        ([burst(mg=100)] * 3 + [burst(mg=100, direction_q7=ACROSS)], False),  # 75 %
        ([burst(mg=24)], True),  # one of the snore's louder ones
    ],
)
def test_a_line_that_is_the_limbs_own_is_no_snores(strong, said):
    assert is_snore(breaths(-9, 4, 8) + strong) is said


def test_the_host_looks_as_far_when_it_names_a_night_anew():
    rows = breaths(-9, 0, 4, 10)
    told = [words(row) for row in names.rename(rows, ODR_MHZ)]
    assert told == ["jerk", "jerk vibration", "jerk", "jerk"]
    assert all(row["kind"] == wire.EVENT_JERK and not row["flags"] for row in rows)
