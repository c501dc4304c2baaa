"""What a file that is handed in is, told from its bytes, and what of it is believed; by hand."""

import io
import sqlite3
import zipfile
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from notturno.errors import UserError
from notturno.files import (
    apple_health,
    backup,
    health_connect,
    lab,
    lossless,
    placing,
    sleeps,
    taking,
)

NIGHT = datetime(2026, 1, 12, 22, 0, tzinfo=UTC)
NIGHT_MS = round(NIGHT.timestamp() * 1000)
H_MS, MIN_MS = 3_600_000, 60_000
DIARY = "night,what,amount\n2026-01-12,Tee,1\n"


def understood(data, name="x.csv"):
    return taking.understood(Path(name), data, "UTC")


# --- what it is ----------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("mark", "form"),
    [
        (b"", "utf-8"),
        (b"\xef\xbb\xbf", "utf-8"),
        (b"\xff\xfe", "utf-16-le"),
        (b"\xfe\xff", "utf-16-be"),
        (b"", "utf-16-le"),
        (b"", "utf-16-be"),
        (b"", "cp1252"),  # a spreadsheet's CSV on a Windows of the West
    ],
)
def test_a_list_is_read_in_any_form_that_spreadsheets_write(mark, form):
    (entry,) = understood(mark + DIARY.replace("Tee", "Käse").encode(form))
    assert (entry["what"], entry["amount"]) == ("Käse", 1.0)


@pytest.mark.parametrize("end", ["\n", "\r\n", "\r"])
@pytest.mark.parametrize("form", ["utf-8", "utf-8-sig", "utf-16", "cp1252"])
def test_each_kind_of_list_is_read_with_each_end_of_a_line(end, form):
    def of(text):
        return understood(text.replace("\n", end).encode(form))

    (entry,) = of("night,note,what\n2026-01-12,Käse,Tee\n")
    assert (entry["what"], entry["note"]) == ("Tee", "Käse")
    slept = of("bed,wake,note\n2026-01-12 22:00,2026-01-13 06:00,Käse\n")
    (span,) = slept.found
    assert span["end_utc_ms"] - span["start_utc_ms"] == 8 * 3_600_000
    assert of("onset_s,stage\n0,W\n30,N2\n").stages == [(0.0, "W"), (30.0, "N2")]


@pytest.mark.parametrize(
    "text", ["night,what\n2026-01-12,T\0\0e\n", "bed,wake\n2026-01-1\0", "onset_s,stage\n0,W\0\n"]
)
def test_a_list_with_a_hole_is_refused_by_its_line_and_not_in_part(text):
    with pytest.raises(UserError, match="x.csv, line 2: bytes that are no text"):
        understood(text.encode())


def test_a_list_of_more_than_a_quarter_of_a_gigabyte_is_not_read_whole():
    with pytest.raises(UserError, match="x.csv is larger than any list"):
        understood(bytes(2**28 + 1))


def test_what_is_no_text_is_none_of_the_kinds():
    with pytest.raises(UserError, match="a kind of file that is not known"):
        understood(b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR")


def test_a_laboratorys_text_is_read_in_its_own_form():
    text = "RemLogic Event Export\nTime [hh:mm:ss]\tEvent\tDuration[s]\n22:10:00\tK\xe4se\t2\n"
    found = understood(text.encode("cp1252"))
    assert found.format == lab.REMLOGIC and found.events[0][2] == "K\xe4se"


@pytest.mark.parametrize(
    ("head", "what"),
    [
        ('"Night";"What"\n2026-01-12;tea\n', list),
        ("night\twhat\n", None),
        ("onset_s,stage\n0,W\n30,N2\n", lab.LabFile),
        ("stage;onset_s\nW;0\nN2;30\n", lab.LabFile),
        ("onset_s,what\n0,W\n", None),
        ("night,stage\n0,W\n", None),
    ],
)
def test_a_list_is_known_by_the_names_of_its_columns(head, what):
    if what is None:
        with pytest.raises(UserError):
            understood(head.encode())
        return
    assert isinstance(understood(head.encode()), what)


def test_a_hypnogram_of_a_list_is_in_seconds():
    found = understood(b"onset_s,stage\n0.5,W\n30.25,N2\n60,END\n")
    assert found.stages == [(0.5, "W"), (30.25, "N2"), (60.0, "END")]
    assert (found.format, found.starts, found.events, found.refused) == (lab.PLAIN, [], [], [])


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b'{"a": 1}', "JSON of a kind that is not known"),
        (b" \r\n\t[1]", "JSON of a kind that is not known"),
        (b"\xef\xbb\xbf{}", "JSON of a kind that is not known"),
        (b"<a/>", "no annotation file of NSRR"),
        (b"bed,wake\n", "holds no sleep"),
        (b"SQLite format 3\0" + bytes(100), "no export of Health Connect"),
        (b"PK\x03\x04 and no more", "is a damaged zip"),
        (b"NOTTSEAL" + bytes(50), "is a backup"),
    ],
)
def test_what_is_not_known_is_said_by_its_kind(data, words):
    with pytest.raises(UserError, match=words):
        understood(data)


