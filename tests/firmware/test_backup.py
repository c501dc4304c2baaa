"""What outlives a reset, and what the next start makes of it."""

import aftermath
import pytest
from backup import BYTES, FRAMES_AT, ROWS, Backup
from fakes.memory_storage import MemoryStorage
from fakes.night import Memory, Night
from fakes.worlds import StillWorld
from notturno_core import wire
from notturno_core.eventlog import EventLog

POWER_ON, ASKED, WATCHDOG, DEEP_SLEEP = 1, 2, 3, 4  # machine.reset_cause()


def event(number):
    return wire.pack_event({"kind": wire.EVENT_JERK, "number": number, "peak_mg": 100})


def test_what_was_kept_is_there_after_a_reset():
    memory = Memory()
    first = Backup(memory)
    first.begin(7, 3, 2)
    first.battery_mv, first.peeks, first.gravity_mg = 3900, 5, (-1000, 0, 20)
    first.session(True)
    first.put_row(event(9))
    first.frames[:3] = b"abc"
    first.keep_date(1_768_253_400_123, 55_000, 0x80000007, 40, 12)
    first.save(1234, 5678, 3)
    after = Backup(memory)
    assert (after.log_id, after.boot_id, after.in_a_row) == (7, 3, 2)
    assert (after.sample, after.tick_ms, after.fill, after.recording) == (1234, 5678, 3, True)
    assert (after.battery_mv, after.peeks, after.gravity_mg) == (3900, 5, (-1000, 0, 20))
    assert after.rows() == [event(9)] and bytes(after.frames[:3]) == b"abc"
    assert after.date == (1_768_253_400_123, 55_000, 0x80000007, 40, 12)
    assert after.crash is None and not after.over


@pytest.mark.parametrize("cut", [0, 1, 5, 6, 60, 104, 105, BYTES - 1])
def test_a_write_that_a_reset_tore_counts_for_nothing_or_for_all(cut):
    memory = Memory()
    backup = Backup(memory)
    backup.begin(7, 3, 0)
    backup.save(100, 200, 0)
    before = memory.kept
    backup.save(101, 201, 0)
    torn = Memory(memory.kept[:cut] + before[cut:])
    found = Backup(torn)
    assert (found.sample, found.tick_ms) in ((0, 0), (100, 200), (101, 201))
    assert Backup(Memory(bytes(BYTES))).log_id == Backup(Memory(b"")).log_id == 0


def test_the_oldest_row_makes_room_and_a_final_one_takes_its_own_away():
    backup = Backup(Memory())
    for number in range(ROWS + 2):
        backup.put_row(event(number))
    assert backup.rows() == [event(n) for n in range(2, ROWS + 2)]
    backup.drop_row(4)
    backup.drop_row(4)
    assert backup.rows() == [event(n) for n in range(2, ROWS + 2) if n != 4]
    assert FRAMES_AT + 1400 < BYTES, "the log's buffer holds a usual minute"


def opened(storage, memory):
    backup = Backup(memory)
    log = EventLog(storage, lambda: 77, buf=backup.frames)
    log.open(backup.log_id, backup.fill)
    return backup, log


def stored(log):
    out = []
    for frame in log.frames_from(0):
        seq, kind, start, n = wire.frame_at(frame, 0, len(frame))
        payload = bytes(frame[start : n - wire.CRC_LEN])
        out.append((seq, kind, wire.unpack_record(kind, payload) or payload))
    return out


def test_records_that_were_never_flushed_come_back_once_with_their_numbers():
    storage, memory = MemoryStorage(), Memory()
    backup, log = opened(storage, memory)
    aftermath.settle(log, backup, POWER_ON, 0, 0, b"1")
    numbers = [
        log.append(wire.REC_MARK, wire.pack(wire.MARK_FIELDS, {"sample": i})) for i in (1, 2)
    ]
    backup.save(0, 0, log.waiting_bytes)
    for _ in range(3):
        storage = storage.after_power_cut()
        backup, log = opened(storage, memory)
        aftermath.settle(log, backup, WATCHDOG, 0, 0, b"1")
        marks = [(seq, v["sample"]) for seq, kind, v in stored(log) if kind == wire.REC_MARK]
        assert marks == list(zip(numbers, (1, 2), strict=True))
    assert len({seq for seq, _, _ in stored(log)}) == len(stored(log))


def test_another_logs_records_do_not_come_back():
    memory = Memory()
    backup, log = opened(MemoryStorage(), memory)
    backup.begin(77, 1, 0)
    log.append(wire.REC_MARK, wire.pack(wire.MARK_FIELDS, {}))
    backup.save(0, 0, log.waiting_bytes)
    fresh = EventLog(MemoryStorage(), lambda: 78, buf=Backup(memory).frames)
    fresh.open(77, backup.fill)
    assert stored(fresh) == []


