"""The event log at its bounds: the byte that still fits, the number that is still promised."""

import pytest
from fakes.memory_storage import MemoryStorage
from notturno_core import logmeta, wire
from notturno_core.eventlog import EventLog, LogFull

MARK = wire.REC_MARK


def opened(storage=None, **how):
    log = EventLog(storage or MemoryStorage(), lambda: 77, **how)
    log.open()
    return log


def reserved(log):
    return logmeta.read(log._storage)[3]


def test_numbers_are_promised_256_at_once_before_the_first_is_used():
    log = opened()
    assert (log.next_seq, reserved(log)) == (1, 257)
    for seq in range(1, 257):
        assert log.append(MARK, b"") == seq and reserved(log) == 257
    assert log.append(MARK, b"") == 257 and reserved(log) == 513
    log.close()
    assert reserved(log) == 258, "given back"
    again = opened(log._storage)
    assert (again.next_seq, again.boot_id, reserved(again)) == (258, 2, 514)


@pytest.mark.parametrize(("more", "spilled"), [(18, 0), (19, 2030)])
def test_what_waits_goes_to_the_storage_when_a_record_does_not_fit(more, spilled):
    log = opened()
    for _ in range(14):
        log.append(MARK, bytes(135))  # 145 bytes each
    assert log.waiting_bytes == 2030 and "log-00000001.bin" not in log._storage.files
    log.append(MARK, bytes(more - 10))
    stored = len(log._storage.files.get("log-00000001.bin", b""))
    assert (stored, log.waiting_bytes) == (spilled, more if spilled else 2048)


@pytest.mark.parametrize(("payload", "segments"), [(20, 1), (21, 2)])
def test_a_segment_is_as_long_as_it_may_be(payload, segments):
    log = opened(segment_bytes=60)
    for length in (20, payload):
        log.append(MARK, bytes(length))
        log.flush()
    assert sum(name.startswith("log-") for name in log._storage.files) == segments
    assert log.first_seq == 1


def room(capacity):
    """Return a log with 30 bytes waiting, so much capacity, and its meta's bytes."""
    log = opened(MemoryStorage(capacity))
    log.append(MARK, bytes(20))
    meta = sum(len(data) for data in log._storage.files.values())
    return log, meta


def test_room_is_what_is_free_without_what_waits_and_what_is_spared():
    log, meta = room(100_000)
    fits = 100_000 - meta - 30 - 16_384
    assert log.has_room(fits) and not log.has_room(fits + 1)
    log.spare_bytes = 4096
    assert log.has_room(fits + 12_288) and not log.has_room(fits + 12_289)


def test_segments_that_a_host_confirmed_are_room_but_never_the_last():
    log = opened(MemoryStorage(60_000), segment_bytes=300)
    for _ in range(6):
        log.append(MARK, bytes(190))
        log.flush()
    names = sorted(name for name in log._storage.files if name.startswith("log-"))
    assert len(names) == 6
    free = log._storage.free_bytes() - 16_384
    for through, segments in ((None, 0), (1, 1), (2, 2), (6, 5)):
        if through is not None:
            log.commit(through)
        assert log.has_room(free + 200 * segments)
        assert not log.has_room(free + 200 * segments + 1)


def test_no_file_is_looked_at_where_there_is_room_anyway():
    log = opened(MemoryStorage(60_000), segment_bytes=300)
    for _ in range(3):
        log.append(MARK, bytes(190))
        log.flush()
    log.commit(3)
    asked, size = [], log._storage.size
    log._storage.size = lambda name: asked.append(name) or size(name)
    free = log._storage.free_bytes() - 16_384
    assert log.has_room(free) and asked == []
    assert log.has_room(free + 1) and asked == ["log-00000001.bin"]


@pytest.mark.parametrize(("spare", "kept"), [(0, True), (1, False)])
def test_a_confirmed_segment_is_given_up_only_where_the_room_is_not_enough(spare, kept):
    log = opened(MemoryStorage(100_000), segment_bytes=300)
    for _ in range(3):
        log.append(MARK, bytes(190))
        log.flush()
    log.commit(3)
    log.append(MARK, bytes(40))
    log.spare_bytes = log._storage.free_bytes() - 50 + spare
    log.flush()
    assert ("log-00000001.bin" in log._storage.files) is kept
    assert log.first_seq == (1 if kept else 2)
    assert log.lost_records == 0


def test_a_full_log_loses_what_comes_and_counts_it():
    log = opened(MemoryStorage(100_000))
    log.spare_bytes = 200_000
    for _ in range(10):
        log.append(MARK, bytes(190))
    for lost in (1, 2):
        with pytest.raises(LogFull):
            log.append(MARK, bytes(190))
        assert log.lost_records == lost and log.next_seq == 11
    with pytest.raises(LogFull):
        log.flush()
    log.spare_bytes = 0
    log.flush()
    assert logmeta.read(log._storage)[4] == 2


def test_what_is_confirmed_only_grows_and_exists():
    log = opened()
    for _ in range(3):
        log.append(MARK, b"")
    for through, committed in ((1, 2), (0, 2), (1, 2), (3, 4), (2, 4)):
        log.commit(through)
        assert log.committed_seq == committed
    with pytest.raises(ValueError, match="record 4 does not exist"):
        log.commit(4)
    assert logmeta.read(log._storage)[2] == 4


def test_the_oldest_record_there_is():
    log = opened()
    assert log.first_seq == 1
    log.append(MARK, b"")
    log.append(MARK, b"")
    assert log.first_seq == 1
    log.close()
    log._starts, log._fill = [], 0
    assert log.first_seq == 3


