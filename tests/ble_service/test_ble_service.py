"""The band's side of the link, over a radio in memory."""

import asyncio
import sys
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[2]
sys.path += [str(ROOT / "tests" / "fakes"), str(ROOT / "firmware"), str(ROOT / "firmware" / "lib")]
import micropython_asyncio  # noqa: E402
from fake_ble import FakeBle  # noqa: E402
from memory_storage import MemoryStorage  # noqa: E402

micropython_asyncio.install()
import ble_link  # noqa: E402
import ble_service  # noqa: E402
from notturno_core import wire  # noqa: E402
from notturno_core.eventlog import EventLog  # noqa: E402


class Band:
    """A service over a fake radio and a log in memory, with a tick that counts questions."""

    def __init__(self, records=0, payload=b"x" * 40):
        self.log = EventLog(MemoryStorage(), lambda: 0xABCD)
        self.log.open()
        for _ in range(records):
            self.log.append(wire.REC_MARK, payload)
        self.ble = FakeBle()
        self.times = []
        self.ticks = 0
        self.service = ble_service.BleService(
            self.ble, self.log, self.info, self.set_time, self.tick_ms, name="notturno-0001"
        )

    def info(self):
        return {"state": wire.STATE_DOCKED, "device_id": b"VB000001", "battery_mv": 4000}

    def set_time(self, utc_ms, error_ms):
        self.times.append((utc_ms, error_ms))
        self.log.append(wire.REC_TIME, b"t" * 18)

    def tick_ms(self):
        self.ticks += 1
        return self.ticks

    def sent(self, handle):
        return [data for at, data in self.ble.sent if at == handle]

    def replies(self):
        return [wire.unpack(wire.REPLY_FIELDS, data) for data in self.sent(FakeBle.CONTROL)]

    def data(self):
        return b"".join(self.sent(FakeBle.DATA))

    def stored(self, from_seq=0):
        return b"".join(bytes(frame) for frame in self.log.frames_from(from_seq))


async def settled(band, turns=400):
    for _ in range(turns):
        await asyncio.sleep(0)
        if not band.service._requests and band.ble.full_for == 0:
            await asyncio.sleep(0)


def played(band, play, mtu=247):
    """Run the service, connect, and let `play(band)` (a coroutine function) be the host."""

    async def whole():
        task = asyncio.create_task(band.service.run())
        band.service.radio(True)
        band.ble.host_connects(mtu=mtu)
        await asyncio.sleep(0)
        try:
            await play(band)
        finally:
            task.cancel()

    asyncio.run(whole())
    return band


async def until(condition, patience_s=5.0):
    for _ in range(int(patience_s * 1000)):
        if condition():
            return
        await asyncio.sleep(0.001)
    raise AssertionError("the service did not answer")


def asking(*requests):
    async def play(band):
        for request in requests:
            answers = len([r for r in band.replies() if r["op"] != wire.OP_CHECKPOINT])
            band.ble.host_writes(request)

            def answered(answers=answers):
                now = [r for r in band.replies() if r["op"] != wire.OP_CHECKPOINT]
                return len(now) > answers

            await until(answered)

    return play


def op(fields, **values):
    return wire.pack(fields, values)


def report(from_seq):
    return op(wire.REPORT_FIELDS, op=wire.OP_REPORT, from_seq=from_seq)


def commit(through_seq, crc32):
    return op(wire.COMMIT_FIELDS, op=wire.OP_COMMIT, through_seq=through_seq, crc32=crc32)


def test_the_advertisement_fits_and_names_the_service():
    data, response = ble_service.advertisement("notturno-with-a-rather-long-name-indeed")
    assert len(data) <= 31 and len(response) <= 31
    assert bytes.fromhex(wire.SERVICE_UUID.replace("-", ""))[::-1] in data


