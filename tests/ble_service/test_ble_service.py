"""The band's side of the link, over a radio in memory: who may talk, and what is answered."""

import asyncio
import hashlib
import sys
import zlib
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

ROOT = Path(__file__).resolve().parents[2]
sys.path += [str(ROOT / "tests" / "fakes"), str(ROOT / "firmware"), str(ROOT / "firmware" / "lib")]
import ble_link  # noqa: E402
import ble_service  # noqa: E402
import proven  # noqa: E402  (puts the firmware on the path)
from fake_ble import FakeBle  # noqa: E402
from memory_storage import MemoryStorage  # noqa: E402
from notturno_core import protocol, seal, wire  # noqa: E402
from notturno_core.eventlog import EventLog  # noqa: E402
from proven import KEY, SealedHost, request, until  # noqa: E402


class Band:
    """A service over a fake radio and a log in memory; its clock is `ticks`, in ms."""

    def __init__(self, records=0, payload=b"x" * 40, key=KEY):
        self.log = EventLog(MemoryStorage(), lambda: 0xABCD)
        self.log.open()
        for _ in range(records):
            self.log.append(wire.REC_MARK, payload)
        self.ble = FakeBle()
        self.times = []
        self.ticks = 0
        self.service = ble_service.BleService(
            self.ble,
            self.log,
            self.info,
            self.set_time,
            proven.guard_maker(lambda: self.ticks, key),
            "notturno-0001",
        )

    def info(self):
        return {"state": wire.STATE_DOCKED, "device_id": b"VB000001", "battery_mv": 4000}

    def set_time(self, utc_ms, error_ms, host_id):
        self.times.append((utc_ms, error_ms, host_id))
        self.log.append(wire.REC_TIME, b"t" * 22)

    @property
    def connected(self):
        return self.ble.conn is not None

    def stored(self, from_seq=0, through_seq=1 << 32):
        frames = [bytes(frame) for frame in self.log.frames_from(from_seq)]
        return b"".join(f for f in frames if int.from_bytes(f[:4], "little") <= through_seq)

    def flash(self):
        """Everything that the storage holds."""
        self.log.flush()
        return {name: bytes(data) for name, data in self.log._storage.files.items()}


def played(band, play, mtu=247, prove=True):
    """Run the service, connect, prove the key, and let `play(host)` (a coroutine) be the host."""

    async def whole():
        task = asyncio.create_task(band.service.run())
        band.service.radio(True)
        host = SealedHost(band.ble, mtu=mtu)
        band.ble.host_connects(mtu=mtu)
        await asyncio.sleep(0)
        try:
            if prove:
                await host.prove()
            await play(host)
        finally:
            task.cancel()
        return host

    return asyncio.run(whole())


def asking(*requests):
    """Return a host that asks one after the other and waits for each answer."""

    async def play(host):
        for one in requests:
            before = len(answered(host))
            host.write(one)
            await until(lambda before=before: len(answered(host)) > before)

    return play


def answered(host):
    return [reply for reply in host.replies() if reply["op"] != protocol.OP_CHECKPOINT]


def report(from_seq, through_seq=protocol.THROUGH_ALL):
    return request(protocol.OP_REPORT, from_seq=from_seq, through_seq=through_seq)


def commit(through_seq, crc32):
    return request(protocol.OP_COMMIT, through_seq=through_seq, crc32=crc32)


SET_TIME = request(protocol.OP_SET_TIME, utc_ms=1 << 40, error_ms=7, host_id=9)


def test_the_advertisement_fits_and_names_the_service():
    data, response = ble_service.advertisement("notturno-with-a-rather-long-name-indeed")
    assert len(data) <= 31 and len(response) <= 31
    assert bytes.fromhex(protocol.SERVICE_UUID.replace("-", ""))[::-1] in data


def test_the_service_is_what_the_protocol_says_and_any_value_fits():
    band = Band()
    band.service.radio(True)
    ((service,),) = [call[1] for call in band.ble.calls if call[0] == "services"]
    uuid, characteristics = service
    assert uuid.text == protocol.SERVICE_UUID
    assert [(c[0].text, c[1]) for c in characteristics] == [
        (protocol.VERSION_UUID, 0x02),
        (protocol.CONTROL_UUID, 0x28),
        (protocol.DATA_UUID, 0x10),
        (protocol.LIVE_UUID, 0x10),
    ]
    assert band.ble.buffers[FakeBle.CONTROL] == 244
    assert ("config", {"mtu": 247, "gap_name": "notturno-0001"}) in band.ble.calls


