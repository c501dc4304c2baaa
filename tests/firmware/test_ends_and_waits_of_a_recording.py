"""When a recording takes what came last, when it says that something is missing, how it waits."""

import pytest
from drivers import SensorLost
from fakes.night import Night
from fakes.worlds import StillWorld
from notturno_core import wire
from recorder import Recorder
from timeline import Timeline


@pytest.fixture
def recorder():
    night = Night(StillWorld())
    night.recorder.start()
    night.recorder.night = night
    return night.recorder


@pytest.mark.parametrize(
    ("reason", "tries", "anew", "drains", "breaks"),
    [
        (wire.END_DOCKED, 0, False, 1, 0),
        (wire.END_ASKED, 0, False, 1, 0),
        (wire.END_BATTERY, 0, False, 1, 0),
        (wire.END_NOT_WORN, 0, False, 1, 0),
        (wire.END_LOG_FULL, 0, False, 0, 0),  # there is no room for it
        (wire.END_CRASHED, 0, False, 0, 0),  # nobody knows what would happen
        (wire.END_DOCKED, 1, False, 0, 1),  # the sensor does not answer
        (wire.END_DOCKED, 0, True, 1, 1),  # it was begun anew, and gave nothing yet
        (wire.END_CRASHED, 2, False, 0, 1),
    ],
)
def test_an_end_takes_what_came_since_and_tells_what_did_not(
    recorder, reason, tries, anew, drains, breaks
):
    did = []
    recorder._drain_all = lambda: did.append("drain")
    recorder._break = lambda reason: did.append(reason)
    recorder._tries, recorder._anew = tries, anew
    recorder.stop(reason)
    assert did == ["drain"] * drains + [wire.SEGMENT_BUS_FAULT] * breaks
    assert not recorder.recording and recorder.end_reason == reason
    assert recorder._backup.over is (reason not in (wire.END_DOCKED, wire.END_CRASHED))
    recorder.stop(wire.END_ASKED)
    assert recorder.end_reason == reason and len(did) == drains + breaks, "it has ended"


def test_a_sensor_that_is_lost_at_the_end_is_a_gap_to_the_end(recorder):
    told = []

    def lost():
        raise SensorLost

    recorder._drain_all = lost
    recorder._break = told.append
    recorder._imu.stop = lost
    recorder.stop(wire.END_DOCKED)
    assert told == [wire.SEGMENT_BUS_FAULT] and not recorder.recording


@pytest.mark.parametrize(
    ("tries", "wait_ms"), [(1, 500), (2, 1000), (3, 2000), (4, 5000), (5, 10_000), (6, 10_000)]
)
def test_a_sensor_that_is_lost_in_the_night_is_asked_less_and_less_often(recorder, tries, wait_ms):
    def lost():
        raise SensorLost

    recorder._drain_all = lost
    recorder._revive = lambda: setattr(recorder, "_tries", tries)
    assert recorder.drain() == wait_ms


@pytest.mark.parametrize(
    ("asked_ago_ms", "wait_ms"),
    [(0, 2342 + 5), (100, 2342 - 95), (2342, 5), (2341, 6), (9000, 5)],
)
def test_it_comes_back_a_little_after_the_watermark(recorder, asked_ago_ms, wait_ms):
    """244 samples of 104 171 mHz last 2342 ms."""
    recorder._drain_all = lambda: None
    imu = recorder._imu
    imu.watermark, imu.odr_mhz = 244, 104_171
    recorder._timeline.asked_ms = recorder.night.now_ms() - asked_ago_ms
    assert recorder.drain() == wait_ms


@pytest.mark.parametrize(
    ("full", "recording", "stopped"),
    [(True, True, [wire.END_LOG_FULL]), (True, False, []), (False, True, [])],
)
def test_a_full_log_ends_a_session_that_is_there(recorder, full, recording, stopped):
    told = []

    def stop(reason):
        told.append(reason)
        recorder.recording = False

    recorder._drain_all, recorder.stop = (lambda: None), stop
    recorder._records.full, recorder.recording = full, recording
    wait_ms = recorder.drain()
    assert told == stopped and (wait_ms == 500) is (bool(stopped) or not recording)