def test_the_service_is_what_the_wire_says_and_a_long_request_fits():
    band = Band()
    band.service.radio(True)
    ((service,),) = [call[1] for call in band.ble.calls if call[0] == "services"]
    uuid, characteristics = service
    assert uuid.text == wire.SERVICE_UUID
    assert [(c[0].text, c[1]) for c in characteristics] == [
        (wire.INFO_UUID, 0x02),
        (wire.CONTROL_UUID, 0x28),
        (wire.DATA_UUID, 0x10),
        (wire.LIVE_UUID, 0x10),
    ]
    longest = max(len(wire.pack(fields, {})) for fields in ble_service._OPS.values())
    assert band.ble.buffers[FakeBle.CONTROL] >= longest


def test_radio_on_twice_is_once_and_off_lets_go_of_the_host():
    band = Band()
    band.service.radio(True)
    band.service.radio(True)
    assert band.ble.calls.count(("active", True)) == 1
    band.ble.host_connects(conn=3)
    assert band.service.connected
    band.service.radio(False)
    assert ("disconnect", 3) in band.ble.calls and not band.ble.is_active
    assert not band.service.connected


def test_after_a_host_leaves_the_band_advertises_again():
    async def play(band):
        assert band.ble.advertising is None
        band.ble.host_leaves()
        await until(lambda: band.ble.advertising is not None)

    played(Band(), play)


def test_info_tells_the_log_and_is_fresh_at_each_connection():
    async def play(band):
        band.log.append(wire.REC_MARK, b"12345678")
        band.ble.host_leaves()
        await until(lambda: band.ble.advertising is not None)
        band.ble.host_connects(conn=1)
        await settled(band)
        info = wire.unpack(wire.INFO_FIELDS, band.ble.values[FakeBle.INFO])
        assert info["protocol_version"] == wire.PROTOCOL_VERSION
        assert (info["next_seq"], info["log_id"]) == (band.log.next_seq, 0xABCD)
        assert info["device_id"] == b"VB000001"

    played(Band(3), play)


def test_set_time_reaches_the_log_before_the_answer():
    request = op(wire.SET_TIME_FIELDS, op=wire.OP_SET_TIME, utc_ms=1 << 40, error_ms=7)
    band = played(Band(2), asking(request))
    assert band.times == [(1 << 40, 7)]
    (reply,) = band.replies()
    assert (reply["op"], reply["status"], reply["next_seq"]) == (wire.OP_SET_TIME, 0, 4)


@settings(max_examples=20, deadline=None)
@given(
    lengths=st.lists(st.integers(0, 200), max_size=60),
    from_seq=st.integers(0, 70),
)
def test_a_report_is_the_log_byte_for_byte_in_whole_frames(lengths, from_seq):
    band = Band()
    for length in lengths:
        band.log.append(wire.REC_SNIPPET, bytes(length))
    played(band, asking(report(from_seq)))
    assert band.data() == band.stored(from_seq)
    reply = band.replies()[-1]
    assert reply["status"] == wire.STATUS_OK
    assert reply["crc32"] == zlib.crc32(band.data())
    for data in band.sent(FakeBle.DATA):
        assert len(data) <= 244
        at = 0
        while at < len(data):
            found = wire.frame_at(data, at, len(data))
            assert found is not None
            at += found[3]


def test_checkpoints_come_every_so_many_notifications_with_the_running_crc():
    band = played(Band(400), asking(report(0)))
    since = crc = 0
    checkpoints = 0
    for handle, data in band.ble.sent:
        if handle == FakeBle.DATA:
            crc = zlib.crc32(data, crc)
            since += 1
        else:
            reply = wire.unpack(wire.REPLY_FIELDS, data)
            assert reply["crc32"] == crc
            if reply["op"] == wire.OP_CHECKPOINT:
                assert since == wire.CHECKPOINT_EVERY
                checkpoints += 1
            since = 0
    assert checkpoints == len(band.sent(FakeBle.DATA)) // wire.CHECKPOINT_EVERY > 1


