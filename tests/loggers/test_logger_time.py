"""Pages lost or written over, all through a file: what is left is where it was, or is refused."""

import functools
import re

import logger_files as files
import numpy as np
import pytest
from notturno.detect import engines
from notturno.errors import UserError
from notturno.loggers import pages
from notturno.loggers.load import load

OFF = 1e-3  # of the rate, and of where a jerk is
LASTS_S = 300
JERKS = range(5, LASTS_S, 10)
MG = files.limb_mg(LASTS_S, jerks=JERKS)
AT_30_HZ = files.limb_mg(LASTS_S, hz=30, jerks=JERKS)
UNITS = {  # what a page begins with
    "pages.bin": b"Recorded Data",
    "blocks.cwa": b"AX\xfc\x01",
    "packets.BIN": b"MDTCPACK",
    "seconds.gt3x": b"\x1e\0",
}


@functools.cache
def whole(name):
    if name == "pages.bin":
        return files.geneactiv(np.round(MG / 3.90625).astype(int))
    if name == "blocks.cwa":
        return files.cwa(files.counts_of(MG, 3.90625))
    if name == "packets.BIN":
        return files.matrix(files.counts_of(MG, 8000 / 32768), seconds=5)
    acc = files.counts_of(AT_30_HZ, 1000 / 256)
    return b"".join(
        files.record(0, int(files.START_S) + k, files.twelve(part[:, [1, 0, 2]].reshape(-1)))
        for k, part in enumerate(acc.reshape(-1, 30, 3))
    )


@functools.cache
def edges(name):
    data, mark = whole(name), UNITS[name]
    if name == "seconds.gt3x":
        size = len(data) // LASTS_S
        return list(range(0, len(data) + 1, size))
    return [found.start() for found in re.finditer(re.escape(mark), data)] + [len(data)]


def hurt(name, share, how, seed):
    """Return the file with a share of its pages hurt."""
    rng = np.random.default_rng(seed)
    data, at = bytearray(whole(name)), edges(name)
    chosen = rng.choice(len(at) - 1, round(share * (len(at) - 1)), replace=False)
    for k in sorted(chosen.tolist(), reverse=True):
        how(data, at[k], at[k + 1], rng)
    return bytes(data)


def noise(data, first, end, rng):
    at = int(rng.integers(first, end - 25))
    data[at : at + 25] = rng.integers(0, 256, 25).astype(np.uint8).tobytes()


def taken_out(data, first, end, rng):
    at = int(rng.integers(first, end - 25))
    del data[at : at + 25]


def left_out(data, first, end, rng):
    del data[first:end]


