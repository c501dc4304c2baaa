"""Short nights on the register-level chip: what a session writes, and what faults do to it."""

import random
import struct

import numpy as np
import pytest
from drivers import SensorLost
from fakes.memory_storage import MemoryStorage
from fakes.night import Night, settings
from fakes.worlds import JerkWorld, StillWorld
from notturno.nights.samples import SampleClock
from notturno_core import detector, eventlog, segments, wire
from whole import whole_or

MINUTES = 8
GAPS = whole_or(60, 20)  # each ends within a second or two of a minute's end


def kinds(night):
    return [name for name, _ in night.records()]


@pytest.fixture(scope="module")
def night():
    """A quiet night of a few minutes with a jerk every 20 s, stopped at the dock."""
    made = Night(JerkWorld(every_s=20.0), seed=3)
    made.recorder.start()
    made.record(60 * MINUTES)
    made.recorder.stop(wire.END_DOCKED)
    return made


def test_a_session_begins_with_what_records_and_ends_with_why(night):
    names = kinds(night)
    assert names[:3] == ["session", "settings", "segment"]
    assert names[-1] == "end"
    assert names.count("session") == names.count("segment") == names.count("end") == 1
    (session,) = night.values(wire.REC_SESSION)
    assert session["sensor_id"] == 0x6C
    assert session["odr_mhz"] == night.bench.imu.odr_mhz
    assert (session["ug_per_lsb"], session["range_g"]) == (122, 4)
    assert session["detector_version"] == detector.VERSION
    assert session["firmware"].rstrip(b"\0") == b"0.1.0"
    assert (session["flags"], session["boot_id"]) == (0, 1)


def test_the_settings_record_holds_every_setting_in_the_detectors_order():
    made = Night(StillWorld(), config=settings(DETECTOR={"jerk_on_ug": 5555, "hold_ms": 9000}))
    made.recorder.start()
    (payload,) = made.values(wire.REC_SETTINGS)
    rules = len(detector.SETTINGS) - len(segments.SETTINGS)
    values = struct.unpack("<%di%dH" % (len(segments.SETTINGS), rules), payload)
    named = dict(zip([name for name, _, _ in detector.SETTINGS], values, strict=True))
    assert named == {**detector.DEFAULTS, "jerk_on_ug": 5555, "hold_ms": 9000}


def test_the_end_says_how_much_was_recorded(night):
    (end,) = night.values(wire.REC_END)
    assert end["reason"] == wire.END_DOCKED
    assert end["faults"] == end["overruns"] == 0
    assert end["battery_mv"] == 3900
    expected = 60 * MINUTES * night.bench.true_hz
    assert end["sample"] == pytest.approx(expected, abs=250)


def test_a_minute_has_its_summary_its_temperature_and_its_tick(night):
    minutes = night.values(wire.REC_MINUTE)
    assert len(minutes) in (MINUTES - 1, MINUTES)
    for i, minute in enumerate(minutes):
        assert minute["sample"] == pytest.approx((i + 1) * 60 * 105, rel=0.03)
        assert minute["temperature_q8_c"] == pytest.approx(30 * 256, abs=2)
        assert abs(minute["gravity_mg"][2] - 1000) < 40
        assert minute["flags"] & ~wire.MINUTE_STILL == 0, "jerks, but nobody breathes"


def test_a_thermometer_that_does_not_answer_is_no_frost():
    made = Night(StillWorld(), seed=2)

    def lost():
        raise SensorLost

    made.bench.imu.temperature_q8_c = lost
    made.recorder.start()
    made.record(130)
    told = [minute["temperature_q8_c"] for minute in made.values(wire.REC_MINUTE)]
    assert told == [wire.NO_TEMPERATURE_Q8_C] * 2


def test_samples_and_ticks_pair_to_a_few_milliseconds_all_night(night):
    pairs = [(s["sample"], s["tick_ms"]) for s in night.values(wire.REC_SEGMENT)]
    pairs += [(m["sample"], m["tick_ms"]) for m in night.values(wire.REC_MINUTE)]
    samples, ticks_ms = np.array(pairs, float).T
    slope_ms, start_ms = np.polyfit(samples, ticks_ms, 1)
    assert 1000 / slope_ms == pytest.approx(night.bench.true_hz, rel=2e-4)
    assert np.abs(ticks_ms - (start_ms + slope_ms * samples)).max() < 15


