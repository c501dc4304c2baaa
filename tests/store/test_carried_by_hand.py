"""What leaves a store in pieces and comes into another: numbers, syncs and counts, by hand."""

import base64
from collections import Counter
from types import SimpleNamespace

import pytest
from fakes.nights_by_hand import DEVICE, LOG_ID, Pen, frame
from notturno.store import Store, carry, carry_in, derive, diary, logs
from notturno_core import wire

EVENING = 1_768_253_400_000  # 2026-01-12 22:30 in Rome
ROME, H_MS, DAY_MS = "Europe/Rome", 3_600_000, 86_400_000
OTHER = "564200000000000f"


@pytest.fixture
def store(tmp_path):
    (tmp_path / "one").mkdir()
    with Store.open(tmp_path / "one") as opened:
        yield opened


@pytest.fixture
def there(tmp_path):
    (tmp_path / "other").mkdir()
    with Store.open(tmp_path / "other") as opened:
        yield opened


def add(store, frames, device=DEVICE, log_id=LOG_ID, at=EVENING, firmware="0.1.0"):
    return store.add(store.begin_sync(device, log_id, ROME, firmware, at), frames)


def seq_of(one):
    return int.from_bytes(one[:4], "little")


def numbers(store, spans):
    key = logs.log_key_of(store._db, DEVICE, LOG_ID)
    pieces = carry._by_sync(store._db, "records", key, spans)
    return [(sync[0] - EVENING, [seq_of(one) for one in frames]) for sync, frames in pieces]


def marks(first, last):
    return [frame(seq, 200, bytes([seq])) for seq in range(first, last + 1)]


def test_pieces_are_of_one_sync_and_of_so_many_frames(store, monkeypatch):
    add(store, marks(1, 5))
    add(store, marks(6, 8), at=EVENING + 7)
    assert numbers(store, None) == [(0, [1, 2, 3, 4, 5]), (7, [6, 7, 8])]
    monkeypatch.setattr(carry, "FRAMES_A_PIECE", 2)
    assert numbers(store, None) == [(0, [1, 2]), (0, [3, 4]), (0, [5]), (7, [6, 7]), (7, [8])]


@pytest.mark.parametrize(
    ("spans", "kept"),
    [
        ([(3, 5)], [3, 4, 5, 9]),
        ([(5, 5)], [5, 9]),
        ([(6, 7), (2, 3)], [2, 3, 6, 7, 9]),
        ([(1, 1), (10, 10)], [1, 9, 10]),
        ([(2, 6), (6, 7)], [2, 3, 4, 5, 6, 7, 9]),
        ([(11, 20)], [9]),
    ],
)
def test_of_a_part_only_its_numbers_leave_and_every_setting_of_the_clock(store, spans, kept):
    pen = Pen(first_seq=9)
    pen.time(1000, EVENING)
    add(store, [*marks(1, 8), *pen.frames, *marks(10, 10)])
    assert [seq for _, found in numbers(store, spans) for seq in found] == kept


def test_the_numbers_of_a_night_reach_to_the_recording_behind_it(store):
    pen = Pen()
    pen.time(1000, EVENING)
    pen.night(2000, 3)  # 2 to 8
    pen.night(2000 + DAY_MS, 3)  # 9 to 15
    add(store, [*pen.frames, *marks(16, 17)])
    key = logs.log_key_of(store._db, DEVICE, LOG_ID)
    assert carry.spans_of(store._db, key, "2026-01-12") == [(2, 8)]
    assert carry.spans_of(store._db, key, "2026-01-13") == [(9, 17)]
    assert carry.spans_of(store._db, key, "2026-01-14") == []


def test_a_part_holds_what_was_said_of_its_nights_and_all_that_is_of_none(store):
    pen = Pen()
    pen.time(1000, EVENING)
    for day in range(2):
        pen.night(2000 + day * DAY_MS, 3)
    add(store, pen.frames)
    store.name_band(DEVICE, "a")
    for night in ("2026-01-12", "2026-01-13"):
        store.add_diary(diary.checked(night, "tea"))
    told = list(carry.pieces(store._db, ["2026-01-13"]))
    rows = [piece["row"] for piece in told if "row" in piece]
    assert [(row["of"], row.get("night")) for row in rows] == [
        ("bands", None),
        ("diary", "2026-01-13"),
    ]
    whole = [piece["row"]["of"] for piece in carry.pieces(store._db) if "row" in piece]
    assert whole.count("diary") == 2
    assert not any("frames" in piece for piece in carry.pieces(store._db, ["2026-01-14"]))


