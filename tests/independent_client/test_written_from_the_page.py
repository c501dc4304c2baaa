"""A client that knows only the page firmware/PROTOCOL.md against the real firmware.

Real MicroPython VM, real BLE stack, virtual radio. What the client fetched must be, byte for byte,
what lies in the band's flash; one without the key must get nothing.
"""

import asyncio
import struct
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


@pytest.fixture(autouse=True)
def no_pause(band):
    """Set back, after each test, what a band holds against strangers: tests would wait for it."""
    yield

    async def prove():
        async with connected(band.hci) as session:
            await session.prove(KEY)

    asyncio.run(prove())


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


def test_a_record_comes_live_as_it_is_in_the_flash(band):
    async def listen():
        async with connected(band.hci) as session:
            await session.prove(KEY)
            await session.listen()
            await session.set_time(band.utc_ms)
            async with asyncio.timeout(client.WAIT_S):
                return await session.live.get()

    seq, frame = asyncio.run(listen())
    assert 0 < seq < words.NO_RECORD
    assert log_in_flash(band).endswith(frame)


def test_a_report_that_is_broken_off_says_so_and_another_one_is_whole(band):
    async def break_off():
        async with connected(band.hci, mtu=23) as session:
            await session.prove(KEY)
            await session.send(bytes([words.OP_REPORT]) + bytes(4) + b"\xff" * 4)
            await session.send(bytes([words.OP_ABORT]))
            replies = [await session.receive()]
            while replies[-1][0] != words.OP_ABORT:
                replies.append(await session.receive())
            return replies, len(session.data), await session.report(0)

    replies, data_bytes, frames = asyncio.run(break_off())
    assert [reply[1] for reply in replies[-2:]] == [4, 0]
    assert [reply[0] for reply in replies[-2:]] == [words.OP_REPORT, words.OP_ABORT]
    log = log_in_flash(band)
    assert data_bytes < len(log)
    assert b"".join(frame for _, frame in frames) == log


def test_a_part_of_the_log_is_told_by_its_numbers(band):
    async def parts():
        async with connected(band.hci) as session:
            await session.prove(KEY)
            next_seq = (await session.info())["next_seq"]
            return [await session.report(*ask) for ask in ((3, 9), (5, 5), (next_seq,), (9, 3))]

    told = [[seq for seq, _ in frames] for frames in asyncio.run(parts())]
    assert told == [[3, 4, 5, 6, 7, 8, 9], [5], [], []]


def test_what_cannot_be_done_is_told_by_its_status(band):
    async def statuses(requests):
        async with connected(band.hci) as session:
            await session.prove(KEY)
            info = await session.info()
            replies = []
            for op, layout, values in requests(info):
                await session.send(struct.pack("<B" + layout, op, *values))
                replies.append(tuple((await session.receive())[:2]))
            return replies, info, await session.info()

    def requests(info):
        last = info["next_seq"] - 1
        yield words.OP_COMMIT, "II", (last, 1)
        yield words.OP_COMMIT, "II", (info["next_seq"], 1)
        yield 99, "", ()
        yield words.OP_REPORT, "I", (1,)
        yield words.OP_SET_TIME, "Q", (1_768_000_000_000,)
        yield words.OP_ABORT, "", ()

    replies, info, after = asyncio.run(statuses(requests))
    assert replies == [(4, 3), (4, 1), (99, 1), (2, 1), (1, 1), (3, 0)]
    assert (after["committed_seq"], after["next_seq"]) == (info["committed_seq"], info["next_seq"])


def test_a_host_of_another_version_is_told_so_and_nothing_else(band):
    async def greet():
        async with connected(band.hci) as session:
            await session.send(bytes([words.OP_HELLO, words.VERSION + 1]) + bytes(16))
            challenge = await session.receive()
            with pytest.raises(ClientError, match="connection has ended"):
                await session.send(WRONG)
                await session.receive()
            return challenge

    assert asyncio.run(greet()) == bytes([words.OP_HELLO, 1]) + bytes(32)


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
    for secret in (KEY, KEY[:16], KEY[16:], told.info["device_id"]):
        assert secret not in air
    once, again = ({v for v in s.values[NOTIFIED] if len(v) > 12} for s in (first, second))
    assert len(once) > 10
    assert not once & again  # the same records, sealed anew


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


@pytest.mark.parametrize("started_anew", [False, True])
def test_a_session_overheard_does_not_open_the_band_again(band, started_anew):
    def start_anew():
        if started_anew:
            band.power_cut()

    async def repeat():
        async with connected(band.hci, snooper=sniffer) as session:
            # The two values that subscribed are the session's own.
            for value in heard.values[WRITTEN][2:]:
                await session.write(value)
            await session.receive()  # the challenge
            await session.receive()

    heard, sniffer = Sniffer(), Sniffer()
    # As many nonces after a start as then, so that a source that begins anew would say the same.
    start_anew()
    fetch(band, snooper=heard)
    start_anew()
    with pytest.raises(ClientError, match="connection has ended"):
        asyncio.run(repeat())
    assert answers(sniffer) == (1, 0)
    challenges = [b"".join(v[1:] for v in s.values[INDICATED][:2]) for s in (heard, sniffer)]
    assert challenges[0][2:18] != challenges[1][2:18]


def test_after_many_strangers_the_key_still_opens_it(band):
    for _ in range(4):
        with pytest.raises(NotOurBand):
            fetch(band, key=bytes(32))
    told = fetch(band)
    assert told.info["strangers"] >= 4
    assert b"".join(frame for _, frame in told.frames) == log_in_flash(band)
