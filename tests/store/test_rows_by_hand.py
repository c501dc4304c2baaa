"""What is read back of a log, row by row, in people's units; each value by hand."""

import sqlite3

import pytest
from fakes.nights_by_hand import DEVICE, LOG_ID, Pen, frame
from notturno.store import (
    Store,
    decoded,
    derive,
    health,
    ingest,
    logs,
    night_rows,
    night_state,
    queries,
    schema,
)
from notturno_core import checks, wire

EVENING = 1_768_253_400_000  # 2026-01-12 22:30 in Rome
ROME, H_MS, DAY_MS = "Europe/Rome", 3_600_000, 86_400_000
OTHER = "564200000000000f"


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path) as opened:
        yield opened


def add(store, frames, device=DEVICE, log_id=LOG_ID, zone=ROME):
    return store.add(store.begin_sync(device, log_id, zone, "0.1.0", EVENING), frames)


# --- numbers and boots ---------------------------------------------------------------------------


def test_the_boot_before_a_number_is_the_highest_below_it(store):
    pen = Pen()
    pen.time(1000, EVENING)  # 1, of boot 1
    pen.boot_id = 3
    pen.session(2000)  # 2 and 3
    pen.boot_id = 4
    pen.time(3000, EVENING + 5000)  # 4
    add(store, pen.frames)
    found = [store.boot_id_before(DEVICE, LOG_ID, seq) for seq in (0, 1, 2, 3, 4, 5, 99)]
    assert found == [0, 0, 1, 3, 3, 4, 4]
    assert store.boot_id_before(OTHER, LOG_ID, 99) == 0


def test_the_last_setting_of_a_boot_is_the_latest_record_of_it(store):
    pen = Pen()
    pen.time(9000, EVENING + 8000, error_ms=30)
    pen.time(1000, EVENING, error_ms=20)
    pen.boot_id = 2
    pen.time(500, EVENING + H_MS)
    add(store, pen.frames)
    last = store.last_anchor(DEVICE, LOG_ID, 1)
    assert (last["tick_ms"], last["utc_ms"], last["error_ms"]) == (1000, EVENING, 20)
    assert store.last_anchor(DEVICE, LOG_ID, 2)["tick_ms"] == 500
    assert store.last_anchor(DEVICE, LOG_ID, 3) is store.last_anchor(OTHER, LOG_ID, 1) is None
    assert [s["tick_ms"] for s in store._settings(DEVICE, LOG_ID, 1)] == [9000, 1000]
    said = store.judge_clock(DEVICE, LOG_ID, 2, 500 + H_MS, EVENING + 2 * H_MS + 9)
    assert said.difference_ms == 9
    assert store.judge_clock(DEVICE, LOG_ID, 3, 0, EVENING) is None


def test_the_next_number_and_the_counts_are_of_one_band(store):
    assert store.next_seq(DEVICE, LOG_ID) == 0 and store.count_records() == 0
    pen = Pen(first_seq=7)
    pen.time(1000, EVENING)
    pen.session(2000)
    assert add(store, pen.frames)[:2] == (3, 0)
    add(store, pen.frames[:1], device=OTHER)
    assert (store.next_seq(DEVICE, LOG_ID), store.next_seq(OTHER, LOG_ID)) == (10, 8)
    counts = [store.count_records(device) for device in (None, DEVICE, OTHER, "x")]
    assert counts == [4, 3, 1, 0]
    assert list(store.frames(DEVICE, LOG_ID, 8, 8)) == pen.frames[1:2]


def test_what_is_new_names_the_nights_whose_minutes_or_events_it_holds(store):
    pen = Pen()
    pen.time(1000, EVENING)
    pen.night(2000, 5, [(4.5, {})])  # 2 to 4, five minutes, one event before the last, END: 11
    pen.night(2000 + DAY_MS, 5)
    add(store, pen.frames)
    night, after = "2026-01-12", "2026-01-13"
    found = {seq: store.nights_since_seq(DEVICE, LOG_ID, seq) for seq in (1, 2, 9, 10, 11, 12, 13)}
    assert [len(found[seq]) for seq in (1, 2, 9, 10)] == [2, 2, 2, 2]
    assert found[10] == [night, after]  # the last minute of the first
    assert found[12] == found[13] == [after]


