"""A program's parcel unpacked in this process: each refusal; what is copied, kept, removed."""

import asyncio
import hashlib
import struct

import parcels
import pytest
from fakes import micropython_asyncio

micropython_asyncio.install()
MANIFEST = b'{"schema":"notturno-firmware-1","version":"2","arch":"rv32imc","files":{}}'
DAMAGED, NOT_RIGHT, OTHER_CHIP, TOO_OLD, NO_SLOTS, ON_TRIAL = 1, 2, 3, 4, 5, 6


def entry(name, data, follows=True, flag=None, size=None):
    head = bytes([len(name)]) + name + hashlib.sha256(data).digest()
    head += struct.pack("<I", len(data) if size is None else size)
    return head + bytes([follows if flag is None else flag]) + (data if follows else b"")


HEAD = b"\x01\x1d\x07rv32imc"
APP, OLD = entry(b"app.mpy", b"app 2" * 200), entry(b"lib/kept.mpy", b"the same", False)
LAST = entry(b"manifest.json", MANIFEST)


@pytest.fixture
def band(tmp_path, monkeypatch):
    """Return unpack(parcel) -> the reason of a refusal, or None; slot 1 runs, slot 2 is filled."""
    folders = ("", str(tmp_path / "slot_a"), str(tmp_path / "slot_b"))
    for name, data in {
        "slot_a/manifest.json": MANIFEST,
        "slot_a/lib/kept.mpy": b"the same",
        "slot_b/manifest.json": b"old",
        "slot_b/lib/stale.mpy": b"stale",
    }.items():
        (tmp_path / name).parent.mkdir(parents=True, exist_ok=True)
        (tmp_path / name).write_bytes(data)
    slots = parcels.slots
    written = []
    monkeypatch.setattr(parcels.settings, "PARCEL", str(tmp_path / "parcel.bin"))
    monkeypatch.setattr(slots, "FOLDERS", folders)
    monkeypatch.setattr(slots, "running", lambda: unpack.running)
    monkeypatch.setattr(slots, "read", lambda: unpack.pointer)
    monkeypatch.setattr(slots, "write", lambda *values: written.append(values))
    monkeypatch.setattr(parcels.os, "statvfs", lambda path: (4096, 1, 2, unpack.free, 0))

    def unpack(data, begin_only=False):
        one = parcels.Parcels()
        try:
            assert one.begin(1, len(data), hashlib.sha256(data).digest()) == 0
            if begin_only:
                return None
            assert one.piece(0, data) == len(data)
            asyncio.run(one.unpack())
        except parcels.Refused as refused:
            return refused.reason
        return None

    unpack.running, unpack.pointer, unpack.free = 1, (1, 0, 0, 0), 10_000
    unpack.written, unpack.root = written, tmp_path
    return unpack


def test_the_other_slot_holds_the_new_program_and_nothing_else(band):
    assert band(HEAD + APP + OLD + LAST) is None
    there = band.root / "slot_b"
    found = {p.relative_to(there).as_posix(): p.read_bytes() for p in there.rglob("*.*")}
    assert found == {
        **{"app.mpy": b"app 2" * 200, "lib/kept.mpy": b"the same", "manifest.json": MANIFEST}
    }
    assert band.written == [(1, 2, 0, 0)]
    assert not (band.root / "parcel.bin").exists()


def test_a_file_that_is_right_already_stays_where_it_is(band):
    """An update that was broken off has brought it; the slot that runs has another one."""
    (band.root / "slot_a" / "lib" / "kept.mpy").write_bytes(b"another")
    (band.root / "slot_b" / "lib" / "kept.mpy").write_bytes(b"the same")
    assert band(HEAD + APP + OLD + LAST) is None
    assert (band.root / "slot_b" / "lib" / "kept.mpy").read_bytes() == b"the same"
    assert not (band.root / "slot_b" / "lib" / "stale.mpy").exists()


@pytest.mark.parametrize(
    ("parcel", "reason"),
    [
        (HEAD + APP, NOT_RIGHT),
        (HEAD, NOT_RIGHT),
        (HEAD + LAST + APP, NOT_RIGHT),
        (HEAD + APP + LAST + OLD, NOT_RIGHT),  # the manifest is the last
        (HEAD + LAST, None),
        (b"\x01\x1d", NOT_RIGHT),
        (b"\x01\x1d\x09xtensawin" + APP + LAST, OTHER_CHIP),
        (b"\x01\x1d\x08bytecode" + APP + LAST, None),
        (b"\x63\x00\x07rv32imc" + APP + LAST, TOO_OLD),
        (HEAD + entry(b"/app.mpy", b"x") + LAST, NOT_RIGHT),
        (HEAD + entry(b"../app.mpy", b"x") + LAST, NOT_RIGHT),
        (HEAD + entry(b"", b"x") + LAST, NOT_RIGHT),
        (HEAD + entry(b"\xff", b"x") + LAST, NOT_RIGHT),
        (HEAD + entry(b"a", b"x", flag=2) + LAST, DAMAGED),
        (HEAD + b"\x01a" + bytes(36), DAMAGED),
        (HEAD + entry(b"not here", b"x", False) + LAST, DAMAGED),
        (HEAD + entry(b"a", b"xyz").replace(b"xyz", b"xyy") + LAST, DAMAGED),
    ],
)
def test_what_a_parcel_may_not_be(band, parcel, reason):
    assert band(parcel) == reason
    assert band.written == ([] if reason else [(1, 2, 0, 0)])


@pytest.mark.parametrize(
    ("running", "pointer", "reason"),
    [
        (0, (0, 0, 0, 0), NO_SLOTS),
        (1, (1, 2, 0, 0), ON_TRIAL),
        (1, (2, 0, 0, 0), ON_TRIAL),
        (2, (2, 0, 0, 0), None),
    ],
)
def test_from_which_slot_a_band_goes_on(band, running, pointer, reason):
    band.running, band.pointer = running, pointer
    (band.root / "slot_b" / "manifest.json").write_bytes(MANIFEST)
    (band.root / "slot_b" / "lib" / "kept.mpy").write_bytes(b"the same")
    assert band(HEAD + APP + OLD + LAST) == reason
    assert band.written == ([] if reason else [(2, 1, 0, 0)])


@pytest.mark.parametrize(("free", "reason"), [(18, None), (17, 7)])
def test_a_program_needs_twice_its_bytes_and_64_kilobytes(band, free, reason):
    band.free = free
    assert band(bytes(4096), begin_only=True) == reason


def test_settings_have_four_kilobytes_and_a_parcel_one_kind_of_two(band):
    one = parcels.Parcels()
    for kind, size, refused in ((2, 4096, False), (2, 4097, True), (0, 9, True), (3, 9, True)):
        if refused:
            with pytest.raises(parcels.Refused) as error:
                one.begin(kind, size, bytes(32))
            assert error.value.reason == DAMAGED
        else:
            assert one.begin(kind, size, bytes(32)) == 0
    one.begin(2, 10, bytes(32))
    for offset, data in ((1, b"a"), (0, bytes(11))):
        with pytest.raises(parcels.Refused):
            one.piece(offset, data)
    assert one.piece(0, bytes(10)) == 10
    one._drop()
