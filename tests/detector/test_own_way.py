"""A mattress is heard in small pushes along gravity, unless the limb itself pushes so too."""

import pytest
from hand_rows import burst, move
from notturno_core import names

ALONG, ACROSS = {"direction_q7": (0, 0, 127)}, {"direction_q7": (127, 0, 0)}


def small(along, across=0):
    return [burst(mg=20, **ALONG)] * along + [burst(mg=20, **ACROSS)] * across


def strong(along, across=0):
    return [burst(mg=80, **ALONG)] * along + [move(mg=80, **ACROSS)] * across


@pytest.mark.parametrize(
    ("rows", "heard"),
    [
        (small(8), True),
        (small(8) + strong(0, 20), True),  # its own go across
        (small(8) + strong(12), False),  # all of its own go along, as the small ones do
        (small(8) + strong(6, 6), True),  # half of its own: 4 of 8 are left, which is enough
        (small(8) + strong(8, 4), False),  # two of three: 3 are left
        (small(8) + strong(1), True),  # one says little: it counts as one of twelve
        (small(8) + strong(7), True),
        (small(8) + strong(8), False),
        (small(19, 20) + strong(2, 10), False),  # a sixth of 39 are its own: 13 are left
        (small(20, 20) + strong(2, 10), True),  # 14 of 40 are 35 percent
        (small(20, 20) + strong(3, 15), True),
        (small(20, 20) + strong(4, 14), False),
    ],
)
def test_a_mattress_is_heard_in_what_the_limb_does_not_do_itself(rows, heard):
    assert names.mattress_heard(rows) is heard


def test_an_own_strong_row_is_no_witness_for_itself():
    one = burst(mg=80, **ALONG)
    rows = [*small(8), *strong(7), one]
    assert not names.mattress_heard(rows)
    assert names.mattress_heard([*small(8), *strong(7), one], values=one)
