"""An Axivity file block by block: which are left out, what is said of it, where samples stand.

Layout as Open Movement describes it (Docs/ax3/cwa.h): a header of 1024 bytes, blocks of 512 whose
words add up to nothing.
"""

import struct

import logger_files as files
import numpy as np
import pytest
from notturno.errors import UserError
from notturno.loggers import axivity

N, SIZE = 6, 80  # blocks, samples in one
ACC = np.arange(N * SIZE * 3).reshape(-1, 3) % 2000 - 900


def split(data):
    return data[:1024], [data[at : at + 512] for at in range(1024, len(data), 512)]


def mended(block, at, with_bytes):
    """Return a block with other bytes at a place, and the sum that they ask for."""
    made = bytearray(block)
    made[at : at + len(with_bytes)] = with_bytes
    total = sum(struct.unpack("<255H", made[:510])) & 0xFFFF
    made[510:] = struct.pack("<H", -total & 0xFFFF)
    return bytes(made)


def spoilt(block):
    return block[:99] + bytes([block[99] ^ 1]) + block[100:]


@pytest.fixture
def read(tmp_path):
    def of(*parts):
        path = tmp_path / "a.cwa"
        path.write_bytes(b"".join(parts))
        return axivity.read(path, "a.cwa")

    return of


@pytest.fixture
def whole():
    return split(files.cwa(ACC, form="three"))


def notes(raw):
    return [(note.kind if hasattr(note, "kind") else note[0], note[1]) for note in raw.notes]


def rows(*blocks):
    return [row for k in blocks for row in ACC[SIZE * k : SIZE * (k + 1)].tolist()]


def test_of_a_whole_file_nothing_is_said(read, whole):
    header, blocks = whole
    raw = read(header, *blocks)
    assert raw.notes == () and raw.lost == () and raw.acc.tolist() == ACC.tolist()
    assert (raw.mg_per_lsb, raw.range_g, raw.resolution_s) == (1000 / 8192, 8.0, 0.0)
    assert raw.index.tolist() == [SIZE * k for k in range(N)]
    assert raw.stamps_s.tolist() == pytest.approx(
        [files.START_S + 0.8 * k for k in range(N)], abs=1e-4
    )


@pytest.mark.parametrize("k", [0, 2, 5])
def test_a_block_whose_sum_does_not_hold_is_left_out(read, whole, k):
    header, blocks = whole
    blocks[k] = spoilt(blocks[k])
    raw = read(header, *blocks)
    assert notes(raw) == [("blocks_lost", 1)]
    assert str(raw.notes[0][2]).startswith("1 of 6 blocks are damaged")
    assert raw.acc.tolist() == rows(*(n for n in range(N) if n != k))
    assert raw.lost == (((SIZE * 2, SIZE),) if k == 2 else ())


@pytest.mark.parametrize("k", [0, 3, 5])
@pytest.mark.parametrize("kind", [(24, b"\x4b"), (25, b"\x62")])
def test_a_block_of_another_rate_or_packing_is_left_out(read, whole, k, kind):
    header, blocks = whole
    blocks[k] = mended(blocks[k], *kind)
    raw = read(header, *blocks)
    assert notes(raw) == [("blocks_lost", 1)]
    assert raw.acc.tolist() == rows(*(n for n in range(N) if n != k))


def test_blocks_left_out_for_both_reasons_are_added(read, whole):
    header, blocks = whole
    blocks[1], blocks[3] = spoilt(blocks[1]), mended(blocks[3], 24, b"\x4b")
    raw = read(header, *blocks)
    assert notes(raw) == [("blocks_lost", 2)] and raw.acc.tolist() == rows(0, 2, 4, 5)
    assert raw.lost == ((SIZE, SIZE), (2 * SIZE, SIZE))


@pytest.mark.parametrize("left", [1, 511])
def test_a_file_that_ends_within_a_block_loses_it(read, whole, left):
    header, blocks = whole
    raw = read(header, *blocks[:3], blocks[3][:left])
    assert notes(raw) == [("cut", 1)] and raw.acc.tolist() == rows(0, 1, 2)
    assert notes(read(header, *blocks[:3])) == []


@pytest.mark.parametrize("left", [0, 1, 511])
def test_a_header_alone_is_no_recording(read, whole, left):
    header, blocks = whole
    with pytest.raises(UserError, match="holds no whole block"):
        read(header, blocks[0][:left])


@pytest.mark.parametrize("held", [1, 79])
def test_a_block_may_hold_fewer_samples(read, whole, held):
    header, blocks = whole
    blocks[-1] = mended(blocks[-1], 28, struct.pack("<H", held))
    raw = read(header, *blocks)
    assert raw.acc.tolist() == ACC[: 5 * SIZE + held].tolist() and notes(raw) == []


def test_a_block_that_says_more_than_it_has_room_for_holds_what_it_has(read, whole):
    header, blocks = whole
    blocks[2] = mended(blocks[2], 28, struct.pack("<H", 81))
    assert read(header, *blocks).acc.tolist() == ACC.tolist()