def test_radio_on_twice_is_once_and_off_lets_go_of_the_host():
    band = Band()

    async def play(host):
        band.service.radio(True)
        assert band.ble.calls.count(("active", True)) == 1
        assert band.service.proven
        band.service.radio(False)
        assert ("disconnect", 0) in band.ble.calls and not band.ble.is_active
        assert not band.service.proven

    played(band, play)


def test_after_a_host_leaves_the_band_advertises_again():
    band = Band()

    async def play(host):
        assert band.ble.advertising is None
        band.ble.host_leaves()
        await until(lambda: band.ble.advertising is not None)

    played(band, play)


# --- before the proof ----------------------------------------------------------------------------


TOLD = b"\x02\x01\x06\x04\x16\xd2\xfc\x45"


def test_other_data_take_the_place_of_who_it_is_until_it_says_that_again():
    band = Band()
    service, ble = band.service, band.ble
    service.tell(TOLD)
    assert ble.advertising is None and service.address() is None, "the radio is off"
    service.radio(True)
    who = ble.advertising
    service.tell(TOLD)
    assert ble.advertising == (who[0], TOLD, who[2]), "its full name is still to be had"
    before = len(ble.calls)
    service.tell(TOLD)
    assert len(ble.calls) == before, "said once"
    service.tell(None)
    assert ble.advertising == who
    assert service.address() == b"\xe4\x54\xff\xee\x00\x03"
    service.tell(TOLD)
    service.radio(False)
    service.radio(True)
    assert ble.advertising == who


def test_nothing_else_is_told_while_a_host_is_connected_or_has_to_wait(monkeypatch):
    band = Band()
    pauses = []

    async def sleep_ms(ms):
        if ms >= 2000:
            pauses.append(ms)
            band.service.tell(TOLD)
            assert band.ble.advertising is None, "a stranger is to wait"
        await asyncio.sleep(0)

    monkeypatch.setattr(asyncio, "sleep_ms", sleep_ms)

    async def strangers():
        task = asyncio.create_task(band.service.run())
        band.service.radio(True)
        for _ in range(5):
            band.ble.host_connects()
            band.service.tell(TOLD)
            assert band.ble.advertising is None
            await asyncio.sleep(0)
            band.ble.host_leaves()
            await until(lambda: band.ble.advertising is not None)
        task.cancel()

    asyncio.run(strangers())
    assert pauses == [2000, 4000]
    assert band.ble.advertising[1] != TOLD


@pytest.mark.parametrize("data", [TOLD, None])
def test_a_host_that_comes_while_they_are_changed_is_the_only_one(data):
    band = Band()
    band.service.radio(True)
    band.service.tell(None if data else TOLD)
    advertise = band.ble.gap_advertise

    def late(*arguments, **named):  # the event comes while the stack puts the new data on
        advertise(*arguments, **named)
        band.ble.gap_advertise = advertise
        band.ble.host_connects()
        advertise(*arguments, **named)

    async def whole():
        task = asyncio.create_task(band.service.run())
        await asyncio.sleep(0)
        band.ble.gap_advertise = late
        band.service.tell(data)
        assert band.ble.advertising is not None
        await until(lambda: band.ble.advertising is None)
        assert band.connected
        task.cancel()

    asyncio.run(whole())


def test_a_stranger_reads_the_protocol_version_and_nothing_else():
    band = Band(5)

    async def play(host):
        assert band.ble.values == {FakeBle.VERSION: bytes((protocol.VERSION,))}
        await until(lambda: band.service._wake is not None)

    played(band, play, prove=False)
    assert set(band.ble.values) == {FakeBle.VERSION}


def test_the_challenge_proves_the_key_to_a_fresh_nonce_each_time():
    nonces = set()

    async def play(host):
        challenge = await host.hello(b"n" * 16)
        nonces.add(challenge["band_nonce"])
        args = hashlib.sha256, KEY, b"n" * 16, challenge["band_nonce"], (2, 2)
        assert challenge["proof"] == seal.Proofs(*args).band

    for _ in range(3):
        played(Band(), play, prove=False)
    assert len(nonces) == 3