# --- events, minutes, recordings -----------------------------------------------------------------


def test_an_event_in_peoples_units(store):
    pen = Pen()
    pen.time(1000, EVENING)
    pen.session(2000)
    pen.segment(0, 2000)
    given = {"peak_mg": 90, "peak_jerk_mg_per_s": 1234, "energy_mg2_s": 77, "floor_q4_mg": 40}
    axes = {"direction_q7": (127, -128, 1), "posture_before_q7": (0, 64, -64)}
    axes["posture_after_q7"] = (2, 3, -127)
    pen.event(104 * 90, duration_samples=26, rhythm_mhz=1500, beats=9, **given | axes)
    pen.event(104 * 100, kind=wire.EVENT_LM, flags=wire.FLAG_SMALL)
    pen.event(104 * 110, flags=wire.FLAG_IN_LM)
    pen.event(104 * 120, kind=wire.EVENT_LM, duration_samples=208)
    added = add(store, pen.frames)
    assert (added.new_records, added.new_events) == (len(pen.frames), 4)
    assert store.sessions()[0]["settings"] == [1, 2]  # two numbers of four bytes
    jerk, lm, inside, counted = store.events()
    assert (counted["kind"], counted["left_out"], counted["single"]) == ("lm", None, False)
    assert (jerk["onset_s"], jerk["duration_s"]) == (90.0, 0.25)
    assert (jerk["peak_mg"], jerk["peak_jerk_mg_per_s"], jerk["energy_mg2_s"]) == (90, 1234, 77)
    assert jerk["floor_mg"] == 2.5
    assert (jerk["rhythm_hz"], jerk["beats"]) == (None, None)  # of rhythms alone
    assert jerk["direction"] == [1.0, -1.008, 0.008]
    assert jerk["posture_before"] == [0.0, 0.504, -0.504]
    assert jerk["posture_after"] == [0.016, 0.024, -1.0]
    assert [one["single"] for one in (jerk, lm, inside)] == [True, False, False]
    assert [one["left_out"] for one in (jerk, lm, inside)] == [None, "small", "in_lm"]
    assert [one["kind"] for one in store.events(kinds=["jerk"])] == ["jerk", "jerk"]
    assert store.events(kinds=["rhythm"]) == [] == store.events(device_id=OTHER)
    assert [one["label"] for one in (jerk, lm)] == [None, None]


def test_a_minute_and_a_recording_in_peoples_units(store):
    pen = Pen()
    pen.time(1000, EVENING)
    pen.session(2000, odr_mhz=52_000)
    pen.segment(0, 2000)
    pen.minute(
        *(3120, 62_000),
        activity_q4_mg=41, floor_jerk_q4_mg=24, floor_move_q4_mg=8, gravity_mg=(10, -20, 990),
        temperature_q8_c=8449, battery_mv=3987, tilt_max_deg=7,
        flags=wire.MINUTE_NOT_WORN | wire.MINUTE_GAP,
    )  # fmt: skip
    pen.minute(6240, 122_000, temperature_q8_c=wire.NO_TEMPERATURE_Q8_C)
    pen.end(6240, 122_000, reason=wire.END_BATTERY)
    add(store, pen.frames)
    one, other = store.minutes()
    assert one["activity_mg"] == 2.5625
    assert (one["floor_jerk_mg"], one["floor_move_mg"]) == (1.5, 0.5)
    assert (one["gravity_mg"], one["tilt_max_deg"]) == ([10, -20, 990], 7)
    assert (one["temperature_c"], other["temperature_c"]) == (33.0, None)
    assert one["flag_names"] == ["not_worn", "gap"] and other["flag_names"] == []
    (session,) = store.sessions()
    assert session["settings"] == [1, 2] and session["end_reason"] == "battery"
    assert session["recorded_s"] == pytest.approx(120, abs=0.01)
    assert "end_sample" not in session and "log_key" not in session
    assert store.sessions(device_id=OTHER) == store.sessions("2026-01-13") == []
    assert [m["battery_mv"] for m in store.minutes("2026-01-12", DEVICE)] == [3987, 4000]


