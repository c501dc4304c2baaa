"""What people say: bands, edits, tags, diary, stimuli; kept apart from what bands recorded."""

import sqlite3
import sys
from datetime import date, timedelta
from pathlib import Path
from zoneinfo import ZoneInfo

import pytest
from hypothesis import given
from hypothesis import strategies as st

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import DEVICE, LOG_ID, Pen
from notturno.battery import battery_pct
from notturno.errors import UserError
from notturno.store import Store, bands, diary, edits, said, stimuli
from notturno.store.dates import clock_time, night_date
from notturno_core import wire

EVENING = 1_768_253_400_000  # 2026-01-12 22:30 in Rome
ROME = "Europe/Rome"
OTHER = "564200000000000f"
HOUR_MS = 3_600_000


@pytest.fixture
def store(tmp_path):
    with Store.open(tmp_path) as opened:
        yield opened


def sync(store, device=DEVICE, nights=1, zone=ROME, log_id=LOG_ID):
    pen = Pen()
    pen.time(1000, EVENING)
    for day in range(nights):
        pen.night(2000 + day * 24 * HOUR_MS, 60, [(5.0, {})])
    store.add(store.begin_sync(device, log_id, zone, "0.1.0", EVENING), pen.frames)
    return pen


def info(**values):
    given = {"next_seq": 10, "first_seq": 1, "state": wire.STATE_DOCKED | wire.STATE_TIME_SET}
    return given | {"tick_ms": 5, "boot_id": 1, "battery_mv": 3870} | values


# --- bands -------------------------------------------------------------------------------------


def test_a_band_is_listed_with_its_last_word(store):
    pen = sync(store, nights=2)
    seen = EVENING + 30 * HOUR_MS
    store.note_band(DEVICE, LOG_ID, info(next_seq=pen.seq + 7), "0.2.0", seen)
    (band,) = store.bands()
    assert (band["device_id"], band["name"], band["nights"]) == (DEVICE, "", 2)
    assert (band["firmware"], band["seen_utc_ms"], band["waiting"]) == ("0.2.0", seen, 7)
    assert (band["battery_mv"], band["battery_pct"]) == (3870, battery_pct(3870))
    assert band["state_names"] == ["docked", "time_set"]
    assert band["newest_utc_ms"] == EVENING + 25 * HOUR_MS + 1000
    assert band["records"] == len(pen.frames)


def test_a_band_that_never_recorded_is_listed_too(store):
    store.note_band(DEVICE, LOG_ID, info(next_seq=1), "0.2.0", EVENING)
    (band,) = store.bands()
    assert (band["nights"], band["newest_utc_ms"], band["waiting"]) == (0, None, 0)


def test_a_name_finds_its_band_and_the_beginning_of_an_id_too(store):
    sync(store)
    sync(store, OTHER)
    assert store.name_band(OTHER, "calf-left", limb="calf", side="L") == OTHER
    for word in (OTHER, OTHER.upper(), "calf-left", DEVICE[:-1] + "f"):
        assert store.band_id(word) == OTHER
    assert [band["name"] for band in store.bands()] == ["calf-left", ""]
    with pytest.raises(UserError, match="several"):
        store.band_id("5642")
    with pytest.raises(UserError, match="calf-left"):
        store.band_id("wrist")
    store.name_band("calf-left", "links")
    assert store.bands()[0]["name"] == "links"
    assert store.bands()[0]["side"] == "L"


def test_two_bands_cannot_have_one_name_nor_one_that_could_be_an_id(store):
    sync(store)
    sync(store, OTHER)
    store.name_band(OTHER, "left")
    for name, words in (
        ("left", "name of the band"),
        ("5642", "taken for"),
        (" ", "needs a name"),
    ):
        with pytest.raises(UserError, match=words):
            store.name_band(DEVICE, name)
    with pytest.raises(UserError, match="side"):
        store.name_band(DEVICE, "right", side="left")


