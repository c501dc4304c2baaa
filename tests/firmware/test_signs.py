"""What the LED says: which sign is which, and that it is dark again."""

from types import SimpleNamespace

import pytest
import signs

ALL = ("IDLE", "RECORDING", "MARK", "FAULT", "LOW", "SYNCING")


def flashes(name):
    """Return (lit, dark between) of a sign, ms, as a board with a LED shows them."""
    lit, dark, is_on = [], [], []
    board = SimpleNamespace(led=is_on.append)
    signs.show(board, getattr(signs, name), lambda ms: (lit if is_on[-1] else dark).append(ms))
    assert is_on[-1] is False and len(lit) == len(dark) + 1
    return tuple(lit), tuple(dark)


@pytest.mark.parametrize("name", ALL)
def test_a_sign_is_short_and_no_other(name):
    lit, dark = flashes(name)
    assert sum(lit + dark) <= 2000
    assert [other for other in ALL if flashes(other) == (lit, dark)] == [name]


@pytest.mark.parametrize(
    ("name", "number", "longest_ms"),
    [("FAULT", 5, 80), ("LOW", 3, 600), ("RECORDING", 2, 400), ("IDLE", 1, 40), ("MARK", 1, 80)],
)
def test_flashes_of_a_sign_are_alike_and_told_apart_by_their_number(name, number, longest_ms):
    lit, dark = flashes(name)
    assert len(lit) == number and len(set(lit)) == 1 and len(set(dark)) <= 1
    assert 0.7 * longest_ms < lit[0] <= longest_ms
    assert all(100 < ms <= 300 for ms in dark), "longer than an eye needs to see them apart"


def test_a_sync_is_long_short_long():
    lit, dark = flashes("SYNCING")
    assert lit[0] == lit[2] > 2 * lit[1] > 80 and set(dark) == {100}