def settled(memory, storage, cause=WATCHDOG, tick_ms=900, rtc_ms=0):
    backup, log = opened(storage.after_power_cut(), memory)
    started = aftermath.settle(log, backup, cause, tick_ms, rtc_ms, b"0.2.0")
    return started, backup, stored(log)


def night(minutes=3, seconds=20):
    """A night that a reset ends `seconds` after its last whole minute."""
    memory = Memory()
    made = Night(StillWorld(), memory=memory)
    made.backup.begin(made.log.log_id, made.log.boot_id, 0)
    made.recorder.start()
    made.record(minutes * 60 + seconds)
    return made, memory


def test_a_hang_costs_what_came_since_the_last_drain_and_the_end_says_how_far_it_was():
    made, memory = night()
    samples, tick_ms = made.recorder.samples, made.now_ms()
    started, backup, records = settled(memory, made.storage)
    assert started == wire.START_HANG and not backup.recording
    (end,) = [v for _, kind, v in records if kind == wire.REC_END]
    assert (end["reason"], end["sample"]) == (wire.END_CRASHED, samples)
    assert 0 <= tick_ms - end["tick_ms"] < 2500 and end["battery_mv"] == 3900
    (start,) = [v for _, kind, v in records if kind == wire.REC_START]
    assert (start["cause"], start["in_a_row"]) == (wire.START_HANG, 1)
    assert (start["sample"], start["tick_ms"], start["boot_id"]) == (samples, 900, 2)
    assert [kind for _, kind, _ in records][-2:] == [wire.REC_END, wire.REC_START]


def test_a_movement_that_was_named_at_first_only_is_a_row_and_says_so():
    made, memory = night()
    made.backup.put_row(event(41))
    made.recorder._keep()
    _, _, records = settled(memory, made.storage)
    (row,) = [v for _, kind, v in records if kind == wire.REC_EVENT]
    assert (row["number"], row["flags"]) == (41, wire.FLAG_FIRST_NAME)


def test_a_session_that_ended_in_order_is_not_ended_again():
    made, memory = night()
    made.recorder.stop(wire.END_ASKED)
    _, backup, records = settled(memory, made.storage)
    assert [v["reason"] for _, k, v in records if k == wire.REC_END] == [wire.END_ASKED]
    assert [v["sample"] for _, k, v in records if k == wire.REC_START] == [0]


def test_a_crash_is_told_with_its_place_and_a_row_of_them_is_counted():
    memory, storage = Memory(), MemoryStorage()
    for row in (1, 2, 3):
        backup, log = opened(storage, memory)
        aftermath.settle(log, backup, ASKED, 0, 0, b"1")
        assert backup.in_a_row == row - 1
        backup.save(0, 59_000, 0)
        backup.keep_crash(123, "a_long_file_name_indeed.py", "MemoryError")
    started, backup, records = settled(memory, storage, cause=ASKED)
    start = [v for _, kind, v in records if kind == wire.REC_START][-1]
    assert started == start["cause"] == wire.START_CRASH
    assert (start["line"], start["in_a_row"]) == (123, 3)
    assert start["where"] == b"ile_name_indeed.py"[-16:] and start["what"][:11] == b"MemoryError"
    backup.save(0, 60_000, 0)
    backup.keep_crash(1, "x.py", "OSError")
    assert settled(memory, storage, cause=ASKED)[1].in_a_row == 1, "a quiet minute"


def test_the_date_outlives_a_reset_with_its_age_and_not_a_loss_of_power():
    memory, storage = Memory(), MemoryStorage()
    backup, log = opened(storage, memory)
    aftermath.settle(log, backup, POWER_ON, 0, 0, b"1")
    backup.keep_date(1_768_253_400_000, 10_000, 9, 40, 5)
    _, backup, records = settled(memory, storage, tick_ms=700, rtc_ms=10_000 + 3_600_400)
    (time,) = [v for _, kind, v in records if kind == wire.REC_TIME]
    assert time == {
        "boot_id": 2,
        "tick_ms": 700,
        "utc_ms": 1_768_253_400_000 + 3_600_400,
        "error_ms": 40,
        "host_id": 9,
        "carried_s": 3605,
    }
    assert backup.date[0] == 1_768_253_400_000, "so that the next reset adds up, and not twice"
    _, _, records = settled(memory, storage, cause=POWER_ON, rtc_ms=9_999)
    assert wire.REC_TIME not in [kind for _, kind, _ in records], "the RTC has begun anew"