def taken(there, pieces):
    with there._transaction() as db:
        return carry_in.take(db, pieces, EVENING + DAY_MS)


def test_what_comes_in_is_counted_once(store, there):
    pen = Pen()
    pen.time(1000, EVENING)
    pen.night(2000, 3, [(1.5, {})])
    add(store, pen.frames)
    for _ in range(2):
        store.add_diary(diary.checked("2026-01-12", "tea"))
    store.add_tag("dose", "2026-01-12")
    pieces = list(carry.pieces(store._db))
    there.add_diary(diary.checked("2026-01-12", "tea"))
    added, refused = taken(there, pieces)
    assert +added == Counter(records=len(pen.frames), diary=1, tags=1) and refused == []
    assert +taken(there, pieces)[0] == Counter()
    assert there.hashes()["records"] == store.hashes()["records"]
    assert there.counts()["diary"] == 2


def test_records_that_differ_are_counted_and_kept_aside(store, there):
    add(store, marks(1, 4))
    add(there, [frame(seq, 200, b"x") for seq in (2, 3)])
    added, refused = taken(there, list(carry.pieces(store._db)))
    assert +added == Counter(records=2, quarantine=2)
    assert [str(one) for one in refused] == [
        f"2 records of {DEVICE} differ from what is stored under their numbers; the stored ones "
        "stay, these are kept aside."
    ]


@pytest.mark.parametrize(
    ("here_ms", "there_ms", "word"),
    [(None, 5, "there"), (4, 5, "there"), (5, 4, "here"), (4, None, "here"), (0, 1, "there")],
)
def test_of_what_a_band_last_said_the_later_word_stands(store, there, here_ms, there_ms, word):
    for one, at, battery in ((store, there_ms, 3700), (there, here_ms, 3900)):
        add(one, marks(1, 1))
        if at is not None:
            said = {"next_seq": 2, "first_seq": 1, "battery_mv": battery, "state": 0}
            one.note_band(DEVICE, LOG_ID, said, "0.2.0", at)
    taken(there, list(carry.pieces(store._db)))
    (band,) = there.bands()
    assert band["battery_mv"] == (3700 if word == "there" else 3900)


def test_frames_come_out_of_their_text_whole_or_not_at_all():
    whole = marks(1, 3)
    data = base64.b64encode(b"".join(whole)).decode()
    assert carry_in.frames_in(data) == whole and carry_in.frames_in("") == []
    with pytest.raises(ValueError, match="record 3 is damaged"):
        carry_in.frames_in(base64.b64encode(b"".join(whole)[:-1]).decode())
    with pytest.raises(ValueError):
        carry_in.frames_in("no base64!")


def test_edits_are_in_the_order_in_which_they_were_made_wherever_that_was(store, there):
    pen = Pen()
    pen.time(1000, EVENING)
    pen.night(2000, 30)
    for one in (store, there):
        add(one, pen.frames)
    edits = {"bed": "22:40"}, {"bed": "22:50"}, {"bed": "23:00"}
    for one, said, made in ((store, edits[0], 1), (there, edits[1], 2), (store, edits[2], 3)):
        one.edit("2026-01-12", DEVICE, said)
        one._db.execute(
            "update edits set made_utc_ms = ? where edit_id = (select max(edit_id) from edits)",
            (made,),
        )
    assert +taken(there, list(carry.pieces(store._db)))[0] == Counter(edits=2)
    found = [(edit["bed"], edit["made_utc_ms"]) for edit in there.edits()]
    assert found == [("22:40", 1), ("22:50", 2), ("23:00", 3)]
    assert there.edits_in_force("2026-01-12", DEVICE)["bed"] == "23:00"
    with store._transaction():
        store._db.execute("update edits set removed_utc_ms = 9 where made_utc_ms = 3")
    taken(there, list(carry.pieces(store._db)))
    assert there.edits_in_force("2026-01-12", DEVICE)["bed"] == "22:50"


# --- what goes again -----------------------------------------------------------------------------