def test_a_sleep_that_was_refused_is_no_file_without_one():
    found = understood(b"bed,wake\nsoon,later\n")
    assert not found.found and len(found.refused) == 1


def zipped(**files):
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as archive:
        for name, data in files.items():
            archive.writestr(name.replace("__", "/").replace("_x", "."), data)
    return out.getvalue()


def test_of_a_takeout_the_files_of_sleep_are_read_and_no_others():
    sleep = b"bed,wake\n2026-01-12 22:00,2026-01-13 06:00\n"
    other = b"bed,wake\n2026-02-12 22:00,2026-02-13 06:00\n"
    found = understood(zipped(**{"a__SLEEP_xcsv": sleep, "a__steps_xcsv": other}), "x.zip")
    assert [one["start_utc_ms"] for one in found.found] == [NIGHT_MS]
    with pytest.raises(UserError, match="holds no file of sleep"):
        understood(zipped(steps_xcsv=other), "x.zip")
    with pytest.raises(UserError, match="is a backup"):
        understood(zipped(MANIFEST_xjson=b"{}", sleep_xcsv=sleep), "x.zip")


@pytest.mark.parametrize(
    ("name", "is_of_sleep"),
    [
        ("Sleep/sleep-2026-01-12.json", True),
        ("sleep-2026-01-12.json", True),
        ("a/mysleep-2026-01-12.json", False),
        ("sleep-2026-01.json", False),
        ("sleep_score.csv", False),
        ("X/SleepData.json", True),
        ("sleep-export.CSV", True),
        ("health_connect_export.db", True),
    ],
)
def test_a_file_of_sleep_is_known_by_its_name_in_a_zip(name, is_of_sleep):
    assert taking._is_of_sleep(zipfile.ZipInfo(name), "x") is is_of_sleep


@pytest.mark.parametrize(("more", "taken"), [(0, True), (1, False)])
def test_a_file_in_a_zip_has_a_gibibyte_at_most(more, taken):
    member = zipfile.ZipInfo("sleep.csv")
    member.file_size = 1024**3 + more
    if taken:
        assert taking._is_of_sleep(member, "x")
    else:
        with pytest.raises(UserError, match="larger than any"):
            taking._is_of_sleep(member, "x")
    assert apple_health.MOST_UNPACKED == 1024**3


@pytest.mark.parametrize(("n", "read"), [(5, True), (6, False)])
def test_a_file_is_read_up_to_its_bound(tmp_path, monkeypatch, n, read):
    assert taking.MOST_BYTES == 2 * 1024**3 and backup.MOST_BYTES == 64 * 1024**3
    monkeypatch.setattr(taking, "MOST_BYTES", 5)
    (tmp_path / "x").write_bytes(b"x" * n)
    if read:
        assert taking.read(tmp_path / "x") == b"x" * n
    else:
        with pytest.raises(UserError, match="larger than any"):
            taking.read(tmp_path / "x")


