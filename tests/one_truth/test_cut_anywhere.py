"""A log cut behind any record, or short of any one of them: no night is called whole that is not.

What nothing can tell: a whole recording behind the last stored one, while the band never said how
far its log goes; and the last records before a power cut, as many as the band then leaves out of
its numbers itself.
"""

import random
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import DEVICE, LOG_ID, Pen
from notturno.store import Store
from notturno_core import wire
from whole import whole_or

EVENING = 1_768_253_400_000  # 2026-01-12 22:30 in Rome
MIN_MS = 60_000
H_MS = 60 * MIN_MS
LASTS_MIN = 31
EVENTS = [(5.2, {}), (9.2, {"kind": wire.EVENT_LM, "duration_samples": 156}), (20.2, {})]


class Log:
    """Frames by number; `recordings`: (numbers of its records, whether END is among them)."""

    def __init__(self):
        self.pen = Pen()
        self.recordings = []
        self.lost_with_power = None  # the last record of a recording that the power cut ended

    def record(self, tick_ms, end=True, **values):
        first = self.pen.seq
        self.pen.night(tick_ms, LASTS_MIN, EVENTS, end=end, **values)
        self.recordings.append(range(first, self.pen.seq))

    def cut_power(self):
        """Start anew, with the numbers that the band had promised left out."""
        self.lost_with_power = self.pen.seq - 1
        self.pen.seq += 250
        self.pen.boot_id += 1

    def frames(self):
        """{number: frame}."""
        return {wire.frame_at(f, 0, len(f))[0]: f for f in self.pen.frames}


def one_night():
    log = Log()
    log.pen.time(0, EVENING)
    log.record(1000)
    log.pen.time(H_MS, EVENING + H_MS)
    return log


def two_nights():
    log = one_night()
    log.record(24 * H_MS)
    log.pen.time(25 * H_MS, EVENING + 25 * H_MS)
    return log


def two_recordings():
    log = one_night()
    log.record(H_MS + 5 * MIN_MS)
    return log


def power_cut():
    log = Log()
    log.pen.time(0, EVENING)
    log.record(1000, end=False)
    log.cut_power()
    log.pen.time(1000, EVENING + H_MS)
    log.record(2000, flags=wire.SESSION_AFTER_POWER_CUT)
    return log


EACH = whole_or(1, 6)  # of the records within a recording every so many is taken away


def taken_away(log, frames):
    """Return the records that are taken away: all that begin or end something, of others some."""
    inside = {n for r in log.recordings for n in r[2:-2]}
    return [n for k, n in enumerate(frames) if n not in inside or k % EACH == 0]


LOGS = (one_night, two_nights, two_recordings, power_cut)


@pytest.fixture
def opened(tmp_path):
    """Return a function that opens a store in a folder of its own."""
    stores = []

    def fresh():
        folder = tmp_path / str(len(stores))
        folder.mkdir()
        store = Store.open(folder)
        store._db.execute("pragma synchronous = off")
        stores.append(store)
        return store

    yield fresh
    for store in stores:
        store.close()


def add(store, frames):
    store.add(store.begin_sync(DEVICE, LOG_ID, "Europe/Rome", "0.1.0", 0), frames)


def say(store, next_seq, state=wire.STATE_DOCKED):
    band = {"next_seq": next_seq, "first_seq": 1, "state": state}
    store.note_band(DEVICE, LOG_ID, band, "0.1.0", 0)


def table(store):
    """Everything that is derived, as readers get it."""
    nights = store.nights(now_ms=0)
    names = [(row["night"], row["device_id"]) for row in nights]
    lists = [
        getattr(store, what)(*name)
        for name in names
        for what in ("sessions", "events", "minutes", "gaps", "marks")
    ]
    return nights, lists, store.night_names(), store.person_nights([n for n, _ in names])


def held_wrongly(log, store, stored):
    """Return the recordings that are in a night called complete though records of them lack."""
    stored = set(stored)
    wrong = []
    for row in store.nights(now_ms=0):
        if row["state"] != "complete":
            assert row["refusal"]["code"] == "not_complete" and row["jerks_per_h"] is None
            continue
        for session in store.sessions(row["night"], row["device_id"]):
            (numbers,) = [r for r in log.recordings if session["seq"] in r]
            wrong += [n for n in numbers if n not in stored]
    return wrong


