"""Records and findings of a session, number by number: what is logged, and what is owed."""

from types import SimpleNamespace

import pytest
from fakes.night import Night, settings
from fakes.worlds import StillWorld
from findings import Findings
from notturno_core import detector, wire
from notturno_core.eventlog import LogFull
from records import Records


class Log:
    """An event log's side of Records: keeps what is appended; fails as a test says."""

    boot_id, next_seq = 5, 1

    def __init__(self, **more):
        self.rows = []
        self.fails = []  # what the next calls raise, None: nothing
        self.lost_records = 0
        self.spare_bytes = 1024
        self.found_open, self.torn_tail, self.corrupt_records = False, 0, 0
        self.spares = []
        vars(self).update(more)

    def _fail(self):
        error = self.fails.pop(0) if self.fails else None
        if error is not None:
            raise error

    def append(self, kind, payload):
        try:
            self._fail()
        except OSError:
            self.lost_records += 1
            raise
        self.spares.append(self.spare_bytes)
        self.rows.append((kind, bytes(payload)))

    def flush(self):
        self._fail()

    close = flush

    def has_room(self, n):
        self._fail()
        return n <= 400_000

    def of(self, kind):
        return [wire.unpack_record(kind, payload) for found, payload in self.rows if found == kind]


IMU = SimpleNamespace(odr_mhz=104_171, ug_per_lsb=122, range_g=4, sensor_id=0x6C)


def made(**more):
    log = Log(**more)
    return Records(log, lambda: 7000), log


def opened(records, changed="{}"):
    records.session(IMU, settings(FIRMWARE_VERSION="0.1.0"), 3900, changed)


@pytest.mark.parametrize(
    ("found_open", "torn_tail", "flags"),
    [(False, 0, 0), (True, 0, 1), (False, 9, 2), (True, 9, 3)],
)
def test_the_first_session_of_a_start_tells_how_the_log_was_found(found_open, torn_tail, flags):
    records, log = made(found_open=found_open, torn_tail=torn_tail)
    for _ in range(2):
        opened(records)
    first, second = log.of(wire.REC_SESSION)
    assert (first["flags"], second["flags"]) == (flags, 0)
    assert (first["boot_id"], first["tick_ms"], first["battery_mv"]) == (5, 7000, 3900)
    assert (first["odr_mhz"], first["ug_per_lsb"], first["range_g"]) == (104_171, 122, 4)
    assert first["sensor_id"] == 0x6C


def test_records_that_were_unreadable_are_told_once_with_the_bytes_that_were_torn():
    records, log = made(corrupt_records=3, torn_tail=17)
    for _ in range(2):
        opened(records)
    (fault,) = log.of(wire.REC_FAULT)
    assert fault == {"code": 4, "sample": 0, "tick_ms": 7000, "count": 3, "detail": 17}


@pytest.mark.parametrize(
    ("length", "pieces"), [(2, []), (3, [3]), (200, [200]), (201, [200, 1]), (450, [200, 200, 50])]
)
def test_what_a_person_changed_comes_in_pieces_of_200_bytes(length, pieces):
    records, log = made()
    text = "{}" if length == 2 else "x" * length
    opened(records, text)
    found = [payload for kind, payload in log.rows if kind == wire.REC_CONFIG]
    assert [len(piece) for piece in found] == pieces
    assert b"".join(found).decode() == ("" if length == 2 else text)


@pytest.mark.parametrize(
    ("count", "told"),
    [(0, 0), (65_534, 65_534), (65_535, 65_535), (65_536, 65_535), (10**6, 65_535)],
)
def test_a_count_of_faults_has_sixteen_bits(count, told):
    records, log = made()
    records.fault(1, 0xFFFFFFFF, count, -1)
    assert log.of(wire.REC_FAULT)[0] == {
        **{"code": 1, "sample": 0xFFFFFFFF, "tick_ms": 7000},
        **{"count": told, "detail": 0xFFFFFFFF},
    }


def test_faults_of_the_bus_are_told_as_they_grew_with_the_ladder_in_two_halves():
    records, log = made()
    bus = SimpleNamespace(transfers=5, recreated=2, unstuck=1)
    for _ in range(2):
        records.tell_faults(bus, 100)
    bus.transfers, bus.recreated = 12, 3
    records.tell_faults(bus, 200)
    told = [(f["code"], f["sample"], f["count"], f["detail"]) for f in log.of(wire.REC_FAULT)]
    assert told == [(1, 100, 5, 0x20001), (1, 200, 7, 0x30001)]


