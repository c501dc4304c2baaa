"""Files in the shape that trackers export, and what is theirs alone: naps, zones, two devices.

Made up by their public descriptions: Android's own tables of Health Connect, Fitbit's sleep log
1.2, the records of Apple's export.xml, Garmin's sleepData.json, Oura's API 2, Withings' sleep.csv.
No file of a person is in it.
"""

import json
import sqlite3
import zipfile
from datetime import UTC, datetime

import pytest
from notturno.files import apple_health, health_connect, sleeps, taking

ROME = "Europe/Rome"


def utc(text):
    return round(datetime.fromisoformat(text).replace(tzinfo=UTC).timestamp() * 1000)


def told(found):
    """Return the sleeps as "MM-DD HH:MM to HH:MM" of UTC, by time."""

    def text(ms, form):
        return datetime.fromtimestamp(ms / 1000, UTC).strftime(form)

    return sorted(
        f"{text(one['start_utc_ms'], '%m-%d %H:%M')} to {text(one['end_utc_ms'], '%H:%M')}"
        for one in found.found
    )


# --- Health Connect: the tables of Android's module, two programs, a journey, a nap ------------

TABLES = (
    "create table application_info_table (row_id integer primary key, package_name text not null"
    " unique, app_name text, app_icon blob, record_types_used text)",
    "create table sleep_session_record_table (row_id integer primary key autoincrement, uuid blob"
    " not null unique, last_modified_time integer, client_record_id text, client_record_version"
    " text, device_info_id integer, app_info_id integer, recording_method integer, dedupe_hash"
    " blob unique, start_time integer, start_zone_offset integer, end_time integer,"
    " end_zone_offset integer, local_date integer, notes text, title text)",
    "create table sleep_stages_table (parent_key integer not null, stage_start_time integer not"
    " null, stage_end_time integer not null, stage_type integer not null)",
)


def health_connects(rows):
    db = sqlite3.connect(":memory:")
    for statement in TABLES:
        db.execute(statement)
    for i, (program, start, end, offset_h) in enumerate(rows, 1):
        db.execute(
            "insert into sleep_session_record_table (row_id, uuid, app_info_id, start_time,"
            " start_zone_offset, end_time, end_zone_offset) values (?, ?, ?, ?, ?, ?, ?)",
            (i, bytes([i] * 16), program, utc(start), offset_h * 3600, utc(end), offset_h * 3600),
        )
    data = db.serialize()
    db.close()
    return data


def test_of_two_programs_one_is_believed_and_zones_are_those_of_the_night():
    found = health_connect.read(
        health_connects(
            [
                (1, "2026-01-12 22:10", "2026-01-13 05:40", 1),
                (2, "2026-01-12 21:50", "2026-01-13 05:45", 1),  # another program, longer
                (1, "2026-01-13 13:00", "2026-01-13 13:40", 1),  # a nap that one alone saw
                (2, "2026-01-14 04:00", "2026-01-14 11:30", -5),  # New York
            ]
        )
    )
    assert told(found) == [
        *("01-12 21:50 to 05:45", "01-13 13:00 to 13:40", "01-14 04:00 to 11:30"),
    ]
    assert {one["zone"] for one in found.found} == {"UTC+01:00", "UTC-05:00"}
    assert found.refused == ["1 more of other devices at the same times"]


# --- Fitbit ------------------------------------------------------------------------------------


def fitbits(start, end, main=True, **more):
    return {
        "logId": 40123456789,
        "dateOfSleep": end[:10],
        "startTime": start,
        "endTime": end,
        "duration": 27_000_000,
        "minutesToFallAsleep": 0,
        "minutesAsleep": 400,
        "minutesAwake": 50,
        "timeInBed": 450,
        "efficiency": 93,
        "type": "stages",
        "infoCode": 0,
        "levels": {"summary": {}, "data": [{"dateTime": start, "level": "wake", "seconds": 30}]},
        "mainSleep": main,
    } | more


def test_fitbits_night_and_its_nap_are_two_and_what_is_told_twice_is_one():
    night = fitbits("2026-03-28T23:10:30.000", "2026-03-29T06:45:00.000")
    nap = fitbits("2026-03-29T14:00:00.000", "2026-03-29T14:50:00.000", main=False, type="classic")
    found = sleeps.of_json([night, nap, dict(night, logId=2)], ROME)
    assert (found.source, found.refused) == ("fitbit", [])
    assert told(found) == ["03-28 22:10 to 04:45", "03-29 12:00 to 12:50"]


# --- Apple -------------------------------------------------------------------------------------