@pytest.mark.parametrize("make", LOGS)
@pytest.mark.parametrize("told", [False, True])
def test_a_log_cut_behind_any_record(opened, make, told):
    log, store = make(), opened()
    frames = log.frames()
    stored = []
    for seq, frame in frames.items():
        if told:
            say(store, log.pen.seq)
        add(store, [frame])
        stored.append(seq)
        assert held_wrongly(log, store, stored) == []
        states = [row["state"] for row in store.nights(now_ms=0)]
        last = next((r for r in reversed(log.recordings) if r[0] <= seq), None)
        if told and last is not None and seq < log.pen.seq - 1:
            assert states[-1] == "partial"  # the band said that more is there
        if not told and last is not None and seq < last[-1]:
            assert states[-1] == "running"
    if told:
        say(store, log.pen.seq)
    assert {row["state"] for row in store.nights(now_ms=0)} == {"complete"}


@pytest.mark.parametrize("make", LOGS)
def test_a_log_short_of_any_one_record_and_healed_by_it(opened, make):
    """Where the band never said how far its log goes, and where it did before it was healed."""
    log = make()
    frames = log.frames()
    whole = opened()
    add(whole, frames.values())
    untold = table(whole)
    say(whole, log.pen.seq)
    told = table(whole)
    for lacking in taken_away(log, frames):
        there = [seq for seq in frames if seq != lacking]
        short, copy = opened(), opened()
        add(short, [frames[seq] for seq in there])
        short._db.backup(copy._db)
        say(copy, log.pen.seq)
        for store, expected in ((short, untold), (copy, told)):
            wrong = held_wrongly(log, store, there)
            if lacking != log.lost_with_power:
                assert wrong == [], lacking
            add(store, [frames[lacking]])
            assert table(store) == expected, lacking
            store.close()


@pytest.mark.parametrize("make", LOGS)
def test_neither_order_nor_batches_nor_repeats_change_anything(opened, make):
    log, chance = make(), random.Random(7)
    frames = list(log.frames().values())
    whole = opened()
    add(whole, frames)
    expected = table(whole)
    one_by_one = opened()
    for frame in frames:
        add(one_by_one, [frame])
    assert table(one_by_one) == expected
    for _ in range(whole_or(12, 4)):
        store, cuts = opened(), sorted(chance.sample(range(len(frames)), 4))
        batches = [frames[a:b] for a, b in zip([0, *cuts], [*cuts, None], strict=True)]
        chance.shuffle(batches)
        for batch in batches:
            add(store, batch)
        add(store, frames)
        assert table(store) == expected
        store.close()
    store = opened()
    for frame in reversed(frames):
        add(store, [frame])
    assert table(store) == expected


def test_records_behind_a_lost_start_are_no_part_of_the_recording_before(opened):
    """Their samples count from another start: as part of it they would move its hours."""
    log, alone, store = two_recordings(), opened(), opened()
    first, second = log.recordings
    frames = log.frames()
    add(alone, [frame for seq, frame in frames.items() if seq < second[0]])
    add(store, [frame for seq, frame in frames.items() if seq != second[0]])
    (before,), (after,) = alone.nights(now_ms=0), store.nights(now_ms=0)
    assert (before["state"], after["state"]) == ("complete", "partial")
    same = ("recorded_h", "countable_h", "jerks_all", "lms_all", "start_utc_ms", "end_utc_ms")
    assert {key: before[key] for key in same} == {key: after[key] for key in same}


@pytest.mark.parametrize("end", [True, False])
def test_an_end_lost_on_the_way_is_not_taken_for_a_power_cut(opened, end):
    """The band says at its next start whether the recording before has an end."""
    log = Log()
    log.pen.time(0, EVENING)
    log.record(1000, end=end)
    log.cut_power()
    log.pen.time(1000, EVENING + H_MS)
    log.record(2000, flags=0 if end else wire.SESSION_AFTER_POWER_CUT)
    store = opened()
    lacking = log.recordings[0][-1] if end else None
    add(store, [frame for seq, frame in log.frames().items() if seq != lacking])
    (row,) = store.nights(now_ms=0)
    assert row["state"] == ("partial" if end else "complete")


def test_more_numbers_than_a_band_leaves_out_are_lost_records(opened):
    log = Log()
    log.pen.time(0, EVENING)
    log.record(1000, end=False)
    log.cut_power()
    log.pen.time(1000, EVENING + H_MS)
    log.record(2000, flags=wire.SESSION_AFTER_POWER_CUT)
    lacking = range(log.lost_with_power - 29, log.lost_with_power + 1)
    for part, state in ((lacking, "partial"), (lacking[-5:], "complete")):
        store = opened()
        add(store, [f for seq, f in log.frames().items() if seq not in part])
        assert [row["state"] for row in store.nights(now_ms=0)] == [state]
