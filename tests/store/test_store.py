"""The logbook: what it promises about records, nights and bad luck."""

import os
import sqlite3
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import DEVICE, LOG_ID, Pen, frame
from notturno.errors import UserError
from notturno.store import FILE_NAME, Store, schema
from notturno_core import wire

EVENING = 1_768_253_400_000  # 2026-01-12 22:30 in Rome
ROME = "Europe/Rome"


def store_with(tmp_path, frames, device=DEVICE, log_id=LOG_ID, zone=ROME):
    store = Store.open(tmp_path)
    store.add(store.begin_sync(device, log_id, zone, "0.1.0"), frames)
    return store


def one_night(**values):
    pen = Pen()
    pen.time(1000, EVENING)
    pen.night(
        2000,
        480,
        [
            (10.0, {"peak_mg": 120}),
            (20.0, {"peak_mg": 900, "flags": wire.FLAG_IN_RHYTHM}),
            (30.0, {"kind": wire.EVENT_LM, "peak_mg": 300}),
            (200.0, {"peak_mg": 60}),
        ],
        **values,
    )
    return pen


def test_a_night_is_counted_and_named_by_its_evening(tmp_path):
    (night,) = store_with(tmp_path, one_night().frames).nights()
    assert night["night"] == night["date"] == "2026-01-12"
    assert (night["jerks"], night["jerks_all"], night["lms"]) == (2, 3, 1)
    assert night["largest_mg"] == 120  # the 900 mg one beats in a rhythm: no single jerk
    assert night["recorded_h"] == 8.0
    assert night["jerks_per_h"] == 0.25
    assert night["battery_mv"] == 3900
    assert night["simulated"] and night["gaps"] == 0
    assert night["clock"] == "estimated"


def test_frames_come_back_byte_for_byte(tmp_path):
    pen = one_night()
    store = store_with(tmp_path, pen.frames)
    assert list(store.frames(DEVICE, LOG_ID, 1, pen.seq)) == pen.frames
    assert store.next_seq(DEVICE, LOG_ID) == pen.seq
    assert store.next_seq(DEVICE, LOG_ID + 1) == 0


def test_the_same_frames_again_add_nothing_and_change_nothing(tmp_path):
    pen = one_night()
    store = store_with(tmp_path, pen.frames)
    before = store.nights(now_ms=0), store.events(), store.minutes()
    assert store.add(store.begin_sync(DEVICE, LOG_ID, ROME, ""), pen.frames)[:2] == (0, 0)
    assert (store.nights(now_ms=0), store.events(), store.minutes()) == before


@settings(max_examples=25, deadline=None)
@given(cuts=st.lists(st.integers(0, 60), max_size=6), order=st.randoms(use_true_random=False))
def test_any_split_into_batches_and_any_order_gives_the_same_nights(tmp_path_factory, cuts, order):
    pen = Pen()
    pen.night(2000, 20, [(1.5, {}), (7.2, {"kind": wire.EVENT_LM})])
    pen.time(3_000_000, EVENING)
    pen.night(4_000_000, 10, [(2.5, {})])
    pen.time(90_000_000, EVENING + 87_000_100)
    whole = store_with(tmp_path_factory.mktemp("whole"), pen.frames)
    edges = [0, *sorted({min(cut, len(pen.frames)) for cut in cuts}), len(pen.frames)]
    batches = [pen.frames[a:b] for a, b in zip(edges, edges[1:], strict=False)]
    split = Store.open(tmp_path_factory.mktemp("split"))
    sync = split.begin_sync(DEVICE, LOG_ID, ROME, "0.1.0")
    for batch in batches:
        split.add(sync, batch)
    assert split.nights(now_ms=0) == whole.nights(now_ms=0)
    assert split.events() == whole.events()
    assert split.sessions() == whole.sessions()


def test_two_bands_in_one_night_stay_apart(tmp_path):
    store = store_with(tmp_path, one_night().frames)
    other = "00112233aabbccdd"
    store.add(store.begin_sync(other, 7, ROME, ""), one_night().frames)
    rows = store.nights()
    assert [row["device_id"] for row in rows] == [other, DEVICE]
    assert [row["simulated"] for row in rows] == [False, True]
    assert len(store.events(night="2026-01-12", device_id=other)) == 4


def test_two_sessions_of_one_evening_are_one_night_with_a_gap(tmp_path):
    pen = Pen()
    pen.time(1000, EVENING)
    pen.night(2000, 60, [(5.0, {})])
    pen.night(2000 + 90 * 60_000, 60, [(5.0, {})])
    store = store_with(tmp_path, pen.frames)
    (night,) = store.nights()
    assert (night["jerks"], night["sessions"], night["recorded_h"]) == (2, 2, 2.0)
    (gap,) = store.gaps()
    assert gap["reason"] == "between sessions"
    assert abs(gap["duration_s"] - 1800) <= 1


