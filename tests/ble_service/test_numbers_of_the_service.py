"""The radio's parts number by number: rooms, waits, queues and bounds, counted, not waited."""

import asyncio
from types import SimpleNamespace

import answers
import ble_link
import ble_service
import pytest
from fake_ble import FakeBle
from live_rows import LiveRows
from notturno_core import wire
from served import Band, played


class Stopped(Exception):
    """So many sleeps are enough."""


@pytest.fixture
def slept(monkeypatch):
    """What asyncio.sleep_ms is asked for, ms; nobody waits."""
    kept = []

    async def sleep_ms(ms):
        kept.append(ms)
        if len(kept) > 20_000:
            raise Stopped

    monkeypatch.setattr(asyncio, "sleep_ms", sleep_ms)
    return kept


def test_an_advertisement_byte_by_byte():
    data, response = ble_service.advertisement("notturno-0001")
    uuid = bytes.fromhex("6e6f747475726e6f0001000000000001")
    # general discovery without classic Bluetooth; the service, last byte first; the short name
    assert data == b"\x02\x01\x06" + b"\x11\x07" + uuid[::-1] + b"\x09\x08notturno"
    assert response == b"\x0e\x09notturno-0001"
    for length, kept in ((29, 29), (30, 29), (80, 29)):
        assert ble_service.advertisement("n" * length)[1] == bytes([kept + 1, 9]) + b"n" * kept


def test_it_advertises_four_times_a_second():
    band = Band()
    band.service.radio(True)
    assert band.ble.advertising[0] == 250_000


# --- the link ------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mtu", "room"),
    [
        *[(0, 20), (22, 20), (23, 20), (24, 21), (185, 182)],
        *[(246, 243), (247, 244), (248, 244), (517, 244)],
    ],
)
def test_a_value_has_three_bytes_less_than_the_packet_agreed_on(mtu, room):
    link = ble_link.HostLink(None)
    assert link.room == 20
    link.note_connected(3)
    link.note_mtu(4, 100)
    assert link.room == 20, "another connection's"
    link.note_mtu(3, mtu)
    assert link.room == room
    link.note_connected(5)
    assert link.room == 20 and (link.conn, link.number) == (5, 2)


def test_who_has_gone_is_lost_and_an_old_number_too():
    link = ble_link.HostLink(None)
    link.note_connected(0)
    link.still(1)
    link.note_disconnected(9)
    link.still(1)
    for number in (0, 2):
        with pytest.raises(ble_link.LinkLost):
            link.still(number)
    link.note_disconnected(0)
    with pytest.raises(ble_link.LinkLost):
        link.still(1)


def connected(send=lambda *_: None):
    let_go = []
    ble = SimpleNamespace(gatts_notify=send, gatts_indicate=send, gap_disconnect=let_go.append)
    link = ble_link.HostLink(ble)
    link.note_connected(0)
    return link, let_go


def test_full_buffers_are_asked_again_every_five_milliseconds_for_ten_seconds(slept):
    tries = []

    def full(conn, handle, data):
        tries.append(handle)
        raise OSError(12)  # ENOMEM

    link, _ = connected(full)
    with pytest.raises(ble_link.LinkLost):
        asyncio.run(link.notify(21, b"x"))
    assert len(tries) == 2000 and slept == [5] * 2000


def test_any_other_refusal_is_a_lost_link_at_once(slept):
    def gone(conn, handle, data):
        raise OSError(128)  # ENOTCONN

    link, _ = connected(gone)
    with pytest.raises(ble_link.LinkLost):
        asyncio.run(link.notify(21, b"x"))
    assert slept == []


def test_an_indication_waits_for_the_one_before_two_milliseconds_at_a_time_for_ten_seconds(slept):
    sent = []
    link, let_go = connected(lambda conn, handle, data: sent.append((conn, handle, data)))
    asyncio.run(link.indicate(18, b"one"))
    assert sent == [(0, 18, b"one")] and slept == []
    link.note_confirmed(7, 0)  # another connection's
    with pytest.raises(ble_link.LinkLost):
        asyncio.run(link.indicate(18, b"two"))
    assert slept == [2] * 5000 and let_go == [0] and len(sent) == 1


@pytest.mark.parametrize(("status", "lost"), [(0, False), (1, True), (13, True)])
def test_an_indication_that_was_not_confirmed_is_a_lost_link(slept, status, lost):
    link, let_go = connected()
    asyncio.run(link.indicate(18, b"one"))
    link.note_confirmed(0, status)
    if lost:
        with pytest.raises(ble_link.LinkLost):
            asyncio.run(link.indicate(18, b"two"))
    else:
        asyncio.run(link.indicate(18, b"two"))
    assert let_go == [] and slept == []
    link.note_connected(0)
    asyncio.run(link.settle())  # nothing of the last host is held against it


def test_a_notification_lets_the_other_tasks_have_their_turn(slept):
    link, _ = connected()
    asyncio.run(link.notify(21, b"x"))
    assert slept == [0]


# --- the service ---------------------------------------------------------------------------------


def test_sixteen_values_wait_and_no_more():
    band = Band()
    band.service.radio(True)
    band.ble.host_connects()
    for n in range(20):
        band.ble.host_writes(bytes([n]))
    assert [value for _, value in band.service._values] == [bytes([n]) for n in range(16)]
    assert {number for number, _ in band.service._values} == {1}
    band.service._values.clear()
    band.ble.host_writes(b"other", handle=FakeBle.DATA)
    band.ble.handler(3, (5, FakeBle.CONTROL))
    assert band.service._values == [], "neither another value nor another connection"


