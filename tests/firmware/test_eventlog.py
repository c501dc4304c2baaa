"""The log's promises, with the power cut at every byte and bits flipped anywhere."""

import itertools
import random

import pytest
from fakes.memory_storage import MemoryStorage, PowerCut
from hypothesis import given, settings
from hypothesis import strategies as st
from notturno_core import eventlog, logmeta, logsegment, wire
from notturno_core.eventlog import EventLog, LogFull


def opened(storage, segment_bytes=300, log_id=77):
    log = EventLog(storage, lambda: log_id, segment_bytes)
    log.open()
    return log


def records(log, seq=0):
    """All records of the log as (seq, kind, payload)."""
    out = []
    for frame in log.frames_from(seq):
        found = wire.frame_at(frame, 0, len(frame))
        assert found is not None and found[3] == len(frame), "a frame that is not whole"
        out.append((found[0], found[1], bytes(frame[found[2] : found[3] - wire.CRC_LEN])))
    return out


def payload_of(i):
    return bytes((i * 7 + k) & 0xFF for k in range(i % 23))


class Script:
    """A life of a log: what was appended, what is certainly safe, what a host confirmed."""

    def __init__(self):
        self.appended = {}
        self.flushed = set()
        self.committed = 0
        self.boots = 0

    def append(self, log, i):
        payload = payload_of(i)
        # A host may have seen the record live even when the power fails in this very call.
        log.on_append = lambda frame: self.appended.setdefault(
            wire.frame_at(frame, 0, len(frame))[0], payload
        )
        seq = log.append(wire.REC_EVENT, payload)
        assert self.appended[seq] == payload

    def run(self, storage, count=40):
        log = opened(storage)
        self.boots = log.boot_id
        first = log.next_seq
        for i in range(count):
            self.append(log, i)
            if i % 7 == 6:
                log.flush()
                self.flushed |= set(range(first, log.next_seq))
            if i == 20:
                log.commit(first + 12)
                self.committed = first + 13
        log.close()
        self.flushed |= set(range(first, log.next_seq))


def check_after(script, storage):
    """Assert every promise on what a power cut left in `storage`."""
    log = opened(storage)
    found = records(log)
    seqs = [seq for seq, _, _ in found]
    assert seqs == sorted(set(seqs))
    for seq, kind, payload in found:
        assert kind == wire.REC_EVENT and payload == script.appended[seq]
    assert script.flushed <= set(seqs)
    assert log.committed_seq >= script.committed
    assert log.corrupt_records == 0
    assert log.log_id == 77
    assert log.boot_id > script.boots
    new_seq = log.append(wire.REC_MARK, b"after")
    assert new_seq > max(script.appended, default=0), "a number was given twice"
    log.flush()
    assert records(log)[-1] == (new_seq, wire.REC_MARK, b"after")
    assert records(opened(storage))[:-1] == found


def writes_of_whole_script():
    storage = MemoryStorage()
    Script().run(storage)
    return storage.writes


@pytest.mark.parametrize("kept", ["synced", "half", "written"])
def test_power_cut_after_every_byte_loses_nothing_flushed_and_reuses_no_number(kept):
    def keep(_, low, high):
        return {"synced": low, "half": (low + high) // 2, "written": high}[kept]

    for power in range(writes_of_whole_script() + 1):
        storage = MemoryStorage(power=power)
        script = Script()
        try:
            script.run(storage)
            assert power >= storage.writes
        except PowerCut:
            pass
        check_after(script, storage.after_power_cut(keep))


def random_keep(rng):
    return lambda _, low, high: rng.randint(low, high)


@settings(max_examples=150, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 1500), st.integers(0, 2**32)), min_size=1, max_size=5))
def test_power_cuts_one_after_the_other_never_reuse_a_number(cuts):
    storage = MemoryStorage()
    script = Script()
    for power, seed in cuts:
        storage.power = power
        try:
            script.run(storage)
        except PowerCut:
            pass
        storage = storage.after_power_cut(random_keep(random.Random(seed)))
    check_after(script, storage)