def test_minutes_about_a_flag_are_those_that_bear_it_and_the_ones_before(store):
    pen = Pen()
    pen.time(1000, EVENING)
    flags = {3: {"flags": wire.MINUTE_NOT_WORN}, 6: {"flags": wire.MINUTE_AWAKE}}
    flags |= {8: {"flags": wire.MINUTE_NOT_WORN | wire.MINUTE_STILL}}
    pen.night(2000, 9, minutes_as=flags)
    add(store, pen.frames)
    found = queries.minutes_about(store._db, "2026-01-12", DEVICE, "not_worn")
    assert [round(row["end_sample"] / 6240) for row in found] == [2, 3, 7, 8]
    assert [row["flag_names"] for row in found] == [[], ["not_worn"], [], ["not_worn", "still"]]


def test_names_of_flags_and_of_virtual_bands():
    names = {1: "a", 2: "b", 4: "c"}
    told = [queries.flag_names(flags, names) for flags in (0, 1, 6, 8)]
    assert told == [[], ["a"], ["b", "c"], []]
    assert queries.is_simulated("5642000000000001") and not queries.is_simulated(
        "0056420000000001"
    )


# --- gaps between recordings ---------------------------------------------------------------------


def test_the_time_between_two_recordings_is_a_gap_and_none_where_they_overlap(store):
    pen = Pen()
    pen.time(1000, EVENING)
    pen.night(2000, 60)
    pen.night(2000 + 60 * 60_000 + 90_000, 60)  # 90 s behind the end of the first
    pen.time(2000 + 121 * 60_000 + 90_000, EVENING + 121 * 60_000 + 91_000)
    add(store, pen.frames)
    (gap,) = store.gaps()
    assert gap["reason"] == "between sessions"
    assert gap["duration_s"] == pytest.approx(90, abs=1)
    assert (gap["start_tick_ms"], gap["end_tick_ms"]) == (None, None)
    assert gap["end_utc_ms"] - gap["start_utc_ms"] == round(gap["duration_s"] * 1000)
    (night,) = store.nights()
    assert (night["sessions"], night["gaps"]) == (2, 1)


# --- both sides of a person ----------------------------------------------------------------------


def test_a_persons_night_needs_one_band_on_each_side(store):
    for number, device in enumerate((DEVICE, OTHER)):
        pen = Pen()
        pen.time(1000, EVENING)
        pen.night(2000, 60, [(5.0 + number, {})])
        add(store, pen.frames, device=device)
    night = ["2026-01-12"]
    assert store.person_nights(night) == []
    store.name_band(DEVICE, "a", side="L")
    assert store.person_nights(night) == []
    store.name_band(OTHER, "b", side="L")
    assert store.person_nights(night) == []  # both on the left
    store.name_band(OTHER, "b", side="R", from_utc_ms=0)
    (row,) = store.person_nights(night)
    assert (row["jerks"], row["night"], row["person_side"]) == (2, night[0], "LR")
    assert store.person_nights([]) == store.person_nights(["2026-01-13"]) == []
    now_ms = row["end_utc_ms"] + 90_000
    assert store.person_nights(night, now_ms)[0]["age_of_newest_s"] == 90


