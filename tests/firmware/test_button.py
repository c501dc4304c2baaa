"""One button: what a press means, just below and above each bound."""

from types import SimpleNamespace

import pytest
from button import HOLD, LONG, PRESS, Button


def told(held_ms, every_ms=50):
    """Return what a press of that length tells, in order, and whether it is up in the end."""
    now = SimpleNamespace(ms=0)
    board = SimpleNamespace(button_pressed=lambda: 1000 <= now.ms < 1000 + held_ms)
    button = Button(board, lambda: now.ms)
    found = []
    while now.ms < 14_000:
        found.append(button.poll())
        now.ms += every_ms
    assert button.down_ms is None
    return [event for event in found if event]


@pytest.mark.parametrize(
    ("held_ms", "events"),
    [
        (100, [PRESS]),
        (1500, [PRESS]),  # last seen down at 1450
        (1501, [HOLD]),
        (5000, [HOLD]),
        (5001, [HOLD, LONG]),
        (8000, [HOLD, LONG]),
    ],
)
def test_how_long_it_is_held_decides(held_ms, events):
    assert told(held_ms) == events


def test_a_press_is_as_long_as_it_was_seen():
    assert told(8000, every_ms=2500) == [HOLD, LONG]
