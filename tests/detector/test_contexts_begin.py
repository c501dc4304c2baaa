"""Where a context begins: at the first movement of will, not at the jerk that woke."""

from hand_rows import ODR_MHZ, burst, turn
from notturno_core import contexts, namer


def begun(*moves):
    found = contexts.Awake(ODR_MHZ, namer.DEFAULTS)
    for row in moves:
        found.add(row)
    return found.end()


def test_awake_begins_with_the_first_movement_that_is_not_brief():
    """The jerk before it counts: somebody slept."""
    jerk = burst(200, at=1000, move_samples=200)
    assert begun(jerk, turn(9000, at=3000), turn(9000, at=20000)) == (3000, 29000)
    assert begun(turn(9000, at=3000), jerk | {"onset_sample": 15000}, turn(9000, at=20000)) == (
        3000,
        29000,
    )
