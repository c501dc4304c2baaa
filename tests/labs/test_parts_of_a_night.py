"""How the parts of a night are put together, and an export of ours read back, row by row."""

import csv
from collections import Counter
from datetime import datetime, timedelta
from types import SimpleNamespace

import pytest
from notturno.errors import Phrase, UserError
from notturno.files import list_text
from notturno.labs import readers
from notturno.labs.inputs import Unit
from notturno.labs.night import Note
from notturno.labs.readers import export, parts
from notturno.labs.readers.parts import Part

S, MIN, H = 10**6, 60 * 10**6, 3600 * 10**6
EVENING = datetime(2026, 1, 12, 22, 0)


def part(rows=None, starts=(), clock_us=None, **more):
    return Part("x", rows=rows, starts=list(starts), clock_us=clock_us, **more)


def placed(*made):
    """Return where each part's first row lies on one axis, s."""
    found = readers._on_one_axis([(f"n{k}", each) for k, each in enumerate(made)])
    return [each.rows[0][0] / S for _, each in found]


def at_0(**how):
    return part([(0, S, "L", None)], **how)


# --- one axis ------------------------------------------------------------------------------------


def test_files_with_dates_count_from_the_earliest_and_those_without_a_time_from_it_too():
    later = EVENING + timedelta(seconds=90.5)
    assert placed(at_0(starts=[later]), at_0(starts=[EVENING]), at_0()) == [90.5, 0.0, 0.0]
    assert placed(at_0(), at_0()) == [0.0, 0.0]


@pytest.mark.parametrize(
    ("clock_us", "late_s"),
    [(22 * H + 30 * S, 30), (22 * H, 0), (H, 3 * 3600), (10 * H - 1, 12 * 3600 - 1e-6)],
)
def test_a_clock_without_a_date_is_the_nearest_of_that_hour(clock_us, late_s):
    assert placed(at_0(starts=[EVENING]), at_0(clock_us=clock_us)) == [0.0, late_s]
    assert placed(at_0(clock_us=22 * H), at_0(clock_us=clock_us)) == [0.0, late_s]


def test_a_clock_half_a_day_on_is_half_a_day_back():
    # the other file is then the later one
    assert placed(at_0(starts=[EVENING]), at_0(clock_us=10 * H)) == [12 * 3600.0, 0.0]
    moved = readers._on_one_axis([("a", at_0(starts=[EVENING])), ("b", at_0(clock_us=21 * H))])
    assert [each.starts for _, each in moved] == [[EVENING - timedelta(hours=1)], []]


@pytest.mark.parametrize(("late", "refused"), [(0, False), (1, True)])
def test_files_more_than_a_day_apart_are_of_two_nights(late, refused):
    other = at_0(starts=[EVENING + timedelta(days=1, microseconds=late)])
    if not refused:
        assert placed(at_0(starts=[EVENING]), other) == [0.0, 86_400.0]
        return
    with pytest.raises(UserError, match="n1 begins more than a day after"):
        placed(at_0(starts=[EVENING]), other)


# --- legs ----------------------------------------------------------------------------------------


def sides(**rows_of):
    """Return the sides of each file's rows, once its name has said them."""
    made = [(name, part([(0, S, side, None)])) for name, side in rows_of.items()]
    readers._name_the_legs(made)
    return [each.rows[0][2] for _, each in made]


def test_a_file_says_its_leg_by_a_word_or_beside_another_by_a_letter():
    assert sides(**{"d/n1_left.csv": ""}) == ["L"]
    assert sides(**{"d/n1_left.csv": "", "d/n1_R.csv": ""}) == ["L", "R"]
    assert sides(**{"n1_L.csv": ""}) == [""], "alone a letter may be anything"
    assert sides(**{"left_n1.csv": ""}) == [""], "its first word is a name"
    assert sides(**{"n1_left.csv": "R"}) == ["R"], "its rows say it themselves"
    assert sides(**{"n1_left_right.csv": ""}) == [""]
    assert sides(**{"n1_dx.csv": ""}) == [""] and sides(**{"n1_lat.csv": ""}) == ["L"]


def test_lists_of_two_legs_are_one_and_two_of_one_leg_are_two():
    left, right, none = ([(0, S, side, None)] for side in ("L", "R", ""))
    assert readers._of_other_legs(left, right)
    for one, other in ((left, left), (left, none), (none, right), (left + right, right)):
        assert not readers._of_other_legs(one, other)


def night_of(monkeypatch, **named):
    monkeypatch.setattr(readers, "read", lambda path, name: named[path])
    files = tuple((name, f"{name}.csv") for name in named)
    (night,) = readers.nights_of(Unit("p", "1", files))
    return night