def test_where_a_band_is_worn_is_kept_with_the_time_from_which_it_holds(store):
    sync(store)
    store.name_band(DEVICE, "a", limb="calf", side="L", utc_ms=1000)
    store.name_band(DEVICE, "a", side="R", utc_ms=5000)
    store.name_band(DEVICE, "a", utc_ms=6000)  # says nothing of the place
    places = store.bands()[0]["placements"]
    assert [(p["from_utc_ms"], p["limb"], p["side"]) for p in places] == [
        (bands.ALWAYS, "calf", "L"),
        (5000, "calf", "R"),
    ]
    sides = [bands.placement_at(places, at)["side"] for at in (None, 0, 4999, 5000, 9000)]
    assert sides == ["L", "L", "L", "R", "R"]
    assert bands.placement_at([], 5) == {"limb": "", "side": ""}
    store.name_band(DEVICE, "a", side="R", from_utc_ms=bands.ALWAYS)  # the L was a mistake
    assert [p["side"] for p in store.bands()[0]["placements"]] == ["R"]


def test_faults_before_any_session_are_kept(store):
    pen = Pen()
    fault = {"code": wire.FAULT_SENSOR_LOST, "tick_ms": 7, "count": 3, "detail": 0x6A}
    pen.put(wire.REC_FAULT, wire.pack(wire.FAULT_FIELDS, fault))
    pen.time(1000, EVENING)
    pen.session(2000)
    pen.put(wire.REC_FAULT, wire.pack(wire.FAULT_FIELDS, fault | {"code": wire.FAULT_I2C}))
    store.add(store.begin_sync(DEVICE, LOG_ID, ROME, ""), pen.frames)
    early, late = store.faults()
    assert (early["name"], early["night"], early["session_seq"]) == ("sensor lost", None, None)
    assert (early["count"], early["detail"], early["tick_ms"]) == (3, 0x6A, 7)
    assert (late["name"], late["night"], late["session_seq"]) == ("bus fault", "2026-01-12", 3)
    assert store.faults("2026-01-12", DEVICE) == [late]
    assert store.faults(device_id=OTHER) == []


# --- edits -------------------------------------------------------------------------------------

NIGHT = "2026-01-12"


def keys(store):
    (log_key,) = store._db.execute("select log_key from logs").fetchone()
    return [(log_key, session["seq"]) for session in store.sessions()]


def test_of_each_field_the_latest_word_holds_until_it_is_taken_back(store):
    sync(store)
    nothing = {"zone": None, "bed": None, "wake": None, "exclude": None}
    assert store.effective_edits(keys(store)) == nothing
    store.edit(NIGHT, DEVICE, {"bed": "22:40", "wake": "06:55"})
    store.edit(NIGHT, DEVICE, {"bed": "23:10", "exclude": "fever"})
    assert store.effective_edits(keys(store)) == {
        "zone": None, "bed": "23:10", "wake": "06:55", "exclude": "fever",
    }  # fmt: skip
    store.edit(NIGHT, DEVICE, {"exclude": edits.INCLUDED})
    assert store.effective_edits(keys(store))["exclude"] is None
    assert store.undo_edit(NIGHT, DEVICE)["exclude"] == ""
    assert store.effective_edits(keys(store))["exclude"] == "fever"
    store.undo_edit(NIGHT, DEVICE)
    assert store.effective_edits(keys(store)) == nothing | {"bed": "22:40", "wake": "06:55"}
    store.undo_edit(NIGHT, DEVICE)
    with pytest.raises(UserError, match="Nothing of the night"):
        store.undo_edit(NIGHT, DEVICE)
    assert len(store.edits(NIGHT)) == 3  # taken back, never deleted
    assert all(edit["removed_utc_ms"] >= edit["made_utc_ms"] > 0 for edit in store.edits())


def test_an_edit_stays_with_its_night_when_that_gets_another_name(store):
    sync(store)
    store.edit(NIGHT, DEVICE, {"zone": "Pacific/Auckland"})
    store._db.execute("update sessions set night = '2026-01-13'")
    assert store.effective_edits(keys(store))["zone"] == "Pacific/Auckland"
    assert [edit["night"] for edit in store.edits("2026-01-13")] == ["2026-01-13"]
    assert store.edits(NIGHT) == []


