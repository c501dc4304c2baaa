"""What a band answers to READ, PARCEL, PIECE and UNPACK, and how a host takes it."""

import asyncio
import struct
import zlib
from types import SimpleNamespace

import answers
import parcels
import pytest
from notturno.errors import UserError
from notturno.flashing import parcel
from notturno.link import LinkLost
from notturno_core import protocol, wire


class Band:
    """The band's answers without a radio; the flash of its parcels is a folder."""

    def __init__(self, folder, monkeypatch, state=0):
        self.said, self.replies = [], []
        monkeypatch.setattr(parcels.settings, "PARCEL", str(folder / "parcel.bin"))
        monkeypatch.setattr(parcels, "SETTINGS", str(folder / "settings.json"))
        monkeypatch.setattr(parcels.slots, "running", lambda: 1)
        monkeypatch.setattr(parcels.slots, "read", lambda: (1, 0, 0, 0))
        log = SimpleNamespace(next_seq=1)
        self.answers = answers.Answers(
            log, SimpleNamespace(room=244), self, lambda: {"state": state}, None, None, None
        )

    async def say(self, channel, data):
        self.said.append((channel, bytes(data)))

    async def reply(self, values):
        self.replies.append((values["op"], values["status"], values["next_seq"]))
        self.crc32 = values.get("crc32")

    def ask(self, op, fields=b""):
        asyncio.run(self.answers.answer(bytes((op,)) + fields))
        return self.replies[-1][1:]


OK, BAD, BUSY, REFUSED = 0, 1, 2, 6
SETTINGS = b'{"form": 1, "settings": {"ODR_HZ": 52}}'


def begin(data, kind=protocol.PARCEL_SETTINGS):
    import hashlib

    return struct.pack("<BI", kind, len(data)) + hashlib.sha256(data).digest()


def test_a_parcel_of_settings(tmp_path, monkeypatch):
    band = Band(tmp_path, monkeypatch)
    assert band.ask(protocol.OP_PARCEL, begin(SETTINGS)) == (OK, 0)
    assert band.ask(protocol.OP_PIECE, struct.pack("<I", 0) + SETTINGS[:9]) == (OK, 9)
    assert band.ask(protocol.OP_PARCEL, begin(SETTINGS)) == (OK, 9)
    assert band.ask(protocol.OP_UNPACK) == (REFUSED, protocol.REFUSED_DAMAGED)
    assert not band.answers.changed
    assert band.ask(protocol.OP_PIECE, struct.pack("<I", 9) + SETTINGS[9:]) == (OK, len(SETTINGS))
    assert band.ask(protocol.OP_UNPACK)[0] == OK and band.answers.changed
    assert (tmp_path / "settings.json").read_bytes() == SETTINGS
    assert not (tmp_path / "parcel.bin").exists()
    band.ask(protocol.OP_READ, b"\1")
    assert b"".join(data for channel, data in band.said) == SETTINGS
    assert {channel for channel, _ in band.said} == {protocol.DATA}
    assert band.crc32 == zlib.crc32(SETTINGS) and band.replies[-1][2] == len(SETTINGS)


def test_what_is_out_of_turn_or_cut_off(tmp_path, monkeypatch):
    band = Band(tmp_path, monkeypatch)
    damaged = (REFUSED, protocol.REFUSED_DAMAGED)
    assert band.ask(protocol.OP_PIECE, bytes(4) + b"x") == damaged
    assert band.ask(protocol.OP_UNPACK) == damaged
    for op, fields in [
        (protocol.OP_PARCEL, begin(SETTINGS)[:-1]),
        (protocol.OP_PIECE, bytes(3)),
        (protocol.OP_READ, b""),
    ]:
        assert band.ask(op, fields)[0] == BAD
    assert band.ask(protocol.OP_PARCEL, begin(SETTINGS, kind=3)) == damaged
    assert band.ask(protocol.OP_READ, b"\7") == (OK, 0)  # nothing that anybody may read
    assert list(tmp_path.iterdir()) == []


def test_a_night_is_not_disturbed(tmp_path, monkeypatch):
    band = Band(tmp_path, monkeypatch, wire.STATE_RECORDING)
    for op, fields in [
        (protocol.OP_READ, b"\1"),
        (protocol.OP_PARCEL, begin(SETTINGS)),
        (protocol.OP_PIECE, bytes(4) + b"x"),
        (protocol.OP_UNPACK, b""),
    ]:
        assert band.ask(op, fields) == (REFUSED, protocol.REFUSED_RECORDING)
    assert list(tmp_path.iterdir()) == [] and band.said == []


