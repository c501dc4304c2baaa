"""The waveforms in the log of a night are, bit by bit, what the sensor gave."""

import numpy as np
import pytest
import recorder
from fakes.memory_storage import MemoryStorage
from fakes.night import Night, settings
from fakes.worlds import JerkWorld, StillWorld
from notturno.nights import waveform
from notturno_core import eventlog, wire
from notturno_core.snippets import Chooser, Snippets

EVERY_S = 20.0
FRAME = wire.HEADER_LEN + wire.CRC_LEN


@pytest.fixture
def long_ring(monkeypatch):
    """A ring that outlasts two drains of the sensor, so that every row finds its samples."""
    monkeypatch.setattr(recorder, "Snippets", lambda budget: Snippets(budget, 12_000))


def begun(world, **changes):
    """Return (a night that records, its trace so far: a list of (n, 3) counts)."""
    storage = changes.pop("storage", None)
    night = Night(world, storage=storage, seed=3, config=settings(**changes))
    trace, drain = [], night.bench.imu.drain_into

    def drain_into(buf):
        n = drain(buf)
        trace.append(np.array(buf[: 3 * n], np.uint16).astype(np.int16).reshape(-1, 3))
        return n

    night.bench.imu.drain_into = drain_into
    night.recorder.start()
    return night, trace


def events_of(night):
    """Return the payloads of the events in the log."""
    for frame in night.log.frames_from(0):
        _, kind, start, n = wire.frame_at(frame, 0, len(frame))
        if kind == wire.REC_EVENT:
            yield bytes(frame[start : n - wire.CRC_LEN])


def payloads_of(night):
    """Return {number of the event: payloads} from the log."""
    found = {}
    for frame in night.log.frames_from(0):
        _, kind, start, n = wire.frame_at(frame, 0, len(frame))
        if kind == wire.REC_SNIPPET:
            payload = bytes(frame[start : n - wire.CRC_LEN])
            number = wire.unpack(wire.SNIPPET_FIELDS, payload)["number"]
            found.setdefault(number, []).append(payload)
    return found


def test_each_waveform_is_the_trace_that_went_in(long_ring):
    night, trace = begun(JerkWorld(every_s=EVERY_S))
    night.record(300)
    night.recorder.stop(wire.END_DOCKED)
    trace = np.concatenate(trace)
    jerks = {e["number"]: e for e in map(wire.unpack_event, events_of(night))}
    found = payloads_of(night)
    assert len(jerks) > 10 and len(found) >= 8
    for number, payloads in found.items():
        got = waveform.join(payloads, night.bench.true_hz, 122)
        first, end = got.first_sample, got.first_sample + len(got.counts)
        assert np.array_equal(np.array(got.counts, np.int16), trace[first:end])
        onset, lasts = jerks[number]["onset_sample"], jerks[number]["duration_samples"]
        # half a second before and behind, as far as there were samples yet when it was told
        assert onset - 104 <= first <= onset - 51 and end >= onset + lasts
        assert 104 <= end - first <= 416


def test_no_waveform_reaches_across_lost_samples(long_ring, monkeypatch):
    monkeypatch.setattr(Chooser, "why", lambda *_: wire.SNIPPET_FIRST)  # all of them
    night, trace = begun(JerkWorld(every_s=5.0), SNIPPET_BYTES=400_000, DETECTOR={"hold_ms": 2000})
    for i in range(30):
        night.record(12 + 0.31 * i)
        night.clock.sleep_ms(9000 + 170 * i)  # more than the chip holds
    night.recorder.stop(wire.END_ASKED)
    breaks = [s["sample"] for s in night.values(wire.REC_SEGMENT)][1:]
    assert len(breaks) == 30
    trace = np.concatenate(trace)
    found = payloads_of(night)
    assert len(found) >= 30
    ends = [e["onset_sample"] + e["duration_samples"] for e in night.values(wire.REC_EVENT)]
    assert sum(0 < sample - end < 52 for sample in breaks for end in ends) >= 2
    for payloads in found.values():
        got = waveform.join(payloads, night.bench.true_hz, 122)
        first, end = got.first_sample, got.first_sample + len(got.counts)
        assert np.array_equal(np.array(got.counts, np.int16), trace[first:end])
        assert not [sample for sample in breaks if first < sample < end]


@pytest.mark.parametrize("budget", [0, 16_000])
def test_the_setting_is_the_most_that_a_night_of_two_sessions_writes(long_ring, budget):
    night, _ = begun(JerkWorld(every_s=4.0, peak_mg=300.0), SNIPPET_BYTES=budget)
    for _ in range(2):
        night.record(240)
        night.recorder.stop(wire.END_DOCKED)
        night.clock.sleep_ms(60_000)
        night.recorder.start()
    night.recorder.stop(wire.END_ASKED)
    written = sum(len(p) + FRAME for payloads in payloads_of(night).values() for p in payloads)
    assert 0.05 * budget <= written <= 0.3 * budget, "a quarter at once, and 9 minutes of 540"


def test_a_flash_that_fills_up_is_left_to_what_counts(long_ring):
    room = eventlog.SPARE_BYTES + 400_000
    kept = []
    for capacity in (room - 1, room + 1200, 1 << 30):
        night, _ = begun(JerkWorld(every_s=4.0), storage=MemoryStorage(capacity=capacity))
        night.record(400)
        night.recorder.stop(wire.END_DOCKED)
        assert night.values(wire.REC_END)[0]["reason"] == wire.END_DOCKED
        kept.append(len(payloads_of(night)))
    assert 0 == kept[0] < kept[1] < kept[2] - 3, "looked at again each minute"


def test_a_storage_that_cannot_say_its_room_gets_no_waveform_and_all_the_rest(long_ring):
    night, _ = begun(JerkWorld(every_s=4.0))

    def fails():
        raise OSError(5)

    night.storage.free_bytes, answers = fails, night.storage.free_bytes
    night.record(70)
    night.storage.free_bytes = answers
    night.record(120)
    night.recorder.stop(wire.END_DOCKED)
    assert len(night.values(wire.REC_MINUTE)) >= 2
    assert payloads_of(night) != {}, "once it answers again"


def test_a_still_night_leaves_none():
    night, _ = begun(StillWorld())
    night.record(200)
    night.recorder.stop(wire.END_DOCKED)
    assert payloads_of(night) == {}
