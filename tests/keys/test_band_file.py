"""The key as it lies on a band, and the virtual band's."""

import os
import stat
from types import SimpleNamespace

import pytest
from hypothesis import given
from hypothesis import strategies as st
from notturno import keys
from notturno.errors import UserError
from notturno.keys import on_band

ID = "564200000000000a"
KEY = bytes(range(32))


@given(st.binary(min_size=32, max_size=32))
def test_there_and_back(key):
    data = keys.file_bytes(key)
    assert len(data) == 36 and keys.key_of_file(data) == key


def test_every_cut_and_every_changed_byte_is_seen():
    data = keys.file_bytes(KEY)
    for at in range(36):
        assert keys.key_of_file(data[:at]) is None
        for bit in range(8):
            changed = bytearray(data)
            changed[at] ^= 1 << bit
            assert keys.key_of_file(bytes(changed)) is None
    assert keys.key_of_file(data + b"\0") is None


def test_an_erased_flash_holds_no_key():
    assert keys.key_of_file(bytes(36)) is None
    assert keys.key_of_file(b"\xff" * 36) is None


def test_new_keys_differ_and_have_32_bytes():
    made = {keys.new_key() for _ in range(100)}
    assert len(made) == 100 and {len(key) for key in made} == {32}


def test_a_virtual_band_gets_a_key_once(tmp_path):
    flash = tmp_path / "flash"
    flash.mkdir()
    ring = keys.KeyRing(tmp_path / "data", in_keyring=False)
    key = keys.ensure_for_virtual(flash, ring, ID)
    assert keys.key_of_file((flash / "key.bin").read_bytes()) == key
    assert ring.all() == {ID: key} and ring.about(ID)["from"] == "virtual band"
    assert keys.ensure_for_virtual(flash, ring, ID) == key
    other = keys.KeyRing(tmp_path / "other", in_keyring=False)
    assert keys.ensure_for_virtual(flash, other, ID) == key
    assert other.all() == {ID: key}
    assert [path.name for path in flash.iterdir()] == ["key.bin"]
    if os.name == "posix":
        assert stat.S_IMODE((flash / "key.bin").stat().st_mode) == 0o600


@pytest.mark.parametrize("content", [b"", bytes(36), keys.file_bytes(KEY)[:-1], b"x" * 5000])
def test_a_damaged_one_is_made_anew_and_the_ring_follows(tmp_path, content):
    ring = keys.KeyRing(tmp_path / "data", in_keyring=False)
    before = keys.ensure_for_virtual(tmp_path, ring, ID)
    (tmp_path / "key.bin").write_bytes(content)
    after = keys.ensure_for_virtual(tmp_path, ring, ID)
    assert after != before and ring.get(ID) == after
    assert keys.key_of_file((tmp_path / "key.bin").read_bytes()) == after


def test_a_flash_that_cannot_be_written_is_said_plainly(tmp_path):
    ring = keys.KeyRing(tmp_path / "data", in_keyring=False)
    with pytest.raises(UserError, match="virtual band's key"):
        keys.ensure_for_virtual(tmp_path / "none", ring, ID)
    (tmp_path / "key.bin").mkdir()
    with pytest.raises(UserError, match="virtual band's key"):
        keys.ensure_for_virtual(tmp_path, ring, ID)
    assert ring.all() == {}


def test_a_probe_of_the_keyring_is_of_nobodys_band(tmp_path, monkeypatch):
    from notturno.keys.ring import KeyRing

    asked = []
    ring = KeyRing(tmp_path)
    monkeypatch.setattr(ring, "_to_say", lambda *said: asked.append(said) or {})
    ring.prepare()
    assert asked == [("0" * 16, bytes(32), "probe")]


@pytest.mark.parametrize(
    ("change", "right"),
    [
        (lambda data: data, True),
        (lambda data: data[:-1], False),
        (lambda data: data + b"x", False),
        (lambda data: bytes([data[0] ^ 1]) + data[1:], False),
        (lambda data: data[:-1] + bytes([data[-1] ^ 1]), False),
        (lambda data: b"", False),
    ],
)
def test_a_key_on_a_band_is_whole_or_none(tmp_path, change, right):
    """By the band's own reader, and by the script that a cable brings."""
    import band_key

    key = bytes(range(32))
    path = tmp_path / "key.bin"
    path.write_bytes(change(key + b"\x8a\x7e\x26\x91"))  # its CRC-32, low byte first
    assert band_key.read(str(path)) == (key if right else None)
    assert on_band.whole(str(path)) == (key if right else b"")
    nothing = str(tmp_path / "nothing")
    assert (band_key.read(nothing), on_band.whole(nothing)) == (None, b"")


def test_what_a_cable_brings_is_our_script_with_a_call_behind_it(monkeypatch):
    from notturno.keys import cable

    ran = []

    def run(port, code):
        ran.append((port, code))
        return SimpleNamespace(stdout="notturno-key 0102030405060708 - read\r\n", stderr="")

    monkeypatch.setattr(cable, "run", run)
    assert cable._talk("/dev/x", "", False) == cable.OnBand("0102030405060708", None, False)
    ((port, code),) = ran
    assert port == "/dev/x" and code.endswith("\n\nmain('', False)\n")
    assert code.startswith('"""Runs on a band') and "def main(key_hex, replace):" in code