def test_a_flash_that_refuses_is_busy_and_nothing_is_left(tmp_path, monkeypatch):
    band = Band(tmp_path, monkeypatch)
    band.ask(protocol.OP_PARCEL, begin(SETTINGS))

    def full(_):
        raise OSError(28)

    monkeypatch.setattr(band.answers._parcels, "_file", SimpleNamespace(write=full, close=int))
    assert band.ask(protocol.OP_PIECE, bytes(4) + b"x")[0] == BUSY
    assert band.answers.errors == 1 and list(tmp_path.iterdir()) == []
    assert band.ask(protocol.OP_PARCEL, begin(SETTINGS)) == (OK, 0)


# --- the host's side -----------------------------------------------------------------------------


class Link:
    """A link on which a band says what it is told to."""

    def __init__(self, *messages):
        self.messages = list(messages)
        self.heard = []

    async def say(self, plain):
        self.heard.append(plain)

    async def next_message(self, timeout_s=None):
        if not self.messages:
            raise LinkLost("silent")
        return self.messages.pop(0)


def reply(op, status=0, next_seq=0, crc32=0):
    values = {"op": op, "status": status, "next_seq": next_seq, "crc32": crc32}
    return protocol.CONTROL, wire.pack(protocol.REPLY_FIELDS, values)


def read(*messages):
    return asyncio.run(parcel.read(Link(*messages), protocol.READ_MANIFEST))


def test_a_text_comes_whole_or_not_at_all():
    said, crc = b"hello, band", zlib.crc32(b"hello, band")
    data = [(protocol.DATA, said[:5]), (protocol.DATA, said[5:])]
    end = reply(protocol.OP_READ, 0, len(said), crc)
    assert read(*data, end) == said
    assert read(data[0], end, data[1]) == said  # the reply came first
    assert read(reply(protocol.OP_READ)) == b""
    live = (protocol.LIVE, end[1])  # a row that only looks like the reply
    assert read(data[0], live, data[1], end) == said
    other = reply(protocol.OP_PARCEL, 0, len(said), crc)  # of what was asked before
    assert read(other, *data, end) == said
    for messages in (
        [data[0], end],
        [*data, data[0], end],
        [*data, reply(protocol.OP_READ, 0, len(said), crc + 1)],
        [(protocol.DATA, bytes(60000))] * 2,
        [],
    ):
        with pytest.raises(LinkLost):
            read(*messages)


def test_a_text_has_64_kib_and_no_byte_more():
    said = bytes(65536)
    assert read((protocol.DATA, said), reply(protocol.OP_READ, 0, 65536, zlib.crc32(said))) == said
    with pytest.raises(LinkLost, match="more than was asked for"):
        read((protocol.DATA, said), (protocol.DATA, b"x"))


@pytest.mark.parametrize(
    ("status", "reason", "words"),
    [
        (1, 0, "cannot do this over the radio yet; plug it in"),
        (2, 0, "its flash refuses"),
        (6, protocol.REFUSED_RECORDING, "it records; put it on its charger"),
        (6, protocol.REFUSED_ON_TRIAL, "has not shown itself"),
        (6, 99, "reason 99"),
        (9, 0, "status 9"),
    ],
)
def test_what_a_band_refuses_is_one_sentence(status, reason, words):
    with pytest.raises(UserError, match=words):
        read(reply(protocol.OP_READ, status, reason))
    names = [name for name in dir(protocol) if name.startswith("REFUSED_")]
    assert {getattr(protocol, name) for name in names} == set(parcel.REFUSED)


@pytest.mark.parametrize("text", [b"", b"{", b"[]", b'{"arch": 5, "files": {}}', b'{"arch": "x"}'])
def test_a_manifest_that_is_none_asks_for_the_cable(text):
    end = reply(protocol.OP_READ, 0, len(text), zlib.crc32(text))
    link = Link(*([(protocol.DATA, text)] if text else []), end)
    with pytest.raises(UserError, match="does not lie in a slot yet; plug it in"):
        asyncio.run(parcel.manifest_of(link))


def test_a_band_that_loses_its_place_is_left():
    data = bytes(500)
    lies = [reply(protocol.OP_PARCEL), reply(protocol.OP_PIECE, 0, 5)]
    with pytest.raises(LinkLost, match="lost its place"):
        asyncio.run(parcel.send(Link(*lies), 1, data))
    sent = Link(
        reply(protocol.OP_PARCEL, 0, 10**9), reply(protocol.OP_UNPACK)
    )  # it says that it has more than there is
    asyncio.run(parcel.send(sent, 1, data))
    assert [message[0] for message in sent.heard] == [protocol.OP_PARCEL, protocol.OP_UNPACK]


@pytest.mark.parametrize(("slot", "place"), [(0, None), (1, "/slot_a"), (2, "/slot_b")])
def test_the_manifest_that_is_told_is_that_of_the_slot_that_runs(monkeypatch, slot, place):
    """A plain copy has none; one that lies in the root by chance is of no program that runs."""
    monkeypatch.setattr(parcels.slots, "running", lambda: slot)
    said = parcels.path_of(protocol.READ_MANIFEST)
    assert said == (place and place + "/manifest.json")