def test_the_nights_that_got_something_new_are_named(tmp_path):
    pen = Pen()
    pen.time(1000, EVENING)
    pen.night(2000, 60)
    begun = pen.seq - 10
    pen.night(2000 + 86_400_000, 60)
    store = store_with(tmp_path, pen.frames)
    both = ["2026-01-12", "2026-01-13"]
    assert store.nights_since_seq(DEVICE, LOG_ID, begun) == both
    assert store.nights_since_seq(DEVICE, LOG_ID, pen.seq - 10) == both[1:]
    assert store.nights_since_seq(DEVICE, LOG_ID, pen.seq) == []


def test_what_was_stored_is_on_the_disk(tmp_path):
    store = store_with(tmp_path, [])
    assert store._db.execute("pragma synchronous").fetchone()[0] == 3  # EXTRA
    assert store._db.execute("pragma journal_mode").fetchone()[0] == "delete"


def test_a_night_without_a_clock_is_kept_and_gets_its_date_when_the_clock_comes(tmp_path):
    pen = Pen()
    pen.night(2000, 30, [(5.0, {})])
    store = store_with(tmp_path, pen.frames)
    (night,) = store.nights()
    assert (night["date"], night["clock"], night["jerks"]) == (None, "unknown", 1)
    assert store.events()[0]["onset_utc_ms"] is None
    pen.frames.clear()
    pen.time(2000 + 3_600_000, EVENING + 3_600_000)
    store.add(store.begin_sync(DEVICE, LOG_ID, ROME, ""), pen.frames)
    (night,) = store.nights()
    assert (night["date"], night["clock"]) == ("2026-01-12", "estimated")
    assert abs(store.events()[0]["onset_utc_ms"] - (EVENING + 5 * 60_000)) < 20


def test_a_record_of_an_unknown_kind_is_kept_whole(tmp_path):
    frames = [frame(1, 200, b"later"), frame(2, wire.REC_EVENT, b"short")]
    store = store_with(tmp_path, frames)
    assert list(store.frames(DEVICE, LOG_ID, 0, 9)) == frames
    assert store.events() == []


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.sampled_from([*wire.PAYLOAD_FIELDS, wire.REC_SETTINGS, 77]), st.binary(max_size=90)
        ),
        max_size=12,
    )
)
def test_no_payload_however_mad_keeps_the_records_from_being_stored(tmp_path_factory, records):
    frames = [
        frame(i + 1, kind, payload.ljust(64, b"\xff")) for i, (kind, payload) in enumerate(records)
    ]
    with store_with(tmp_path_factory.mktemp("mad"), frames) as store:
        assert list(store.frames(DEVICE, LOG_ID, 0, 99)) == frames
        store.nights(), store.events(), store.minutes(), store.sessions(), store.gaps()


def test_a_time_from_a_broken_clock_is_kept_but_not_believed(tmp_path):
    pen = Pen()
    pen.time(1000, 2**64 - 1)
    pen.time(1000, 0)
    pen.night(2000, 3)
    (night,) = store_with(tmp_path, pen.frames).nights()
    assert night["clock"] == "unknown"


def test_events_speak_plain_units(tmp_path):
    pen = Pen()
    pen.time(1000, EVENING)
    rhythm = {
        "kind": wire.EVENT_RHYTHM,
        "rhythm_mhz": 1500,
        "beats": 9,
        "floor_q4_mg": 24,
        "direction_q7": (127, 0, -127),
    }
    pen.night(2000, 5, [(1.0, rhythm)])
    (event,) = store_with(tmp_path, pen.frames).events(kinds=["rhythm"])
    assert (event["rhythm_hz"], event["beats"], event["floor_mg"]) == (1.5, 9, 1.5)
    assert event["direction"] == [1.0, 0.0, -1.0]
    assert event["onset_s"] == 60.0
    assert event["duration_s"] == 0.125


def test_ten_years_of_nights_are_read_from_the_summary_alone(tmp_path):
    store = store_with(tmp_path, one_night().frames)
    steps = []

    def note(action, table, *_):
        if action == sqlite3.SQLITE_READ:
            steps.append(table)
        return sqlite3.SQLITE_OK

    store._db.set_authorizer(note)
    store.nights()
    assert set(steps) == {"nights", "bands", "placements", "strap_checks"}


def test_a_lock_held_by_another_program_is_said_plainly(tmp_path, monkeypatch):
    monkeypatch.setattr("notturno.store.door.LOCK_WAIT_S", 0.01)
    store_with(tmp_path, []).close()
    other = sqlite3.connect(tmp_path / FILE_NAME, isolation_level=None)
    other.execute("begin immediate")
    with pytest.raises(UserError, match="in use by another program"):
        store_with(tmp_path, one_night().frames)
    other.close()


