"""A log is a set: what is missing, what contradicts, whose it is, what goes out again."""

import sys
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import DEVICE, LOG_ID, Pen
from notturno.store import Store, holding
from notturno_core import wire

EVENING = 1_768_253_400_000
H_MS = 3_600_000
OTHER = "5642303030303039"


def a_night(minutes=60, at=EVENING, first_seq=1, boot_id=1, jerks=20):
    pen = Pen(first_seq=first_seq)
    pen.boot_id = boot_id
    pen.time(1000, at)
    pen.night(2000, minutes, [(i * minutes / jerks + 0.1, {}) for i in range(jerks)])
    return pen.frames


def add(store, frames, log_id=LOG_ID, device=DEVICE):
    return store.add(store.begin_sync(device, log_id, "Europe/Rome", "0.1.0"), frames)


def seq_of(frame):
    return int.from_bytes(frame[:4], "little")


def changed(frame, **_):
    """Return the frame with another payload under the same number."""
    buf = bytearray(wire.MAX_FRAME_LEN)
    payload = bytearray(frame[6:-4])
    payload[-1] ^= 1
    n = wire.pack_frame_into(buf, 0, seq_of(frame), frame[4], bytes(payload))
    return bytes(buf[:n])


def figures(store):
    return [(row["night"], row["jerks"], row["recorded_h"]) for row in store.nights()]


# --- what is missing -----------------------------------------------------------------------------


@given(
    stored=st.sets(st.integers(1, 60)),
    first=st.integers(1, 30),
    length=st.integers(0, 40),
)
def test_what_is_missing_is_what_is_not_stored(tmp_path_factory, stored, first, length):
    frames = {seq_of(frame): frame for frame in a_night()}
    with Store.open(tmp_path_factory.mktemp("set")) as store:
        add(store, [frames[seq] for seq in sorted(stored)])
        ranges = store.missing(DEVICE, LOG_ID, first, first + length)
        asked = [seq for a, b in ranges for seq in range(a, b + 1)]
        assert asked == [seq for seq in range(first, first + length) if seq not in stored]
        everything = store.missing(DEVICE, LOG_ID, first, first + length, again=True)
        assert everything == ([(first, first + length - 1)] if length else [])


def test_many_holes_are_asked_for_in_few_questions(tmp_path):
    frames = a_night(400, jerks=10)
    with Store.open(tmp_path) as store:
        add(store, frames[::2])
        ranges = store.missing(DEVICE, LOG_ID, 1, len(frames) + 1)
        assert len(ranges) == holding.MOST_RANGES
        asked = {seq for a, b in ranges for seq in range(a, b + 1)}
        assert {seq_of(frame) for frame in frames[1::2]} <= asked


def test_a_large_number_hides_no_smaller_one(tmp_path):
    frames = a_night()
    lie = changed(frames[10])
    buf = bytearray(wire.MAX_FRAME_LEN)
    for seq in (500, 0xFFFFFFFE):
        n = wire.pack_frame_into(buf, 0, seq, lie[4], lie[6:-4])
        with Store.open(tmp_path) as store:
            add(store, [bytes(buf[:n])])
            assert store.missing(DEVICE, LOG_ID, 1, 65) == [(1, 64)]
    with Store.open(tmp_path) as store:
        add(store, frames)
        assert store.nights() and store.missing(DEVICE, LOG_ID, 1, len(frames) + 1) == []


def test_a_number_that_the_band_had_not_is_asked_for_again_later_and_later(tmp_path, one_now):
    with Store.open(tmp_path) as store:
        add(store, a_night()[:10])

        def asked():
            return store.missing(DEVICE, LOG_ID, 1, 21)

        pauses_h = []
        for _ in range(4):
            assert asked() == [(11, 20)]
            store.note_absent(DEVICE, LOG_ID, [(11, 20)])
            waited_h = 0
            while not asked():
                one_now.utc_ms += H_MS
                waited_h += 1
            pauses_h.append(waited_h)
        assert pauses_h == [1, 4, 16, 64]
        one_now.utc_ms += 365 * 24 * H_MS  # a clock that is a year ahead, and then right again
        store.note_absent(DEVICE, LOG_ID, [(11, 20)])
        assert not asked()
        one_now.utc_ms -= 365 * 24 * H_MS
        assert asked() == [(11, 20)]
        store.note_absent(DEVICE, LOG_ID, [(11, 20)])
        assert store.missing(DEVICE, LOG_ID, 1, 21, again=True) == [(1, 20)]