def test_progress_is_told_before_each_night_and_at_the_end(store):
    pen = Pen()
    pen.time(1000, EVENING)
    for day in range(3):
        pen.night(2000 + day * DAY_MS, 30)
    add(store, pen.frames)
    nights = [(name, DEVICE) for name in store.night_names()]
    told = []
    with store._transaction() as db:
        night_rows.derive_nights(db, [*nights, nights[0]], lambda *said: told.append(said))
        assert told == [(0, 3), (1, 3), (2, 3), (3, 3)]
        night_rows.derive_nights(db, [], lambda *said: told.append(said))
        night_rows.derive_nights(db, nights)
    assert len(told) == 4
    with store._transaction() as db:  # a night without recordings goes
        row = db.execute("select * from nights limit 1").fetchone()
        db.execute("insert into nights values (?, ?, ?, ?, ?, ?, ?, ?)", ("2020-01-01", *row[1:]))
        night_rows.derive_night(db, "2020-01-01", DEVICE)
    assert store.night_names() == [name for name, _ in nights]


# --- one record ----------------------------------------------------------------------------------


def test_behind_an_end_nothing_belongs_to_a_recording():
    part = decoded.Part(None)
    assert part.open_seq is None
    begun = part.behind(5, wire.REC_SESSION)
    assert begun == decoded.Part(5) and begun.open_seq == 5
    assert begun.behind(6, wire.REC_MINUTE) == begun
    ended = begun.behind(7, wire.REC_END)
    assert ended.open_seq is None and ended.behind(8, wire.REC_MINUTE) == ended
    assert ended.behind(9, wire.REC_SESSION) == decoded.Part(9)


def test_a_record_is_its_number_its_kind_and_its_payload():
    assert decoded.record_in(frame(7, wire.REC_EVENT, b"abc")) == (7, wire.REC_EVENT, b"abc")
    with pytest.raises(wire.WireError, match="not a record"):
        decoded.record_in(frame(7, wire.REC_EVENT, b"abc")[:-1])


def test_what_lies_outside_every_recording_has_no_rows(store):
    pen = Pen()
    pen.minute(100, 900)
    pen.put(wire.REC_SETTINGS, b"\7\0\0\0")
    pen.end(100, 950)
    pen.time(1000, EVENING)
    pen.session(2000)
    pen.minute(6240, 62_000)
    pen.end(6240, 62_000)
    pen.minute(12_480, 122_000)  # behind its end
    pen.put(wire.REC_SETTINGS, b"\7\0\0\0")
    add(store, pen.frames)
    assert [minute["end_sample"] for minute in store.minutes()] == [6240]
    (session,) = store.sessions()
    assert session["settings"] == [1, 2]


# --- what a band complains of --------------------------------------------------------------------


def check(seq, verdict):
    given = dict.fromkeys((name for name, _ in wire.CHECK_FIELDS), 0)
    return frame(seq, wire.REC_CHECK, wire.pack(wire.CHECK_FIELDS, given | {"verdict": verdict}))


def test_complaints_are_of_what_came_behind_the_last_minute(store):
    fault = wire.pack(wire.FAULT_FIELDS, {"code": wire.FAULT_STORAGE, "tick_ms": 5})
    frames = [frame(1, wire.REC_FAULT, fault)]
    pen = Pen(first_seq=2)
    pen.time(1000, EVENING)
    pen.session(2000)
    pen.minute(6240, 62_000)  # 5
    frames += [*pen.frames, frame(6, wire.REC_FAULT, fault), check(7, checks.CLOCK_UNSET)]
    add(store, frames)
    told = [(one["seq"], one["what"]) for one in store.complaints(DEVICE)]
    assert told == [(6, health.FAULT), (7, health.CHECK)]
    whole = [one["seq"] for one in store.complaints(DEVICE, 0)]
    assert whole == [6, 7] and store.complaints(DEVICE, 7)[0]["seq"] == 7
    assert store.complaints(DEVICE, 8) == store.complaints(OTHER) == []
    last = store.last_check(DEVICE)
    assert (last["seq"], last["verdict"]) == (7, checks.CLOCK_UNSET)
    assert store.last_check(OTHER) is None and store.heard_devices() == [DEVICE]


