"""What a sync costs on the air: bytes that the seal adds, and the time at a usual interval.

Computed from the trace of the real service, not waited for.
"""

import sys
from pathlib import Path

import pytest

sys.path += [str(Path(__file__).resolve().parents[1] / "fakes"), str(Path(__file__).parent)]
import proven  # noqa: F401  (puts the firmware on the path)
from air_time import EMPTY_US, packet_us, seconds
from nights_by_hand import Pen
from notturno_core import protocol, seal, wire
from served import Band, asking, played, report

INTERVAL_US = 30_000


def a_night(hours=8, events=700):
    """Return a band whose log holds a night of events and minutes."""
    pen = Pen()
    minutes = hours * 60
    pen.night(2000, minutes, [(i * minutes / events, {}) for i in range(events)])
    band = Band()
    for frame in pen.frames:
        band.log.append(frame[4], bytes(frame[6:-4]))
    return band


def trace_of(host):
    kinds = {protocol.CONTROL: "indicate", protocol.DATA: "notify", protocol.LIVE: "notify"}
    return [(kinds[channel], len(value)) for channel, value in host.values]


def first_protocols_trace(frames, room=244, every=32):
    """Return what version 1 sent: whole frames only, and a stop at every 32nd notification."""
    trace, fill = [], 0
    for frame in frames:
        if fill + len(frame) > room:
            trace.append(("notify", fill))
            if len(trace) % (every + 1) == every:
                trace.append(("indicate", 14))
            fill = 0
        fill += len(frame)
    return [*trace, ("notify", fill), ("indicate", 14)]


def frames_of(band):
    return [bytes(frame) for frame in band.log.frames_from(0)]


def on_air(trace):
    return sum(n + 7 for _, n in trace)


def test_the_seal_adds_less_than_four_percent_to_a_night():
    band = a_night()
    host = played(band, asking(report(0)))
    records = sum(map(len, frames_of(band)))
    sent = sum(n for kind, n in trace_of(host) if kind == "notify")
    assert records > 40_000
    assert records < sent < 1.02 * records + protocol.MESSAGE_MAX
    sealing = sum(seal.OVERHEAD for _ in host.said)
    assert sealing / on_air(trace_of(host)) < 0.02
    assert on_air(trace_of(host)) < 1.04 * on_air(first_protocols_trace(frames_of(band)))


def test_400_kb_at_30_ms_take_less_than_4_9_s():
    band = Band(400_000 // 72, bytes(62))  # frames as long as an event's
    assert sum(map(len, frames_of(band))) > 399_000
    host = played(band, asking(report(0)))
    now_s = seconds(trace_of(host), INTERVAL_US)
    then_s = seconds(first_protocols_trace(frames_of(band)), INTERVAL_US, stop_and_wait=True)
    waiting_s = seconds(trace_of(host), INTERVAL_US, stop_and_wait=True)
    print(
        f"\n400 kB at 30 ms, s: version 1 {then_s:.2f}, now {now_s:.2f}, waiting {waiting_s:.2f}"
    )
    assert now_s < 4.9
    assert now_s < 0.95 * waiting_s  # two checkpoints on their way are worth it
    assert now_s < 0.85 * then_s


def test_the_model_counts_packets_intervals_and_confirmations():
    assert packet_us(251) == 2500 - 2 * 16  # the reference's 2500 us have a MIC of 4 bytes
    assert packet_us(0) == 2 * EMPTY_US + 300
    one = ("notify", 244)
    assert seconds([one] * 12, 30_000) == 12 * packet_us(251) / 1e6
    assert seconds([one] * 13, 30_000) == 0.03 + packet_us(251) / 1e6
    told = ("indicate", 14)
    short = packet_us(21) / 1e6
    assert seconds([told, told], 30_000) == 0.03 + short
    assert seconds([told, one], 30_000) == pytest.approx(short + packet_us(251) / 1e6)
    assert seconds([told, one], 30_000, stop_and_wait=True) == 0.03 + packet_us(251) / 1e6
    assert wire.MAX_FRAME_LEN < protocol.MESSAGE_MAX
