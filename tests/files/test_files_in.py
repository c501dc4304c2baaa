"""What trackers and laboratories write, as their programs write it: understood, placed, once."""

import json
import sqlite3
import zipfile
from datetime import UTC, datetime

import pytest
from click.testing import CliRunner
from lives import AWAY, DEVICE, EVENING, HOUR_MS, NEXT, NIGHT, OTHER, figures
from notturno.cli import cli
from notturno.errors import UserError
from notturno.files import health_connect, lab, sleeps, taking
from notturno.store import Store

ROME = "Europe/Rome"


def given(folder, path, *options):
    arguments = ["import", str(path), "--json", "--zone", ROME, *options]
    result = CliRunner().invoke(cli, [*arguments, "--data-dir", str(folder)])
    return json.loads(result.stdout) if result.exit_code == 0 else str(result.exception)


def ms(*moment):
    return int(datetime(*moment, tzinfo=UTC).timestamp() * 1000)


def spans(found):
    return [(one["start_utc_ms"], one["end_utc_ms"]) for one in found.found]


# The night that spring cuts short: 23:15 to 06:45 are 6.5 hours. Both in UTC:
BED, WAKE = ms(2026, 3, 28, 22, 15), ms(2026, 3, 29, 4, 45)

ANDROID = """Id,Tz,From,To,Sched,Hours,Rating,Comment,Framerate,Snore,Noise,Cycles,DeepSleep,\
LenAdjust,Geo,"23:20","23:25"
"1774736100000","Europe/Rome","28. 03. 2026 23:15","29. 03. 2026 6:45","29. 03. 2026 7:00",\
"6.500","4.0","one, two","10000","-1","-1.0","-1","0.5","0","","2.1","0.3"
Id,Tz,From,To,Sched,Hours,Rating,Comment,Framerate
"1774850000000","America/New_York","29. 03. 2026 22:30","30. 03. 2026 6:10","30. 03. 2026 7:00",\
"7.6","0.0","","10000"
"""
FITBIT = """Sleep
Start Time,End Time,Minutes Asleep,Minutes Awake,Number of Awakenings,Time in Bed,Minutes REM
"2026-03-28 11:15PM","2026-03-29 6:45AM","360","30","12","390","80"

"""
TAKEOUT = [
    {"logId": 1, "dateOfSleep": "2026-03-29", "startTime": "2026-03-28T23:15:00.000"}
    | {"endTime": "2026-03-29T06:45:00.000", "mainSleep": True, "levels": {}}
]
OURA = {"data": [{"bedtime_start": "2026-03-28T23:15:00+01:00", "type": "long_sleep"}
                 | {"bedtime_end": "2026-03-29T06:45:00+02:00", "average_hrv": 40}]}  # fmt: skip
PLAIN = "bed;wake\n2026-03-28 23:15;2026-03-29 06:45\n"


@pytest.mark.parametrize(
    ("name", "text", "source"),
    [
        ("sleep-export.csv", ANDROID, "sleep-as-android"),
        ("fitbit.csv", FITBIT, "fitbit"),
        ("sleep-2026-03.json", json.dumps(TAKEOUT), "fitbit"),
        ("oura.json", json.dumps(OURA), "oura"),
        ("oura2.json", json.dumps({"sleep": OURA["data"]}), "oura"),
        ("mine.csv", PLAIN, "csv"),
        ("mine.csv", "\ufeff" + PLAIN.replace(";", ","), "csv"),
        ("utc.csv", "wake,bed,zone\n2026-03-29T04:45,2026-03-28T22:15,UTC\n", "csv"),
        ("z.csv", "bed,wake\n2026-03-28T22:15:00Z,2026-03-29T05:45+01:00\n", "csv"),
    ],
)
def test_each_tracker_says_the_same_night(own_life, tmp_path, name, text, source):
    path = tmp_path / name
    path.write_text(text, encoding="utf-8")
    with Store.open(own_life) as store:  # the person has said nothing yet
        store.undo_edit(NIGHT, None)
    first, again = given(own_life, path), given(own_life, path)
    kind = "a list of when you slept" if source == "csv" else f"sleep as {source} saw it"
    assert first["kind"] == kind and NIGHT in first["nights"]
    assert not any(again["added"].values())
    with Store.open(own_life, create=False) as store:
        mine = next(
            s for s in store.imported_sleeps() if s["source"] == source and s["file"] == name
        )
        held = store.edits_in_force(NIGHT, DEVICE)
    assert (mine["start_utc_ms"], mine["end_utc_ms"]) == (BED, WAKE)
    assert (held["bed"], held["wake"]) == ("23:15", "06:45")