def test_a_firmware_that_no_terminal_should_obey_is_kept_whole_and_told_without_it(tmp_path):
    pen = Pen()
    pen.session(1000, firmware=b"\x1b[2J\n1")
    with Store.open(tmp_path) as store:
        add(store, pen.frames)
        assert store.sessions()[0]["firmware"] == "?[2J?1"
        assert list(store.frames(DEVICE, LOG_ID, 0, 1 << 32)) == pen.frames


# --- what contradicts ----------------------------------------------------------------------------


def test_a_record_that_says_otherwise_is_kept_aside_once_and_changes_nothing(tmp_path):
    frames = a_night()
    with Store.open(tmp_path) as store:
        add(store, frames)
        before = figures(store), list(store.frames(DEVICE, LOG_ID, 0, 1 << 32))
        added = add(store, [changed(frames[5]), frames[6]])
        assert (added.new_records, [seq for seq, _ in added.quarantined]) == (0, [6])
        assert add(store, [changed(frames[5])]).quarantined == []
        assert (figures(store), list(store.frames(DEVICE, LOG_ID, 0, 1 << 32))) == before
        rows = store._db.execute("select seq, kind, payload from quarantine").fetchall()
        assert [tuple(row) for row in rows] == [(6, frames[5][4], changed(frames[5])[6:-4])]


@pytest.mark.parametrize("kind", sorted(wire.PAYLOAD_FIELDS))
def test_a_record_cut_short_is_kept_whole_named_and_read_by_nobody(tmp_path, kind):
    frames = a_night()
    buf = bytearray(wire.MAX_FRAME_LEN)
    n = wire.pack_frame_into(buf, 0, 400, kind, b"\x05\x01")
    with Store.open(tmp_path) as store:
        add(store, frames)
        before = figures(store)
        ((seq, why),) = add(store, [bytes(buf[:n])]).unread
        assert seq == 400 and wire.REC_NAMES[kind] in why
        assert bytes(buf[:n]) in store.frames(DEVICE, LOG_ID, 400, 400)
        assert [row[:2] for row in figures(store)] == [row[:2] for row in before]


def test_a_kind_of_newer_firmware_is_kept_and_named(tmp_path):
    buf = bytearray(wire.MAX_FRAME_LEN)
    n = wire.pack_frame_into(buf, 0, 400, 99, b"later")
    with Store.open(tmp_path) as store:
        ((seq, why),) = add(store, [*a_night(), bytes(buf[:n])]).unread
        assert seq == 400 and "update notturno" in why


# --- the same log under another number -----------------------------------------------------------


@pytest.mark.parametrize(
    "again",
    [
        lambda frames: frames,
        lambda frames: frames[30:],  # its first segments are gone
        lambda frames: frames[::-1],
        lambda frames: [changed(frames[20]), *frames[21:]],
    ],
)
def test_a_band_that_forgot_its_number_does_not_double_its_night(tmp_path, again):
    frames = a_night()
    with Store.open(tmp_path) as store:
        add(store, frames)
        before = figures(store)
        added = add(store, again(frames), log_id=0x77)
        assert added.new_records == 0
        assert figures(store) == before
        assert store.missing(DEVICE, 0x77, 1, len(frames) + 1) == []
        assert store.next_seq(DEVICE, 0x77) == len(frames) + 1
    with Store.open(tmp_path) as store:  # and goes on where it was
        later = a_night(60, EVENING + 24 * H_MS, len(frames) + 1, boot_id=2)
        add(store, later, log_id=0x77)
        assert store.count_records(DEVICE) == len(frames) + len(later)
        assert [row["night"] for row in store.nights()] == ["2026-01-12", "2026-01-13"]
        assert len(store.bands()) == 1