@pytest.mark.parametrize(
    ("version", "key", "status"),
    [(2, None, protocol.STATUS_NO_KEY), (3, KEY, protocol.STATUS_BAD_REQUEST)],
)
def test_without_a_key_or_in_another_version_there_is_no_proof(version, key, status):
    async def play(host):
        challenge = await host.hello(version=version)
        assert challenge["status"] == status
        assert challenge["proof"] == challenge["band_nonce"] == bytes(16)

    played(Band(key=key), play, prove=False)


def wrong_proof(host):
    host.write_plain(
        wire.pack(protocol.PROOF_FIELDS, {"op": protocol.OP_PROOF, "proof": b"?" * 16})
    )


async def hello_then_wrong(host):
    await host.hello()
    wrong_proof(host)


async def hello_twice(host):
    await host.hello()
    hello = {"op": protocol.OP_HELLO, "protocol_version": 2}
    host.write_plain(wire.pack(protocol.HELLO_FIELDS, hello))


async def the_bands_own_proof_given_back(host):
    challenge = await host.hello()
    host.write_plain(
        wire.pack(protocol.PROOF_FIELDS, {"op": protocol.OP_PROOF, "proof": challenge["proof"]})
    )


def says(*messages):
    async def play(host):
        for message in messages:
            host.write_plain(message)

    return play


@pytest.mark.parametrize(
    "stranger",
    [
        hello_then_wrong,
        hello_twice,
        the_bands_own_proof_given_back,
        says(SET_TIME),
        says(report(0)),
        says(b""),
        says(b"\x21" + b"?" * 16),
        says(b"\x20\x02short"),
        says(b"\x20\x02" + bytes(protocol.REQUEST_MAX)),
    ],
)
def test_a_stranger_is_let_go_learns_nothing_and_changes_nothing(stranger):
    band = Band(20)
    before = band.flash()

    async def play(host):
        await stranger(host)
        await until(lambda: not band.connected)
        assert not host.said and not host.plain
        assert {channel for channel, _ in host.values} <= {protocol.CONTROL}

    played(band, play, prove=False)
    assert band.flash() == before
    assert band.times == []
    assert band.service.errors == 0


def test_a_proof_is_worth_nothing_in_another_connection():
    band = Band(3)

    async def play(host):
        said = []
        host.also = lambda handle, data: said.append(data)
        await host.prove()
        written = wire.pack(protocol.PROOF_FIELDS, {"op": protocol.OP_PROOF, "proof": bytes(16)})
        band.ble.host_leaves()
        await until(lambda: band.ble.advertising is not None)
        band.ble.host_connects(conn=1)
        again = SealedHost(band.ble)
        await again.hello()
        again.write_plain(written)
        await until(lambda: not band.connected)

    played(band, play, prove=False)


@pytest.mark.parametrize(("prove", "limit_ms"), [(False, 5_000), (True, 60_000)])
def test_a_silent_host_is_let_go_when_its_time_is_over(monkeypatch, prove, limit_ms):
    monkeypatch.setattr(ble_service, "_WATCH_MS", 1)
    band = Band()

    async def play(host):
        start = band.ticks
        band.ticks = start + limit_ms
        await asyncio.sleep(0.02)
        assert band.connected
        band.ticks = start + limit_ms + 1
        await until(lambda: not band.connected)

    played(band, play, prove=prove)


def test_a_host_that_asks_now_and_then_is_kept(monkeypatch):
    monkeypatch.setattr(ble_service, "_WATCH_MS", 1)
    band = Band()

    async def play(host):
        for _ in range(5):
            band.ticks += 50_000
            await host.ask(protocol.OP_INFO)
            host.said.clear()
            await asyncio.sleep(0.005)
        assert band.connected

    played(band, play)


def test_each_stranger_in_a_row_waits_longer_and_a_proof_ends_that(monkeypatch):
    pauses = []
    band = Band()
    real = ble_service.BleService._advertise_after

    async def noted(self, pause_ms):
        pauses.append(pause_ms)
        await real(self, 0)

    monkeypatch.setattr(ble_service.BleService, "_advertise_after", noted)

    async def come_and_go(conn, prove=False):
        band.ble.host_connects(conn=conn)
        if prove:
            await SealedHost(band.ble).prove()
        band.ble.host_leaves()
        await until(lambda: band.ble.advertising is not None)

    async def play(host):
        band.ble.host_leaves()
        await until(lambda: band.ble.advertising is not None)
        for conn in range(1, 10):
            await come_and_go(conn)
        await come_and_go(11, prove=True)
        await come_and_go(12)

    played(band, play, prove=False)
    assert pauses == [0, 0, 0, 2000, 4000, 8000, 16000, 32000, 32000, 32000, 0, 0]
    assert band.service._guard.strangers == 11