def zeros(data, first, end, rng):
    n = min(200, (end - first) // 2)
    at = int(rng.integers(first, end - n))
    data[at : at + n] = bytes(n)


def nines(data, first, end, rng):
    n = min(200, (end - first) // 2)
    at = int(rng.integers(first, end - n))
    data[at : at + n] = b"9" * n


def head(data, first, end, rng):
    """The text before a page's samples."""
    at = first + int(rng.integers(0, 190))
    data[at : at + 3] = rng.integers(32, 127, 3).astype(np.uint8).tobytes()


def a_digit(key, low, high):
    """One digit of a number of the page's head is another one."""

    def of_the_head(data, first, end, rng):
        at = data.index(key, first) + len(key) + int(rng.integers(low, high))
        if 48 <= data[at] < 58:
            data[at] = 48 + int(rng.integers(0, 10))

    return of_the_head


def misplaced_s(loaded, hz):
    """Return how far the jerks that were read lie from where the limb made them, s."""
    whole = loaded.recording
    at_s = engines.seconds(whole)
    x = whole.acc[:, 0] * whole.mg_per_lsb
    high = np.flatnonzero(x > 550)
    high = high[np.concatenate([[True], np.diff(high) > hz])]
    start_s = whole.start_local_s - files.START_S
    return [min(abs(start_s + at_s(int(k)) - j - 0.02) for j in JERKS) for k in high]


HOWS = [noise, taken_out, left_out, zeros, nines]
HEADS = [head, a_digit(b"Page Time:", 0, 23), a_digit(b"Sequence Number:", 0, 3)]


@pytest.mark.parametrize("share", [0.07, 0.34])
@pytest.mark.parametrize(
    ("name", "how"),
    [(name, how) for name in UNITS for how in HOWS if name[-4:] != ".BIN" or how != zeros]
    + [("pages.bin", how) for how in HEADS],
)
def test_what_is_left_of_a_damaged_file_is_where_it_was(tmp_path, name, how, share):
    hz = 30 if name == "seconds.gt3x" else 100
    told = 0
    for seed in range(6):
        data = hurt(name, share, how, seed)
        if name == "seconds.gt3x":
            data = files.gt3x_of(data)
        (tmp_path / name).write_bytes(data)
        try:
            loaded = load(tmp_path / name)
        except UserError:
            continue
        told += 1
        assert loaded.recording.odr_hz == pytest.approx(hz, rel=OFF)
        off_s = misplaced_s(loaded, hz)
        assert len(off_s) > 3 and sorted(off_s)[-3] < OFF * LASTS_S / 2
        if how not in HEADS:
            assert {"blocks_lost", "gaps"} & {note.code for note in loaded.recording.notes}
    assert told == 6


def numbered(n=60, page_s=3.0):
    numbers = np.arange(100.0, 100.0 + n)
    return numbers, 5000 + (numbers - 100) * page_s


def test_a_page_without_a_good_stamp_stays_by_its_number():
    numbers, stamps_s = numbered()
    stamps_s[20], stamps_s[21], numbers[40] = stamps_s[20] + 0.021, np.nan, np.nan
    gone = np.delete(np.arange(60), [25, 39])  # where pages are lost the place in the file is none
    place = pages.placed(numbers[gone], stamps_s[gone], 3.0)
    assert place.keep.all() and place.page_s == pytest.approx(3.0)
    assert np.isnan(place.stamps_s).nonzero()[0].tolist() == [20, 21, 38]
    assert place.numbers.tolist() == (100 + gone).tolist()
    assert pages.lost_before(place.numbers, place.stamps_s, 3.0).nonzero()[0].tolist() == [25, 38]
    stamps_s[20] = stamps_s[19] + 3.019
    kept = pages.placed(numbers[gone], stamps_s[gone], 3.0)
    assert np.isfinite(kept.stamps_s[20])


def test_a_page_is_dropped_where_number_and_stamp_contradict_its_neighbours():
    numbers, stamps_s = numbered()
    numbers[30], stamps_s[30] = 7, stamps_s[30] + 1.3
    gone = np.delete(np.arange(60), [31])
    place = pages.placed(numbers[gone], stamps_s[gone], 3.0)
    assert (~place.keep).nonzero()[0].tolist() == [30]
    whole = pages.placed(numbers, stamps_s, 3.0)  # none is lost: the order of the file says it
    assert whole.keep.all() and whole.numbers[30] == 130


def test_a_count_that_begins_anew_says_nothing_of_lost_pages():
    numbers = np.array([5, 6, 7, 0, 1, 2, 900, 901, 904.0])
    stamps_s = np.array([0, 3, 6, 50, 53, 56, 59, 62, 71.0])
    assert pages.lost_before(numbers, stamps_s, 3.0).tolist() == [0, 0, 0, 0, 0, 0, 0, 0, 2]
    stamps_s[-1] = 62 + 9 + 3.1  # more than a page off
    assert pages.lost_before(numbers, stamps_s, 3.0)[-1] == 0
    stamps_s[-1] = np.nan
    assert pages.lost_before(numbers, stamps_s, 3.0)[-1] == 2
    much = np.array([0.0, 1000])
    assert pages.lost_before(much, np.array([0, 3000 * 1.049]), 3.0)[1] == 999
    assert pages.lost_before(much, np.array([0, 3000 * 1.051]), 3.0)[1] == 0


@pytest.mark.parametrize("hz", [99.3, 86.1])
def test_a_clock_that_runs_its_own_way_is_followed_though_pages_are_lost(tmp_path, hz):
    raw = np.round(files.limb_mg(200, hz=hz) / 3.90625).astype(int)
    data = files.geneactiv(raw, hz=hz, lost=(3, 4, 9, 17, 18, 30, 31, 32, 44, 50))
    nominal = data.replace(f"Frequency:{hz}".encode(), b"Frequency:%d" % round(hz))
    (tmp_path / "a.bin").write_bytes(nominal)
    found = load(tmp_path / "a.bin").recording
    assert found.odr_hz == pytest.approx(hz, rel=2e-4)
    assert sum(s for _, s in found.breaks) == pytest.approx(10 * 300 / hz, rel=1e-3)