def test_it_is_recognised_though_it_comes_in_small_pieces(tmp_path):
    frames = a_night()
    with Store.open(tmp_path) as store:
        add(store, frames)
        before = figures(store)
        for i in range(0, len(frames), 2):
            add(store, frames[i : i + 2], log_id=0x77)
        assert figures(store) == before and store.count_records() == len(frames)


def test_what_the_first_host_never_got_is_added_under_the_old_number(tmp_path):
    frames = a_night()
    with Store.open(tmp_path) as store:
        add(store, frames[:40])
        added = add(store, frames, log_id=0x77)
        assert added.new_records == len(frames) - 40
        assert list(store.frames(DEVICE, LOG_ID, 0, 1 << 32)) == frames


def test_logs_that_begin_alike_are_two(tmp_path):
    """A band that was wiped: the same boot, rate, settings and ticks, and another night."""
    first, second = a_night(jerks=20), a_night(jerks=7, at=EVENING + 24 * H_MS)
    alike = sum(a == b for a, b in zip(first, second, strict=False))
    assert alike >= 2
    with Store.open(tmp_path) as store:
        add(store, first)
        added = add(store, second, log_id=0x77)
        assert (added.new_records, added.quarantined) == (len(second), [])
        assert len(figures(store)) == 2


@pytest.mark.parametrize(
    ("same", "otherwise", "one_log"),
    [(2, 0, False), (3, 0, True), (10, 1, False), (11, 1, True), (20, 2, False), (21, 2, True)],
)
def test_how_much_must_be_alike_to_be_the_same_log(tmp_path, same, otherwise, one_log):
    """Of what no two nights share three records, and ten for each that contradicts."""
    frames = a_night()
    telling = [f for f in frames if f[4] in (wire.REC_TIME, wire.REC_EVENT, wire.REC_MINUTE)]
    with Store.open(tmp_path) as store:
        add(store, frames)
        again = telling[:same] + [changed(f) for f in telling[same : same + otherwise]]
        assert (add(store, again, log_id=0x77).new_records == 0) is one_log


def test_the_logs_of_two_bands_are_two_though_all_is_the_same(tmp_path):
    with Store.open(tmp_path) as store:
        add(store, a_night())
        assert add(store, a_night(), device=OTHER).new_records == len(a_night())


def hostile(kind, fields, /, **values):
    return kind, wire.pack(fields, values)


@pytest.mark.parametrize(
    "wrong",
    [
        # a sample so far on that the recording began before the band did
        hostile(wire.REC_SEGMENT, wire.SEGMENT_FIELDS, sample=0xFFFFFFFF, tick_ms=2000),
        # a beginning behind its end
        hostile(wire.REC_SEGMENT, wire.SEGMENT_FIELDS, sample=0, tick_ms=0xFFFFFFFF),
        # more samples than any tick can count
        hostile(wire.REC_END, wire.END_FIELDS, sample=0xFFFFFFFF, tick_ms=0xFFFFFFFF),
        hostile(wire.REC_EVENT, wire.EVENT_FIELDS_V1, kind=1, onset_sample=0xFFFFFFFF),
    ],
)
def test_a_recording_that_cannot_have_been_is_placed_within_what_can(tmp_path, wrong):
    pen = Pen()
    pen.time(1000, EVENING)
    pen.session(2000)
    pen.put(*wrong)
    pen.minute(6240, 62_000)
    with Store.open(tmp_path) as store:
        add(store, pen.frames)
        (session,) = store.sessions()
        assert session["night"] in [row["night"] for row in store.nights()]
        start, end = session["start_utc_ms"], session["end_utc_ms"]
        assert EVENING - 1000 <= start <= end <= EVENING + (1 << 32)
