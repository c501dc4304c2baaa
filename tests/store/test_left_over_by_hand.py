"""A write-ahead log and a rollback journal, byte by byte, as SQLite's file format has them.

https://www.sqlite.org/fileformat2.html, sections 3 and 4.
"""

import struct

import pytest
from notturno.store import leftover

PAGE = 512
OLD, NEW, MORE = bytes([1]) * PAGE, bytes([2]) * PAGE, bytes([3]) * PAGE
DATA = OLD + OLD
SALTS = b"saltSALT"


def sums(data, order, first=0, second=0):
    """The checksum of section 4.4, in words of either order."""
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for i in range(0, len(words), 2):
        first = (first + words[i] + second) % 2**32
        second = (second + words[i + 1] + first) % 2**32
    return first, second


def wal(*frames, order=">", magic=None, page_bytes=PAGE, salts=SALTS):
    """frames: (number of the page, pages of the database after a commit or 0, the page)."""
    bit = order == ">"
    head = struct.pack(">IIII", magic or 0x377F0682 | bit, 3_007_000, page_bytes, 0) + SALTS
    running = sums(head, order)
    out = head + struct.pack(">II", *running)
    for number, after, page in frames:
        start = struct.pack(">II", number, after)
        running = sums(start + page, order, *running)
        out += start + salts + struct.pack(">II", *running) + page
    return out


@pytest.mark.parametrize("order", [">", "<"])
def test_what_was_committed_is_put_in_and_what_was_not_is_left(order):
    log = wal((2, 2, NEW), (1, 0, MORE), order=order)
    assert leftover.with_wal(DATA, log) == OLD + NEW
    assert leftover.with_wal(DATA, wal((1, 0, MORE), (2, 2, NEW), order=order)) == MORE + NEW
    grown = leftover.with_wal(DATA, wal((2, 2, NEW), (3, 3, MORE), order=order))
    assert grown == OLD + NEW + MORE
    assert leftover.with_wal(DATA, wal((1, 1, NEW), order=order)) == NEW  # the file was cut
    assert leftover.with_wal(DATA, wal((1, 2, MORE), (1, 2, NEW), order=order)) == NEW + OLD


def test_a_log_that_is_none_or_damaged_changes_nothing_from_there_on():
    good = wal((1, 2, NEW), (2, 2, MORE))
    for nothing in (b"", good[:31], wal(magic=0x377F0680), wal(page_bytes=0), wal()):
        assert leftover.with_wal(DATA, nothing) == DATA
    assert leftover.with_wal(DATA, wal((1, 2, NEW), salts=b"otherone")) == DATA
    assert leftover.with_wal(DATA, wal((1, 0, NEW))) == DATA
    broken = bytearray(good)
    broken[25] ^= 1  # the sum of the head
    assert leftover.with_wal(DATA, bytes(broken)) == DATA
    broken = bytearray(good)
    broken[-1] ^= 1  # the second page
    assert leftover.with_wal(DATA, bytes(broken)) == NEW + OLD
    assert leftover.with_wal(DATA, good[:-1]) == NEW + OLD
    assert leftover.with_wal(DATA, good) == NEW + MORE
    assert leftover.with_wal(DATA, good + b"x" * 40) == NEW + MORE


MAGIC, NONCE, SECTOR = bytes.fromhex("d9d505f920a163d7"), 77, 512


def record(number, page, off=0):
    """Number, page, and nonce plus every 200th byte from its end, not the first."""
    checksum = (NONCE + sum(page[i] for i in range(PAGE - 200, 0, -200)) + off) % 2**32
    return struct.pack(">I", number) + page + struct.pack(">I", checksum)


def journal(records, *bodies, before=2, magic=MAGIC):
    head = struct.pack(">8sIIIII", magic, records, NONCE, before, SECTOR, PAGE)
    body = b"".join(bodies)
    return head.ljust(SECTOR, b"\0") + body


def test_a_journal_brings_back_what_was_before():
    page = bytes(range(256)) * 2
    assert leftover.rolled_back(NEW + NEW, journal(1, record(2, page))) == NEW + page
    both = journal(2, record(1, page), record(2, OLD))
    assert leftover.rolled_back(NEW + NEW, both) == page + OLD
    assert leftover.rolled_back(NEW * 3, journal(1, record(1, OLD))) == OLD + NEW  # it had grown
    assert leftover.rolled_back(NEW, journal(0)) == NEW + bytes(PAGE)
    # The first word on a page is the one from before the transaction.
    assert leftover.rolled_back(NEW * 2, journal(2, record(1, OLD), record(1, MORE)))[:PAGE] == OLD
    # 0xFFFFFFFF: as many as the file holds.
    every = journal(0xFFFFFFFF, record(1, OLD), record(2, MORE))
    assert leftover.rolled_back(NEW * 2, every) == OLD + MORE


def test_a_second_head_follows_at_the_next_sector():
    first = journal(1, record(1, OLD))
    first = first.ljust(-(-len(first) // SECTOR) * SECTOR, b"\0")
    assert leftover.rolled_back(NEW * 2, first + journal(1, record(2, MORE))) == OLD + MORE


def test_what_never_came_to_the_disk_is_left_as_it_is():
    good = journal(2, record(1, OLD), record(2, MORE))
    assert leftover.rolled_back(NEW * 2, good[:-1]) == OLD + NEW
    assert leftover.rolled_back(NEW * 2, good[: -PAGE - 4]) == OLD + NEW
    assert leftover.rolled_back(NEW * 2, good) == OLD + MORE
    broken = journal(2, record(1, OLD), record(2, MORE, off=1))
    assert leftover.rolled_back(NEW * 2, broken) == OLD + NEW
    for none in (b"", good[:27], journal(1, record(1, OLD), magic=b"no magic")):
        assert leftover.rolled_back(NEW * 2, none) == NEW * 2
    # A page beyond the database, and the one that no database has.
    odd = journal(2, record(0, OLD), record(3, OLD))
    assert leftover.rolled_back(NEW * 2, odd) == NEW * 2


def test_a_head_says_whether_there_is_a_write_ahead_log():
    for bytes_, says in ((b"\2\2", True), (b"\1\1", False), (b"\2\1", False), (b"\1\2", False)):
        assert leftover.says_wal(bytes(18) + bytes_ + bytes(80)) is says
    assert not leftover.says_wal(bytes(17) + b"\2\2" + bytes(81))


def test_a_file_is_looked_at_until_nobody_writes_it(tmp_path, monkeypatch):
    path = tmp_path / "x"
    path.write_bytes(b"\0" * 18 + b"\2\2" + b"\0" * 80)
    stamps, waited = iter([1, 2, 3, 4, 5, 5]), []
    monkeypatch.setattr(leftover, "_stamp", lambda _: next(stamps))
    monkeypatch.setattr(leftover.time, "sleep", waited.append)
    # In memory there can be no write-ahead log, so the copy says so.
    assert leftover.image(path) == b"\0" * 18 + b"\1\1" + b"\0" * 80
    assert waited == [0.05, 0.05]
    monkeypatch.setattr(leftover, "_stamp", lambda _: object())
    leftover.image(path)
    assert len(waited) == 2 + 20  # a second, and then as it is
    path.write_bytes(b"x" * 100)
    monkeypatch.setattr(leftover, "_stamp", lambda _: 1)
    assert leftover.image(path) == b"x" * 100