def test_a_trackers_zone_is_its_own_wherever_the_computer_is():
    first, second = spans(sleeps.of_text(ANDROID, "Asia/Tokyo"))
    assert first == (BED, WAKE)
    assert second == (ms(2026, 3, 30, 2, 30), ms(2026, 3, 30, 10, 10))
    tokyo = spans(sleeps.of_text(FITBIT, "Asia/Tokyo"))
    assert tokyo == [(ms(2026, 3, 28, 14, 15), ms(2026, 3, 28, 21, 45))]


def test_the_persons_own_word_stands_and_the_trackers_is_told(own_life, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(PLAIN)
    before = figures(own_life)
    said = given(own_life, path)
    assert said["added"] == {"imported_sleeps": 1, "edits": 0}
    assert "you said 22:10 to 05:30, which stands; csv says 23:15 to 06:45" in said["refused"][0]
    assert figures(own_life) == before


def test_what_was_taken_back_is_not_said_again_by_the_same_file(own_life, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text("bed,wake\n2026-03-29 23:15,2026-03-30 06:00\n")
    assert given(own_life, path)["nights"] == [NEXT]
    with Store.open(own_life) as store:
        store.undo_edit(NEXT, None)
    assert given(own_life, path)["nights"] == []
    with Store.open(own_life, create=False) as store:
        assert store.edits_in_force(NEXT, DEVICE)["bed"] is None


def test_a_sleep_in_pieces_is_one_and_a_strangers_night_is_kept_for_later(own_life, tmp_path):
    path = tmp_path / "mine.csv"
    path.write_text(
        "bed,wake\n2026-03-29 23:15,2026-03-30 01:00\n2026-03-30 01:30,2026-03-30 05:50\n"
        "2025-01-01 23:00,2025-01-02 06:00\n2026-03-30 15:00,2026-03-30 15:35\n"
    )
    said = given(own_life, path)
    assert said["nights"] == [NEXT, f"{AWAY}-nap1"]
    assert "Sleeps in no stored night, kept for later: 1." == said["notes"][0]
    with Store.open(own_life, create=False) as store:
        held = store.edits_in_force(NEXT, DEVICE)
    assert (held["bed"], held["wake"]) == ("23:15", "05:50")


@pytest.mark.parametrize(
    ("bed", "wake", "why"),
    [
        ("2026-03-29 06:45", "2026-03-28 23:15", "ends before it begins"),
        ("2026-03-28 23:15", "2026-03-30 23:45", "48.5 h"),
        ("2026-03-28 23:15", "2026-03-28 23:20", "no sleep"),
        ("2026-03-28", "2026-03-29", "cannot be read"),
        ("28.3.26 23:15", "29.3.26 6:45", "cannot be read"),
        ("1999-03-28 23:15", "1999-03-29 06:45", "no night of yours"),
        ("2099-03-28 23:15", "2099-03-29 06:45", "no night of yours"),
    ],
)
def test_what_is_no_sleep_is_listed_with_its_line(bed, wake, why):
    found = sleeps.of_text(
        f"bed,wake\n{bed},{wake}\n{PLAIN.splitlines()[1].replace(';', ',')}\n", ROME
    )
    assert spans(found) == [(BED, WAKE)]
    (sentence,) = found.refused
    assert sentence.startswith("line 2: ") and why in sentence


def test_garbage_in_a_trackers_json_is_told_and_stops_nothing():
    rows = [*TAKEOUT, 5, {"startTime": None, "endTime": 7}, *TAKEOUT]
    found = sleeps.of_json(rows, ROME)
    assert spans(found) == [(BED, WAKE)] and len(found.refused) == 2
    for value in ({}, [], [1], {"data": 3}, {"sleep": [{}]}, None, "x"):
        assert sleeps.of_json(value, ROME) is None


def health_connect_db(path):
    db = sqlite3.connect(path)
    db.execute(
        "create table sleep_session_record_table (row_id integer primary key, uuid blob,"
        " start_time integer, start_zone_offset integer, end_time integer)"
    )
    db.executemany(
        "insert into sleep_session_record_table values (?, x'00', ?, ?, ?)",
        [(1, BED, 3600, WAKE), (2, BED, -9000, BED - 5), (3, "x", None, WAKE)],
    )
    db.commit()
    db.close()
    return path


@pytest.mark.parametrize("zipped", [False, True])
def test_health_connects_database_is_read_bare_and_in_its_zip(own_life, tmp_path, zipped):
    path = health_connect_db(tmp_path / "health_connect_export.db")
    if zipped:
        with zipfile.ZipFile(tmp_path / "Health Connect.zip", "w") as archive:
            archive.write(path, path.name)
        path = tmp_path / "Health Connect.zip"
    with Store.open(own_life) as store:
        store.undo_edit(NIGHT, None)
    said = given(own_life, path)
    assert said["nights"] == [NIGHT] and said["added"]["imported_sleeps"] == 1
    assert [why.partition(":")[0] for why in said["refused"]] == ["row 2", "row 3"]
    with Store.open(own_life, create=False) as store:
        assert store.imported_sleeps(BED, WAKE)[-1]["zone"] == "UTC+01:00"
    said = {-9000: "UTC-02:30", 20_700: "UTC+05:45", 0: "UTC", None: "UTC", -59: "UTC"}
    said |= {86_399: "UTC+23:59", 86_400: "UTC", -86_400: "UTC"}  # no zone is a day away
    assert {offset_s: health_connect._zone(offset_s) for offset_s in said} == said


# --- a laboratory --------------------------------------------------------------------------------

REMLOGIC = """RemLogic Event Export
Patient:\tX
Recording Date:\t{date}

Events Included:
SLEEP-S0

Sleep Stage\tPosition\tTime [hh:mm:ss]\tEvent\tDuration[s]\tLocation
W\tSupine\t22:10:00\tSLEEP-S0\t30\tROC-LOC
S2\tSupine\t23:50:30\tSLEEP-S2\t30\tROC-LOC
S2\tSupine\t23:59:58\tPLM-LM\t2,5\tLeg/L
R\tSupine\t01:30:00\tSLEEP-REM\t30\tROC-LOC
R\tSupine\tno time\tPLM-LM\t1\tLeg/L
R\tSupine\t03:10:00\tPLM-LM\t1.5\tLeg/R
"""
NSRR = """<?xml version="1.0"?>
<PSGAnnotation><SoftwareVersion>Compumedics</SoftwareVersion><EpochLength>30</EpochLength>
<ScoredEvents>
<ScoredEvent><EventType/><EventConcept>Recording Start Time</EventConcept><Start>0</Start>
<Duration>25200</Duration><ClockTime>00.00.00 22.00.01</ClockTime></ScoredEvent>
<ScoredEvent><EventType>Stages|Stages</EventType><EventConcept>Wake|0</EventConcept>
<Start>0.0</Start><Duration>600.0</Duration></ScoredEvent>
<ScoredEvent><EventType>Stages|Stages</EventType><EventConcept>Stage 2 sleep|2</EventConcept>
<Start>600.0</Start><Duration>900.0</Duration></ScoredEvent>
<ScoredEvent><EventType>Limb Movement|Limb Movement</EventType>
<EventConcept>Periodic leg movement - left|PLM (Left)</EventConcept><Start>700.5</Start>
<Duration>1.7</Duration><SignalLocation>L Leg</SignalLocation></ScoredEvent>
<ScoredEvent><EventType>x</EventType><EventConcept>nowhen</EventConcept></ScoredEvent>
</ScoredEvents></PSGAnnotation>
"""


def kept_lists(folder, night=NIGHT):
    with Store.open(folder, create=False) as store:
        return {
            (one["format"], one["kind"]): one
            for one in store.lab_lists(night)
            if one["source"] != "lab.txt"
        }


@pytest.mark.parametrize("date", ["28/03/2026", "03/28/2026", "2026-03-28", "28.03.2026"])
def test_remlogics_events_find_their_night_over_midnight(own_life, tmp_path, date):
    path = tmp_path / "events.txt"
    path.write_text(REMLOGIC.format(date=date), encoding="cp1252")
    said = given(own_life, path)
    assert said["nights"] == [NIGHT] and said["added"] == {"lab_stages": 6, "lab_events": 2}
    assert len(said["refused"]) == 1 and "line 13" in said["refused"][0]
    found = kept_lists(own_life)
    assert found["remlogic", "stages"]["rows"] == [
        *([0, "W"], [30, "?"], [6030, "N2"], [6060, "?"], [12000, "R"], [12030, "END"])
    ]
    assert found["remlogic", "events"]["rows"] == [
        [6598, 2.5, "PLM-LM", "Leg/L"],
        [18000, 1.5, "PLM-LM", "Leg/R"],
    ]
    assert found["remlogic", "events"]["start_local"] == "2026-03-28T22:10:00"
    assert given(own_life, path)["added"] == {"lab_stages": 0, "lab_events": 0}


def test_of_two_readings_of_a_date_the_one_with_a_night_is_meant():
    found = lab.read_remlogic(REMLOGIC.format(date="03/02/2009"), "x")
    assert [start.isoformat()[:10] for start in found.starts] == ["2009-02-03", "2009-03-02"]
    iso = "Time\tEvent\n2026-03-28T22:10:00\tSLEEP-S2\n22:10:30\tx\n2026-03-29T00:10:00.5\tPLM\n"
    found = lab.read_remlogic(iso, "x")
    assert found.starts == [datetime(2026, 3, 28, 22, 10)] and len(found.refused) == 1
    assert found.stages == [(0, "N2")] and found.events == [(7200.5, 0, "PLM", "")]


def test_nsrr_says_no_date_so_the_night_is_asked_for(own_life, tmp_path):
    path = tmp_path / "shhs1-200001-nsrr.xml"
    path.write_text(NSRR)
    assert "--night" in given(own_life, path)
    said = given(own_life, path, "--night", NEXT)
    assert said["added"] == {"lab_stages": 3, "lab_events": 1}
    assert said["refused"] == ["event 5 (nowhen) has no time"]
    found = kept_lists(own_life, NEXT)
    assert found["nsrr", "stages"]["rows"] == [[0, "W"], [600, "N2"], [1500, "END"]]
    assert found["nsrr", "events"]["rows"] == [
        [700.5, 1.7, "Periodic leg movement - left", "L Leg"]
    ]
    assert "not stored" in given(own_life, path, "--night", "2026-05-05")


def test_edf_annotations_find_their_night_by_the_files_own_start(own_life, tmp_path):
    edfio = pytest.importorskip("edfio")
    marks = [
        (0, 30, "Sleep stage W"),
        (3600, 30, "Sleep stage N2"),
        (4000.5, 1.5, "Limb movement"),
    ]
    for day, night in ((28, NIGHT), (12, None)):
        file = edfio.Edf(
            [],
            recording=edfio.Recording(startdate=datetime(2026, 3, day).date()),
            starttime=datetime(2026, 3, day, 22, 5).time(),
            annotations=[edfio.EdfAnnotation(*mark) for mark in marks],
        )
        file.write(tmp_path / "lab.edf")
        said = given(own_life, tmp_path / "lab.edf")
        if night is None:
            assert "shares its time with no stored night" in said
        else:
            assert said["nights"] == [night]
            assert said["added"] == {"lab_stages": 4, "lab_events": 1}
    found = kept_lists(own_life)
    assert found["edf+", "events"]["rows"] == [[4000.5, 1.5, "Limb movement", ""]]
    assert found["edf+", "stages"]["start_local"] == "2026-03-28T22:05:00"


def test_a_file_of_events_alone_is_one_too(own_life, tmp_path):
    pytest.importorskip("edfio")
    arguments = ["export", NEXT, "--format", "edf", "--out", str(tmp_path / "edf")]
    CliRunner().invoke(cli, [*arguments, "--data-dir", str(own_life)])
    (path,) = (tmp_path / "edf").glob("*.edf")
    said = given(own_life, path)
    assert said["nights"] == [NEXT] and set(said["added"]) == {"lab_events"}
    (tmp_path / "e.txt").write_text("Time\tEvent\tDuration\n23:10:00\tPLM\t2\n03:00:00\tPLM\t2\n")
    assert given(own_life, tmp_path / "e.txt", "--night", NEXT)["added"] == {"lab_events": 2}
    alone = NSRR.replace("Stages|Stages", "Other")
    (tmp_path / "n.xml").write_text(alone)
    assert set(given(own_life, tmp_path / "n.xml", "--night", NEXT)["added"]) == {"lab_events"}


def test_a_hypnogram_and_a_diary_come_by_the_same_door(own_life, tmp_path):
    (tmp_path / "h.csv").write_text("onset_s,stage\n0,W\n1200,N2\n9000,odd\n")
    said = given(own_life, tmp_path / "h.csv", "--night", NIGHT)
    assert said["added"] == {"lab_stages": 3} and "odd" in said["refused"][0]
    assert kept_lists(own_life)["csv", "stages"]["rows"][1] == [1200.0, "N2"]
    (tmp_path / "d.csv").write_text(f"night;what;amount\n{NIGHT};wine;1,5\n{NIGHT};coffee;1\n")
    said = given(own_life, tmp_path / "d.csv")
    assert said["added"] == {"diary": 2}
    assert given(own_life, tmp_path / "d.csv")["added"] == {"diary": 0}


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "not known"),
        (b"\x00\xff" * 100, "not known"),
        (b"a,b\n1,2\n", "bed,wake"),
        (b"<html></html>", "no annotation file of NSRR"),
        (b"<PSGAnnotation>", "no whole XML"),
        (b"<!DOCTYPE x [<!ENTITY a 'b'>]><PSGAnnotation/>", "entities"),
        (b"<PSGAnnotation/>", "no scored event"),
        (b"PK\x03\x04garbage", "damaged zip"),
        (b"SQLite format 3\0" + bytes(4000), "no export of Health Connect"),
        (b"bed,wake\n", "no sleep"),
        (b"Time\tEvent\n", "no event"),
        (b"night,what\n2026-99-01,tea\n", "Line 2"),
        (b'{"schema":"notturno-export-1"}', "cut off"),
    ],
)
def test_a_file_of_no_kind_is_one_sentence_and_makes_no_folder(tmp_path, data, words):
    (tmp_path / "x.bin").write_bytes(data)
    said = given(tmp_path / "home", tmp_path / "x.bin")
    assert isinstance(said, str) and words in said
    assert not (tmp_path / "home" / "notturno.sqlite3").exists()


