"""Events named again: by the same table on the band and here, from what the band wrote."""

import sqlite3
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import DEVICE, LOG_ID, Pen, frame
from notturno.scoring import provenance
from notturno.store import FILE_NAME, Store, layout_2, naming, queries, staleness
from notturno_core import names, wire
from surfaces import assert_one_truth, keep, printed, rows, text

EVENING = 1_768_253_400_000  # 2026-01-12 22:30 in Rome
NIGHT = "2026-01-12"
FACTS = {
    "source": wire.SOURCE_BURST,
    "bursts": 2,
    "cycles": 3,
    "uneven_pct": 20,
    "centre_dhz": 61,
    "burst_onset_samples": -4,
    "burst_samples": 12,
    "quick_peak_mg": 85,
    "slow_peak_mg": 30,
    "move_onset_samples": 6,
    "move_samples": 0,
    "effective_ms": 45,
    "morph_ms": 210,
}


def a_night(layout=2, minutes=120, jerks=40):
    """Return the pen of a night of jerks, numbered, every second one with a centre of 30 Hz."""
    pen = Pen()
    pen.time(0, EVENING)
    events = [
        (10.0 + 2 * i, {"layout": layout, "number": i, **FACTS, "centre_dhz": (61, 300)[i % 2]})
        for i in range(jerks)
    ]
    pen.night(1000, minutes, events)
    pen.time(1000 + (minutes + 5) * 60_000, EVENING + (minutes + 5) * 60_000)
    return pen


def quick_is_vibration(rows, odr_mhz):
    """A table of another version: what is quick is a vibration, and begins with its burst."""
    found = []
    for row in rows:
        new = {"flags": row["flags"], "onset_sample": row["onset_sample"]}
        if row["centre_dhz"] > 250:
            new["flags"] |= wire.FLAG_VIBRATION
            new["onset_sample"] += row["burst_onset_samples"]
        found.append(new)
    return found


@pytest.fixture(autouse=True)
def the_bands_own(monkeypatch):
    """A table that leaves every row as the band named it: what is tried here is not the rules."""
    monkeypatch.setattr(names, "rename", lambda rows, odr_mhz: [dict(row) for row in rows])


@pytest.fixture
def new_names(monkeypatch):
    def change():
        monkeypatch.setattr(names, "VERSION", names.VERSION + 1)
        monkeypatch.setattr(names, "rename", quick_is_vibration)

    return change


def test_an_event_of_each_layout_is_read_with_all_that_its_band_said(tmp_path):
    pen = Pen()
    pen.time(0, EVENING)
    given = {"number": 7, **FACTS, "later_pct": 41}
    pen.night(1000, 60, [(5.0, {}), *((4.0 + k, {"layout": k, **given}) for k in (2, 3))])
    keep(tmp_path, pen.frames, DEVICE, LOG_ID)
    events = printed(tmp_path, "show")["events"]
    told = [{fact: event[fact] for fact in queries.FACTS} for event in events]
    new = given | {"source": "burst"}
    assert told == [dict.fromkeys(queries.FACTS), new | {"later_pct": None}, new]
    assert [event["layout"] for event in events] == [1, 2, 3]
    for event in events:
        assert (event["kind"], event["kind_band"]) == ("jerk", "jerk")
        assert event["flags"] == event["flags_band"] == 0


def test_the_facts_that_are_kept_are_those_of_the_layout():
    known = {name for name, _ in wire.EVENT_FIELDS_V1} | {"layout"}
    assert list(queries.FACTS) == [name for name, _ in wire.EVENT_FIELDS if name not in known]


def test_stored_events_get_the_names_of_a_new_table_and_keep_the_bands_beside(tmp_path, new_names):
    keep(tmp_path, a_night().frames, DEVICE, LOG_ID)
    ((_, before),) = rows(tmp_path).items()
    assert before["jerks"] == 40 and before["names_version"] == names.VERSION
    events = printed(tmp_path, "show")["events"]
    new_names()
    (row,) = rows(tmp_path).values()
    assert (row["jerks"], row["jerks_left_out"]) == (20, {"vibration": 20})
    assert row["names_version"] == names.VERSION
    assert f"names-{names.VERSION} " in row["rules_version"]
    again = printed(tmp_path, "show")["events"]
    for i, (old, new) in enumerate(zip(events, again, strict=True)):
        assert (new["flags"], new["flags_band"]) == ((0, wire.FLAG_VIBRATION)[i % 2], 0)
        assert new["onset_sample"] == old["onset_sample"] + (0, -4)[i % 2]
        assert (new["onset_utc_ms"] < old["onset_utc_ms"]) == i % 2
    assert_one_truth(tmp_path, row)


