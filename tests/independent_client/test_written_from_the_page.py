"""A client that knows only the page firmware/PROTOCOL.md against the real firmware.

Real MicroPython VM, real BLE stack, virtual radio. What the client fetched must be, byte for byte,
what lies in the band's flash; one without the key must get nothing.
"""

import asyncio
import zlib

import client
import protocol_words as words
import pytest
from bumble.att import Opcode
from client import ClientError, NotOurBand, connected
from notturno.sleeper import night_world
from notturno.virtualband import VirtualBand
from notturno.virtualband.world import Timeline
from sniffer import Sniffer

pytestmark = pytest.mark.xdist_group("page")
HOURS = 0.2
KEY = bytes(range(7, 39))
NOTIFIED, INDICATED = Opcode.ATT_HANDLE_VALUE_NOTIFICATION, Opcode.ATT_HANDLE_VALUE_INDICATION
WRITTEN = Opcode.ATT_WRITE_REQUEST


@pytest.fixture(scope="module")
def band(tmp_path_factory):
    folder = tmp_path_factory.mktemp("band")
    (folder / "flash").mkdir()
    (folder / "flash" / "key.bin").write_bytes(KEY + zlib.crc32(KEY).to_bytes(4, "little"))
    world = Timeline([night_world("fragmentary", 3, HOURS)], hours=HOURS)
    with VirtualBand(folder, world, seed=3) as band:
        band.wait_nights()
        yield band


def fetch(band, key=KEY, **options):
    return asyncio.run(client.fetch(band.hci, key, now_utc_ms=band.utc_ms, **options))


def log_in_flash(band):
    return b"".join(path.read_bytes() for path in sorted((band.flash / "log").glob("log-*.bin")))


@pytest.mark.parametrize("mtu", [247, 23])
def test_what_is_fetched_is_what_is_in_the_flash(band, mtu):
    told = fetch(band, mtu=mtu)
    assert told.mtu == mtu
    assert len(told.frames) > HOURS * 60
    assert b"".join(frame for _, frame in told.frames) == log_in_flash(band)
    seqs = [seq for seq, _ in told.frames]
    assert seqs == list(range(told.info["first_seq"], told.info_after["next_seq"]))
    assert told.info["device_id"] == told.info_after["device_id"] != bytes(8)
    assert told.info_after["state"] & 4  # its time is set


def test_records_confirmed_are_still_told(band):
    first = fetch(band, confirm=True)
    assert first.info_after["committed_seq"] == first.frames[-1][0] + 1
    again = fetch(band)
    assert again.info["committed_seq"] == first.info_after["committed_seq"]
    assert again.frames[: len(first.frames)] == first.frames


def test_the_time_that_was_set_is_in_the_log(band):
    told = fetch(band)
    assert told.info["next_seq"] + 1 == told.info_after["next_seq"]
    utc_ms = told.set_utc_ms.to_bytes(8, "little")
    assert utc_ms in told.frames[-1][1]


def test_one_who_listens_hears_nothing_of_the_records(band):
    first, second = Sniffer(), Sniffer()
    told = fetch(band, snooper=first)
    fetch(band, snooper=second)
    payloads = {frame[6:-4] for _, frame in told.frames if len(frame) >= 10 + 8}
    assert len(payloads) > 10
    log = b"".join(frame for _, frame in told.frames)
    assert all(payload in log for payload in payloads)
    # All of the log did pass here.
    assert len(first.heard(NOTIFIED)) > len(log)
    air = first.everything() + second.everything()
    assert not [payload for payload in payloads if payload in air]
    for secret in (KEY, KEY[:16], told.info["device_id"], told.info["firmware"].encode()):
        assert secret not in air
    assert not set(first.values[NOTIFIED]) & set(second.values[NOTIFIED])


def answers(sniffer):
    """Return how many messages came on CONTROL and how many values on DATA."""
    ends = [value for value in sniffer.values[INDICATED] if value[0] & words.ENDS]
    return len(ends), len(sniffer.values[NOTIFIED])


async def go_on(hci, messages, sniffer, hello=True):
    """Connect, say HELLO and then messages as they are; end when the band ends it."""
    async with connected(hci, snooper=sniffer) as session:
        if hello:
            await session.send(bytes([words.OP_HELLO, words.VERSION]) + bytes(16))
            await session.receive()
        for message in messages:
            await session.send(message)
        await session.receive()


WRONG = bytes([words.OP_PROOF]) + bytes(16)
PLAIN = [bytes([words.OP_INFO]), bytes([words.OP_REPORT]) + bytes(4) + b"\xff" * 4]
SEALED = words.Sealer(bytes(16), bytes(32)).seal(words.CONTROL, PLAIN[1])


def test_a_wrong_key_gets_nothing(band):
    sniffer = Sniffer()
    with pytest.raises(NotOurBand, match="does not hold our key"):
        fetch(band, key=bytes(32), snooper=sniffer)
    assert answers(sniffer) == (1, 0)


@pytest.mark.parametrize("messages", [[WRONG], [WRONG, *PLAIN], PLAIN, [SEALED], [b"\x21"]])
def test_who_goes_on_without_the_key_is_let_go_with_the_challenge_alone(band, messages):
    sniffer = Sniffer()
    with pytest.raises(ClientError, match="connection has ended"):
        asyncio.run(go_on(band.hci, messages, sniffer))
    assert answers(sniffer) == (1, 0)


@pytest.mark.parametrize("messages", [PLAIN, [WRONG], [SEALED], [bytes(range(64))]])
def test_who_says_no_hello_is_let_go_without_a_word(band, messages):
    sniffer = Sniffer()
    with pytest.raises(ClientError, match="connection has ended"):
        asyncio.run(go_on(band.hci, messages, sniffer, hello=False))
    assert answers(sniffer) == (0, 0)


def test_a_session_overheard_does_not_open_the_band_again(band):
    heard, sniffer = Sniffer(), Sniffer()
    fetch(band, snooper=heard)

    async def repeat():
        async with connected(band.hci, snooper=sniffer) as session:
            # The two values that subscribed are the session's own.
            for value in heard.values[WRITTEN][2:]:
                await session.write(value)
            await session.receive()  # the challenge
            await session.receive()

    with pytest.raises(ClientError, match="connection has ended"):
        asyncio.run(repeat())
    assert answers(sniffer) == (1, 0)


def test_after_all_these_the_key_still_opens_it(band):
    assert b"".join(frame for _, frame in fetch(band).frames) == log_in_flash(band)