# --- which log it is -----------------------------------------------------------------------------


def test_a_log_grown_beyond_400_records_is_one_of_its_own(store):
    def minutes(n, first_seq, offset=0):
        pen = Pen(first_seq)
        for at in range(n):
            pen.minute(at, 1000 * at + offset)
        return pen.frames

    old, young = minutes(410, 1), minutes(400, 1000)
    add(store, old)
    add(store, young, log_id=0x77)
    keys = [logs.log_key_of(store._db, DEVICE, log_id) for log_id in (LOG_ID, 0x77)]
    records = [decoded.record_in(one) for one in old[:5]]
    assert logs.known_as(store._db, keys[1], records) == keys[0]
    add(store, minutes(1, 2000), log_id=0x77)
    assert logs.known_as(store._db, keys[1], records) is None
    assert logs.log_key_of(store._db, DEVICE, 0x78) is None


def test_the_newest_form_is_the_number_of_its_steps(store):
    assert store.form() == len(schema.MIGRATIONS) and store.sound()


# --- what stands beside a night's rows -----------------------------------------------------------


def two_recordings(store, last_end=True, **last):
    pen = Pen()
    pen.time(1000, EVENING)
    pen.night(2000, 30, battery_mv=4100)
    pen.night(2000 + H_MS, 30, end=last_end, battery_mv=4050, **last)
    add(store, pen.frames)


def test_a_night_is_worn_where_the_band_was_when_it_began(store):
    two_recordings(store)
    store.name_band(DEVICE, "a", limb="calf", side="L", utc_ms=1)
    store.name_band(DEVICE, "a", limb="ankle", side="R", from_utc_ms=EVENING + 50 * 60_000)
    (night,) = store.nights()
    assert (night["person_side"], night["limb"], night["sessions"]) == ("L", "calf", 2)
    assert night["name_rule"].startswith("the evening before its middle")


def test_the_battery_of_a_night_is_the_last_that_is_known(store, tmp_path):
    two_recordings(store)
    assert store.nights()[0]["battery_mv"] == 3900  # of its END
    found = []
    for number, minutes in ((1, {30: {"battery_mv": 3777}}), (2, None)):
        (tmp_path / f"{number}").mkdir()
        with Store.open(tmp_path / f"{number}") as other:
            two_recordings(other, False, minutes_as=minutes)
            if minutes is None:  # no minute of the last recording came
                last = max(session["seq"] for session in other.sessions())
                other._db.execute("delete from minutes where session_seq = ?", (last,))
                night_rows.derive_night(other._db, "2026-01-12", DEVICE)
            found.append(other.nights()[0]["battery_mv"])
    assert found == [3777, 4050]


def test_the_night_lies_in_the_zone_that_the_person_said(store):
    two_recordings(store)
    assert store.edit("2026-01-12", DEVICE, {"zone": "Asia/Tokyo"}) == "2026-01-12"
    assert {night["zone"] for night in store.nights()} == {"Asia/Tokyo"}  # 06:30, a day sleep
    assert store.night_names() == ["2026-01-12"]


def test_a_bed_time_is_of_the_whole_night(store):
    two_recordings(store)
    store.edit("2026-01-12", DEVICE, {"bed": "22:40", "wake": "23:50"})
    (night,) = store.nights()
    # In bed from 10 to 80 min: 20 min of the first recording and 20 of the second.
    assert night["countable_h"] == pytest.approx(40 / 60, abs=0.01)
    assert night["recorded_h"] == pytest.approx(1, abs=0.01)


