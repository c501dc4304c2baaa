"""Rows and records that are sent while a host listens: each, in order, and to nobody else."""

import pytest
from notturno_core import protocol, wire
from proven import until
from served import Band, played


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
