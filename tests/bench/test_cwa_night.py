"""The file that others' readers are timed on holds the counts that it was made of."""

import numpy as np
import pytest
from notturno.bench import cwa_night
from notturno.loggers.load import load


@pytest.mark.parametrize("packed", [False, True])
def test_the_counts_come_back_within_what_the_form_keeps(tmp_path, packed):
    """Packed, ten bits an axis: a sample is halved until its largest axis fits."""
    at_rest = 256 if packed else 8192
    rng = np.random.default_rng(3)
    acc = rng.normal([0, 0, at_rest], at_rest / 3, (9600, 3)).round().astype(np.int16)
    (tmp_path / "a.cwa").write_bytes(cwa_night.cwa_of(acc, packed))
    read = load(tmp_path / "a.cwa").recording
    mg_a_count = cwa_night.PACKED_MG if packed else cwa_night.MG_PER_LSB
    assert read.odr_hz == pytest.approx(100.0, rel=1e-3)
    off_mg = np.abs(read.acc * read.mg_per_lsb - acc * mg_a_count)
    largest = np.abs(acc.astype(int)).max(axis=1, keepdims=True)
    step = np.where(largest > 511, np.ceil(largest / 511), 1) if packed else 1
    assert (off_mg <= 1.01 * np.where(step > 1, 2 * step, 1) * mg_a_count).all()


def words(data, at, n):
    return np.frombuffer(data, "<u2", n, at).tolist()


@pytest.mark.parametrize(("packed", "samples"), [(False, 80), (True, 120)])
def test_the_fields_of_a_block_are_those_of_cwa_h(packed, samples):
    """Open Movement's Docs/ax3/cwa.h: places in a block of 512 bytes, counted in words here."""
    acc = np.tile([3, -2, 1], (samples * 70 + 5, 1)).astype(np.int16)
    data = cwa_night.cwa_of(acc, packed)
    assert len(data) == 1024 + 70 * 512  # what fills no block is left out
    assert data[:4] == b"MD\xfc\x03" and data[4:7] == b"\x17\x01\x00" and data[36] == 0x8A
    for block in (0, 1, 69):
        at = 1024 + 512 * block
        found = words(data, at, 256)
        at_s = block * samples / 100
        fraction = round(at_s % 1 * 32768)
        assert found[:3] == [int.from_bytes(b"AX", "little"), 508, 0x8000 | fraction]
        assert found[5] | found[6] << 16 == block
        # 2026-03-09 22:00 and some seconds: year, month, day, hour, minute, second
        minute, second = divmod(int(at_s), 60)
        stamp = 26 << 26 | 3 << 22 | 9 << 17 | 22 << 12 | minute << 6 | second
        assert found[7] | found[8] << 16 == stamp
        assert found[9] == (0 if packed else 5 << 13)
        assert found[12] == (0x308A if packed else 0x328A)
        # a stamp is of a whole second: so many samples before the block's first one
        assert found[13] == -(fraction * 200 // 65536) % 65536
        assert found[14] == samples
        assert sum(found) % 65536 == 0
        if packed:
            assert found[15] | found[16] << 16 == 3 | (-2 & 0x3FF) << 10 | 1 << 20
        else:
            assert found[15:18] == [3, 65_534, 1]


@pytest.mark.parametrize(
    ("largest", "shift"), [(0, 0), (511, 0), (512, 1), (1022, 1), (1023, 2), (2044, 2), (32767, 3)]
)
def test_a_packed_sample_is_halved_until_its_largest_axis_fits(largest, shift):
    (word,) = cwa_night._packed(np.array([[0, -largest, 8]], np.int16)).tolist()
    assert word >> 30 == shift and word >> 20 & 0x3FF == 8 >> shift
    assert word >> 10 & 0x3FF == (-largest >> shift) & 0x3FF and word & 0x3FF == 0