@settings(max_examples=300, deadline=None)
@given(st.data())
def test_flipped_bits_cost_only_the_records_they_hit(data):
    storage = MemoryStorage()
    log = opened(storage, segment_bytes=400)
    seqs = [log.append(wire.REC_EVENT, payload_of(i + 3)) for i in range(40)]
    log.close()
    spans = {}
    for name in [n for n in storage.files if n.startswith("log-")]:
        at = 0
        while at < storage.size(name):
            seq, _, _, n = wire.frame_at(storage.files[name], at, storage.size(name))
            spans[seq] = (name, at, at + n)
            at += n
    assert sorted(spans) == seqs
    hit = set()
    for _ in range(data.draw(st.integers(1, 4))):
        name = data.draw(st.sampled_from(sorted(n for n in storage.files if n != "meta2")))
        at = data.draw(st.integers(0, storage.size(name) - 1))
        storage.files[name][at] ^= 1 << data.draw(st.integers(0, 7))
        hit |= {s for s, (n, low, high) in spans.items() if n == name and low <= at < high}
    again = opened(storage, segment_bytes=400, log_id=1)
    assert again.log_id == 77
    assert {seq for seq, _, _ in records(again)} >= set(seqs) - hit
    damaged_inside = {s for s in hit if any(k > s and k not in hit for k in seqs)}
    if {seq for seq, _, _ in records(again)} & damaged_inside == set() and damaged_inside:
        assert again.corrupt_records or again.torn_tail
    assert again.next_seq > seqs[-1]


def test_without_both_metas_the_log_is_a_new_one_and_its_boots_go_on():
    storage = MemoryStorage()
    for _ in range(3):
        log = opened(storage)
        log.append(wire.REC_SESSION, wire.pack(wire.SESSION_FIELDS, {"boot_id": log.boot_id}))
        log.append(wire.REC_EVENT, payload_of(1))  # so that its number is another than the boot's
        log.close()
    for name in logmeta.NAMES:
        storage.files[name][5] ^= 1
    log = opened(storage, log_id=99)
    assert (log.log_id, log.boot_id) == (99, 4)
    assert len(records(log)) == 6


def test_a_segment_is_read_a_bufferful_at_a_time_and_not_once_for_each_record():
    storage = MemoryStorage()
    log = opened(storage, segment_bytes=100000)
    for i in range(400):
        log.append(wire.REC_EVENT, payload_of(i))
    log.close()
    (name,) = [n for n in storage.files if n.startswith("log-")]
    reads, read_into = [], storage.read_into
    storage.read_into = lambda *how: reads.append(how) or read_into(*how)
    segment = logsegment.SegmentReader(storage, name, bytearray(4096))
    assert sum(1 for _ in segment.frames(0)) == 400
    least = len(storage.files[name]) / (4096 - wire.MAX_FRAME_LEN)
    assert len(reads) <= least + 1
    assert segment.good_end == len(storage.files[name]) and not segment.damaged


@pytest.mark.parametrize(("bytes_short", "given_up"), [(0, 0), (1, 1)])
def test_a_confirmed_segment_is_given_up_for_what_has_no_room_and_not_before(
    bytes_short, given_up
):
    storage = MemoryStorage()
    log = opened(storage, segment_bytes=300)
    for i in range(60):
        log.append(wire.REC_EVENT, payload_of(i))
        log.flush()
    log.commit(log.next_seq - 1)
    before = set(storage.names())
    log.append(wire.REC_EVENT, b"x" * 20)
    wanted = log.spare_bytes + wire.HEADER_LEN + 20 + wire.CRC_LEN - bytes_short
    storage.capacity = sum(map(len, storage.files.values())) + wanted
    log.flush()
    assert len(before) > 4 and len(before - set(storage.names())) == given_up


def test_damage_is_counted_once_however_often_it_is_read():
    storage = MemoryStorage()
    log = opened(storage, segment_bytes=100000)
    for i in range(30):
        log.append(wire.REC_EVENT, payload_of(i))
    log.close()
    (name,) = [n for n in storage.files if n.startswith("log-")]
    storage.files[name][60] ^= 4
    storage.files[name][300] ^= 4
    log = opened(storage)
    assert len(records(log)) == len(records(log)) == 28
    assert log.corrupt_records == 2
    assert log.torn_tail == 0


