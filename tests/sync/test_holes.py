"""Numbers that never come: those that a new start of the band leaves out are no damage.

The logs are the firmware's own: EventLog and aftermath over a flash in memory.
"""

import aftermath
import pytest
from backup import ROWS, Backup
from fakes.memory_storage import MemoryStorage
from fakes.night import Memory
from fakes.nights_by_hand import DEVICE, Pen
from notturno.leaps import MOST_BEFORE_THE_BOOT, left_out_by_band
from notturno.store import Store
from notturno.sync.holes import Holes
from notturno_core import wire
from notturno_core.eventlog import RESERVED_SEQS, EventLog

WATCHDOG = 3  # machine.reset_cause()
EVENING = 1_768_253_400_000  # 2026-01-12 22:30 in Rome


def record(kind, fields, **values):
    return kind, wire.pack(fields, values)


SESSION = record(wire.REC_SESSION, wire.SESSION_FIELDS, boot_id=2, odr_mhz=104_000)
START = record(wire.REC_START, wire.START_FIELDS, boot_id=2)
TIME = record(wire.REC_TIME, wire.TIME_FIELDS, boot_id=2, utc_ms=EVENING)
CHECK = record(wire.REC_CHECK, wire.CHECK_FIELDS)
CRASHED = record(wire.REC_END, wire.END_FIELDS, reason=wire.END_CRASHED)
DOCKED = record(wire.REC_END, wire.END_FIELDS, reason=wire.END_DOCKED)
ROW = wire.REC_EVENT, wire.pack_event({"kind": wire.EVENT_JERK})
FIRST_NAMED = wire.REC_EVENT, bytes(wire.flagged_event(ROW[1], wire.FLAG_FIRST_NAME))
MINUTE = record(wire.REC_MINUTE, wire.MINUTE_FIELDS)


@pytest.mark.parametrize(
    ("behind", "told"),
    [
        ([SESSION], True),
        ([START], True),
        ([TIME], True),
        ([CHECK, *[FIRST_NAMED] * ROWS, CRASHED, START], True),
        ([FIRST_NAMED, FIRST_NAMED], None),
        ([], None),
        ([ROW, START], False),
        ([DOCKED, START], False),
        ([MINUTE, SESSION], False),
        ([(wire.REC_EVENT, b"\1"), START], False),
        ([(wire.REC_SESSION, b"\2\0"), START], False),
        ([CHECK] * MOST_BEFORE_THE_BOOT + [START], True),
        ([CHECK] * (MOST_BEFORE_THE_BOOT + 1) + [START], False),
    ],
)
def test_what_stands_behind_a_hole_says_whose_it_is(behind, told):
    assert left_out_by_band(1, behind, 1) is told
    assert left_out_by_band(RESERVED_SEQS, behind, 1) is told
    assert left_out_by_band(RESERVED_SEQS + 1, behind, 1) is False
    if told:
        assert left_out_by_band(1, behind, 2) is False  # no new start: the same one names itself


def crashed_night(rows, check):
    """Return the frames of an hour that a hang ended, and of the hour that followed.

    rows: movements that waited for their final name; check: somebody had the band test itself.
    """
    storage, memory = MemoryStorage(), Memory()
    log = EventLog(storage, lambda: 77)
    log.open()
    backup = Backup(memory)
    backup.begin(log.log_id, log.boot_id, 0)
    backup.session(True)
    backup.battery_mv = 3900
    for at, n_minutes in ((0, 60), (2, 60)):
        pen = Pen(boot_id=log.boot_id)
        pen.time(1000 + at * 3_600_000, EVENING + at * 3_600_000)
        pen.night(2000 + at * 3_600_000, n_minutes, end=bool(at))
        for frame in pen.frames:
            log.append(frame[4], frame[wire.HEADER_LEN : -wire.CRC_LEN])
        log.flush()
        if at:
            break
        for number in range(rows):
            backup.put_row(wire.pack_event({"kind": wire.EVENT_JERK, "number": number}))
        backup.save(60 * 60 * 104, 3_602_000, 0)
        if check:
            by_cable = EventLog(storage, lambda: 78)
            by_cable.open()
            by_cable.append(*CHECK)
            by_cable.close()
        log = EventLog(storage, lambda: 79, buf=Backup(memory).frames)
        log.open(77, 0)
        aftermath.settle(log, Backup(memory), WATCHDOG, 3_610_000, 0, b"0.2.0")
    return [bytes(frame) for frame in log.frames_from(0)]


@pytest.mark.parametrize("check", [False, True])
@pytest.mark.parametrize("rows", [0, 1, 2, 3, ROWS])
@pytest.mark.parametrize("piece", [1, 3, 1000])
def test_a_crash_leaves_no_damage_however_many_movements_waited(tmp_path, rows, check, piece):
    frames = crashed_night(rows, check)
    numbers = [int.from_bytes(frame[:4], "little") for frame in frames]
    (gap,) = (i for i in range(1, len(numbers)) if numbers[i] > numbers[i - 1] + 1)
    holes = Holes(1, 0)
    for i in range(0, len(frames), piece):
        holes.notice(frames[i : i + piece])
    holes.end(numbers[-1])
    assert holes.absent == [(numbers[gap - 1] + 1, numbers[gap] - 1)]
    assert holes.damaged == []
    with Store.open(tmp_path) as store:
        store.add(store.begin_sync(DEVICE, 77, "Europe/Rome", "0.1.0"), frames)
        (row,) = store.nights()
    assert row["state"] == "complete", row["state_reason"]


def test_what_is_lost_inside_a_recording_is_damage_at_once_or_at_the_end(tmp_path):
    frames = crashed_night(3, True)
    holes = Holes(1, 0)
    holes.notice(frames[:10] + frames[20:30])
    assert holes.damaged == [(11, 20)]
    holes.notice(frames[30:])
    end = int.from_bytes(frames[-1][:4], "little")
    holes.end(end + 5)
    assert holes.damaged == [(11, 20), (end + 1, end + 5)]
    with Store.open(tmp_path) as store:
        store.add(store.begin_sync(DEVICE, 77, "Europe/Rome", "0.1.0"), frames[:10] + frames[20:])
        (row,) = store.nights()
    assert row["state"] == "partial" and "records 11 to 20" in str(row["state_reason"])