def test_a_phones_file_is_json_that_names_its_family():
    from notturno.records_file import FAMILY

    assert taking.is_of_a_phone(b' \n{"schema": "' + FAMILY.encode() + b'1"}')
    assert not taking.is_of_a_phone(b'["' + FAMILY.encode() + b'"]')
    assert not taking.is_of_a_phone(b'{"schema": "other"}')
    assert not taking.is_of_a_phone(b"")


def test_edf_is_known_by_its_name_or_by_its_head(tmp_path, monkeypatch):
    asked = []
    monkeypatch.setattr(lab, "read_edf", lambda path: asked.append(str(path)))
    for name, data in (
        ("a.EDF", b"x"),
        ("a.bdf", b"x"),
        ("a", b"0       X"),
        ("b", b"\xffBIOSEMI"),
    ):
        understood(data, name)
    assert asked == ["a.EDF", "a.bdf", "a", "b"]


# --- a phone's health ----------------------------------------------------------------------------


def record(begun_min, ended_min, value="Asleep", device="Watch"):
    times = (NIGHT + timedelta(minutes=at) for at in (begun_min, ended_min))
    begun, ended = (f"{at:%Y-%m-%d %H:%M:%S +0000}" for at in times)
    return (
        f'<Record type="HKCategoryTypeIdentifierSleepAnalysis" sourceName="{device}" '
        f'startDate="{begun}" endDate="{ended}" '
        f'value="HKCategoryValueSleepAnalysis{value}"/>'
    )