def test_a_night_is_what_its_files_hold_and_what_is_there_twice_is_told(monkeypatch):
    row = [(5 * S, 6 * S, "L", None)]
    night = night_of(
        monkeypatch,
        b=part([(7 * S, 8 * S, "R", None)], gaps=[(1, 2)], stages=[(0, "W")]),
        a=part(row, starts=[EVENING], resp=[], unknown=Counter(x=1), notes=["of a"]),
        c=part(
            [(9 * S, 10 * S, "L", None)], gaps=[(3, 4)], stages=[(0, "N2")], recorded_us=(0, 9)
        ),
    )
    assert night.rows == [*row, (7 * S, 8 * S, "R", None)]  # by their names: a, b
    assert (night.stages, night.resp, night.gaps) == ([(0, "W")], [], [(1, 2), (3, 4)])
    assert (night.start_local, night.recorded_us) == ("2026-01-12T22:00:00", (0, 9))
    assert night.source == "b.csv; a.csv; c.csv" and night.format == "x"
    assert [note if isinstance(note, str) else note[:2] for note in night.notes] == [
        *("of a", ("twice", 2), ("twice", 2)),
    ]
    assert "holds rows; a.csv is taken" in str(night.notes[1].reason)
    with pytest.raises(UserError, match=r"a\.csv holds no list of leg movements"):
        night_of(monkeypatch, a=part(stages=[(0, "W")]))


def test_a_start_with_two_readings_is_none(monkeypatch):
    two = [EVENING, EVENING + timedelta(days=28)]
    assert night_of(monkeypatch, a=at_0(starts=two)).start_local is None


@pytest.mark.parametrize(
    ("what", "codes"),
    [
        ("stages", ["series_marks", "other"]),
        ("rows", ["unknown_stage", "two_stages", "other"]),
        ("gaps", ["unknown_stage", "two_stages", "series_marks", "other"]),
    ],
)
def test_what_is_given_up_is_told_no_more(what, codes):
    told = ("unknown_stage", "two_stages", "series_marks", "other")
    made = part([1], stages=[2], gaps=[3], unknown=Counter(x=1))
    made.notes = [Note(code, 1, "so") for code in told]
    readers.given_up(made, what)
    assert getattr(made, what) == ([] if what == "gaps" else None)
    assert [note.code for note in made.notes] == codes
    assert bool(made.unknown) is (what != "stages")


# --- what a program's file holds -----------------------------------------------------------------


def test_a_file_of_a_program_becomes_a_part_with_what_it_could_not_read():
    refused = [
        Phrase("{label} {n}", label="odd", n=3),
        Phrase("{twice} times", twice=2),
        Phrase("event 4 has no time"),
    ]
    found = SimpleNamespace(refused=refused, starts=[EVENING], clock_s=79_200.5, included=())
    found.events = [(1.5, 2.25, "LM", "L"), (9.0, 1.0, "arousal", "")]
    found.stages = [(0.0, "W")]
    made = parts.of_lab(found, "embla")
    assert (made.format, made.starts, made.clock_us) == ("embla", [EVENING], 79_200_500_000)
    assert made.rows == [(1_500_000, 3_750_000, "L", None)] and made.stages == [(0, "W")]
    assert made.arousals == [(9 * S, 10 * S)] and made.unknown == {"odd": 3}
    assert [note[:2] for note in made.notes] == [
        *[("two_stages", 2), ("row_refused", 1), ("unknown_stage", 3)],
    ]
    found.clock_s = None
    assert parts.of_lab(found, "embla").clock_us is None


@pytest.mark.parametrize(
    ("included", "lists"),
    [
        (("PLM",), {"rows": []}),
        (("Apnea", "Hypopnea"), {"resp": []}),
        (("Arousal",), {"arousals": []}),
        (("PLM", "Apnea"), {}),
        (("Snore",), {}),
        (("PLM", "SLEEP-S0"), {}),
        ((), {}),
    ],
)
def test_an_export_of_one_kind_without_a_row_is_an_empty_list_of_it(included, lists):
    made = Part("x")
    parts._put_none(made, included)
    found = {name: getattr(made, name) for name in ("rows", "resp", "arousals")}
    assert {name: value for name, value in found.items() if value is not None} == lists
    assert [note[:2] for note in made.notes] == [("no_rows", 1)] * bool(included)


def test_a_text_that_is_damaged_or_far_too_large_is_refused(tmp_path, monkeypatch):
    path = tmp_path / "a.txt"
    path.write_bytes(b"one\ntwo\nth\0ree\n")
    with pytest.raises(UserError, match="a, line 3: bytes that are no text"):
        parts.text_of(str(path), "a")
    monkeypatch.setattr(list_text, "MOST_BYTES", 4)
    for data, refused in ((b"1234", False), (b"12345", True)):
        path.write_bytes(data)
        if not refused:
            assert parts.text_of(str(path), "a") == "1234"
            continue
        with pytest.raises(UserError, match="larger than any list"):
            parts.text_of(str(path), "a")
    with pytest.raises(UserError, match="b cannot be read"):
        parts.text_of(str(tmp_path / "none"), "b")