def test_a_clean_close_leaves_no_hole_in_the_numbers():
    storage = MemoryStorage()
    for i in range(4):
        log = opened(storage)
        assert log.append(wire.REC_EVENT, b"") == i + eventlog.FIRST_SEQ
        log.close()


def test_commit_is_idempotent_never_goes_back_and_knows_the_future():
    storage = MemoryStorage()
    log = opened(storage)
    for _ in range(5):
        log.append(wire.REC_EVENT, b"x")
    log.commit(3)
    writes = storage.writes
    log.commit(3)
    log.commit(1)
    assert (log.committed_seq, storage.writes) == (4, writes)
    with pytest.raises(ValueError):
        log.commit(log.next_seq)
    assert opened(storage).committed_seq == 4


def test_frames_from_any_number_gives_exactly_the_rest():
    log = opened(MemoryStorage(), segment_bytes=120)
    seqs = [log.append(wire.REC_EVENT, payload_of(i)) for i in range(30)]
    for seq in range(34):
        assert [s for s, _, _ in records(log, seq)] == [s for s in seqs if s >= seq]


def test_appending_while_a_host_reads_changes_nothing_for_the_host():
    log = opened(MemoryStorage(), segment_bytes=150)
    seqs = [log.append(wire.REC_EVENT, payload_of(i)) for i in range(20)]
    seen = []
    for frame in log.frames_from(0):
        seen.append(wire.frame_at(frame, 0, len(frame))[0])
        log.append(wire.REC_EVENT, b"later")
        log.flush()
    assert seen == seqs


def fill(log, limit=3000):
    """Append until the log refuses; return the number of records taken."""
    for i in itertools.count():
        assert i < limit
        try:
            log.append(wire.REC_EVENT, bytes(100))
        except LogFull:
            return i


def test_full_flash_refuses_counts_and_keeps_what_no_host_confirmed():
    storage = MemoryStorage(capacity=eventlog.SPARE_BYTES + 20000)
    log = opened(storage, segment_bytes=4000)
    taken = fill(log)
    assert taken > 150
    next_seq = log.next_seq
    with pytest.raises(LogFull):
        log.append(wire.REC_EVENT, bytes(100))
    assert (log.lost_records, log.next_seq) == (2, next_seq)
    on_flash = records(log)
    assert [s for s, _, _ in on_flash] == list(range(1, on_flash[-1][0] + 1))
    log.commit(log.next_seq - 1)
    log.flush()
    assert fill(log) > 100
    assert log.first_seq > 1
    assert records(log)[0][0] == log.first_seq
    with pytest.raises(LogFull):
        log.flush()
    assert opened(storage).lost_records == 3


def test_full_flash_gives_up_confirmed_segments_only_and_the_oldest_first():
    storage = MemoryStorage(capacity=eventlog.SPARE_BYTES + 20000)
    log = opened(storage, segment_bytes=4000)
    fill(log)
    log.commit(80)
    fill(log)
    assert 1 < log.first_seq <= 81
    seqs = [s for s, _, _ in records(log)]
    assert seqs == list(range(log.first_seq, seqs[-1] + 1))


def test_room_is_what_no_unconfirmed_record_must_leave_for():
    storage = MemoryStorage(capacity=eventlog.SPARE_BYTES + 20000)
    log = opened(storage, segment_bytes=4000)
    for _ in range(90):
        log.append(wire.REC_EVENT, bytes(90))
    free = storage.free_bytes() - eventlog.SPARE_BYTES
    waiting = 9000 - sum(len(d) for n, d in storage.files.items() if n.startswith("log-"))
    assert waiting > 0
    assert log.has_room(free - waiting) and not log.has_room(free - waiting + 1)
    log.commit(30)  # not all of the first segment
    assert not log.has_room(free - waiting + 1)
    log.commit(log.next_seq - 1)
    first = storage.size(eventlog.segment_name(1))
    room = storage.free_bytes() - eventlog.SPARE_BYTES - waiting + first
    assert log.has_room(room) and not log.has_room(room + 1)