def test_a_night_that_is_not_there_or_has_no_clock_is_refused(store):
    pen = Pen()
    pen.night(2000, 30)
    store.add(store.begin_sync(DEVICE, LOG_ID, ROME, ""), pen.frames)
    with pytest.raises(UserError, match="not stored"):
        store.edit(NIGHT, DEVICE, {"bed": "22:00"})
    with pytest.raises(UserError, match="clock"):
        store.edit("undated-1", DEVICE, {"bed": "22:00"})
    store.edit("undated-1", DEVICE, {"exclude": "lay on a table"})
    assert store.effective_edits(keys(store))["exclude"] == "lay on a table"


def test_clock_times_lie_where_the_recording_is():
    start, end = EVENING, EVENING + 8 * HOUR_MS  # 22:30 to 06:30
    zone = ZoneInfo(ROME)

    def minutes(bed, wake):
        found = said.moments(bed, wake, zone, start, end)
        return [None if at is None else (at - start) // 60_000 for at in found]

    assert minutes("22:40", "06:55") == [10, 505]
    assert minutes("00:15", None) == [105, None]
    assert minutes(None, "07:00") == [None, 510]
    assert minutes("21:00", "22:00") == [-90, -30]
    assert minutes("06:00", "05:00")[1] > minutes("06:00", "05:00")[0]
    # The night in which Rome's clocks go forward: 8 h by the clock are 7.
    start = 1_774_733_400_000  # 2026-03-28 22:30 in Rome
    bed, wake = said.moments("22:30", "06:30", zone, start, start + 7 * HOUR_MS)
    assert (bed, wake) == (start, start + 7 * HOUR_MS)


@given(st.integers(0, 1439), st.integers(0, 1439), st.integers(0, 3 * 365 * 24 * 60))
def test_a_wake_time_is_within_a_day_after_the_bed_time(bed, wake, minute):
    texts = [f"{m // 60:02}:{m % 60:02}" for m in (bed, wake)]
    start = EVENING + minute * 60_000
    lay_down, rose = said.moments(*texts, ZoneInfo(ROME), start, start + 8 * HOUR_MS)
    assert abs(lay_down - start) <= 13 * HOUR_MS
    assert 0 < rose - lay_down <= 25 * HOUR_MS


# --- dates and tags ----------------------------------------------------------------------------


def test_dates_that_no_night_can_have_are_refused():
    today = date(2026, 3, 1)
    assert night_date("2015-01-01", today) == "2015-01-01"
    ahead = (today + timedelta(days=366)).isoformat()
    assert night_date(ahead, today) == ahead
    for text in ("2014-12-31", "1926-01-01", "2027-03-03", "20", "tomorrow", None):
        with pytest.raises(UserError):
            night_date(text, today)
    assert clock_time("7:05") == "07:05"
    for text in ("24:00", "7", "12:60", "2240", "٣:٣٠", ""):
        with pytest.raises(UserError):
            clock_time(text)


def test_a_tag_that_is_going_on_can_be_ended(store):
    store.add_tag("drug", "2026-01-11")
    for name, last in (("drug", "2026-01-10"), ("none", "2026-01-20"), ("drug", "1999-01-01")):
        with pytest.raises(UserError):
            store.end_tag(name, last)
    store.end_tag("drug", "2026-01-20")
    assert store.tags()[0]["last_night"] == "2026-01-20"
    with pytest.raises(UserError, match="going on"):
        store.end_tag("drug", "2026-01-21")
    with pytest.raises(UserError, match="no night"):
        store.add_tag("x", "2206-01-11")


# --- diary and stimuli -------------------------------------------------------------------------

CSV = "night,what,amount,unit,at,note\n2026-01-12,caffeine,1,cup,16:00,\n"


def test_a_diary_file_goes_in_once(store):
    twice = diary.read_csv(CSV + "2026-01-12,caffeine,1,cup,16:00,\n2026-01-12,stress,,,,work\n")
    assert store.import_diary(twice) == 3  # two equal coffees are two
    assert store.import_diary(twice) == 0
    assert store.import_diary(twice[:1] * 3) == 1
    stress = [entry for entry in store.diary() if entry["what"] == "stress"][0]
    assert (stress["amount"], stress["at"], stress["note"]) == (None, "", "work")
    store.remove_diary(stress["entry_id"])
    with pytest.raises(UserError, match="no diary entry"):
        store.remove_diary(stress["entry_id"])
    assert len(store.diary()) == 3


def test_semicolons_and_a_decimal_comma_are_read():
    (entry,) = diary.read_csv(
        "\ufeffnight;what;amount\r\n2026-01-12;clonazepam;0,5\r\n".lstrip("\ufeff")
    )
    assert entry["amount"] == 0.5


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("", "first line"),
        ("night,amount\n", "first line"),
        ("night,what,dose\n", "first line"),
        (CSV + "2026-01-13,tea\n", "Line 3 has 2 columns"),
        (CSV + "\n2026-01-13,tea,many,,,\n", "Line 4: many is no amount"),
        (CSV + "2026-13-01,tea,1,,,\n", "Line 3: 2026-13-01 is no date"),
        (CSV + "2026-01-12,tea,1,,25:00,\n", "Line 3: 25:00 is no time"),
        (CSV + "2026-01-12,,1,,,\n", "Line 3: .* say what"),
        (CSV + "2026-01-12,tea,nan,,,\n", "Line 3: nan is no amount"),
    ],
)
def test_a_wrong_line_is_named(text, words):
    with pytest.raises(UserError, match=words):
        diary.read_csv(text)