# --- an export of ours ---------------------------------------------------------------------------


def session(start_ms, end_ms, device="d1", recorded_s=60.0, **more):
    told = {"start_utc_ms": start_ms, "end_utc_ms": end_ms, "device_id": device}
    return told | {"night": "n", "recorded_s": recorded_s, "start_local": "22:00"} | more


def event(kind="lm", at_ms=0.0, lasts_s=2.0, counts="True", device="d1", flags="", **more):
    told = {"kind": kind, "onset_utc_ms": at_ms, "duration_s": lasts_s, "counts": counts}
    told |= {"night": "n", "device_id": device, "flag_names": flags, "onset_s": at_ms / 1000}
    return told | more


def filled(sessions, events=(), sides=None):
    night = readers.LabNight("p", "n", [])
    export._fill(night, sessions, list(events), sides or {("n", "d1"): "L", ("n", "d2"): "R"})
    return night


def test_an_exports_times_count_from_its_first_recording_and_what_lies_between_is_a_gap():
    sessions = [session(100_000, 160_000), session(10_000, 70_000.5), session(200_000, 210_000)]
    night = filled(sessions, [event(at_ms=20_000.25), event("gap", 30_000, 1.5)])
    assert night.recorded_us == (0, 200 * S) and night.start_local == "22:00"
    assert night.gaps == [
        *[(60_000_500, 90 * S), (150 * S, 190 * S), (20 * S, 21_500_000)],
    ]
    assert night.rows == [(10_000_250, 12_000_250 + 0, "L", True)]
    # one within another, and one that begins where another ends, leave no gap
    inside = [session(0, 90_000), session(10_000, 20_000), session(90_000, 95_000)]
    assert filled(inside).gaps == []
    two = [session(0, 10_000), session(20_000, 30_000, "d2")]
    assert filled(two).gaps == [] and filled(two).recorded_us == (0, 30 * S)


@pytest.mark.parametrize(
    ("how", "taken"),
    [
        ({}, True),
        ({"counts": "true"}, True),
        ({"counts": True}, True),
        ({"counts": "False"}, False),
        ({"kind": "jerk"}, False),
    ],
)
def test_movements_of_an_export_are_those_that_count(how, taken):
    assert bool(filled([session(0, 9_000)], [event(at_ms=1_000, **how)]).rows) is taken


def test_the_side_and_the_morphology_of_an_exports_movement():
    events = [event(device="d2", flags="a no_morphology"), event(device="d3", lasts_s="")]
    events += [event(flags=None, lasts_s=None)]  # as a Parquet file has it
    assert filled([session(0, 9_000)], events).rows == [
        *[(0, 2 * S, "R", False), (0, 0, "", True), (0, 0, "L", True)],
    ]


def test_an_export_without_a_clock_has_no_time_of_day_and_several_recordings_no_axis():
    rows = [event(at_ms=5_000)]
    one = filled([session("", "", recorded_s="61.5")], rows)
    assert one.recorded_us == (0, 61_500_000) and one.start_local is None
    assert [note[:2] for note in one.notes] == [("clock_unknown", 1)]
    assert one.rows == [(5 * S, 7 * S, "L", True)]  # from the recording's begin
    two = filled([session(0, 9_000), session(None, 5)], rows)
    assert (two.rows, two.recorded_us) == ([], None)
    assert [note[:2] for note in two.notes] == [("clock_unknown", 2), ("not_placed", 2)]
    none = filled([], rows)
    assert [note[:2] for note in none.notes] == [("clock_unknown", 0)] and len(none.rows) == 1


def test_an_export_holds_many_nights_and_says_where_they_lie(tmp_path):
    tables = {
        "nights": [
            {"night": night, "device_id": "d1", "person_side": "R"} for night in ("b", "a", "a")
        ],
        "sessions": [session(0, 9_000) | {"night": "a"}, session(0, 5_000) | {"night": "b"}],
        "events": [event(at_ms=1_000) | {"night": "b"}],
    }
    for name, rows in tables.items():
        with open(tmp_path / f"{name}.csv", "w", encoding="utf-8-sig", newline="") as stream:
            writer = csv.DictWriter(stream, list(rows[0]))
            writer.writeheader()
            writer.writerows(rows)
    files = tuple((str(tmp_path / f"{name}.csv"), f"x/{name}.csv") for name in tables)
    one, two = readers.nights_of(Unit("p", "", files, True))
    assert [(each.night, each.source, each.format) for each in (one, two)] == [
        *[("a", "x", "notturno export"), ("b", "x", "notturno export")],
    ]
    assert (one.rows, two.rows) == ([], [(S, 3 * S, "R", True)])
    assert (one.recorded_us, two.recorded_us) == ((0, 9 * S), (0, 5 * S))
    (tmp_path / "events.csv").unlink()
    with pytest.raises(UserError, match=r"x/events\.csv cannot be read .* export again"):
        readers.nights_of(Unit("p", "", files, True))