@pytest.mark.parametrize(
    ("kinds", "is_open"),
    [
        ((), False),
        ((wire.REC_SESSION,), True),
        ((wire.REC_MINUTE,), True),
        ((wire.REC_EVENT,), True),
        ((wire.REC_SEGMENT,), True),
        ((wire.REC_SESSION, wire.REC_END), False),
        ((wire.REC_END, wire.REC_MARK, wire.REC_FAULT, wire.REC_TIME), False),
        ((wire.REC_SESSION, wire.REC_MARK), True),
    ],
)
def test_whether_the_last_session_has_an_end(kinds, is_open):
    log = opened()
    for kind in kinds:
        log.append(kind, bytes(20))
    log.close()
    assert opened(log._storage).found_open is is_open


def test_without_a_meta_the_boots_go_on_from_the_last_session():
    log = opened()
    for boot_id in (9, 4):
        session = wire.pack(wire.SESSION_FIELDS, {"boot_id": boot_id})
        log.append(wire.REC_SESSION, session)
    log.append(wire.REC_MARK, bytes(range(200, 208)))
    log.close()
    for name in ("meta", "meta2"):
        del log._storage.files[name]
    assert opened(log._storage).boot_id == 10


def test_a_listener_is_given_each_record_as_it_will_stand_in_the_flash():
    log, heard = opened(), []
    log.on_append = lambda frame: heard.append(bytes(frame))
    for payload in (b"abc", b"", b"defgh"):
        log.append(MARK, payload)
    log.flush()
    assert heard == [bytes(frame) for frame in log.frames_from(1)] and len(heard) == 3
    assert b"abc" in heard[0] and b"defgh" in heard[2]


def test_a_listener_that_fails_costs_nothing_and_is_counted():
    log = opened()

    def fails(frame):
        raise ValueError

    log.on_append = fails
    assert [log.append(MARK, b"") for _ in range(2)] == [1, 2] and log.deaf == 2


@pytest.mark.parametrize("cut", [1, 9, 10, 29])
def test_a_torn_end_is_cut_off_and_told_in_bytes(cut):
    log = opened()
    for _ in range(3):
        log.append(MARK, bytes(20))
    log.close()
    del log._storage.files["log-00000001.bin"][-cut:]
    again = opened(log._storage)
    assert (again.torn_tail, again.corrupt_records) == (30 - cut, 0)
    assert len(log._storage.files["log-00000001.bin"]) == 60


@pytest.mark.parametrize("waiting", [0, 29, 30, 31, 59, 60])
def test_what_waited_through_a_reset_is_taken_in_whole_records(waiting):
    storage = MemoryStorage()
    log = opened(storage)
    for _ in range(2):
        log.append(MARK, bytes(20))
    buf = log._buf
    again = EventLog(storage, lambda: 77, buf=buf)
    again.open(77, waiting)
    assert again.restored == waiting // 30 and again.waiting_bytes == 30 * (waiting // 30)
    other = EventLog(storage, lambda: 77, buf=buf)
    other.open(78, 60)
    assert other.restored == 0
    new = EventLog(MemoryStorage(), lambda: 77, buf=buf)
    new.open(77, 60)
    assert new.restored == 0, "whose log has no meta is another one, whatever its number"


def test_what_the_storage_did_not_take_is_not_confirmed():
    log = opened()
    for _ in range(3):
        log.append(MARK, b"")
    log.commit(1)

    def refuses(name, data):
        raise OSError(5)

    log._storage.replace = refuses
    with pytest.raises(OSError):
        log.commit(2)
    assert log.committed_seq == 2
    del log._storage.replace
    log.commit(2)
    assert log.committed_seq == 3 == logmeta.read(log._storage)[2]


def segmented(count=4):
    """Return a log of so many segments of two records each."""
    log = opened(segment_bytes=60)
    for _ in range(2 * count):
        log.append(MARK, bytes(20))
        log.flush()
    return log


def numbers(frames):
    return [int.from_bytes(frame[:4], "little") for frame in frames]


def given_up(log):
    start = log._starts.pop(0)
    log._storage.remove(f"log-{start:08x}.bin")


def test_segments_that_are_given_up_while_somebody_reads_are_left_out():
    log = segmented()
    frames = log.frames_from(1)
    assert numbers([next(frames)]) == [1]
    for _ in range(2):
        given_up(log)
    assert numbers(frames) in ([2, 5, 6, 7, 8], [5, 6, 7, 8])
    assert numbers(log.frames_from(1)) == numbers(log.frames_from(5)) == [5, 6, 7, 8]


def test_what_is_added_while_somebody_reads_is_not_read():
    log = segmented(2)
    frames = log.frames_from(1)
    assert numbers([next(frames)]) == [1]
    for _ in range(3):
        log.append(MARK, bytes(20))
        log.flush()
    assert numbers(frames) == [2, 3, 4] and numbers(log.frames_from(6)) == [6, 7]


def test_a_segment_that_goes_while_it_is_read_ends_and_one_that_stays_is_an_error():
    log = segmented()
    read = log._storage.read_into

    def gone(name, offset, buf):
        if name == "log-00000003.bin":
            raise OSError(5)
        return read(name, offset, buf)

    log._storage.read_into = gone
    with pytest.raises(OSError):
        numbers(log.frames_from(1))

    def goes(name, offset, buf):
        if name == "log-00000003.bin":
            log._starts.remove(3)
        return gone(name, offset, buf)

    log._storage.read_into = goes
    assert numbers(log.frames_from(1)) == [1, 2, 5, 6, 7, 8]


@pytest.mark.parametrize(
    ("seq", "left"), [(1, 8), (2, 7), (3, 6), (6, 3), (7, 2), (8, 1), (9, 0), (99, 0)]
)
def test_from_any_number_on_the_rest_is_read(seq, left):
    assert numbers(segmented().frames_from(seq)) == list(range(9 - left, 9))