def test_faults_of_the_storage_are_counted_one_by_one_wherever_it_failed():
    records, log = made()
    bus = SimpleNamespace(transfers=0, recreated=0, unstuck=0)
    log.fails = [OSError(5)]
    records.append(wire.REC_MARK, b"")
    log.fails = [OSError(5)]
    records.flush()
    for error in (OSError(5), LogFull()):
        log.fails = [error]
        records.close()
    records.tell_faults(bus, 1)
    records.tell_faults(bus, 2)
    log.fails = [OSError(5)]
    records.flush()
    records.tell_faults(bus, 3)
    told = [(f["code"], f["sample"], f["count"], f["detail"]) for f in log.of(wire.REC_FAULT)]
    assert told == [(3, 1, 4, 1), (3, 3, 1, 1)]


def test_a_full_log_is_no_fault_of_the_storage():
    records, log = made()
    for call in (lambda: records.append(wire.REC_MARK, b""), records.flush):
        records.full = False
        log.fails = [LogFull()]
        call()
        assert records.full
    records.tell_faults(SimpleNamespace(transfers=0), 1)
    assert log.rows == []


def test_a_record_that_others_are_dated_by_is_offered_again_first_and_of_twelve_at_most():
    records, log = made()
    log.fails = [OSError(5)] * 15
    for n in range(15):  # each tries the first one alone
        records.append(wire.REC_SEGMENT, bytes([n]), True)
    records.append(wire.REC_MARK, b"last")
    assert [payload for _, payload in log.rows] == [*[bytes([n]) for n in range(12)], b"last"]
    assert log.lost_records == 3
    log.fails = [OSError(5)]
    records.append(wire.REC_MARK, b"lost")
    records.append(wire.REC_MARK, b"next")
    assert log.rows[-1] == (wire.REC_MARK, b"next") and log.lost_records == 4


def test_the_end_may_use_four_kilobytes_that_nothing_else_may():
    records, log = made(spare_bytes=16_384)
    records.mark(1, 2)
    records.end({"sample": 9, "tick_ms": 8, "reason": 1, "battery_mv": 3900})
    records.mark(3, 4)
    assert log.spares == [16_384, 4096, 16_384]
    assert log.of(wire.REC_MARK) == [{"sample": 1, "tick_ms": 2}, {"sample": 3, "tick_ms": 4}]


def test_a_gap_is_a_sure_event_of_so_many_samples():
    records, log = made()
    records.gap(11, 5000, 208)
    (gap,) = log.of(wire.REC_EVENT)
    assert (gap["kind"], gap["number"], gap["confidence_pct"]) == (7, 11, 100)
    assert (gap["onset_sample"], gap["duration_samples"]) == (5000, 208)


def test_a_storage_that_cannot_say_has_no_room():
    records, log = made()
    assert records.has_room(400_000) and not records.has_room(400_001)
    log.fails = [OSError(5)]
    assert not records.has_room(1)


# --- what the detector told ----------------------------------------------------------------------


class Kept:
    """The rows of a backup."""

    def __init__(self):
        self.rows = []

    def put_row(self, payload):
        self.rows.append(wire.unpack_record(wire.REC_EVENT, payload)["number"])

    def drop_row(self, number):
        self.rows = [n for n in self.rows if n != number]


class Room(Log):
    asked = 0

    def has_room(self, n):
        self.asked = n
        return n <= self.free


def finding(free=1 << 30):
    log = Room(free=free)
    records = Records(log, lambda: 7000)
    timeline = SimpleNamespace(tick_at_end=lambda sample: 3 * sample)
    waveforms = SimpleNamespace(offer=lambda values: [b"wave"])
    kept = Kept()
    parts = records, timeline, kept, waveforms
    found = Findings(lambda values: found.minute(values, 3800, 6400), *parts)
    found.begin()
    return found, log, kept


def told(onset, duration=10, number=1, what="final"):
    values = {"kind": wire.EVENT_JERK, "flags": 0, "onset_sample": onset, "number": number}
    return [(what, {**values, "duration_samples": duration}, None)]


def flags_of(log):
    return [row["flags"] for row in log.of(wire.REC_EVENT)]