def test_full_buffers_only_delay():
    async def play(band):
        def fill(handle, data):
            if len(band.ble.sent) % 7 == 0:
                band.ble.full_for = 2

        band.ble.on_send = fill
        await asking(report(0))(band)

    band = played(Band(200), play)
    assert band.data() == band.stored()


def test_a_host_that_does_not_confirm_a_checkpoint_is_sent_no_more(monkeypatch):
    monkeypatch.setattr(ble_link, "_CONFIRM_TIMEOUT_MS", 20)

    async def play(band):
        band.ble.confirm = False
        band.ble.host_writes(report(0))
        await until(lambda: not band.service.connected)
        await until(lambda: band.ble.advertising is not None)

    band = played(Band(2000), play)
    assert len(band.sent(FakeBle.DATA)) == wire.CHECKPOINT_EVERY


def test_a_host_that_vanishes_in_a_report_leaves_a_band_that_serves_the_next():
    async def play(band):
        band.ble.on_send = lambda *_: len(band.ble.sent) == 10 and band.ble.host_leaves()
        band.ble.host_writes(report(0))
        await until(lambda: band.ble.advertising is not None)
        band.ble.on_send = None
        band.ble.sent.clear()
        band.ble.host_connects(conn=1)
        await asking(report(0))(band)

    band = played(Band(100), play)
    assert band.data() == band.stored()
    assert band.service.errors == 0


def test_abort_ends_a_report_and_the_next_one_is_whole():
    async def play(band):
        def abort(handle, data):
            if len(band.ble.sent) == 5:
                band.ble.host_writes(op(wire.ABORT_FIELDS, op=wire.OP_ABORT))

        band.ble.on_send = abort
        band.ble.host_writes(report(0))
        await until(lambda: len(band.replies()) == 2)
        band.ble.on_send = None
        assert [(r["op"], r["status"]) for r in band.replies()] == [
            (wire.OP_REPORT, wire.STATUS_ABORTED),
            (wire.OP_ABORT, wire.STATUS_OK),
        ]
        assert len(band.sent(FakeBle.DATA)) < 10
        band.ble.sent.clear()
        await asking(report(0))(band)

    band = played(Band(200), play)
    assert band.data() == band.stored()


def test_commit_needs_the_right_crc_over_what_the_band_holds():
    band = Band(20)
    crc = zlib.crc32(b"".join(bytes(f) for f in list(map(bytes, band.log.frames_from(1)))[:12]))
    played(band, asking(commit(12, crc ^ 1), commit(12, crc), commit(99, crc)))
    assert [r["status"] for r in band.replies()] == [
        wire.STATUS_CRC_MISMATCH,
        wire.STATUS_OK,
        wire.STATUS_BAD_REQUEST,
    ]
    assert [r["next_seq"] for r in band.replies()] == [1, 13, 13]
    assert band.log.committed_seq == 13


@pytest.mark.parametrize("request_", [b"", b"\x63", b"\x02\1", b"\x01", b"\x04\1\0\0\0"])
def test_nonsense_is_answered_with_bad_request(request_):
    band = played(Band(2), asking(request_))
    assert band.replies()[0]["status"] == wire.STATUS_BAD_REQUEST
    assert band.service.errors == 0


def test_a_flash_that_refuses_is_said_and_survived():
    band = Band(2)

    def refuse(utc_ms, error_ms):
        raise OSError(28)

    band.service._set_time = refuse
    request = op(wire.SET_TIME_FIELDS, op=wire.OP_SET_TIME, utc_ms=1)
    played(band, asking(request, report(0)))
    assert [r["status"] for r in band.replies()] == [wire.STATUS_BUSY, wire.STATUS_OK]


def test_nothing_leaves_the_interrupt():
    band = Band()
    band.service.radio(True)
    band.ble.handler(3, None)
    band.ble.handler(1, ())
    assert band.service.errors == 2


