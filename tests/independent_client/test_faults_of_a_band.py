"""The client written from the page against a band in memory written from it too, and its faults.

The two share no line, so that a misreading shows; what a real band never does is done here.
"""

import ast
import asyncio
import re
import sys
import zlib
from pathlib import Path

import client
import pytest
from client import ClientError, NotOurBand, Session
from page_band import PageBand, frame

KEY = bytes(range(32))
FRAMES = [frame(seq, bytes([seq % 251]) * (seq * 7 % 201)) for seq in range(1, 120)]


async def talk(band, key=KEY):
    """Do what fetch does, after the radio."""
    session = Session(band)
    await session.begin()
    await session.prove(key)
    info = await session.info()
    await session.set_time(lambda: 1_768_000_000_123)
    frames = await session.report(info["first_seq"])
    confirmed = await session.commit(frames, info["committed_seq"])
    return info, frames, confirmed


def test_the_client_knows_nothing_of_the_project():
    used = set()
    for name in ("client", "protocol_words", "page_band", "sniffer"):
        for node in ast.walk(ast.parse(Path(__file__).with_name(f"{name}.py").read_text())):
            if isinstance(node, ast.Import):
                used |= {alias.name.split(".")[0] for alias in node.names}
            elif isinstance(node, ast.ImportFrom):
                used.add(node.module.split(".")[0])
    assert {"bumble", "cryptography"} <= used
    own = {"client", "protocol_words", "page_band", "sniffer"}
    assert used - own - set(sys.stdlib_module_names) == {"bumble", "cryptography"}


def test_the_examples_of_the_page_come_out():
    host_nonce, band_nonce = b"\x48" * 16, b"\x42" * 16
    for who, hexadecimal in (
        (b"band", "85199283b9f5ed6b1ce254b85df7fcd2"),
        (b"host", "56420f276517904a5b05b64ed9d0160b"),
    ):
        assert client.words.proof(KEY, who, host_nonce, band_nonce).hex() == hexadecimal
    to_band, to_host = client.words.sealers(KEY, host_nonce + band_nonce)
    secrets = to_band.cipher_key + to_band.mac_key + to_host.cipher_key + to_host.mac_key
    assert secrets.hex() == (
        "643a163148d3cddf149ebf18c0777c327b6084e08c172c03b7d93e1e2647d7851472a1ced6f38426"
        "90407519717b03a780d65e59079025963877af20e80c34cfcf7b6a23eba5c1c80f3cfb9f93c5d009"
        "b5ada5842da96738369d64ccbe3c00fa"
    )
    assert to_band.seal(client.CONTROL, b"\5").hex() == "00000000fd7fc2e1e0baf8d7c512d9"
    sealed = "000000003316bb9e8992d44fa90917455ce784e7295c8fcb0df40230c4"
    assert to_host.open(client.DATA, bytes.fromhex(sealed)) == b"a jerk of 90 mg"


@pytest.mark.parametrize("att_mtu", [23, 24, 185, 247, 517])
def test_the_whole_log_comes_as_it_is_held_and_is_confirmed(att_mtu):
    band = PageBand(KEY, FRAMES, att_mtu)
    info, frames, confirmed = asyncio.run(talk(band))
    assert [bytes(held) for _, held in frames] == FRAMES
    assert [seq for seq, _ in frames] == list(range(1, 120))
    assert (info["device_id"], info["firmware"], info["state"]) == (b"DEVICEID", "9.9", 5)
    assert (info["next_seq"], info["battery_mv"], info["strangers"]) == (120, 3900, 2)
    (set_time, commit) = band.took
    assert (set_time[1], set_time[3]) == (1_768_000_000_123, client.HOST_ID)
    assert commit == (4, 119, zlib.crc32(b"".join(FRAMES)))
    assert confirmed["next_seq"] == band.committed == 120


def test_an_empty_log_is_an_empty_report():
    async def ask():
        session = Session(PageBand(KEY, []))
        await session.begin()
        await session.prove(KEY)
        return await session.report(1)

    assert asyncio.run(ask()) == []


def test_nothing_of_a_record_is_in_the_values():
    band = PageBand(KEY, FRAMES, 517)
    asyncio.run(talk(band))
    air = b"".join(value[1:] for value in band.values)
    assert len(air) > sum(map(len, FRAMES))
    assert not any(held[6:-4] in air for held in FRAMES if len(held) > 16)


def test_a_false_band_is_told_by_its_proof_and_gets_none():
    band = PageBand(bytes(32), FRAMES)
    with pytest.raises(NotOurBand, match="does not hold our key"):
        asyncio.run(talk(band))
    assert band.read == 1  # the HELLO, and no proof


def test_a_band_that_ends_the_connection_at_our_proof_is_not_ours(monkeypatch):
    real = client.words.proof

    def wrong(key, who, *nonces):
        return real(key, who, *nonces) if who == b"band" else bytes(16)

    monkeypatch.setattr(client.words, "proof", wrong)
    with pytest.raises(NotOurBand, match="did not take our proof"):
        asyncio.run(talk(PageBand(KEY, FRAMES)))