def test_the_first_event_at_or_behind_a_gap_says_so():
    found, log, _ = finding()
    found.gap(500)
    for onset in (499, 500, 501):
        found.tell(told(onset))
    found.tell(told(900))
    assert flags_of(log) == [0, 2, 0, 0]
    none, log, _ = finding()
    none.tell(told(0))
    assert flags_of(log) == [0]


def test_what_ends_behind_the_hands_first_sample_is_cut_off():
    found, log, _ = finding()
    found.handled(1000)
    for onset, duration in ((980, 20), (980, 21), (990, 9), (999, 1), (1000, 0), (1000, 1)):
        found.tell(told(onset, duration))
    assert flags_of(log) == [0, 1024, 0, 0, 0, 1024]
    far, log, _ = finding()
    far.tell(told((1 << 30) - 11, 10))
    assert flags_of(log) == [0], "nobody's hand: ever"


@pytest.mark.parametrize(("free", "waves"), [(400_000, 1), (399_999, 0), (10**7, 1)])
def test_waveforms_leave_four_hundred_kilobytes(free, waves):
    found, log, _ = finding(free)
    found.look_for_room()
    assert log.asked == 400_000
    found.tell(told(10, what=detector.PROVISIONAL))
    assert [kind for kind, _ in log.rows] == [wire.REC_SNIPPET] * waves


def test_a_movement_is_kept_from_its_first_name_to_its_last_and_told_to_who_listens():
    found, log, kept = finding()
    heard = []
    found.on_provisional = heard.append
    for _ in range(2):
        found.tell(told(10, number=4, what=detector.PROVISIONAL))
    assert kept.rows == [4] and len(heard) == 2 and log.rows == []
    found.tell(told(10, number=4))
    assert kept.rows == [] and len(log.rows) == 1


def test_what_an_exception_keeps_back_is_told_by_the_next_call():
    found, log, _ = finding()
    log.fails = [MemoryError()]
    rows = told(10, number=1) + told(20, number=2)
    with pytest.raises(MemoryError):
        found.tell(rows)
    assert rows == []
    found.tell([])
    assert [row["number"] for row in log.of(wire.REC_EVENT)] == [1, 2]
    log.fails = [MemoryError()]
    with pytest.raises(MemoryError):
        found.tell(told(30))
    found.begin()
    found.tell([])
    assert len(log.rows) == 2, "another session's are not told"


@pytest.mark.parametrize(
    ("gravity_mg", "flags"),
    [
        ((0, 0, 1000), 0),
        ((0, 0, 0), 64),
        ((0, 600, -800), 0),
        ((0, 0, 849), 64),
        ((0, 0, 1151), 64),
    ],
)
def test_a_minute_has_its_tick_its_cell_its_warmth_and_its_doubts(gravity_mg, flags):
    found, log, _ = finding()
    values = {"sample": 6240, "flags": 0, "gravity_mg": gravity_mg}
    found.gap(100)
    for _ in range(2):
        found.tell([(detector.MINUTE, dict(values), None)])
    first, second = log.of(wire.REC_MINUTE)
    assert (first["flags"], second["flags"]) == (flags | 16, flags), "the gap is of one minute"
    assert (first["tick_ms"], first["battery_mv"], first["temperature_q8_c"]) == (
        18_720,
        3800,
        6400,
    )


def test_minutes_in_a_row_in_which_it_was_not_worn_are_counted():
    made = Night(StillWorld())
    recorder = made.recorder
    recorder.start()
    recorder._findings = SimpleNamespace(
        **{"minute": lambda *_: None, "look_for_room": lambda: None}
    )
    counted = []
    for flags in (1, 1, 3, 2, 1, 0, 64):
        recorder._minute({"flags": flags, "sample": 0})
        counted.append(recorder.still_min)
    assert counted == [1, 2, 3, 0, 1, 0, 0]


@pytest.mark.parametrize(
    ("more", "told"),
    [(0, 0), (65_534, 65_534), (65_535, 65_535), (65_536, 65_535), (10**6, 65_535)],
)
def test_the_end_counts_what_failed_in_this_session_alone_in_sixteen_bits(more, told):
    made = Night(StillWorld())
    faults = made.bench.imu.faults
    faults.transfers, faults.overruns = 7, 3
    made.recorder.start()
    faults.transfers += more
    faults.overruns += more
    made.recorder.stop(wire.END_ASKED)
    (end,) = made.values(wire.REC_END)
    assert (end["faults"], end["overruns"]) == (told, told)