def test_a_missing_file_and_an_edf_that_is_none_are_one_sentence(tmp_path):
    assert "cannot be read" in given(tmp_path / "home", tmp_path / "none.csv")
    (tmp_path / "x.edf").write_bytes(b"0       nothing")
    assert "EDF+" in given(tmp_path / "home", tmp_path / "x.edf")
    with pytest.raises(UserError):
        taking.read(tmp_path)


def test_an_imported_hypnogram_scores_the_night_as_its_file_does(own_life, tmp_path):
    (tmp_path / "h.csv").write_text("onset_s,stage\n0,W\n1200,N2\n9000,R\n24000,END\n")
    given(own_life, tmp_path / "h.csv", "--night", NEXT)
    said = []
    for stages in ("lab", str(tmp_path / "h.csv")):
        arguments = ["stats", "--night", NEXT, "--stages", stages, "--json"]
        result = CliRunner().invoke(cli, [*arguments, "--data-dir", str(own_life)])
        (report,) = json.loads(result.stdout)["bands"]
        said.append(report | {"stages_placed": None})
    assert said[0] == said[1] and said[0]["sleep"]["stages"]
    arguments = ["stats", "--night", NIGHT, "--stages", "lab", "--data-dir", str(own_life)]
    assert "No hypnogram" in str(CliRunner().invoke(cli, arguments).exception)


def test_imported_things_go_along_with_an_export(own_life, tmp_path):
    (tmp_path / "mine.csv").write_text(PLAIN)
    (tmp_path / "e.txt").write_text(REMLOGIC.format(date="28/03/2026"))
    given(own_life, tmp_path / "mine.csv")
    given(own_life, tmp_path / "e.txt")
    with Store.open(own_life, create=False) as store, Store.open(tmp_path) as new:
        new.take(store.pieces())
        assert new.hashes() == store.hashes()
        assert len(new.lab_lists()) == 3 and len(new.imported_sleeps()) == 2
        assert new.imported_sleeps(EVENING + 8 * HOUR_MS) == []
        assert OTHER in {band["device_id"] for band in new.bands()}