def test_data_of_a_newer_notturno_are_left_alone(tmp_path):
    store_with(tmp_path, one_night().frames).close()
    db = sqlite3.connect(tmp_path / FILE_NAME)
    db.execute("pragma user_version = 99")
    db.close()
    with pytest.raises(UserError, match="newer notturno"):
        Store.open(tmp_path)


def test_a_file_that_is_no_database_is_said_plainly(tmp_path):
    (tmp_path / FILE_NAME).write_text("my diary\n" * 1000)
    with pytest.raises(UserError, match="not a notturno database"):
        Store.open(tmp_path)


def test_a_full_disk_loses_nothing_that_was_stored(tmp_path):
    store = store_with(tmp_path, one_night().frames[:20])
    pages = store._db.execute("pragma page_count").fetchone()[0]
    store._db.execute(f"pragma max_page_count = {pages}")
    before = store.nights(now_ms=0), store.count_records()
    with pytest.raises(UserError, match="disk is full"):
        store.add(store.begin_sync(DEVICE, LOG_ID, ROME, ""), one_night().frames)
    assert (store.nights(now_ms=0), store.count_records()) == before


def test_a_folder_in_the_place_of_the_file_is_said_plainly(tmp_path):
    os.mkdir(tmp_path / FILE_NAME)
    with pytest.raises(UserError, match="cannot be opened"):
        Store.open(tmp_path)


def test_a_broken_migration_changes_nothing_and_a_good_one_keeps_its_record(tmp_path):
    db = sqlite3.connect(tmp_path / "m.sqlite3", isolation_level=None)
    broken = (*schema.MIGRATIONS, ("broken", ("create table extra (a text) strict", "nonsense")))
    with pytest.raises(sqlite3.OperationalError):
        schema.migrate(db, broken)
    assert db.execute("pragma user_version").fetchone() == (len(schema.MIGRATIONS),)
    assert not db.execute("select 1 from sqlite_schema where name = 'extra'").fetchone()
    good = (*schema.MIGRATIONS, ("a table more", ("create table extra (a text) strict",)))
    schema.migrate(db, good, now_s=lambda: 1.5)
    assert db.execute("select * from migrations order by version desc").fetchone() == (
        len(good),
        "a table more",
        1500,
    )


def test_reading_where_nothing_was_ever_stored_makes_no_file(tmp_path):
    assert Store.open(tmp_path, create=False).nights() == []
    assert list(tmp_path.iterdir()) == []


def test_tags_name_spans_and_refuse_nonsense(tmp_path):
    store = Store.open(tmp_path)
    store.add_tag("before", "2026-01-01", "2026-01-10")
    store.add_tag("during", "2026-01-11")
    assert [tag["name"] for tag in store.tags()] == ["before", "during"]
    assert store.tags()[1]["last_night"] is None
    for arguments in (
        ("before", "2026-01-01"),
        ("x", "tomorrow"),
        ("x", "2026-02-01", "2026-01-01"),
        (" ", "2026-01-01"),
    ):
        with pytest.raises(UserError):
            store.add_tag(*arguments)
    store.remove_tag("before")
    with pytest.raises(UserError, match="during"):
        store.remove_tag("before")


def test_minutes_without_a_temperature_are_no_frost(tmp_path):
    """A chip without a thermometer, or one that could not be asked."""
    none = {"temperature_q8_c": wire.NO_TEMPERATURE_Q8_C}
    pen = Pen()
    pen.time(1000, EVENING)
    pen.night(2000, 60, minutes_as=dict.fromkeys(range(1, 41), none))
    pen.night(2000 + 86_400_000, 60, minutes_as=dict.fromkeys(range(1, 61), none))
    with Store.open(tmp_path) as store:
        store.add(store.begin_sync(DEVICE, LOG_ID, ROME, "0.1.0"), pen.frames)
        told = [minute["temperature_c"] for minute in store.minutes()]
        assert told == [None] * 40 + [33.0] * 20 + [None] * 60
        assert [night["temperature_c"] for night in store.nights()] == [33.0, None]


def test_the_forms_of_a_new_database_are_gone_through_once(tmp_path, monkeypatch):
    """A process that makes many (a test, a laboratory's run) makes each of the same bytes."""
    calls = []
    for name in ("first", "second", "third"):
        (tmp_path / name).mkdir()
    Store.open(tmp_path / "first").close()
    migrations = schema.MIGRATIONS
    monkeypatch.setattr(schema, "migrate", lambda db: calls.append(schema.known_version(db)))
    for name in ("second", "third"):
        with Store.open(tmp_path / name) as store:
            assert store.nights(now_ms=0) == []
    assert calls == [len(migrations)] * 2