def test_samples_that_came_end_the_tries_and_none_do_not(recorder):
    recorder._vain, recorder._heard_ms = 4, recorder.night.now_ms()
    recorder._drain_all = lambda: None
    recorder.drain()
    assert recorder._vain == 4

    def came():
        recorder.samples += 1

    recorder._drain_all = came
    recorder.drain()
    assert recorder._vain == 0


def test_a_sensor_that_stays_lost_is_told_at_the_first_try_and_each_sixtieth_behind(recorder):
    told, flushed = [], []

    def lost(*_):
        raise SensorLost

    recorder._fault = lambda *fault: told.append(fault)
    recorder._records.flush = lambda: flushed.append(recorder._vain)
    recorder._imu.start, recorder._imu.faults.transfers = lost, 9
    recorder._tries = recorder._vain = 0
    for _ in range(121):
        recorder._revive()
    assert told == [(wire.FAULT_SENSOR_LOST, tries, 9) for tries in (1, 61, 121)]
    assert flushed == [0, 60, 120]
    assert recorder._tries == recorder._vain == 121 and not recorder._anew


def test_a_sensor_that_starts_again_is_anew_and_its_tries_are_counted_until_it_is_heard(recorder):
    begun = []
    recorder._imu.start = lambda *how: begun.append(how)
    recorder._tries, recorder._vain = 3, 5
    recorder._revive()
    config = recorder._config
    assert begun == [(config.ODR_HZ, config.RANGE_G, config.WATERMARK)]
    assert (recorder._tries, recorder._vain, recorder._anew) == (0, 6, True)


def test_without_a_backup_nothing_outlives_a_reset_and_a_night_is_recorded():
    night = Night(StillWorld())
    imu, log = night.bench.imu, night.log
    alone = Recorder(imu, log, night.now_ms, lambda: 3900, night.recorder._config)
    alone.start()
    alone.stop(wire.END_ASKED)
    assert [end["reason"] for end in night.values(wire.REC_END)] == [wire.END_ASKED]


# --- the rate ------------------------------------------------------------------------------------


def learned(odr_mhz, samples, over_ms, known_over_ms=0):
    """Return the rate that is believed behind so many samples in so long."""
    line = Timeline()
    line.begin(odr_mhz, 0)
    line._rate_ms, line._rate_sample, line._rate_over_ms = 1000, 50, known_over_ms
    line.asked_ms, line.asked_sample = 1000 + over_ms, 50 + samples
    line.learn_rate()
    return line.rate_mhz


@pytest.mark.parametrize(
    ("samples", "over_ms", "rate_mhz"),
    [
        (2100, 20_000, 105_000),
        (2081, 20_000, 104_050),
        (107_123, 1_000_000, 107_123),
        (104_001, 1_000_000, 104_001),
        (108_159, 1_000_000, 108_159),  # off by less than a twenty-fifth
        (108_160, 1_000_000, 104_000),
        (99_841, 1_000_000, 99_841),
        (99_840, 1_000_000, 104_000),
        (424, 4_000, 106_000),
        (424, 3_999, 104_000),  # too soon
    ],
)
def test_a_rate_is_samples_by_our_own_ticks_to_the_millihertz(samples, over_ms, rate_mhz):
    assert learned(104_000, samples, over_ms) == rate_mhz


@pytest.mark.parametrize(
    ("samples", "over_ms", "rate_mhz"),
    [
        (1610, 10_000, 161_000),  # off by what the chip's word may be off: a 160th
        (1609, 10_000, 160_000),
        (3218, 20_000, 160_900),  # behind twenty seconds it need not be
        (3217, 19_995, 160_000),
    ],
)
def test_soon_a_rate_is_learned_only_where_the_chip_cannot_be_right(samples, over_ms, rate_mhz):
    assert learned(160_000, samples, over_ms) == rate_mhz


@pytest.mark.parametrize(
    ("over_ms", "known_over_ms", "again"),
    [
        (30_000, 30_000, True),
        (30_000, 30_001, False),
        (600_000, 900_000, True),  # ten minutes tell it as well as any
        (599_000, 900_000, False),
    ],
)
def test_a_longer_run_tells_the_rate_better(over_ms, known_over_ms, again):
    found = learned(104_000, 105 * over_ms // 1000, over_ms, known_over_ms)
    assert found == (105_000 if again else 104_000)