def test_reading_names_in_memory_alone_and_writing_keeps_it(tmp_path, new_names):
    keep(tmp_path, a_night().frames, DEVICE, LOG_ID)
    new_names()
    before = (tmp_path / FILE_NAME).read_bytes()
    assert [row["jerks"] for row in rows(tmp_path).values()] == [20]
    assert (tmp_path / FILE_NAME).read_bytes() == before
    Store.open(tmp_path).close()
    with Store.open(tmp_path, create=False) as store:
        assert not staleness.stale(store._db)
        assert [session["names_version"] for session in store.sessions()] == [names.VERSION]


def test_what_is_named_anew_is_what_a_fresh_store_holds(tmp_path, new_names):
    pen = a_night()
    keep(tmp_path / "old", pen.frames, DEVICE, LOG_ID)
    new_names()
    Store.open(tmp_path / "old").close()
    keep(tmp_path / "fresh", pen.frames, DEVICE, LOG_ID)
    for ask in (Store.events, Store.sessions, Store.minutes):
        with Store.open(tmp_path / "old") as old, Store.open(tmp_path / "fresh") as fresh:
            assert ask(old) == ask(fresh)
    assert rows(tmp_path / "old") == rows(tmp_path / "fresh")


def test_names_given_twice_are_the_names_given_once(tmp_path, new_names):
    """They come from what the band wrote, and not from the names before."""
    pen = a_night()
    new_names()
    keep(tmp_path, pen.frames[:60], DEVICE, LOG_ID)
    keep(tmp_path, pen.frames[60:], DEVICE, LOG_ID)
    keep(tmp_path / "once", pen.frames, DEVICE, LOG_ID)
    assert printed(tmp_path, "show")["events"] == printed(tmp_path / "once", "show")["events"]


def test_events_of_the_first_layout_keep_the_bands_names(tmp_path, new_names):
    keep(tmp_path, a_night(layout=1).frames, DEVICE, LOG_ID)
    before = printed(tmp_path, "show")["events"]
    new_names()
    (row,) = rows(tmp_path).values()
    assert (row["jerks"], row["names_version"]) == (40, "band")
    assert printed(tmp_path, "show")["events"] == before


def test_other_names_are_no_other_events_and_other_facts_are(tmp_path, new_names):
    keep(tmp_path, a_night().frames, DEVICE, LOG_ID)
    with Store.open(tmp_path, create=False) as store:
        events = store.events()
    new_names()
    with Store.open(tmp_path, create=False) as store:
        named = store.events()
        assert provenance.of_sessions(store.sessions())["names_version"] == [names.VERSION]
    assert [event["flags"] for event in named] != [event["flags"] for event in events]
    assert provenance.events_sha256(named) == provenance.events_sha256(events)
    other = [events[0] | {"effective_ms": 46}, *events[1:]]
    assert provenance.events_sha256(other) != provenance.events_sha256(events)


def test_how_much_came_late_is_one_of_the_facts_where_a_layout_has_it():
    def sha256(layout, later_pct):
        event = dict.fromkeys((*provenance.HASHED_FIRST_LAYOUT, *queries.FACTS), 0)
        return provenance.events_sha256([event | {"layout": layout, "later_pct": later_pct}])

    assert sha256(3, 4) != sha256(3, 5)
    assert sha256(2, None) == sha256(2, 5)


def test_events_that_an_older_notturno_stored_get_their_facts(tmp_path):
    """It read of a newer layout what it knew; the records are whole."""
    folder = tmp_path / "old"
    keep(folder, a_night().frames, DEVICE, LOG_ID)
    keep(tmp_path / "fresh", a_night().frames, DEVICE, LOG_ID)
    db = sqlite3.connect(folder / FILE_NAME)
    for column in ("layout", *queries.FACTS, "kind_band", "flags_band"):
        db.execute(f"alter table events drop column {column}")
    db.execute("alter table sessions drop column names_version")
    db.execute("drop table snippets")
    db.execute("delete from migrations where version > 3")
    db.execute("pragma user_version = 3")
    db.commit()
    db.close()
    before = (folder / FILE_NAME).read_bytes()
    assert printed(folder, "show") == printed(tmp_path / "fresh", "show")
    assert (folder / FILE_NAME).read_bytes() == before
    Store.open(folder).close()
    assert printed(folder, "show") == printed(tmp_path / "fresh", "show")