HEAD = """<?xml version="1.0" encoding="UTF-8"?>
<!DOCTYPE HealthData [
<!-- HealthKit Export Version: 12 -->
<!ELEMENT HealthData (ExportDate,Me,(Record|Correlation|Workout)*)>
<!ATTLIST HealthData locale CDATA #REQUIRED>
]>
<HealthData locale="it_IT">
 <ExportDate value="2026-04-01 10:00:00 +0200"/>
 <Record type="HKQuantityTypeIdentifierStepCount" sourceName="Phone" unit="count" \
startDate="2026-03-28 12:00:00 +0100" endDate="2026-03-28 12:05:00 +0100" value="40"/>
"""


def apples(*records):
    lines = [
        f' <Record type="HKCategoryTypeIdentifierSleepAnalysis" sourceName="{device}"'
        ' sourceVersion="10.1" device="&lt;&lt;HKDevice: 0x1&gt;, name:Apple Watch&gt;"'
        f' creationDate="{end}" startDate="{start}" endDate="{end}"'
        f' value="HKCategoryValueSleepAnalysis{value}">\n'
        '  <MetadataEntry key="HKTimeZone" value="Europe/Rome"/>\n </Record>'
        for device, value, start, end in records
    ]
    return (HEAD + "\n".join(lines) + "\n</HealthData>\n").encode()


WATCH = [
    ("Mario\u2019s Watch", "InBed", "2026-03-28 23:05:00 +0100", "2026-03-29 06:50:00 +0200"),
    ("Mario\u2019s Watch", "AsleepCore", "2026-03-28 23:20:00 +0100", "2026-03-29 01:00:00 +0100"),
    ("Mario\u2019s Watch", "Awake", "2026-03-29 01:00:00 +0100", "2026-03-29 01:10:00 +0100"),
    ("Mario\u2019s Watch", "AsleepREM", "2026-03-29 01:10:00 +0100", "2026-03-29 06:40:00 +0200"),
]
PHONE = [("iPhone", "InBed", "2026-03-28 22:00:00 +0100", "2026-03-29 08:00:00 +0200")]
NAP = [("iPhone", "InBed", "2026-03-29 14:00:00 +0200", "2026-03-29 15:00:00 +0200")]


@pytest.mark.parametrize("order", [1, -1])
def test_a_watch_that_saw_sleep_is_believed_before_a_phones_schedule(order):
    found = apple_health.read(apples(*[*PHONE, *WATCH, *NAP][::order]), ROME)
    assert told(found) == ["03-28 22:05 to 04:50", "03-29 12:00 to 13:00"]
    assert found.refused == ["1 more of other devices at the same times"]
    assert told(apple_health.read(apples(*PHONE), ROME)) == ["03-28 21:00 to 06:00"]


def test_pieces_of_stages_without_a_bed_are_one_night_and_awake_begins_none():
    awake = ("W", "Awake", "2026-03-28 18:00:00 +0100", "2026-03-28 20:00:00 +0100")
    stages = [("W", *piece[1:]) for piece in WATCH[1:]]
    found = apple_health.read(apples(awake, *stages), ROME)
    assert told(found) == ["03-28 22:20 to 04:40"]
    older = ("W", "Asleep", "2019-01-01 23:00:00 +0100", "2019-01-02 06:00:00 +0100")
    assert told(apple_health.read(apples(older), ROME)) == ["01-01 22:00 to 05:00"]


@pytest.mark.parametrize(
    ("again", "spans"),
    [
        ("03:54", ["03-28 22:00 to 04:54"]),
        ("04:06", ["03-28 22:00 to 01:00", "03-29 02:06 to 04:54"]),
    ],
)
def test_an_hour_between_two_pieces_parts_them(again, spans):
    pieces = (
        ("W", "AsleepCore", "2026-03-28 23:00:00 +0100", "2026-03-29 03:00:00 +0200"),
        ("W", "AsleepCore", f"2026-03-29 {again}:00 +0200", "2026-03-29 06:54:00 +0200"),
    )
    assert told(apple_health.read(apples(*pieces), ROME)) == spans


def test_apples_file_is_known_in_its_zip_by_what_it_holds(tmp_path):
    path = tmp_path / "esportazione.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("apple_health_export/export_cda.xml", "<ClinicalDocument/>")
        archive.writestr("apple_health_export/dati esportati.xml", apples(*WATCH))
    data = path.read_bytes()
    assert told(taking.understood(path, data, ROME)) == ["03-28 22:05 to 04:50"]
    bare = tmp_path / "export.xml"
    assert told(taking.understood(bare, apples(*WATCH), ROME)) == ["03-28 22:05 to 04:50"]


def test_an_entity_of_a_bomb_is_never_resolved_and_broken_times_are_told():
    bomb = apples(*WATCH).replace(
        b"<!ELEMENT", b'<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;"><!ELEMENT', 1
    )
    assert told(apple_health.read(bomb, ROME)) == ["03-28 22:05 to 04:50"]
    found = apple_health.read(apples(("W", "InBed", "yesterday", "&a;")), ROME)
    assert found.found == [] and "cannot be read" in found.refused[0]