def test_what_syncs_brought_since_a_moment_goes_and_what_was_before_stays(store):
    add(store, marks(1, 4))
    add(store, marks(5, 7), at=EVENING + 10)
    assert store.forget_since(DEVICE, EVENING + 11)["records"] == 0
    assert store.forget_since(DEVICE, EVENING + 10) == {"device_id": DEVICE, "records": 3}
    assert store.count_records() == 4 and store.next_seq(DEVICE, LOG_ID) == 5
    (log,) = store.logs_of(DEVICE)
    assert (log["records"], log["other_ids"], log["aside"]) == (4, [], 0)


def test_a_night_that_is_forgotten_is_told_table_by_table(store):
    pen = Pen()
    pen.time(1000, EVENING)
    pen.night(2000, 3, [(1.5, {}), (2.5, {})])
    pen.night(2000 + DAY_MS, 3)
    add(store, pen.frames)
    for one in store.events():
        store.label(DEVICE, LOG_ID, one["seq"], "me")
    store.edit("2026-01-12", DEVICE, {"bed": "22:40"})
    store.add_diary(diary.checked("2026-01-12", "tea"))
    gone = store.erase_night("2026-01-12")
    told = {name: gone[name] for name in ("records", "labels", "edits", "diary", "night")}
    # SESSION, SETTINGS, SEGMENT, three minutes, two events, END; the clock's setting stays.
    assert told == {"records": 9, "labels": 2, "edits": 1, "diary": 1, "night": "2026-01-12"}
    assert store.night_names() == ["2026-01-13"]
    assert store.count_records() == len(pen.frames) - 9
    assert [seq_of(one) for one in store.frames(DEVICE, LOG_ID, 1, 10)] == [1]
    assert add(store, pen.frames).new_records == 0


# --- where recordings lie ------------------------------------------------------------------------


def row(start, end):
    return {"start_utc_ms": start, "end_utc_ms": end}


def test_the_span_of_some_recordings_is_from_their_first_start_to_their_last_end():
    assert derive._span([row(5, 9), row(2, 30), row(7, 8), row(None, None)]) == {(2, 30)}
    assert derive._span([row(None, None)]) == derive._span([]) == set()


def test_spans_of_one_log_stay_apart_and_those_of_several_are_one():
    assert derive._to_group([{(0, 5), (3, 8), (20, 30)}]) == [(0, 8), (20, 30)]
    assert derive._to_group([{(0, 5)}, {(20, 30)}]) == [(0, 30)]
    assert derive._to_group([set(), set()]) == derive._to_group([set()]) == []
    assert derive._to_group([{(4, 5)}, set()]) == [(4, 5)]


def test_settings_that_are_not_of_a_time_place_nothing(store):
    pen = Pen()
    pen.time(1000, 5)
    pen.night(2000, 3)
    add(store, pen.frames)
    assert store.nights()[0]["clock"] == "unknown"
    assert store._db.execute("select count(*) from anchors").fetchone()[0] == 0
    assert wire.REC_TIME in [one[4] for one in store.frames(DEVICE, LOG_ID, 1, 1)]


@pytest.mark.parametrize("done", [0, 1])
@pytest.mark.parametrize("name", ["edits", "placements", "labels"])
def test_what_is_taken_back_here_makes_its_nights_anew_and_what_was_already_does_not(name, done):
    taking = carry_in.Taking.__new__(carry_in.Taking)
    asked = []
    taking._db = SimpleNamespace(
        execute=lambda *what: asked.append(what) or SimpleNamespace(rowcount=done)
    )
    taking._touched, taking._edited, taking._placed = {}, False, set()
    row = {"log_key": 4, "session_seq": 9, "device_id": "a", "removed_utc_ms": 77}
    taking._taken_back(SimpleNamespace(name=name, loose=("removed_utc_ms",)), row)
    assert len(asked) == 1 and asked[0][1] == (77, 4, 9, "a")
    edited, placed = name == "edits" and done, name == "placements" and done
    assert (taking._touched, taking._edited) == (({4: {9}}, True) if edited else ({}, False))
    assert taking._placed == ({"a"} if placed else set())
    taking._taken_back(SimpleNamespace(name=name, loose=()), row | {"removed_utc_ms": None})
    assert len(asked) == 1, "what stands there stands here too"