def test_the_evening_comes_before_the_hours_after_midnight(store):
    for at in ("01:30", "22:10", "", "15:00"):
        store.add_diary(diary.checked(NIGHT, "tea", at=at))
    assert [entry["at"] for entry in store.diary()] == ["15:00", "22:10", "01:30", ""]


WINTER, SPRING = 1_768_253_400_000, 1_774_733_400_000  # 22:30 in Rome; clocks go forward in SPRING


@pytest.mark.parametrize(
    ("column", "start_utc_ms", "said", "after_s"),
    [
        ("utc", WINTER, "2026-01-12T22:00:00Z", 1800),
        ("utc", WINTER, "2026-01-12T22:00:00.125", 1800.125),
        ("utc", WINTER, "2026-01-12T23:00:00+01:00", 1800),
        ("utc", WINTER, "1768253460250", 60.25),
        ("local", WINTER, "22:30:00", 0),
        ("local", WINTER, "22:40:05.250", 605.25),
        ("local", WINTER, "06:00:00", 7.5 * 3600),
        ("local", WINTER, "22:29:59", 86_399),
        ("local", SPRING, "06:00:00", 6.5 * 3600),
        ("onset_s", WINTER, "12,5", 12.5),
        ("onset_s", WINTER, "0.000001", 1e-6),
    ],
)
def test_a_stimulus_is_placed_by_utc_by_the_clock_or_by_seconds(
    column, start_utc_ms, said, after_s
):
    place = stimuli._READERS[column](said, ZoneInfo("Europe/Rome"), start_utc_ms)
    assert place == round(after_s * 1_000_000)


def test_stimuli_of_a_file_replace_what_it_gave_before(store):
    def rows(*onsets):
        return [{"utc_ms": None, "onset_us": onset, "kind": ""} for onset in onsets]

    store.keep_stimuli(NIGHT, "a.csv", rows(5, 1))
    store.keep_stimuli(NIGHT, "b.csv", rows(3))
    store.keep_stimuli(NIGHT, "a.csv", rows(2))
    assert [each["onset_us"] for each in store.stimuli(NIGHT)] == [2, 3]
    assert store.stimuli("2026-01-13") == []


def test_what_people_say_is_no_part_of_what_is_derived(store):
    names = {"bands", "placements", "edits", "diary", "stimuli", "tags"}
    tables = {
        row["name"]
        for row in store._db.execute("select name from sqlite_schema where type = 'table'")
    }
    assert names <= tables
    with pytest.raises(sqlite3.IntegrityError):
        store._db.execute("insert into edits (log_key) values (1)")