# --- Garmin ------------------------------------------------------------------------------------


def test_garmins_times_are_utc_and_a_day_without_a_sleep_is_none():
    rows = [
        {"calendarDate": "2026-03-28", "sleepWindowConfirmationType": "OFF_WRIST"},
        {
            "sleepStartTimestampGMT": "2026-03-28T22:10:00.0",
            "sleepEndTimestampGMT": "2026-03-29T04:45:00.0",
            "calendarDate": "2026-03-29",
            "sleepWindowConfirmationType": "ENHANCED_CONFIRMED_FINAL",
            "deepSleepSeconds": 4000,
            "retro": False,
        },
        {"sleepStartTimestampGMT": None, "sleepEndTimestampGMT": None},
    ]
    for zone in (ROME, "Asia/Tokyo"):
        found = sleeps.of_json(rows, zone)
        assert (found.source, found.refused) == ("garmin", [])
        assert told(found) == ["03-28 22:10 to 04:45"]
    of_a_day = {
        "dailySleepDTO": {
            "id": 1,
            "sleepStartTimestampGMT": utc("2026-03-28 22:10"),
            "sleepEndTimestampGMT": utc("2026-03-29 04:45"),
            "sleepStartTimestampLocal": utc("2026-03-28 23:10"),
        },
        "sleepLevels": [],
    }
    assert told(sleeps.of_json(of_a_day, ROME)) == ["03-28 22:10 to 04:45"]


# --- Oura --------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "kept"),
    [("long_sleep", 1), ("late_nap", 1), ("sleep", 1), ("deleted", 0), ("rest", 0)],
)
def test_ouras_deleted_and_rest_are_no_sleep(kind, kept):
    rows = [
        {
            "id": "a",
            "bedtime_start": "2026-03-28T23:10:00.000+01:00",
            "bedtime_end": "2026-03-29T06:45:00.000+02:00",
            "day": "2026-03-29",
            "type": kind,
        }
    ]
    found = sleeps.of_json({"data": rows, "next_token": None}, ROME)
    assert told(found) == ["03-28 22:10 to 04:45"] * kept and found.refused == []


# --- Withings ----------------------------------------------------------------------------------

WITHINGS = (
    'from,to,"light (s)","deep (s)","rem (s)","awake (s)","wake up","Duration to sleep (s)",'
    '"Duration to wake up (s)","Snoring (s)","Snoring episodes","Average heart rate",'
    '"Heart rate (min)","Heart rate (max)","Night events"\n'
    "2026-03-28T23:10:00+01:00,2026-03-29T06:45:00+02:00,12600,4200,4800,900,2,300,60,0,0,55,48,"
    '70,"{""1"":[0]}"\n'
    "2026-03-29T14:00:00+02:00,2026-03-29T15:00:00+02:00,3000,0,0,0,0,0,0,0,0,60,50,70,\n"
)


def test_withings_nights_and_naps_have_their_own_offset(tmp_path):
    path = tmp_path / "data_MAR_1774.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr("weight.csv", "Date,Weight\n")
        archive.writestr("sleep.csv", "\ufeff" + WITHINGS)
    found = taking.understood(path, path.read_bytes(), "Asia/Tokyo")
    assert (found.source, found.refused) == ("withings", [])
    assert told(found) == ["03-28 22:10 to 04:45", "03-29 12:00 to 13:00"]
    again = taking.understood(tmp_path / "sleep.csv", WITHINGS.encode(), ROME)
    assert told(again) == told(found)


@pytest.mark.parametrize(
    ("name", "of"),
    [
        (
            "DI_CONNECT/DI-Connect-Wellness/2026-0{}_1_sleepData.json",
            lambda day: {
                "sleepStartTimestampGMT": f"2026-03-{day}T22:10:00.0",
                "sleepEndTimestampGMT": f"2026-03-{day + 1}T04:45:00.0",
            },
        ),
        (
            "Takeout/Fitbit/Global Export Data/sleep-2026-0{}-04.json",
            lambda day: fitbits(f"2026-03-{day}T23:10:00.000", f"2026-03-{day + 1}T05:45:00.000"),
        ),
    ],
    ids=["garmin", "fitbit"],
)
def test_all_months_of_a_zip_are_read_each_night_once(tmp_path, name, of):
    path = tmp_path / "all.zip"
    with zipfile.ZipFile(path, "w") as archive:
        archive.writestr(name.format(1), json.dumps([of(10), of(11)]))
        archive.writestr(name.format(2), json.dumps([of(11), of(12)]))
        archive.writestr("Takeout/Fitbit/sleep_score.csv", "a,b\n")
    found = taking.understood(path, path.read_bytes(), ROME)
    assert told(found) == [f"03-{day} 22:10 to 04:45" for day in (10, 11, 12)]