@pytest.mark.parametrize(
    "name",
    ["log-00000002.tmp", "log-00000002bin.", "log-000002.bin", "old-00000002.bin", "log.bin"],
)
def test_files_of_other_names_are_no_segments(name):
    assert logsegment.segment_starts([name, "log-0000000b.bin", "log-0000000a.bin"]) == [10, 11]
    assert logsegment.segment_starts(["log-f000000a.bin"]) == [0xF000000A]


def test_room_counts_each_confirmed_segment_by_its_own_size():
    storage = MemoryStorage(capacity=eventlog.SPARE_BYTES + 20000)
    log = opened(storage, segment_bytes=4000)
    for size in (90, 77):  # segments end where a record no longer fits
        for _ in range(4000 // size):
            log.append(wire.REC_EVENT, bytes(size))
    log.flush()
    log.commit(log.next_seq - 1)
    names = sorted(name for name in storage.files if name.startswith("log-"))
    sizes = [storage.size(name) for name in names]
    assert len(sizes) > 2 and len(set(sizes)) == len(sizes)
    room = storage.free_bytes() - eventlog.SPARE_BYTES + sum(sizes[:-1])
    assert log.has_room(room) and not log.has_room(room + 1)


def test_storage_that_runs_full_in_the_middle_of_a_write_leaves_whole_records():
    storage = MemoryStorage()
    log = opened(storage)
    log.append(wire.REC_EVENT, b"first")
    log.flush()
    storage.free_bytes = lambda: 1 << 20  # the file system promised room it does not have
    storage.capacity = sum(len(d) for d in storage.files.values()) + 5

    def append(name, buf):
        storage.files[name] += bytes(buf)[:5]
        raise OSError(eventlog.ENOSPC)

    real_append, storage.append = storage.append, append
    log.append(wire.REC_EVENT, b"second")
    with pytest.raises(LogFull):
        log.flush()
    del storage.free_bytes
    storage.append, storage.capacity = real_append, 1 << 20
    log.flush()
    assert [p for _, _, p in records(log)] == [b"first", b"second"]
    assert log.corrupt_records == 0


@pytest.mark.parametrize("truncate_works", [True, False])
def test_failing_appends_are_undone_or_left_behind_and_lose_nothing(truncate_works):
    storage = MemoryStorage()
    log = opened(storage, segment_bytes=100000)
    real_truncate = storage.truncate

    def broken(name, size):
        raise OSError(5)

    for i in range(12):
        log.append(wire.REC_EVENT, payload_of(i + 5))
        if i % 3 == 1:
            storage.fail_appends = 1
            if not truncate_works:
                storage.truncate = storage.remove = broken
            with pytest.raises(OSError):
                log.flush()
            storage.truncate = real_truncate
        log.flush()
    assert len(records(log)) == 12
    assert [p for _, _, p in records(opened(storage))] == [payload_of(i + 5) for i in range(12)]


def test_without_a_place_for_its_promise_no_number_is_given():
    storage = MemoryStorage()
    real_replace = storage.replace

    def broken(name, data):
        raise OSError(5)

    storage.replace = broken
    log = opened(storage)
    with pytest.raises(OSError):
        log.append(wire.REC_EVENT, b"")
    assert (log.next_seq, log.lost_records) == (eventlog.FIRST_SEQ, 1)
    storage.replace = real_replace
    assert log.append(wire.REC_EVENT, b"") == eventlog.FIRST_SEQ
    log.flush()
    assert opened(storage).lost_records == 1


def test_other_files_in_the_folder_are_left_alone():
    storage = MemoryStorage()
    storage.replace("log-notahex!.bin", b"hello")
    storage.replace("notes.txt", b"hello")
    log = opened(storage)
    log.append(wire.REC_EVENT, b"")
    log.close()
    assert storage.files["notes.txt"] == storage.files["log-notahex!.bin"] == b"hello"
    assert len(records(opened(storage))) == 1


def test_a_log_of_a_night_keeps_its_memory_bounded():
    log = opened(MemoryStorage(), segment_bytes=eventlog.SEGMENT_BYTES)
    for i in range(5000):
        log.append(wire.REC_EVENT, payload_of(i))
    assert len(log._buf) == eventlog.BUFFER_BYTES
    assert len(records(log)) == 5000
