"""The two small files that say which log it is: bytes, and which of the two is believed."""

import struct
import zlib

import pytest
from fakes.memory_storage import MemoryStorage
from notturno_core import logmeta

OLD, NEW = (7, 3, 10, 256, 1), (7, 4, 20, 512, 2)  # id, boot, committed, reserved, lost


def content(fields):
    body = struct.pack("<4sIIIII", b"NTL1", *fields)
    return body + struct.pack("<I", zlib.crc32(body))


@pytest.mark.parametrize("first", ["meta", "meta2"])
def test_of_two_whole_ones_the_later_is_believed_whichever_it_is(first):
    storage = MemoryStorage()
    other = {"meta": "meta2", "meta2": "meta"}[first]
    storage.files = {first: bytearray(content(NEW)), other: bytearray(content(OLD))}
    assert logmeta.read(storage)[:5] == NEW


@pytest.mark.parametrize("later", [(7, 4, 9, 9, 9), (7, 3, 11, 9, 0), (7, 3, 10, 257, 0)])
def test_later_is_by_boot_then_by_what_was_confirmed_then_by_what_was_promised(later):
    storage = MemoryStorage()
    storage.files = {"meta": bytearray(content(later)), "meta2": bytearray(content(OLD))}
    assert logmeta.read(storage)[:5] == later


@pytest.mark.parametrize("spoil", range(28))
def test_a_copy_with_one_wrong_byte_is_none(spoil):
    storage = MemoryStorage()
    data = bytearray(content(NEW))
    data[spoil] ^= 0x40
    storage.files = {"meta": data}
    assert logmeta.read(storage) is None
    storage.files["meta2"] = bytearray(content(OLD))
    assert logmeta.read(storage)[:5] == OLD


def test_what_stands_behind_a_whole_one_is_not_looked_at():
    storage = MemoryStorage()
    storage.files = {"meta": bytearray(content(NEW) + b"x")}
    assert logmeta.read(storage)[:5] == NEW


def test_what_is_written_is_both_and_byte_for_byte_this():
    storage = MemoryStorage()
    logmeta.write(storage, NEW)
    assert {name: bytes(data) for name, data in storage.files.items()} == {
        "meta": content(NEW),
        "meta2": content(NEW),
    }
    assert len(content(NEW)) == 28