def apple(*records):
    found = apple_health.read(
        ("<HealthData>" + "".join(records) + "</HealthData>").encode(), "UTC"
    )
    spans = [
        ((one["start_utc_ms"] - NIGHT_MS) // MIN_MS, (one["end_utc_ms"] - NIGHT_MS) // MIN_MS)
        for one in found.found
    ]
    return spans, [str(one) for one in found.refused]


def test_pieces_of_one_sleep_lie_an_hour_apart_at_most():
    assert apple(record(0, 60), record(120, 180)) == ([(0, 180)], [])
    assert apple(record(0, 60), record(121, 180)) == ([(0, 60), (121, 180)], [])
    assert apple(record(0, 200), record(10, 60), record(250, 300))[0] == [(0, 300)]
    assert apple(record(0, 60, "Awake")) == ([], [])


def test_who_saw_sleep_is_believed_before_who_saw_a_bed():
    watch, phone = record(30, 300, "AsleepCore"), record(0, 480, "InBed", "Phone")
    assert apple(phone, watch)[0] == [(30, 300)]
    assert apple(phone)[0] == [(0, 480)]
    # Of one device that saw both, the bed belongs to its sleep.
    both = (record(0, 480, "InBed"), record(30, 300, "AsleepREM"))
    assert apple(*both, record(100, 200, "Asleep", "Phone"))[0] == [(0, 480)]
    later = (record(0, 200, "InBed"), record(300, 480, "Asleep"))
    assert apple(*later, record(0, 190, "Asleep", "Phone"))[0] == [(0, 190), (300, 480)]


def test_a_time_that_cannot_be_read_is_told_with_its_number():
    broken = record(0, 60).replace("2026", "soon")
    spans, refused = apple(record(0, 60), broken)
    assert spans == [(0, 60)] and refused == ["entry 2: its times cannot be read"]


def test_an_export_of_apples_is_known_by_its_root_in_the_first_64_kib():
    assert apple_health.is_one(b" " * (65_536 - 11) + b"<HealthData>")
    assert not apple_health.is_one(b" " * (65_536 - 10) + b"<HealthData>")
    inside = ("<HealthData>" + record(0, 60) + "</HealthData>").encode()
    with zipfile.ZipFile(io.BytesIO(zipped(a_xxml=b"<ClinicalDocument/>", b_xXML=inside))) as one:
        assert len(apple_health.of_zip(one, "UTC", "x").found) == 1
    with zipfile.ZipFile(io.BytesIO(zipped(a_xtxt=inside))) as none:
        assert apple_health.of_zip(none, "UTC", "x") is None


@pytest.mark.parametrize(
    ("offset_s", "zone"),
    [
        (None, "UTC"),
        (0, "UTC"),
        (3600, "UTC+01:00"),
        (-12_600, "UTC-03:30"),
        (20_700, "UTC+05:45"),
        (60, "UTC+00:01"),
        (-60, "UTC-00:01"),
    ],
)
def test_an_offset_in_seconds_is_a_zone(offset_s, zone):
    assert health_connect._zone(offset_s) == zone


@pytest.mark.parametrize("program", [True, False])
def test_of_two_programs_the_one_that_saw_more_is_believed(program):
    db = sqlite3.connect(":memory:")
    names = "row_id integer, start_time integer, end_time integer, start_zone_offset integer"
    db.execute(f"create table sleep_session_record_table ({names}{', app_info_id' * program})")
    for number, begin_h, end_h in ((1, 0, 8), (2, 1, 6)):
        row = (number, NIGHT_MS + begin_h * H_MS, NIGHT_MS + end_h * H_MS, 3600, number)
        row = row if program else row[:4]
        db.execute(
            f"insert into sleep_session_record_table values ({', '.join('?' * len(row))})", row
        )
    data = bytearray(db.serialize())
    data[18:20] = b"\2\2"  # as a phone leaves it, with a write-ahead log
    found = health_connect.known(bytes(data), "x")
    starts = [(one["start_utc_ms"] - NIGHT_MS) // H_MS for one in found.found]
    assert starts == ([0] if program else [0, 1])
    assert found.found[0]["zone"] == "UTC+01:00"


# --- where it belongs ----------------------------------------------------------------------------


def row(night, begin_h, hours=8):
    start = NIGHT_MS + round(begin_h * H_MS)
    return {
        "night": night,
        "zone": "UTC",
        "start_utc_ms": start,
        "end_utc_ms": start + round(hours * H_MS),
    }


def lab_file(begin_h=0.0, hours=8.0, starts=None, **values):
    begins = [NIGHT.replace(tzinfo=None) + timedelta(hours=begin_h)] if starts is None else starts
    stages = [(0.0, "W"), (hours * 3600, "END")]
    return lab.LabFile(lab.EDF, begins, stages, [], [], **values)


def best(rows, found):
    told = placing._best(rows, found)
    return None if told is None else told[1]["night"]


def test_a_file_is_of_the_night_that_shares_the_most_with_it_and_half_at_least():
    rows = [row("a", 0), row("b", 24)]
    assert best(rows, lab_file(0)) == "a" and best(rows, lab_file(25)) == "b"
    assert best(rows, lab_file(4)) == "a" and best(rows, lab_file(4.01)) is None
    assert best(rows, lab_file(-4)) == "a" and best(rows, lab_file(-4.01)) is None
    assert best([], lab_file(0)) is None
    # A file of no length is a minute long.
    empty = lab.LabFile(lab.EDF, [NIGHT.replace(tzinfo=None)], [(0.0, "W")], [], [])
    assert empty.length_s() == 0 and best([row("a", 0, 1)], empty) == "a"
    assert best([row("a", 30 / 3600, 1)], empty) == "a"
    assert best([row("a", 31 / 3600, 1)], empty) is None


def test_a_file_is_as_long_as_its_last_stage_or_event():
    events = [(10.0, 5.0, "LM", ""), (100.0, 0.5, "LM", "")]
    assert lab.LabFile(lab.EDF, [], [(0.0, "W"), (90.0, "END")], events, []).length_s() == 100.5
    assert lab.LabFile(lab.EDF, [], [], [(10.0, 500.0, "x", ""), *events], []).length_s() == 510
    assert lab.LabFile(lab.EDF, [], [], [], []).length_s() == 0


def test_of_two_readings_of_a_date_the_one_with_the_night_is_told():
    first, second = datetime(2026, 12, 1, 22, 0), datetime(2026, 1, 12, 22, 0)

    class Store:
        def nights(self, night):
            return [row(night, 0), row("undated", 0) | {"start_utc_ms": None}]

    found = lab_file(starts=[first, second])
    assert placing.start_text(Store(), found, "a") == "2026-01-12T22:00:00"
    assert placing.start_text(Store(), lab_file(starts=[first]), "a") == "2026-12-01T22:00:00"
    assert placing.start_text(Store(), lab_file(starts=[]), "a") is None


# --- pieces of an export -------------------------------------------------------------------------


def test_an_export_counts_its_pieces_and_what_is_in_them(tmp_path):
    """A document of one object: a head, one piece a line, and an end that says how many."""
    from notturno.store import Store, diary

    (tmp_path / "a").mkdir()
    with Store.open(tmp_path / "a") as store:
        for what in ("tea", "coffee"):
            store.add_diary(diary.checked("2026-01-12", what))
        store.add_tag("dose", "2026-01-12")
        out = io.BytesIO()
        from notturno.files.chosen import Chosen

        written = lossless.write(out, store, Chosen([], None, True), NIGHT_MS)
    lines = out.getvalue().decode().splitlines()
    assert len(lines) == 5 and lines[0].endswith('"pieces":[') and lines[0].startswith("{")
    assert [line.endswith(",") for line in lines[1:4]] == [True, True, False]
    assert written == {"diary": 2, "tags": 1}
    export = lossless.parsed(out.getvalue(), "x")
    assert len(list(export.pieces)) == 3


def test_devices_at_one_time_are_judged_together():
    """Of equal rank and length the later name; what only touches is another sleep."""
    one = sleeps.OfDevice("a", 0, "a", NIGHT, NIGHT + timedelta(hours=8), "UTC")
    other = one._replace(device="b", where="b")
    found = sleeps.of_devices("x", [one, other])
    assert len(found.found) == 1
    assert [str(why) for why in found.refused] == ["1 more of other devices at the same times"]


class Said:
    """A store of two nights, in which a person has said these times of the first."""

    def __init__(self, *spans_h, **held):
        self.spans_h, self.edited = spans_h, []
        self.held = {"bed": None, "wake": None} | held
        self.before = []

    def imported_sleeps(self):
        spans = [(NIGHT_MS + round(a * H_MS), NIGHT_MS + round(b * H_MS)) for a, b in self.spans_h]
        mine = [{"source": "x", "start_utc_ms": a, "end_utc_ms": b} for a, b in spans]
        return [*mine, {"source": "y", "start_utc_ms": NIGHT_MS, "end_utc_ms": NIGHT_MS + H_MS}]

    def night_names(self):
        return ["a", "b", "undated"]

    def nights(self, night):
        begin_h = {"a": 0, "b": 24, "undated": 48}[night]
        one = row(night, begin_h) | {"device_id": "d"}
        return [one | ({"start_utc_ms": None} if night == "undated" else {})]

    def edits(self, night, device_id):
        return self.before if night == "a" else []

    def edits_in_force(self, night, device_id):
        return self.held if night == "a" else {"bed": None, "wake": None}

    def edit(self, night, device_id, said):
        self.edited.append((night, said["bed"], said["wake"]))
        return night


def test_a_trackers_sleeps_are_bed_and_wake_of_the_nights_they_lie_in():
    store = Said((0.5, 3), (3.5, 7), (24, 30), (60, 61))
    assert placing.as_edits(store, "x") == (["a", "b"], [], 1)
    assert store.edited == [("a", "22:30", "05:00"), ("b", "22:00", "04:00")]
    again = Said((0.5, 7))
    again.before = [{"bed": "22:30", "wake": "05:00"}]
    assert placing.as_edits(again, "x") == ([], [], 0)
    again.before = [{"bed": "22:30", "wake": "05:01"}]
    assert placing.as_edits(again, "x") == (["a"], [], 0)


@pytest.mark.parametrize(
    ("held", "words"),
    [
        ({"bed": "23:00"}, "you said 23:00 to -, which stands"),
        ({"wake": "06:00"}, "you said - to 06:00, which stands"),
        ({"bed": "23:00", "wake": "06:00"}, "you said 23:00 to 06:00, which stands"),
    ],
)
def test_what_the_person_said_stands_and_is_told_beside_the_trackers(held, words):
    edited, (kept,), without = placing.as_edits(Said((0.5, 7), **held), "x")
    assert (edited, without) == ([], 0) and words in kept
    assert "x says 22:30 to 05:00" in kept