# ms that the movement lasts, its largest burst and its bursts, energy over squared peak
@pytest.mark.parametrize(
    ("lasts_ms", "burst_ms", "bursts", "effective_ms", "said"),
    [
        (500, 400, 1, 219, "jerk"),
        (500, 400, 1, 220, "lm"),
        (689, 400, 2, 219, "jerk"),
        (690, 400, 2, 0, "lm"),
        (949, 649, 1, 219, "jerk"),
        (950, 649, 1, 0, "lm"),
        (690, 650, 1, 0, "lm"),
        (499, 400, 2, 400, "jerk"),
    ],
)
def test_of_layout_2_a_movement_is_told_from_what_rings_by_its_length(
    tmp_path, monkeypatch, lasts_ms, burst_ms, bursts, effective_ms, said
):
    monkeypatch.undo()
    facts = FACTS | {"source": wire.SOURCE_MOVE, "bursts": bursts, "effective_ms": effective_ms}
    facts |= {"move_samples": lasts_ms, "burst_samples": burst_ms, "posture_after_q7": (0, 0, 127)}
    pen = Pen()
    pen.time(0, EVENING)
    given = {"layout": 2, "posture_before_q7": (0, 0, 127), "peak_jerk_mg_per_s": 3000, **facts}
    pen.night(1000, 60, [(5.0, given)], odr_mhz=1_000_000)
    keep(tmp_path, pen.frames, DEVICE, LOG_ID)
    (event,) = printed(tmp_path, "show")["events"]
    assert (event["kind"], event["later_pct"]) == (said, None)


def test_of_layout_2_a_movement_near_the_floor_is_held_and_a_burst_has_none():
    short = {"source": wire.SOURCE_MOVE, "move_samples": 600, "burst_samples": 300, "bursts": 2}
    short |= {"effective_ms": 90, "floor_q4_mg": 160}  # 10 mg: low is what is below 53 mg
    of = [layout_2.later_pct(short | {"slow_peak_mg": mg}, 1_000_000) for mg in (0, 52, 53)]
    assert of == [0, 100, 0]
    long_burst = {"source": wire.SOURCE_BURST, "move_samples": 2000}
    assert layout_2.later_pct(long_burst, 1_000_000) == 0


@pytest.mark.parametrize(
    ("numbers", "order"),
    [
        ([0, 1, 2, 3], [0, 1, 2, 3]),
        ([1, 0, 3, 2], [1, 0, 3, 2]),
        ([0, 20_000, 40_000, 65_534, 1, 65_535, 0], [0, 1, 2, 3, 5, 6, 4]),
        ([5, 5, 4], [2, 0, 1]),
    ],
)
def test_events_go_by_their_numbers_also_where_those_begin_again(numbers, order):
    found = naming.in_order([(seq, {"number": n}) for seq, n in enumerate(numbers)])
    assert [seq for seq, _ in found] == order


def test_a_table_gets_a_recordings_rows_by_number_with_its_rate_and_what_the_band_said(
    tmp_path, monkeypatch
):
    asked = []

    def rename(rows, odr_mhz):
        asked.append(
            (odr_mhz, [(row["number"], row["kind"], row["direction_q7"]) for row in rows])
        )
        return [{} for _ in rows]

    monkeypatch.setattr(names, "rename", rename)
    pen = Pen()
    given = {"layout": 2, "direction_q7": (1, -2, 127)}
    late_first = [(5.0, {"number": 1, **given}), (6.0, {"number": 0, **given})]
    pen.night(1000, 30, late_first)
    pen.night(
        10_000_000, 30, [(5.0, {"number": 0, "kind": wire.EVENT_LM, **given})], odr_mhz=52000
    )
    keep(tmp_path, pen.frames, DEVICE, LOG_ID)
    jerk, lm = wire.EVENT_JERK, wire.EVENT_LM
    assert asked == [
        (104_000, [(0, jerk, (1, -2, 127)), (1, jerk, (1, -2, 127))]),
        (52_000, [(0, lm, (1, -2, 127))]),
    ]


def test_a_provisional_row_is_no_record_and_is_never_stored(tmp_path):
    row = wire.flagged_event(wire.pack_event({"kind": wire.EVENT_JERK}), wire.FLAG_PROVISIONAL)
    pen = a_night(minutes=30, jerks=5)
    keep(tmp_path, pen.frames[:-1], DEVICE, LOG_ID)
    with Store.open(tmp_path) as store:
        pen_of_sync = store.begin_sync(DEVICE, LOG_ID, "Europe/Rome", "0.1.0")
        frames = [pen.frames[-1], frame(wire.SEQ_PROVISIONAL, wire.REC_EVENT, bytes(row))]
        with pytest.raises(wire.WireError, match="no record"):
            store.add(pen_of_sync, frames)
        assert store.next_seq(DEVICE, LOG_ID) == pen.seq - 1
        assert len(store.events()) == 5


def test_what_the_band_called_otherwise_is_told(tmp_path, monkeypatch):
    keep(tmp_path, a_night(minutes=30, jerks=2).frames, DEVICE, LOG_ID)
    assert "band" not in text(tmp_path, "show", NIGHT).split("what else")[1]
    monkeypatch.setattr(names, "VERSION", names.VERSION + 1)
    lm = {"kind": wire.EVENT_LM}
    monkeypatch.setattr(names, "rename", lambda rows, odr_mhz: [lm for _ in rows])
    assert text(tmp_path, "show", NIGHT).count("the band said jerk") == 2
