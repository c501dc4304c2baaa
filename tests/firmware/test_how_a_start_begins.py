"""What a start makes of its cause, its clock and its settings: each case of the tables."""

from types import SimpleNamespace

import aftermath
import day
import pytest
from asked import Asked
from backup import Backup
from fakes.memory_storage import MemoryStorage
from fakes.night import Memory, settings
from notturno_core import wire
from notturno_core.eventlog import EventLog

HOUR_MS, DAY_MS = 3_600_000, 86_400_000


def settled(cause, before=lambda backup: None, rtc_ms=0):
    """Return (what `settle` says, the records behind it, the backup) of a second start."""
    memory, storage = Memory(), MemoryStorage()
    log = EventLog(storage, lambda: 77)
    backup = Backup(memory)
    log.open()
    backup.begin(77, 1, 0)
    before(backup)
    log.close()
    backup = Backup(memory)
    log = EventLog(storage, lambda: 77)
    log.open()
    said = aftermath.settle(log, backup, cause, 900, rtc_ms, b"0.1.0")
    rows = []
    for frame in log.frames_from(0):
        _, kind, start, n = wire.frame_at(frame, 0, len(frame))
        rows.append((kind, wire.unpack_record(kind, bytes(frame[start : n - wire.CRC_LEN]))))
    return said, rows, backup


# machine.reset_cause() of the ESP32 port: 1 PWRON, 2 HARD, 3 WDT, 4 DEEPSLEEP, 5 SOFT.
@pytest.mark.parametrize(
    ("cause", "name"),
    [
        (0, "START_OTHER"),
        (1, "START_POWER_ON"),
        (2, "START_ASKED"),
        (3, "START_HANG"),
        (4, "START_DEEP_SLEEP"),
        (5, "START_ASKED"),
        (6, "START_OTHER"),
        (7, "START_OTHER"),
    ],
)
def test_each_cause_that_the_port_names(cause, name):
    said, rows, backup = settled(cause)
    (start,) = [row for kind, row in rows if kind == wire.REC_START]
    assert said == start["cause"] == getattr(wire, name)
    assert (start["line"], start["sample"], start["boot_id"]) == (0, 0, 2)
    assert start["in_a_row"] == backup.in_a_row == (name == "START_HANG")


@pytest.mark.parametrize(
    ("lived_ms", "in_a_row", "counted"),
    [(0, 0, 1), (59_999, 4, 5), (60_000, 4, 1), (10, 254, 255), (10, 255, 255)],
)
def test_a_row_of_failed_starts_ends_with_a_quiet_minute_and_at_255(lived_ms, in_a_row, counted):
    def before(backup):
        backup.begin(77, 1, in_a_row)
        backup.save(0, lived_ms, 0)

    assert settled(3, before)[2].in_a_row == counted


def test_a_crash_counts_only_where_the_reset_was_the_programs_own():
    def before(backup):
        backup.keep_crash(12, "app.py", "ValueError")

    assert [settled(cause, before)[0] for cause in (5, 2, 3, 1)] == [
        *[wire.START_CRASH] * 2,
        *[wire.START_HANG, wire.START_POWER_ON],
    ]
    (start,) = [row for kind, row in settled(5, before)[1] if kind == wire.REC_START]
    assert start["line"] == 12 and start["where"].rstrip(b"\0") == b"app.py"


@pytest.mark.parametrize(
    ("since_ms", "carried_s", "told"),
    [
        (-1, 0, None),
        (0, 0, 0),
        (999, 0, 0),
        (1000, 5, 6),
        (3000, 0xFFFFFFFC, 0xFFFFFFFF),
        (9000, 0xFFFFFFFC, 0xFFFFFFFF),
    ],
)
def test_a_date_is_carried_over_as_old_as_it_is(since_ms, carried_s, told):
    def before(backup):
        backup.keep_date(1_768_253_400_000, 10_000, 9, 40, carried_s)

    rows = settled(3, before, rtc_ms=10_000 + since_ms)[1]
    times = [row for kind, row in rows if kind == wire.REC_TIME]
    if told is None:
        assert times == [], "the RTC has begun anew"
    else:
        assert [time["carried_s"] for time in times] == [told]
        assert times[0]["utc_ms"] == 1_768_253_400_000 + since_ms


def test_what_was_not_recording_or_not_open_is_not_ended():
    def recording(backup):
        backup.session(True)
        backup.save(500, 600, 0)

    said, rows, _ = settled(3, recording)  # its log was closed in order
    assert wire.REC_END not in [kind for kind, _ in rows]


# --- when a night begins and ends ----------------------------------------------------------------


@pytest.mark.parametrize(
    ("synced", "still_min", "over"),
    [(False, 89, False), (False, 90, True), (True, 1, False), (True, 2, True), (False, 2, False)],
)
def test_a_night_that_is_not_worn_ends_after_90_minutes_or_two_behind_a_sync(
    synced, still_min, over
):
    recorder = SimpleNamespace(still_min=still_min)
    assert day.ended(recorder, settings(), synced, 0) == (wire.END_NOT_WORN if over else 0)


def test_none_ends_by_itself_where_nobody_says_when():
    config = settings(NOT_WORN_END_MIN=0)
    assert day.ended(SimpleNamespace(still_min=999), config, False, 0) == 0