@pytest.mark.parametrize("gone", [1, 100, 512, 600])
def test_blocks_that_lost_bytes_have_moved_are_found_by_their_beginning(read, whole, gone):
    header, blocks = whole
    data = b"".join(blocks)
    raw = read(header, data[:612], data[612 + gone :])
    first_whole = 1 + -(-(612 + gone - 512) // 512)
    assert raw.acc.tolist() == rows(0, *range(first_whole, N))
    before = (first_whole - 1) * SIZE
    assert raw.lost == ((SIZE, before),)


def test_a_packing_that_nobody_described_is_told(read, whole):
    header, blocks = whole
    with pytest.raises(UserError, match="not known \\(0x33\\)"):
        read(header, *(mended(block, 25, b"\x33") for block in blocks))


def test_the_packing_is_that_of_most_blocks_though_the_first_has_another(read, whole):
    header, blocks = whole
    for first in (b"\x33", b"\x30", b"\x62", b"\x00"):
        made = [mended(blocks[0], 25, first), *blocks[1:]]
        assert read(header, *made).acc.tolist() == rows(*range(1, N))


def test_a_file_is_known_by_the_first_four_bytes_of_its_header(whole):
    header, _ = whole
    assert axivity.is_cwa(header) and axivity.is_cwa(header[:4])
    assert not axivity.is_cwa(header[:3]) and not axivity.is_cwa(b"MD\xfc\x02" + header[4:])


def test_a_packed_sample_is_a_256th_of_g(read):
    acc = ACC[:360] % 512 - 200
    raw = read(files.cwa(acc))
    assert raw.acc.tolist() == acc.tolist()
    assert raw.mg_per_lsb == 1000 / 256 and raw.notes == ()


@pytest.mark.parametrize("form", ["packed", "three", "six"])
def test_more_blocks_than_are_read_at_once_come_in_their_order(read, form):
    size = {"packed": 120, "three": 80, "six": 40}[form]
    acc = np.arange(1030 * size * 3).reshape(-1, 3) % 509 - 250
    data = files.cwa(acc, form=form)
    raw = read(data)
    assert (raw.acc == acc).all() and len(raw.acc) == len(acc) and raw.notes == ()
    at = 1024 + 600 * 512 + 99
    raw = read(data[:at], bytes([data[at] ^ 1]), data[at + 1 :])
    assert (raw.acc == np.delete(acc, slice(600 * size, 601 * size), axis=0)).all()
    raw = read(data[: 1024 + 600 * 512], data[1024 + 600 * 512 + 9 :])
    assert (raw.acc == np.delete(acc, slice(600 * size, 601 * size), axis=0)).all()


@pytest.mark.parametrize(("code", "hz"), [(0x48, 25), (0x49, 50), (0x4A, 100), (0x4B, 200)])
def test_a_stamps_sample_is_counted_by_the_rate_that_the_block_says(read, code, hz):
    """Its fraction of a second takes so many samples of the rate: 0.8 s of 100 Hz are 80."""
    header, blocks = split(files.cwa(ACC, form="three", code=code, hz=hz))
    raw = read(header, *(mended(block, 26, bytes(2)) for block in blocks))
    taken = [SIZE * k / hz % 1 * hz for k in range(N)]
    assert raw.index.tolist() == [SIZE * k + int(taken[k] - 0.01) for k in range(N)]


@pytest.mark.parametrize(("number", "lost"), [(3, 2), (1, 0), (40, 0)])
def test_lost_blocks_are_those_that_number_and_stamp_agree_upon(read, whole, number, lost):
    """The stamp is of the 160th sample behind the block's first one: 1.6 s later than it."""
    header, blocks = whole
    when = files.START + files.timedelta(seconds=0.8 * 3 + 1.6)
    moved = files._cwa_block(ACC[240:320], number, when, 0, "three", 0x4A, 100, 5)
    raw = read(header, blocks[0], mended(moved, 26, struct.pack("<h", 160)))
    assert raw.index.tolist() == [0, SIZE * (1 + lost) + 160]
    assert raw.lost == (((SIZE, SIZE * lost),) if lost else ())


@pytest.mark.parametrize("hz", [50, 80])
def test_an_old_file_has_its_rate_where_later_ones_have_the_offset(read, hz):
    header, blocks = split(files.cwa(ACC, form="three", hz=hz))
    made = []
    for block in blocks:
        old = mended(mended(block, 24, b"\0"), 26, struct.pack("<h", hz))
        made.append(mended(old, 4, bytes(2)))
    raw = read(header, *made)
    assert raw.stamps_s.tolist() == [files.START_S + SIZE * k // hz for k in range(N)]
    assert raw.index.tolist() == [SIZE * k for k in range(N)]
    assert (raw.range_g, raw.resolution_s, raw.lost) == (None, 1.0, ())
    raw = read(header, *made[:2], *made[4:])
    assert raw.lost == ((2 * SIZE, 2 * SIZE),)
    assert raw.index.tolist() == [SIZE * k for k in (0, 1, 4, 5)]
