"""A database as its last whole transaction left it, in memory: for files that may not be touched.

Reads a database file and what a broken-off program left beside it: a write-ahead log (`-wal`,
which notturno used up to form 1) or a rollback journal (`-journal`). SQLite itself would have to
write to mend them. The layouts are those of https://www.sqlite.org/fileformat2.html, sections 3
and 4. Touches files, reading only; writes nothing anywhere.
"""

import struct
import time
from pathlib import Path

WAL_MAGIC = 0x377F0682  # the lowest bit says: checksums read big-endian words
JOURNAL_MAGIC = bytes.fromhex("d9d505f920a163d7")
JOURNAL_HEAD = struct.Struct(">8sIIIII")  # magic, records, nonce, pages before, sector, page size
READ_WRITE_VERSIONS = slice(18, 20)  # of the database's head: 2 2 says write-ahead log, 1 1 none
TRIES, PAUSE_S = 20, 0.05


def says_wal(head: bytes) -> bool:
    """Say whether the first 100 bytes of a database name a write-ahead log."""
    return head[READ_WRITE_VERSIONS] == b"\2\2"


def image(path: Path) -> bytes:
    """Return the whole database with its committed transactions, and without unfinished ones.

    Raises OSError where a file cannot be read.
    """
    data = wal = journal = b""
    for _ in range(TRIES):
        stamp = _stamp(path)
        data, wal, journal = (_bytes(_beside(path, end)) for end in ("", "-wal", "-journal"))
        if stamp == _stamp(path):
            break
        time.sleep(PAUSE_S)  # somebody writes just now
    if wal:
        data = with_wal(data, wal)
    if journal:
        data = rolled_back(data, journal)
    # The copy lies in memory, where no write-ahead log can be.
    return data[:18] + b"\1\1" + data[20:] if says_wal(data) else data


def with_wal(data: bytes, wal: bytes) -> bytes:
    """Return the database with the committed frames of its write-ahead log put in."""
    if len(wal) < 32:
        return data
    magic, _, page_bytes = struct.unpack_from(">III", wal)
    if magic & ~1 != WAL_MAGIC or not page_bytes:
        return data
    order = ">" if magic & 1 else "<"
    salts = wal[16:24]
    sums = _wal_sums(wal[:24], order, (0, 0))
    if sums != struct.unpack_from(">II", wal, 24):
        return data
    pages, waiting, whole_pages = {}, {}, 0
    for at in range(32, len(wal) - page_bytes - 23, 24 + page_bytes):
        number, pages_after_commit = struct.unpack_from(">II", wal, at)
        page = wal[at + 24 : at + 24 + page_bytes]
        sums = _wal_sums(wal[at : at + 8] + page, order, sums)
        if wal[at + 8 : at + 16] != salts or sums != struct.unpack_from(">II", wal, at + 16):
            break  # left from an earlier round, or cut off in the middle
        waiting[number] = page
        if pages_after_commit:
            pages |= waiting
            waiting, whole_pages = {}, pages_after_commit
    if not pages:
        return data
    return _put(data, pages, page_bytes, whole_pages)


def _wal_sums(data: bytes, order: str, sums: tuple[int, int]) -> tuple[int, int]:
    first, second = sums
    words = struct.unpack(f"{order}{len(data) // 4}I", data)
    for even, odd in zip(words[::2], words[1::2], strict=True):
        first = (first + even + second) & 0xFFFFFFFF
        second = (second + odd + first) & 0xFFFFFFFF
    return first, second


def rolled_back(data: bytes, journal: bytes) -> bytes:
    """Return the database as it was before the transaction that the journal would undo."""
    pages, whole_pages, page_bytes, sector_bytes, at = {}, None, 0, 0, 0
    while at + JOURNAL_HEAD.size <= len(journal):
        magic, records, nonce, before, sector, size = JOURNAL_HEAD.unpack_from(journal, at)
        if magic != JOURNAL_MAGIC:
            break
        if whole_pages is None:
            whole_pages, page_bytes, sector_bytes = before, size, sector
        at += sector_bytes
        for _ in range(records):  # 0xFFFFFFFF says: as many as the file holds
            page = journal[at + 4 : at + 4 + page_bytes]
            if len(page) < page_bytes or at + 8 + page_bytes > len(journal):
                break
            (number,) = struct.unpack_from(">I", journal, at)
            (stated,) = struct.unpack_from(">I", journal, at + 4 + page_bytes)
            if (nonce + sum(page[page_bytes - 200 : 0 : -200])) & 0xFFFFFFFF != stated:
                break  # this page never came to the disk, so the database's own is still the old
            pages.setdefault(number, page)
            at += page_bytes + 8
        at += -at % sector_bytes
    return data if whole_pages is None else _put(data, pages, page_bytes, whole_pages)


def _put(data: bytes, pages: dict[int, bytes], page_bytes: int, whole_pages: int) -> bytes:
    whole = bytearray(data.ljust(whole_pages * page_bytes, b"\0")[: whole_pages * page_bytes])
    for number, page in pages.items():
        if 0 < number <= whole_pages:
            whole[(number - 1) * page_bytes : number * page_bytes] = page
    return bytes(whole)


def _beside(path: Path, end: str) -> Path:
    return path.with_name(path.name + end)


def _bytes(path: Path) -> bytes:
    try:
        return path.read_bytes()
    except FileNotFoundError:
        return b""


def _stamp(path: Path) -> list[tuple[int, int, int] | None]:
    found = []
    for end in ("", "-wal", "-journal"):
        try:
            status = _beside(path, end).stat()
            found.append((status.st_ino, status.st_size, status.st_mtime_ns))
        except FileNotFoundError:
            found.append(None)
    return found