def test_every_jerk_of_the_night_is_in_the_log_at_its_time(night):
    jerks = [e for e in night.values(wire.REC_EVENT) if e["kind"] == wire.EVENT_JERK]
    (segment,) = night.values(wire.REC_SEGMENT)
    minutes = night.values(wire.REC_MINUTE) + night.values(wire.REC_END)
    samples = [0] + [m["sample"] for m in minutes]
    ticks_s = np.array([segment["tick_ms"]] + [m["tick_ms"] for m in minutes]) / 1000
    found_s = np.interp([j["onset_sample"] for j in jerks], samples, ticks_s)
    true_s = np.arange(20, 60 * MINUTES, 20.0)
    missed = [t for t in true_s if np.min(np.abs(found_s - t)) > 0.1]
    assert missed == []
    assert len(jerks) <= len(true_s) + 1, "a jerk that nobody made"


def test_the_same_seed_gives_the_same_flash_byte_for_byte():
    def flash(seed):
        made = Night(JerkWorld(every_s=20.0), seed=seed)
        made.recorder.start()
        made.record(100)
        made.recorder.stop(wire.END_DOCKED)
        return {name: bytes(data) for name, data in made.storage.files.items()}

    assert flash(5) == flash(5) != flash(6)


def test_an_overrun_is_a_gap_a_new_segment_and_a_fault():
    made = Night(StillWorld(), seed=2)
    made.recorder.start()
    made.record(30)
    before_us = made.clock.now_us
    made.clock.sleep_ms(20000)
    made.record(100)
    made.recorder.stop(wire.END_ASKED)
    start, after = made.values(wire.REC_SEGMENT)
    assert (start["reason"], after["reason"]) == (wire.SEGMENT_START, wire.SEGMENT_OVERRUN)
    (gap,) = [e for e in made.values(wire.REC_EVENT) if e["kind"] == wire.EVENT_GAP]
    assert gap["onset_sample"] == after["sample"]
    rate_hz = made.bench.true_hz
    held_s = 512 * 32 / 33 / rate_hz
    assert after["tick_ms"] / 1000 == pytest.approx(before_us / 1e6 + 20 - held_s, abs=2.3)
    lost_s = (after["tick_ms"] - start["tick_ms"]) / 1000 - after["sample"] / rate_hz
    assert gap["duration_samples"] == pytest.approx(lost_s * rate_hz, abs=12)
    (end,) = made.values(wire.REC_END)
    assert end["overruns"] == 1
    faults = made.values(wire.REC_FAULT)
    assert [f["code"] for f in faults] == [wire.FAULT_OVERRUN]
    flagged = [m for m in made.values(wire.REC_MINUTE) if m["flags"] & wire.MINUTE_GAP]
    assert len(flagged) == 1


def test_bus_faults_without_loss_are_counted_and_leave_the_samples_whole():
    made = Night(StillWorld(), seed=2)
    made.recorder.start()
    for _ in range(10):
        made.record(13)
        made.bench.chip.fail("nak")
        made.bench.chip.fail("stuck")
    made.record(70)
    made.recorder.stop(wire.END_ASKED)
    assert len(made.values(wire.REC_SEGMENT)) == 1
    faults = made.values(wire.REC_FAULT)
    assert {f["code"] for f in faults} == {wire.FAULT_I2C}
    (end,) = made.values(wire.REC_END)
    assert sum(f["count"] for f in faults) == end["faults"] >= 20
    assert end["sample"] == pytest.approx(end["tick_ms"] / 1000 * made.bench.true_hz, abs=250)


@pytest.mark.parametrize("lost", ["bus", "supply", "both"])
def test_a_sensor_that_was_away_goes_on_in_a_new_segment_with_right_times(lost):
    made = Night(JerkWorld(every_s=20.0), seed=2)
    made.recorder.start()
    made.record(30)
    if lost != "supply":
        made.bench.i2c.chips.clear()
    if lost != "bus":
        made.bench.chip._reset(made.clock.now_us)
    made.record(25)
    made.bench.i2c.chips[0x6A] = made.bench.chip
    made.record(130)
    made.recorder.stop(wire.END_ASKED)
    segments = made.values(wire.REC_SEGMENT)
    reason = wire.SEGMENT_OVERRUN if lost == "bus" else wire.SEGMENT_BUS_FAULT
    assert [s["reason"] for s in segments] == [wire.SEGMENT_START, reason]
    (gap,) = [e for e in made.values(wire.REC_EVENT) if e["kind"] == wire.EVENT_GAP]
    lost_s = gap["duration_samples"] / made.bench.true_hz
    assert {"bus": 20, "supply": 5, "both": 20}[lost] < lost_s < 40
    assert wire.FAULT_SENSOR_LOST in [f["code"] for f in made.values(wire.REC_FAULT)]
    first = next(
        e
        for e in made.values(wire.REC_EVENT)
        if e["kind"] == wire.EVENT_JERK and e["onset_sample"] > gap["onset_sample"]
    )
    assert first["flags"] & wire.FLAG_AFTER_GAP
    tick_s = segments[1]["tick_ms"] / 1000
    rate_hz = made.bench.true_hz
    onset_s = tick_s + (first["onset_sample"] - segments[1]["sample"]) / rate_hz
    assert min(onset_s % 20, 20 - onset_s % 20) < 0.15