# --- what a file is ------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("name", "data", "reader"),
    [
        ("a.EDF", b"anything", "edf"),
        ("a.bdf", b"anything", "edf"),
        ("a.txt", b"0       patient and more", "edf"),
        ("a", b"\xffBIOSEMIpatient", "edf"),
        ("a.xml", b"anything", "read_xml"),
        ("a.rml", b"anything", "read_xml"),
        ("a.txt", b" \n<x/>", "read_xml"),
        ("a.txt", b"of a program", "read_text"),
        ("a.annot", b"x", "luna"),
        ("a.eannot", b"x", "luna of epochs"),
        ("a.csv", b"W\nN2", "yasa"),
        ("a.csv", b"0,1", "plain"),
    ],
)
def test_a_file_is_known_by_its_content_or_its_ending(monkeypatch, tmp_path, name, data, reader):
    from notturno.labs.readers import edf, luna, plain, programs, yasa

    def read_text(text, name):
        return "read_text" if text == "of a program" else None

    monkeypatch.setattr(edf, "read", lambda path, name: "edf")
    monkeypatch.setattr(programs, "read_xml", lambda text, name: "read_xml")
    monkeypatch.setattr(programs, "read_text", read_text)
    monkeypatch.setattr(
        luna, "read", lambda text, name, epochs: "luna of epochs" if epochs else "luna"
    )
    monkeypatch.setattr(yasa, "read", lambda text, name: "yasa")
    monkeypatch.setattr(plain, "read", lambda text, name: "plain")
    (tmp_path / name).write_bytes(data)
    assert readers.read(str(tmp_path / name), name) == reader
    with pytest.raises(UserError, match="b cannot be read"):
        readers.read(str(tmp_path / "none"), "b")


def given(monkeypatch, tmp_path, what, text="", **held):
    """Return the part of a file that is given for one thing; `held`: what a reader finds in it."""
    monkeypatch.setattr(readers, "read", lambda path, name: Part("x", **held))
    (tmp_path / "a.txt").write_text(text)
    return readers.alone(str(tmp_path / "a.txt"), what)


def test_a_file_that_is_given_for_one_thing_gives_nothing_else(monkeypatch, tmp_path):
    held = {"rows": [1], "stages": [2], "resp": [3], "arousals": [4], "gaps": [5]}
    for what, value in (("stages", [2]), ("resp", [3]), ("arousals", [4]), ("gaps", [5])):
        found = given(monkeypatch, tmp_path, what, **held)
        names = ("rows", "stages", "resp", "arousals", "gaps")
        told = {name: getattr(found, name) for name in names if getattr(found, name)}
        assert told == {what: value}
    plain = given(monkeypatch, tmp_path, "resp", "onset_s,duration_s\n5,2\n")
    assert plain.resp == [(5 * S, 7 * S)] and plain.format == "csv"
    none = given(monkeypatch, tmp_path, "gaps", "onset_s,duration_s\n")
    assert none.gaps == [], "an empty list of our own says that there is none"


@pytest.mark.parametrize(
    ("what", "said"),
    [("stages", "holds no stage of sleep"), ("gaps", "holds no gap"), ("resp", None)],
)
def test_a_file_without_what_it_is_given_for_is_refused_where_that_says_nothing(
    monkeypatch, tmp_path, what, said
):
    if said is None:
        assert given(monkeypatch, tmp_path, what).resp is None
        return
    with pytest.raises(UserError, match=said):
        given(monkeypatch, tmp_path, what)


def test_what_is_given_beside_takes_the_place_of_what_a_list_holds(monkeypatch):
    own = part([(0, S, "L", None)], stages=[(0, "W")], resp=[(1, 2)])
    monkeypatch.setattr(readers, "read", lambda path, name: own)
    monkeypatch.setattr(readers, "alone", lambda path, what: Part("y", stages=[(0, "N2")]))
    (night,) = readers.nights_of(Unit("p", "1", (("a", "a.csv"),)), {"stages": "other"})
    assert (night.stages, night.resp, night.notes) == ([(0, "N2")], [(1, 2)], [])
