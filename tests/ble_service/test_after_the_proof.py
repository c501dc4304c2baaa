"""What a band answers to a host that holds its key, and what it does with nonsense from it."""

import asyncio
import zlib

import ble_link
import pytest
from fake_ble import FakeBle
from hypothesis import given, settings
from hypothesis import strategies as st
from notturno_core import protocol, wire
from proven import SealedHost, request, until
from served import SET_TIME, Band, answered, asking, commit, played, report


def test_info_tells_the_log():
    band = Band(3)

    async def play(host):
        info = await host.ask(protocol.OP_INFO)
        assert (info["next_seq"], info["log_id"], info["first_seq"]) == (4, 0xABCD, 1)
        assert (info["device_id"], info["log_version"]) == (b"VB000001", wire.LOG_VERSION)
        assert (info["state"], info["battery_mv"], info["strangers"]) == (
            wire.STATE_DOCKED,
            4000,
            0,
        )

    played(band, play)


def test_set_time_reaches_the_log_before_the_answer():
    band = Band(2)
    host = played(band, asking(SET_TIME))
    assert band.times == [(1 << 40, 7, 9)]
    (reply,) = host.replies()
    assert (reply["op"], reply["status"], reply["next_seq"]) == (protocol.OP_SET_TIME, 0, 4)


@settings(max_examples=30, deadline=None)
@given(
    lengths=st.lists(st.integers(0, 200), max_size=60),
    from_seq=st.integers(0, 70),
    count=st.integers(0, 70),
    mtu=st.sampled_from([None, 23, 24, 64, 104, 185, 247, 517]),
)
def test_a_report_is_a_range_of_the_log_byte_for_byte_at_any_mtu(lengths, from_seq, count, mtu):
    band = Band()
    for length in lengths:
        band.log.append(wire.REC_SNIPPET, bytes(length))
    through = from_seq + count
    host = played(band, asking(report(from_seq, through)), mtu=mtu)
    assert host.heard(protocol.DATA) == band.stored(from_seq, through)
    reply = host.replies()[-1]
    assert reply["status"] == protocol.STATUS_OK
    assert reply["crc32"] == zlib.crc32(band.stored(from_seq, through))
    most = min(mtu or 23, 247) - 3
    assert all(len(value) <= most for _, value in host.values)


def test_the_values_of_a_long_report_are_full():
    band = Band(400)
    host = played(band, asking(report(0)))
    lengths = [len(value) for channel, value in host.values if channel == protocol.DATA]
    assert len(lengths) > 60
    assert sum(length < 244 for length in lengths) <= 1  # the last one


def test_a_checkpoint_comes_every_so_many_messages_with_the_crc_of_whole_frames():
    band = Band(900)
    host = played(band, asking(report(0)))
    stream = b""
    since = checkpoints = 0
    for channel, message in host.said:
        if channel == protocol.DATA:
            stream += message
            since += 1
            continue
        reply = wire.unpack(protocol.REPLY_FIELDS, message)
        whole = band.stored(0, reply["next_seq"] - 1)
        assert stream.startswith(whole) and len(stream) - len(whole) < wire.MAX_FRAME_LEN
        assert reply["crc32"] == zlib.crc32(whole)
        if reply["op"] == protocol.OP_CHECKPOINT:
            assert since == protocol.CHECKPOINT_EVERY
            checkpoints += 1
        since = 0
    assert checkpoints > 3


def test_full_buffers_only_delay():
    band = Band(200)

    async def play(host):
        def fill(handle, data):
            if len(band.ble.sent) % 7 == 0:
                band.ble.full_for = 2

        host.also = fill
        await asking(report(0))(host)

    host = played(band, play)
    assert host.heard(protocol.DATA) == band.stored()


def test_a_host_that_confirms_no_checkpoint_gets_two_windows_and_no_more(monkeypatch):
    monkeypatch.setattr(ble_link, "_CONFIRM_TIMEOUT_MS", 20)
    band = Band(2000)

    async def play(host):
        band.ble.confirm = False
        host.write(report(0))
        await until(lambda: not band.connected)
        await until(lambda: band.ble.advertising is not None)

    host = played(band, play)
    assert sum(channel == protocol.DATA for channel, _ in host.said) == (
        2 * protocol.CHECKPOINT_EVERY
    )


@pytest.mark.parametrize("full", [False, True])
def test_a_host_or_a_stack_that_takes_nothing_is_waited_for_ten_seconds(monkeypatch, full):
    """Time is not waited for here, only counted."""
    band = Band(3)
    slept, waited_ms = [], 10_000

    async def play(host):
        async def counted(ms):
            slept.append(ms)
            await asyncio.sleep(0)

        monkeypatch.setattr(asyncio, "sleep_ms", counted)
        band.ble.confirm = False
        if full:
            band.ble.full_for = 1 << 30
        host.write(request(protocol.OP_INFO))
        host.write(request(protocol.OP_INFO))
        await until(lambda: sum(ms for ms in slept if ms < 100) >= waited_ms - 10)
        await asyncio.sleep(0.02)
        if not full:
            assert not band.connected

    played(band, play)
    few = sum(ms for ms in slept if ms < 100)
    assert waited_ms - 10 <= few <= waited_ms * (2 if full else 1) + 10