@pytest.mark.parametrize(
    ("gravity_mg", "marked"),
    [((0, 0, 1000), False), ((0, 1000, 0), False), ((0, 0, 700), True), ((0, 900, 900), True)],
)
def test_a_minute_that_no_resting_limb_shows_is_marked_and_kept_as_it_is(gravity_mg, marked):
    made = Night(StillWorld(gravity_mg))
    made.recorder.start()
    made.record(190)
    minutes = made.values(wire.REC_MINUTE)
    assert len(minutes) == 3
    assert [bool(m["flags"] & wire.MINUTE_IMPLAUSIBLE) for m in minutes] == [marked] * 3
    for minute in minutes:
        assert minute["gravity_mg"] == pytest.approx(gravity_mg, abs=60)


def test_a_sensor_that_stays_away_is_a_gap_to_the_end_of_the_night():
    made = Night(StillWorld())
    made.recorder.start()
    made.record(10)
    made.bench.i2c.chips.clear()
    made.record(600)
    assert made.recorder.recording
    made.recorder.stop(wire.END_DOCKED)
    (end,) = made.values(wire.REC_END)
    last = made.values(wire.REC_SEGMENT)[-1]
    assert last["reason"] == wire.SEGMENT_BUS_FAULT
    assert (last["sample"], end["reason"]) == (end["sample"], wire.END_DOCKED)
    assert abs(last["tick_ms"] - end["tick_ms"]) < 100
    (gap,) = [e for e in made.values(wire.REC_EVENT) if e["kind"] == wire.EVENT_GAP]
    assert 590 * 104 < gap["duration_samples"] < 630 * 104


def test_no_sensor_at_the_start_is_a_fault_in_the_log_and_no_session():
    made = Night(StillWorld())
    made.bench.i2c.chips.clear()
    with pytest.raises(SensorLost):
        made.recorder.start()
    assert kinds(made) == ["fault"]
    assert not made.recorder.recording


def test_a_full_flash_ends_the_session_with_everything_before_still_there():
    storage = MemoryStorage(capacity=eventlog.SPARE_BYTES + 2500)
    made = Night(JerkWorld(every_s=5.0), storage=storage)
    made.recorder.start()
    made.record(3600)
    assert not made.recorder.recording
    (end,) = made.values(wire.REC_END)
    assert end["reason"] == wire.END_LOG_FULL
    assert kinds(made)[0] == "session" and kinds(made)[-1] == "end"
    assert sum(map(len, storage.files.values())) <= storage.capacity


def test_a_failing_storage_does_not_stop_the_sampling_and_is_told_later():
    made = Night(StillWorld())
    made.recorder.start()
    made.storage.fail_appends = 2
    made.record(250)
    made.recorder.stop(wire.END_ASKED)
    assert len(made.values(wire.REC_MINUTE)) == 4
    faults = made.values(wire.REC_FAULT)
    assert {f["code"] for f in faults} == {wire.FAULT_STORAGE}
    assert sum(f["count"] for f in faults) == 2
    assert made.values(wire.REC_END)[0]["overruns"] == 0


@pytest.mark.parametrize("fails", [1, 3, 7])
def test_what_others_are_dated_by_is_offered_again_before_them(fails):
    """A gap falls into the time in which the storage takes nothing: it is told, in its place."""
    made = Night(StillWorld(), seed=2)
    made.recorder.start()
    made.record(30)
    append, left = made.log.append, [fails]

    def failing(kind, payload):
        if left[0] and (left[0] < fails or kind in (wire.REC_EVENT, wire.REC_SEGMENT)):
            left[0] -= 1
            made.log.lost_records += 1  # as the log does
            raise OSError(5)
        return append(kind, payload)

    made.log.append = failing
    made.clock.sleep_ms(20_000)
    made.record(100)
    made.recorder.stop(wire.END_ASKED)
    assert left == [0]
    start, behind = made.values(wire.REC_SEGMENT)
    (gap,) = [e for e in made.values(wire.REC_EVENT) if e["kind"] == wire.EVENT_GAP]
    assert gap["onset_sample"] == behind["sample"] > 0
    names = kinds(made)
    told = names.index("segment", names.index("segment") + 1)
    assert not any(
        values["sample"] > behind["sample"]
        for name, values in made.records()[:told]
        if name == "minute"
    )