def test_records_are_sent_live_to_a_host_that_asked_for_them_and_only_then():
    async def play(band):
        band.log.append(wire.REC_MARK, b"unasked1")
        await settled(band)
        band.ble.subscribed.add(FakeBle.LIVE)
        band.log.append(wire.REC_MARK, b"seen1234")
        band.log.append(wire.REC_MARK, b"seen5678")
        await until(lambda: len(b"".join(band.sent(FakeBle.LIVE))) == 36)

    band = Band()
    band.log.append(wire.REC_MARK, b"before12")
    played(band, play)
    assert b"".join(band.sent(FakeBle.LIVE)) == band.stored(3)


def test_a_waveform_takes_no_room_of_what_is_said_live():
    async def play(band):
        band.ble.subscribed.add(FakeBle.LIVE)
        for _ in range(6):
            band.log.append(wire.REC_SNIPPET, bytes(200))
        band.log.append(wire.REC_MARK, b"12345678")
        await until(lambda: band.sent(FakeBle.LIVE))

    assert [kind for _, kind, _ in live_frames(played(Band(), play))] == [wire.REC_MARK]


ROW = {"kind": wire.EVENT_JERK, "flags": wire.FLAG_CLIPPED, "number": 7, "peak_mg": 90}


def live_frames(band):
    sent = b"".join(band.sent(FakeBle.LIVE))
    found, at = [], 0
    while at < len(sent):
        seq, kind, start, n = wire.frame_at(sent, at, len(sent))
        found.append((seq, kind, sent[start : at + n - wire.CRC_LEN]))
        at += n
    return found


def test_a_provisional_row_is_sent_live_and_its_final_one_behind_it_and_logged_alone():
    payload = wire.pack_event(ROW)

    async def play(band):
        band.ble.subscribed.add(FakeBle.LIVE)
        band.service.provisional(payload)
        await until(lambda: band.sent(FakeBle.LIVE))
        band.log.append(wire.REC_EVENT, payload)
        await until(lambda: len(live_frames(band)) == 2)

    band = played(Band(), play)
    (seq, kind, first), (final_seq, _, final) = live_frames(band)
    assert (seq, kind, final_seq) == (wire.SEQ_PROVISIONAL, wire.REC_EVENT, 1)
    assert final == payload
    assert wire.unpack_event(first) == wire.unpack_event(payload) | {
        "flags": wire.FLAG_CLIPPED | wire.FLAG_PROVISIONAL
    }
    assert len(band.stored()) == wire.HEADER_LEN + len(payload) + wire.CRC_LEN


def test_a_provisional_row_without_a_listener_is_gone():
    async def play(band):
        band.service.provisional(wire.pack_event(ROW))
        await settled(band)
        band.ble.subscribed.add(FakeBle.LIVE)
        band.log.append(wire.REC_MARK, b"12345678")
        await until(lambda: band.sent(FakeBle.LIVE))

    band = Band()
    band.service.provisional(wire.pack_event(ROW))  # the radio is off
    played(band, play)
    assert [kind for _, kind, _ in live_frames(band)] == [wire.REC_MARK]


def test_provisional_rows_leave_room_for_the_final_ones():
    async def play(band):
        band.ble.subscribed.add(FakeBle.LIVE)
        for _ in range(20):
            band.service.provisional(wire.pack_event(ROW))
        for _ in range(7):
            band.log.append(wire.REC_EVENT, wire.pack_event(ROW))
        await until(lambda: band.sent(FakeBle.LIVE))

    found = [seq for seq, _, _ in live_frames(played(Band(), play))]
    assert found.count(wire.SEQ_PROVISIONAL) == 512 // 72
    assert found[-7:] == [1, 2, 3, 4, 5, 6, 7]


def test_a_small_mtu_still_carries_small_records_and_refuses_large_ones():
    band = played(Band(5, b"12345678"), asking(report(0)), mtu=None)
    assert band.data() == band.stored()
    band = played(Band(5, bytes(100)), asking(report(0)), mtu=None)
    assert band.replies()[0]["status"] == wire.STATUS_BAD_REQUEST