def test_a_host_is_looked_at_twice_a_second(slept):
    band = Band()
    band.service.radio(True)
    band.ble.host_connects()
    band.service._guard.overdue = lambda: len(slept) == 3
    asyncio.run(band.service._watch(1))
    assert slept == [500] * 3 and ("disconnect", 0) in band.ble.calls
    band.service._guard.overdue = lambda: pytest.fail("nobody is to be looked at")
    asyncio.run(band.service._watch(1))
    assert len(slept) == 3, "it has gone"
    band.ble.host_connects()
    asyncio.run(band.service._watch(1))
    assert len(slept) == 3, "it is another"


def test_each_error_of_the_service_is_counted_once():
    band = Band()
    band.service.radio(True)
    for errors in (1, 2):
        band.ble.handler(3, None)
        assert band.service.errors == errors

    asked = []

    async def fails_once():
        asked.append(1)
        if len(asked) == 1:
            raise ValueError
        await asyncio.Event().wait()

    async def some_time():
        band.service._work = fails_once
        task = asyncio.create_task(band.service.run())
        while len(asked) < 2:
            await asyncio.sleep(0)
        task.cancel()
        return band.service.errors

    assert asyncio.run(some_time()) == 3


@pytest.mark.parametrize(("number", "again"), [(0, True), (1, False)])
def test_it_advertises_again_only_where_nobody_came_meanwhile(monkeypatch, number, again):
    band = Band()
    band.service.radio(True)
    band.ble.advertising = None

    async def sleep_ms(ms):
        assert ms == 2000
        band.service._link.number = number

    monkeypatch.setattr(asyncio, "sleep_ms", sleep_ms)
    asyncio.run(band.service._advertise_after(2000))
    assert (band.ble.advertising is not None) is again


# --- what is said live ---------------------------------------------------------------------------


def live():
    woken = []
    rows = LiveRows(None, SimpleNamespace(proven=True), lambda: woken.append(1))
    rows.listen(True)
    return rows, woken


def frame(length, kind=wire.REC_MARK):
    return bytes([1, 0, 0, 0, kind]) + bytes(length - 5)


@pytest.mark.parametrize(("before", "length", "room"), [(900, 100, True), (900, 101, False)])
def test_a_thousand_bytes_of_records_wait(before, length, room):
    rows, woken = live()
    rows.logged(frame(before))
    rows.logged(frame(length))
    assert len(woken) == 1 + room
    assert len(rows._frames) == before + (length if room else 0)


@pytest.mark.parametrize(("before", "room"), [(438, True), (439, True), (440, False)])
def test_five_hundred_and_twelve_of_them_may_hold_a_row_that_can_change(before, room):
    rows, woken = live()
    rows.logged(frame(before))
    rows.provisional(wire.pack_event({"kind": wire.EVENT_JERK}))  # 63 bytes, and 10 of its frame
    assert len(woken) == 1 + room and len(rows._frames) == before + (73 if room else 0)


def test_nobody_is_told_who_does_not_listen_or_is_not_proven():
    rows, woken = live()
    assert not rows.waiting
    rows.logged(frame(50))
    assert rows.waiting
    rows._guard.proven = False
    assert not rows.waiting
    rows._guard.proven = True
    rows.listen(False)
    rows.logged(frame(50))
    rows.provisional(wire.pack_event({"kind": wire.EVENT_JERK}))
    assert not rows.waiting and woken == [1]


# --- what is answered ----------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("room", "data"),
    [
        (20, 993),  # 53 pieces of 19 make 1007: 14 of them seal it
        (182, 891),  # 5 of 181
        (244, 958),  # 4 of 243
    ],
)
def test_a_message_of_records_fills_its_pieces(room, data):
    assert answers.data_room(room) == data


def test_a_tick_is_told_in_32_bits():
    band = Band(1)
    band.ticks = (1 << 32) + 77

    async def play(host):
        info = await host.ask(5)
        assert info["tick_ms"] == 77
        host.said.clear()
        reply = await host.ask(6, on=0)
        assert reply["tick_ms"] == 77 and reply["crc32"] == 0

    played(band, play)


@pytest.mark.parametrize(("records", "turns"), [(7, 0), (8, 1), (15, 1), (16, 2), (40, 5)])
def test_a_check_of_the_log_shares_the_processor_every_eight_records(slept, records, turns):
    band = Band(records)
    reply = {}
    service = band.service
    service.radio(True)
    band.ble.host_connects()
    asyncio.run(service._answers._commit(records, 0, reply))
    assert reply["status"] == 3 and slept == [0] * turns  # the sum is another


def test_each_refusal_of_the_flash_is_counted_once():
    band = Band(1)

    def refuse(*_):
        raise OSError(5)

    band.service._answers._set_time = refuse

    async def play(host):
        for errors in (1, 2):
            reply = await host.ask(1, utc_ms=1, error_ms=2, host_id=3)
            assert reply["status"] == 2 and band.service._answers.errors == errors
            host.said.clear()

    played(band, play)


def test_strangers_are_counted_up_to_sixteen_bits():
    band = Band()
    guard = band.service._guard
    guard.strangers = 0xFFFE
    assert [guard.pause_ms() for _ in range(2)] == [0, 0]
    assert guard.strangers == 0xFFFF
    assert [guard.pause_ms() for _ in range(8)] == [0, 2000, 4000, 8000, 16_000] + [32_000] * 3
    assert guard.strangers == 0xFFFF


def test_nobody_is_overdue_before_the_first_look_at_the_clock():
    band = Band()
    guard = band.service._guard
    band.ticks = 10**9
    assert not guard.overdue()
    guard.note_work()
    for later_ms, over in ((5_000, False), (5_001, True)):
        band.ticks = 10**9 + later_ms
        assert guard.overdue() is over