@pytest.mark.parametrize("status", [1, 5])
def test_a_band_that_cannot_go_on_says_why(status):
    band = PageBand(KEY, FRAMES)
    band.status = status
    with pytest.raises(ClientError, match=f"status {status}"):
        asyncio.run(talk(band))


@pytest.mark.parametrize(("version", "words"), [(1, "the band is older"), (3, "the client is")])
def test_another_version_is_told_before_a_word_is_said(version, words):
    band = PageBand(KEY, FRAMES, version=version)
    with pytest.raises(ClientError, match=words):
        asyncio.run(talk(band))
    assert band.values == []


def of_data(number, change):
    """Spoil the value of this number on DATA."""
    return lambda channel, at, value: change(value) if (channel, at) == (2, number) else [value]


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda value: [], "piece is missing"),
        (lambda value: [value, value], "piece is missing"),
        (lambda value: [value[:9] + bytes([value[9] ^ 1]) + value[10:]], "seal"),
        (lambda value: [value[:-1]], "seal"),
        (lambda value: [b""], "piece is missing"),
        (lambda value: [bytes([value[0] ^ 0x40]) + value[1:]], "neither begins"),
        (lambda value: [bytes([value[0] & ~0x80]) + value[1:]], "neither begins"),
        (lambda value: [value + bytes(2000)], "too long"),
    ],
)
def test_a_value_that_does_not_fit_ends_it(change, words):
    band = PageBand(KEY, FRAMES, 517)
    band.spoil = of_data(3, change)
    with pytest.raises(ClientError, match=re.escape(words)):
        asyncio.run(talk(band))


def test_a_message_that_comes_again_or_is_left_out_ends_it():
    async def ask(counter):
        band = PageBand(KEY, FRAMES, 517)
        session = Session(band)
        await session.begin()
        await session.prove(KEY)
        await session.report(1)
        band.sealed[2] = counter(band.sealed[2])
        await session.report(1)

    for counter in (lambda at: at - 1, lambda at: at + 1, lambda at: 0):
        with pytest.raises(ClientError, match="missing, or comes again"):
            asyncio.run(ask(counter))


@pytest.mark.parametrize(
    ("frames", "words"),
    [
        ([FRAMES[0], FRAMES[1][:-1] + b"x"], "no whole record frame"),
        ([FRAMES[0], FRAMES[1][:-1]], "no whole record frame"),
        ([FRAMES[0], FRAMES[1][:5]], "no whole record frame"),
        ([FRAMES[0], bytes(4)], "no whole record frame"),
        ([FRAMES[0], frame(2, bytes(201))], "no whole record frame"),
        ([FRAMES[1], FRAMES[0]], "ascend"),
    ],
)
def test_a_report_of_anything_but_whole_frames_ascending_is_refused(frames, words):
    with pytest.raises(ClientError, match=words):
        asyncio.run(talk(PageBand(KEY, frames)))


def test_a_confirmation_of_something_else_is_refused():
    async def ask():
        session = Session(PageBand(KEY, FRAMES))
        await session.begin()
        await session.prove(KEY)
        await session.commit([(2, FRAMES[1])], 1)

    with pytest.raises(ClientError, match="op 4 was answered by 04 03"):
        asyncio.run(ask())


def test_a_band_that_says_nothing_is_not_waited_for_without_end(monkeypatch):
    monkeypatch.setattr(client, "WAIT_S", 0.01)
    band = PageBand(KEY, FRAMES)
    band.spoil = lambda channel, number, value: []
    with pytest.raises(ClientError, match="says nothing"):
        asyncio.run(talk(band))


def live_values(messages):
    """Return the values, three a message, of sealed messages, and what opens them."""
    sealer, opener = client.words.Sealer(KEY[:16], KEY), client.words.Sealer(KEY[:16], KEY)
    out = client.words.Pieces(1024)
    sealed = [sealer.seal(client.LIVE, bytes([number]) * 40) for number in range(messages)]
    values = [value for message in sealed for value in out.cut(message, 20)]
    assert len(values) == 3 * messages
    return values, opener


def heard_live(messages, dropped):
    """Return the numbers of the messages that come through without the dropped values."""
    values, opener = live_values(messages)
    into = client.words.Pieces(1024)
    joined = [into.join_lossy(value) for at, value in enumerate(values) if at not in dropped]
    return [opener.open(client.LIVE, message)[0] for message in joined if message]


def test_live_goes_on_behind_what_is_missing():
    assert heard_live(5, []) == [0, 1, 2, 3, 4]
    for at in range(15):
        assert heard_live(5, [at]) == [number for number in range(5) if number != at // 3]
    assert heard_live(5, range(2, 10)) == [4]


def test_a_whole_round_of_live_values_missing_within_a_message_is_told_by_the_seal():
    with pytest.raises(ClientError, match="seal"):
        heard_live(22, range(1, 65))


def test_a_live_message_that_comes_again_is_told():
    values, opener = live_values(2)
    first = b"".join(value[1:] for value in values[:3])
    opener.open(client.LIVE, first)
    with pytest.raises(ClientError, match="comes again"):
        opener.open(client.LIVE, first)