def test_a_host_that_vanishes_in_a_report_leaves_a_band_that_serves_the_next():
    band = Band(100)

    async def play(host):
        host.also = lambda *_: len(band.ble.sent) == 10 and band.ble.host_leaves()
        host.write(report(0))
        await until(lambda: band.ble.advertising is not None)
        band.ble.host_connects(conn=1)
        again = await SealedHost(band.ble).prove()
        await asking(report(0))(again)
        assert again.heard(protocol.DATA) == band.stored()

    played(band, play)
    assert band.service.errors == 0


def test_an_answer_that_the_last_host_never_confirmed_is_not_held_against_the_next():
    band = Band(3)

    async def play(host):
        band.ble.handler(20, (0, FakeBle.CONTROL, 13))  # its confirmation never came
        band.ble.host_leaves()
        await until(lambda: band.ble.advertising is not None)
        band.ble.host_connects(conn=1)
        again = await SealedHost(band.ble).prove()
        await again.ask(protocol.OP_INFO)

    played(band, play)


def test_abort_ends_a_report_and_the_next_one_is_whole():
    band = Band(400)

    async def play(host):
        def abort(handle, data):
            if len(band.ble.sent) == 8:
                host.write(request(protocol.OP_ABORT))

        host.also = abort
        host.write(report(0))
        await until(lambda: len(answered(host)) == 2)
        host.also = None
        assert [(r["op"], r["status"]) for r in answered(host)] == [
            (protocol.OP_REPORT, protocol.STATUS_ABORTED),
            (protocol.OP_ABORT, protocol.STATUS_OK),
        ]
        assert len(host.heard(protocol.DATA)) < 5000
        host.said.clear()
        await asking(report(0))(host)

    host = played(band, play)
    assert host.heard(protocol.DATA) == band.stored()


def test_commit_needs_the_right_crc_and_a_wrong_one_is_not_told_the_right_one():
    band = Band(20)
    crc = zlib.crc32(band.stored(1, 12))
    host = played(band, asking(commit(12, crc ^ 1), commit(12, crc), commit(21, crc)))
    assert [r["status"] for r in host.replies()] == [
        protocol.STATUS_CRC_MISMATCH,
        protocol.STATUS_OK,
        protocol.STATUS_BAD_REQUEST,
    ]
    assert [r["next_seq"] for r in host.replies()] == [1, 13, 13]
    assert [r["crc32"] for r in host.replies()] == [0, crc, 0]
    assert band.log.committed_seq == 13


@pytest.mark.parametrize("nonsense", [b"", b"\x63", b"\x02\1", b"\x01", b"\x04\1\0\0\0", b"\x20"])
def test_nonsense_of_one_who_holds_the_key_is_answered_with_bad_request(nonsense):
    band = Band(2)
    host = played(band, asking(nonsense))
    assert host.replies()[0]["status"] == protocol.STATUS_BAD_REQUEST
    assert band.service.errors == 0


def test_a_flash_that_refuses_is_said_and_survived():
    band = Band(2)

    def refuse(*_):
        raise OSError(28)

    band.service._answers._set_time = refuse
    host = played(band, asking(SET_TIME, report(0)))
    assert [r["status"] for r in host.replies()] == [protocol.STATUS_BUSY, protocol.STATUS_OK]


@pytest.mark.parametrize(
    "spoil",
    [
        lambda value: value[:-1] + bytes([value[-1] ^ 1]),  # the tag
        lambda value: value[:6] + bytes([value[6] ^ 1]) + value[7:],  # what is sealed
        lambda value: value[:1] + bytes([value[1] + 1]) + value[2:],  # the counter
        lambda value: bytes([value[0] ^ 1]) + value[1:],  # the piece's number
        lambda value: value[:9],
        lambda value: b"",
    ],
)
def test_a_changed_request_ends_the_connection_and_does_nothing(spoil):
    band = Band(2)

    async def play(host):
        real = band.ble.host_writes
        band.ble.host_writes = lambda value: real(spoil(value))
        host.write(SET_TIME)
        await until(lambda: not band.connected)

    played(band, play)
    assert band.times == []


def test_a_request_said_twice_ends_the_connection_and_is_done_once():
    band = Band(2)

    async def play(host):
        written = []
        real = band.ble.host_writes
        band.ble.host_writes = lambda value: (written.append(value), real(value))
        host.write(SET_TIME)
        await host.answer(protocol.OP_SET_TIME)
        head = (written[-1][0] & ~protocol.HEAD_COUNT) | (written[-1][0] + 1) & 63
        real(bytes([head]) + written[-1][1:])
        await until(lambda: not band.connected)

    played(band, play)
    assert len(band.times) == 1


def test_nothing_leaves_the_interrupt():
    band = Band()
    band.service.radio(True)
    band.ble.handler(3, None)
    band.ble.handler(1, ())
    assert band.service.errors == 2