def test_no_hole_is_left_where_more_came_than_the_memory_holds():
    """What no longer waited went to the flash; a reset finds it there, and the rest in memory."""
    storage, memory = MemoryStorage(), Memory()
    backup, log = opened(storage, memory)
    aftermath.settle(log, backup, POWER_ON, 0, 0, b"1")
    before = log.next_seq
    while log.next_seq < before + 200:  # many times what waits at once, and no flush
        log.append(wire.REC_MARK, wire.pack(wire.MARK_FIELDS, {"sample": log.next_seq}))
        backup.save(0, 0, log.waiting_bytes)
    backup, log = opened(storage.after_power_cut(), memory)
    marks = [v["sample"] for _, kind, v in stored(log) if kind == wire.REC_MARK]
    assert marks == list(range(before, before + 200))


def test_movements_wait_through_a_sessions_beginning_and_not_behind_its_end():
    backup = Backup(Memory())
    backup.put_row(event(1))
    backup.session(True)
    assert backup.rows() == [event(1)] and backup.recording
    backup.session(False)
    assert backup.rows() == [] and not backup.recording


def test_nothing_that_is_kept_lies_on_anything_else():
    """Each part with all its bits set, one after the other and in any order."""
    memory = Memory()
    first = Backup(memory)
    first.begin(0xFFFFFFFF, 0xFFFFFFFE, 0xFF)
    first.battery_mv, first.peeks, first.gravity_mg = 0xFFFF, 0xFFFE, (-1, -2, -32768)
    first.session(True, True)
    rows = [wire.pack_event({"number": n, "peak_mg": 0xFFFF, "flags": 0xFFFF}) for n in range(6)]
    for row in rows:
        first.put_row(row)
    first.frames[:] = b"\xff" * len(first.frames)
    first.keep_crash(70_000, "a/long/path/of_a_module.py", "E" * 40)
    first.keep_date(2**63, 2**62 + 1, 0xFFFFFFFD, 0xFFFC, 0xFFFFFFFB)
    first.save(0xFFFFFFFA, 0xFFFFFFF9, len(first.frames))
    after = Backup(memory)
    assert (after.log_id, after.boot_id, after.in_a_row) == (0xFFFFFFFF, 0xFFFFFFFE, 0xFF)
    assert (after.battery_mv, after.peeks) == (0xFFFF, 0xFFFE)
    assert after.gravity_mg == (-1, -2, -32768)
    assert (after.sample, after.tick_ms) == (0xFFFFFFFA, 0xFFFFFFF9)
    assert after.rows() == rows and after.recording and after.over
    assert after.date == (2**63, 2**62 + 1, 0xFFFFFFFD, 0xFFFC, 0xFFFFFFFB)
    assert after.crash == (65_535, b"th/of_a_module.py"[-16:], b"E" * 24)
    assert after.fill == len(after.frames) and set(bytes(after.frames)) == {0xFF}
    after.begin(1, 2, 3)
    assert after.rows() == [] and after.crash is None and not after.recording
    assert after.date[0] == 2**63 and after.over


@pytest.mark.parametrize(("fill", "kept"), [(0, 0), (5, 5), (10**6, BYTES - FRAMES_AT)])
def test_no_more_waits_than_there_is_room_for(fill, kept):
    memory = Memory()
    backup = Backup(memory)
    backup.begin(7, 3, 0)
    backup.save(1, 2, fill & 0xFFFF)
    assert Backup(memory).fill == min(fill & 0xFFFF, kept)


def test_the_turn_is_counted_in_sixteen_bits_at_both_ends_of_the_head():
    memory = Memory()
    backup = Backup(memory)
    for turn in (1, 2, 3):
        backup.save(turn, 0, 0)
        assert memory.kept[4:6] == memory.kept[104:106] == bytes([turn, 0])
    backup._turn = 0xFFFF
    backup.save(9, 0, 0)
    assert memory.kept[4:6] == b"\0\0" and Backup(memory).sample == 9
    assert memory.kept[:4] == b"NTK2" and len(memory.kept) == 2048
    assert Backup(Memory(b"NTK1" + bytes(memory.kept[4:]))).sample == 0
    assert Backup(Memory(bytes(memory.kept) + b"\0")).sample == 0


def test_utc_is_the_date_and_what_the_rtc_has_gone_on():
    backup = Backup(Memory())
    assert backup.utc_ms(5) is None
    backup.keep_date(1_000_000, 400, 1, 2, 3)
    assert backup.utc_ms(400) == 1_000_000 and backup.utc_ms(1_400) == 1_001_000


def test_a_start_begins_at_its_first_sample_with_nothing_left_of_the_one_before():
    memory = Memory()
    block = Backup(memory)
    block.begin(7, 3, 2)
    block.save(1234, 5678, 3)
    block.begin(7, 4, 0)
    for read in (block, Backup(memory)):
        assert (read.sample, read.tick_ms, read.fill) == (0, 0, 0)