CLOCK = settings(START=("clock",), NIGHT_UTC_MIN=1320)  # ten in the evening
TEN_MS = 20_000 * DAY_MS + 22 * HOUR_MS


@pytest.mark.parametrize(
    ("utc_ms", "left_ms", "begins"),
    [
        (TEN_MS, 0, True),
        (TEN_MS - 1, 1, False),
        (TEN_MS - 8 * HOUR_MS, 8 * HOUR_MS, False),
        (TEN_MS + 1, DAY_MS - 1, True),
        (TEN_MS + 1_200_000, DAY_MS - 1_200_000, True),  # twenty minutes late
        (TEN_MS + 1_200_001, DAY_MS - 1_200_001, False),
    ],
)
def test_the_clock_begins_a_night_up_to_twenty_minutes_late(utc_ms, left_ms, begins):
    assert day.until_night_ms(utc_ms, CLOCK) == left_ms
    assert day.begins_by_clock(utc_ms, CLOCK) is begins


@pytest.mark.parametrize(
    ("utc_ms", "config"),
    [
        (None, CLOCK),
        (TEN_MS, settings(START=("undock",), NIGHT_UTC_MIN=1320)),
        (TEN_MS, settings(START=("clock",), NIGHT_UTC_MIN=None)),
    ],
)
def test_no_clock_begins_a_night_without_a_date_or_an_hour(utc_ms, config):
    assert day.until_night_ms(utc_ms, config) is None
    assert not day.begins_by_clock(utc_ms, config)


@pytest.mark.parametrize(
    ("start", "reason", "looks"),
    [
        (("undock",), wire.END_NOT_WORN, 18),
        (("undock",), wire.END_DOCKED, 0),
        (("undock",), wire.END_ASKED, 0),
        (("worn",), wire.END_ASKED, 65_535),
        (("worn", "undock"), wire.END_NOT_WORN, 65_535),
    ],
)
def test_how_often_an_idle_band_looks_whether_it_is_worn(start, reason, looks):
    assert day.peeks(settings(START=start), reason) == looks


# --- what a host is told, and the time that it gives ---------------------------------------------


class Board:
    def __init__(self, rtc_utc_ms=None):
        self.rtc_utc_ms = lambda: rtc_utc_ms

    def device_id(self):
        return b"\1\2\3\4\5\6\0\0"


def asked(rtc_utc_ms=None, end_reason=0, recording=False):
    log = EventLog(MemoryStorage(), lambda: 77)
    log.open()
    memory = Memory()
    recorder = SimpleNamespace(recording=recording, end_reason=end_reason)
    power = SimpleNamespace(battery_mv=lambda: 3850)
    clock = SimpleNamespace(now_ms=lambda: 4321)
    parts = Board(rtc_utc_ms), power, clock, log, recorder, settings()
    return Asked(*parts, Backup(memory), lambda: 55_000), log, memory


def test_each_bit_of_a_bands_state():
    plain, _, _ = asked()
    assert plain.info() == {
        **{"state": 0, "device_id": b"\1\2\3\4\5\6\0\0", "battery_mv": 3850},
        **{"firmware": b"0.1.0"},
    }
    assert asked(recording=True)[0].info()["state"] == 1
    assert asked(end_reason=wire.END_LOG_FULL)[0].info()["state"] == 8
    assert asked(end_reason=wire.END_ASKED)[0].info()["state"] == 0
    plain._docked = True
    assert plain.info()["state"] == 2
    plain.set_time(1, 2, 3)
    assert plain.info()["state"] == 2 | 4


def times_of(log):
    found = []
    for frame in log.frames_from(0):
        _, kind, start, n = wire.frame_at(frame, 0, len(frame))
        if kind == wire.REC_TIME:
            found.append(wire.unpack_record(kind, bytes(frame[start : n - wire.CRC_LEN])))
    return found


def test_a_time_that_is_given_is_logged_with_our_tick_and_kept_as_of_now():
    band, log, memory = asked()
    band.set_time(1_768_253_400_123, 40, 9)
    assert times_of(log) == [
        {
            **{"boot_id": 1, "tick_ms": 4321, "utc_ms": 1_768_253_400_123},
            **{"error_ms": 40, "host_id": 9, "carried_s": 0},
        }
    ]
    assert Backup(memory).date == (1_768_253_400_123, 55_000, 9, 40, 0)
    assert band._utc_ms() == 1_768_253_400_123


def test_a_clock_chip_is_nobodys_clock_and_read_to_the_second():
    band, log, _ = asked(rtc_utc_ms=1_768_253_400_000)
    band._trust_rtc()
    (time,) = times_of(log)
    assert (time["utc_ms"], time["error_ms"], time["host_id"]) == (1_768_253_400_000, 1000, 0)
    none, log, _ = asked()
    none._trust_rtc()
    assert times_of(log) == [] and none._utc_ms() is None


def test_another_logs_row_of_failures_is_none_of_ours():
    def before(backup):
        backup.begin(78, 1, 4)

    said, _, backup = settled(3, before)
    assert said == wire.START_HANG and backup.in_a_row == 1
