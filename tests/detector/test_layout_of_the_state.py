"""No two things of the detector share a word of its state, and what is one vector lies in a row.

Machine code sees numbers alone: a word that two stages use is a fault that may show in no row.
"""

import re
from pathlib import Path

from notturno_core import segments

TEXT = Path(segments.__file__).read_text(encoding="utf-8")
# how many words stand behind a name that is more than one
WIDE = {"_CYC": 16, "_BEATS": 6, "_J": 28, "_M": 28, "_SLOW": 64 * 10}
LENGTHS = {"_CYC_LEN", "_BEATS_LEN", "_SLOW_WORDS"}
VECTORS = "LP SUM B U M G G5 N P H D"
ORDERS = (
    "_J_LOW _M_LOW _J_ON _M_ON _J_LOW_FLOOR _M_LOW_FLOOR _J_ON_FLOOR _M_ON_FLOOR",
    "_LOW _MLOW _ON _MON",
    "_FLOOR _MFLOOR",
    "_BMAX _MBMAX",
    "_X _Y _Z",
)


def words():
    """Return {name: its first word} of the state, as the file says them."""
    begin, end = TEXT.index("# --- state: settings"), TEXT.index("STATE_WORDS =")
    found = re.findall(r"^(\w+) = const\((\d+)\)", TEXT[begin:end], re.MULTILINE)
    return {name: int(number) for name, number in found if name not in LENGTHS}


def test_no_two_things_share_a_word():
    owner = {}
    for name, first in words().items():
        for word in range(first, first + WIDE.get(name, 1)):
            assert word not in owner, f"{name} and {owner[word]} are both word {word}"
            owner[word] = name
    assert max(owner) + 1 == segments.STATE_WORDS == 193 + 640
    assert len(owner) > 820 and len(words()) > 110


def test_vectors_and_tables_lie_in_their_order():
    state = words()
    for vector in VECTORS.split():
        first = state[f"_{vector}X"]
        assert [state[f"_{vector}{axis}"] for axis in "XYZ"] == [first, first + 1, first + 2]
    for order in ORDERS:
        numbers = [state[name] for name in order.split()]
        assert numbers == list(range(numbers[0], numbers[0] + len(numbers)))


def row_words():
    begin, end = TEXT.index("# --- a row"), TEXT.index("ROW_BURST =")
    found = re.findall(r"^(OUT_\w+) = const\((\d+)\)", TEXT[begin:end], re.MULTILINE)
    return {name: int(number) for name, number in found}


# what only a minute has, or only a burst, and where the times of beats begin
SHARED = {
    "OUT_MOVED": "OUT_NOISE",
    "OUT_HIGH": "OUT_RISE",
    "OUT_TIMES": "OUT_PEAK",
    "OUT_EARLY": "OUT_STEPS",  # a movement's
}


def test_no_two_facts_of_a_row_share_a_word():
    row = row_words()
    assert segments.OUT_WORDS == 28 == WIDE["_J"] == WIDE["_M"]
    for name, other in SHARED.items():
        assert row.pop(name) == row[other]
    assert sorted(row.values()) == list(range(26))
    for first in ("OUT_VX", "OUT_G0X", "OUT_G1X"):
        axes = [row[first[:-1] + axis] for axis in "XYZ"]
        assert axes == [axes[0], axes[0] + 1, axes[0] + 2]
    # sixteen cycles and six beats behind their start, and the peak in the last word
    assert segments.OUT_TIMES + 16 + 6 == segments.OUT_WORDS - 1


def test_flags_of_a_row_are_bits_of_their_own():
    bits = (segments.CLIPPED, segments.CUT, segments.LONG, segments.MORE_CYCLES)
    assert (*bits, segments.AXIS_DEAD) == (1, 2, 4, 8, 16)
    kinds = "BURST OPEN MOVE BEATS MINUTE".split()
    assert [getattr(segments, f"ROW_{kind}") for kind in kinds] == [1, 2, 3, 4, 5]