def test_a_pause_between_two_recordings_of_a_night_is_a_gap_of_its_length(store):
    pen = Pen()
    pen.time(1000, EVENING)
    pen.night(1000, 60)
    pen.night(1000 + round(1.5 * H_MS), 60)
    add(store, pen.frames)
    (gap,) = store.gaps()
    assert (gap["start_utc_ms"], gap["end_utc_ms"]) == (EVENING + H_MS, EVENING + H_MS * 3 // 2)
    assert gap["duration_s"] == 1800.0
    assert (gap["start_tick_ms"], gap["end_tick_ms"]) == (None, None)
    assert store.gaps("2026-01-12", OTHER) == []


def test_of_numbers_that_were_forgotten_the_times_alone_are_taken_again(store, monkeypatch):
    pen = Pen()
    pen.time(1000, EVENING)  # 1, and the recording 2 to 5
    pen.session(2000)
    pen.segment(0, 2000)
    pen.minute(6240, 62_000)
    monkeypatch.setattr(ingest.holding, "forgotten", lambda db, log_key: [(1, 3), (5, 9)])
    assert add(store, pen.frames).new_records == 2  # the time, and record 4
    assert [row["seq"] for row in store._db.execute("select seq from records")] == [1, 4]


# --- what belongs together -----------------------------------------------------------------------


@pytest.mark.parametrize(
    ("recorded_h", "at_h", "after_h"),
    [
        ([(0, 1), (2, 3)], 6.0, 6.0),  # a pause of three hours ends a sleep
        ([(0, 1), (2, 3)], 5.999, 0.0),
        ([(0, 1), (4, 5)], 7.5, 4.0),
        ([(0, 1), (3.999, 5)], 7.5, 0.0),
        ([(0, 1), (2, 3)], 2.0, 0.0),  # what begins then is not before it
        ([], 7.5, 7.5),
    ],
)
def test_names_are_given_anew_from_behind_a_pause_on(recorded_h, at_h, after_h):
    db = sqlite3.connect(":memory:")
    db.row_factory = sqlite3.Row
    db.execute("create table logs (log_key, device_id)")
    db.execute("insert into logs values (1, 'a'), (2, 'b')")
    columns = "zone, boot_id, night, of_night, name_rule, quiet_min, tick_ms, recorded_ms"
    db.execute(f"create table sessions (log_key, seq, start_utc_ms, end_utc_ms, {columns})")
    others = [(2, 99, -1, 100)]  # of another band
    spans = [(1, seq, begin, end) for seq, (begin, end) in enumerate(recorded_h)] + others
    for log_key, seq, begin, end in spans:
        db.execute(
            "insert into sessions (log_key, seq, start_utc_ms, end_utc_ms) values (?, ?, ?, ?)",
            (log_key, seq, round(begin * H_MS), round(end * H_MS)),
        )
    found = derive._after_a_pause(db, "a", round(at_h * H_MS))
    assert found == round(after_h * H_MS)


@pytest.mark.parametrize(("pause_h", "nights"), [(2.9, 1), (3.0, 2)])
def test_undated_recordings_belong_together_by_the_pause_between_them(store, pause_h, nights):
    pen = Pen()
    pen.night(2000, 120)
    pen.night(2000 + round((2 + pause_h) * H_MS), 60)
    add(store, pen.frames)
    assert len(store.nights()) == nights


@pytest.mark.parametrize(("before", "seq", "missing"), [(10, 12, 1), (10, 15, 4)])
def test_a_hole_is_as_many_numbers_as_lie_between_two_records(monkeypatch, before, seq, missing):
    db = sqlite3.connect(":memory:")
    db.execute("create table records (log_key, seq, kind, payload)")
    seen = []
    monkeypatch.setattr(queries, "boot_id_before", lambda db, log_key, seq: 3)
    monkeypatch.setattr(
        night_state.leaps, "left_out_by_band", lambda n, behind, boot_id: seen.append((n, boot_id))
    )
    assert night_state._left_out_by_band(db, 1, before, seq) is False
    assert seen == [(missing, 3)]