# --- after the proof -----------------------------------------------------------------------------


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


# --- live ----------------------------------------------------------------------------------------


async def listening(host):
    await host.ask(protocol.OP_LIVE, on=1)
    return host


def test_records_are_sent_live_to_a_host_that_asked_for_them_and_only_then():
    band = Band()
    band.log.append(wire.REC_MARK, b"before12")

    async def play(host):
        band.log.append(wire.REC_MARK, b"unasked1")
        await listening(host)
        band.log.append(wire.REC_MARK, b"seen1234")
        band.log.append(wire.REC_MARK, b"seen5678")
        await until(lambda: len(host.heard(protocol.LIVE)) == 36)
        await host.ask(protocol.OP_LIVE, on=0)
        band.log.append(wire.REC_MARK, b"no more!")
        await host.ask(protocol.OP_INFO)

    host = played(band, play)
    assert host.heard(protocol.LIVE) == band.stored(3, 4)


def test_a_waveform_takes_no_room_of_what_is_said_live():
    band = Band()

    async def play(host):
        await listening(host)
        for _ in range(6):
            band.log.append(wire.REC_SNIPPET, bytes(200))
        band.log.append(wire.REC_MARK, b"12345678")
        await until(lambda: host.heard(protocol.LIVE))

    assert [kind for _, kind, _ in live_frames(played(band, play))] == [wire.REC_MARK]


ROW = {"kind": wire.EVENT_JERK, "flags": wire.FLAG_CLIPPED, "number": 7, "peak_mg": 90}


def live_frames(host):
    sent = host.heard(protocol.LIVE)
    found, at = [], 0
    while at < len(sent):
        seq, kind, start, n = wire.frame_at(sent, at, len(sent))
        found.append((seq, kind, sent[start : at + n - wire.CRC_LEN]))
        at += n
    return found


@pytest.mark.parametrize("mtu", [None, 247])
def test_a_provisional_row_is_sent_live_and_its_final_one_behind_it_and_logged_alone(mtu):
    payload = wire.pack_event(ROW)
    band = Band()

    async def play(host):
        await listening(host)
        band.service.provisional(payload)
        await until(lambda: host.heard(protocol.LIVE))
        band.log.append(wire.REC_EVENT, payload)
        await until(lambda: len(live_frames(host)) == 2)

    (seq, kind, first), (final_seq, _, final) = live_frames(played(band, play, mtu=mtu))
    assert (seq, kind, final_seq) == (wire.SEQ_PROVISIONAL, wire.REC_EVENT, 1)
    assert final == payload
    assert wire.unpack_event(first) == wire.unpack_event(payload) | {
        "flags": wire.FLAG_CLIPPED | wire.FLAG_PROVISIONAL
    }
    assert len(band.stored()) == wire.HEADER_LEN + len(payload) + wire.CRC_LEN


def test_a_provisional_row_without_a_listener_is_gone():
    band = Band()
    band.service.provisional(wire.pack_event(ROW))  # the radio is off

    async def play(host):
        band.service.provisional(wire.pack_event(ROW))
        await listening(host)
        band.log.append(wire.REC_MARK, b"12345678")
        await until(lambda: host.heard(protocol.LIVE))

    assert [kind for _, kind, _ in live_frames(played(band, play))] == [wire.REC_MARK]


def test_provisional_rows_leave_room_for_the_final_ones():
    band = Band()

    async def play(host):
        await listening(host)
        for _ in range(20):
            band.service.provisional(wire.pack_event(ROW))
        for _ in range(6):
            band.log.append(wire.REC_EVENT, wire.pack_event(ROW))
        await until(lambda: host.heard(protocol.LIVE))

    found = [seq for seq, _, _ in live_frames(played(band, play))]
    assert found.count(wire.SEQ_PROVISIONAL) == 512 // 72
    assert found[-6:] == [1, 2, 3, 4, 5, 6]
