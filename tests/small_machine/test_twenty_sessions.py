"""The whole program in the unix port with a small heap: many sessions in one boot, one long.

A real littlefs on a file, a chip of FIFO words, a clock that moves as fast as it can. Words have 8
bytes here: the same firmware, all as bytecode, keeps 1.5 times what it keeps with words of 4 (see
test_words_of_32_bits; objects take twice as much, bytecode and buffers the same).
"""

import pytest
import small_kit
from whole import whole_or

# Every run has an hour in the middle: the namer's rows are full within minutes.
NIGHT_S, SHORT_S = whole_or(9 * 3600, 3600), 600
LENGTHS_S = [SHORT_S] * 9 + [NIGHT_S] + [SHORT_S] * whole_or(10, 3)
HEAP_BYTES = 380 * 1024
HZ = 104
SAME_BYTES = 512  # between what lives at the starts of two sessions
NEWEST_ROWS_BYTES = 29_000  # what the namer keeps of the movements before: 64 rows
END_DOCKED = 1


@pytest.fixture(scope="module")
def said(tmp_path_factory, firmware, restless):
    folder = tmp_path_factory.mktemp("sessions")
    lengths = ",".join(str(seconds) for seconds in LENGTHS_S)
    flash = small_kit.flash_image(folder)
    return small_kit.run_unix("night.py", firmware, HEAP_BYTES, flash, lengths, restless)


def test_every_session_is_recorded_whole(said):
    ends = [row for row in said if row["what"] == "session"]
    assert [row["reason"] for row in ends] == [END_DOCKED] * len(LENGTHS_S)
    for row, seconds in zip(ends, LENGTHS_S, strict=True):
        assert row["lost"] == 0
        # a session begins up to a poll of the dock after its time
        assert (seconds - 10) * HZ <= row["samples"] <= (seconds + 10) * HZ


def test_the_memory_of_a_session_is_given_back(said):
    starts = [row["alloc"] for row in said if row["what"] == "start"]
    assert len(starts) == len(LENGTHS_S)
    assert max(starts[1:]) - min(starts[1:]) <= SAME_BYTES


def test_a_night_keeps_no_more_than_its_newest_rows(said):
    starts = [row["alloc"] for row in said if row["what"] == "start"]
    ends = [row["alloc"] for row in said if row["what"] == "session"]
    print(f"64-bit: {starts[-1]} B at a start, {ends[9]} B after the long one")
    for start, end in zip(starts, ends, strict=True):
        assert end - start <= NEWEST_ROWS_BYTES


def test_a_heap_too_small_is_told_by_the_harness(tmp_path, firmware, restless):
    """What the first test is worth: where memory is short the run is not a pass."""
    flash = small_kit.flash_image(tmp_path)
    with pytest.raises(RuntimeError, match="MemoryError"):
        small_kit.run_unix("night.py", firmware, 200 * 1024, flash, "60", restless)