def test_the_session_after_a_power_cut_knows_it():
    made = Night(StillWorld(), seed=1)
    made.recorder.start()
    made.record(100)
    again = Night(StillWorld(), storage=made.storage.after_power_cut(), seed=1)
    again.recorder.start()
    again.record(70)
    again.recorder.stop(wire.END_DOCKED)
    last = Night(StillWorld(), storage=again.storage.after_power_cut(), seed=1)
    last.recorder.start()
    sessions = last.values(wire.REC_SESSION)
    assert [s["boot_id"] for s in sessions] == [1, 2, 3]
    assert [s["flags"] for s in sessions] == [0, wire.SESSION_AFTER_POWER_CUT, 0]


def test_a_mark_names_the_sample_of_its_moment_not_of_the_last_drain():
    made = Night(StillWorld(), seed=4)
    made.recorder.start()
    made.record(60)
    made.clock.sleep_ms(1500)
    made.recorder.mark()
    made.record(60)
    made.recorder.stop(wire.END_ASKED)
    (mark,) = made.values(wire.REC_MARK)
    (segment,) = made.values(wire.REC_SEGMENT)
    elapsed_s = (mark["tick_ms"] - segment["tick_ms"]) / 1000
    assert mark["sample"] == pytest.approx(elapsed_s * made.bench.true_hz, abs=3)


def test_the_last_two_seconds_of_a_night_are_in_it():
    made = Night(StillWorld(), seed=4)
    made.recorder.start()
    made.record(60)
    made.clock.sleep_ms(1900)
    made.recorder.stop(wire.END_DOCKED)
    (end,) = made.values(wire.REC_END)
    (segment,) = made.values(wire.REC_SEGMENT)
    elapsed_s = (end["tick_ms"] - segment["tick_ms"]) / 1000
    assert end["sample"] == pytest.approx(elapsed_s * made.bench.true_hz, abs=12)


def test_two_sessions_of_one_boot_each_have_their_own_samples():
    made = Night(StillWorld())
    for _ in range(2):
        made.recorder.start()
        made.record(30)
        made.recorder.mark()
        made.recorder.stop(wire.END_DOCKED)
    names = kinds(made)
    assert names == ["session", "settings", "segment", "mark", "end"] * 2
    one, two = made.values(wire.REC_END)
    assert one["sample"] == pytest.approx(two["sample"], abs=5)
    assert two["tick_ms"] > one["tick_ms"]


def test_every_second_of_a_shaken_night_is_recorded_or_in_a_gap_of_the_host():
    """Also where a minute is told behind the gap that came at its end."""
    chance = random.Random(7)
    made = Night(StillWorld(), config=settings(SNIPPET_BYTES=0))
    made.recorder.start()
    began_ms = made.now_ms()
    for _ in range(GAPS):
        into_minute_s = made.recorder.samples % (60 * 104) / 104
        made.record(60 - into_minute_s + chance.uniform(-1.5, 1.5))
        chips = dict(made.bench.i2c.chips)
        made.bench.i2c.chips.clear()
        made.record(chance.uniform(20, 80))
        made.bench.i2c.chips.update(chips)
    made.record(20)
    made.recorder.stop(wire.END_DOCKED)
    segments = [(v["sample"], v["tick_ms"], v["reason"]) for v in made.values(wire.REC_SEGMENT)]
    minutes = [(v["sample"], v["tick_ms"]) for v in made.values(wire.REC_MINUTE)]
    clock = SampleClock(made.recorder.imu.odr_mhz, segments, minutes)
    gaps_s = [(gap.end_tick_ms - gap.start_tick_ms) / 1000 for gap in clock.gaps()]
    assert len(gaps_s) >= GAPS and min(gaps_s) > 15
    elapsed_s = (made.now_ms() - began_ms) / 1000
    recorded_s = made.recorder.samples / made.bench.true_hz
    assert elapsed_s == pytest.approx(recorded_s + sum(gaps_s), abs=5.0)
