"""Which types a long table's columns may have; and texts whose declaration is no longer true."""

import pytest
from notturno.errors import UserError
from notturno.labs import longtables
from notturno.labs.readers import programs

pa = pytest.importorskip("pyarrow")

NUMBERS = [
    pa.string(), pa.large_string(), pa.int8(), pa.uint64(), pa.float32(), pa.float64(),
    pa.decimal128(9, 3), pa.duration("us"), pa.null(),
]  # fmt: skip
TIMES = [pa.timestamp("us"), pa.timestamp("ns", "UTC")]
OTHERS = [pa.bool_(), pa.date32(), pa.binary(), pa.list_(pa.float64())]


def check(column, kind, empty=()):
    longtables._check("t", {column: "theirs"}, {"theirs": kind}, set(empty))


@pytest.mark.parametrize("kind", NUMBERS, ids=str)
@pytest.mark.parametrize("column", ["onset_s", "duration_s"])
def test_a_number_of_seconds_may_be_of_any_kind_of_number_or_text(column, kind):
    check(column, kind)


@pytest.mark.parametrize("kind", TIMES, ids=str)
def test_an_onset_may_be_a_time_with_its_date_and_a_duration_not(kind):
    check("onset_s", kind)
    with pytest.raises(UserError, match=r"t: duration_s holds timestamp.*; give seconds"):
        check("duration_s", kind)


@pytest.mark.parametrize("kind", OTHERS, ids=str)
@pytest.mark.parametrize("column", ["onset_s", "duration_s"])
def test_what_is_no_number_is_no_time(column, kind):
    with pytest.raises(UserError, match=f"t: {column} holds .*; give seconds, as numbers"):
        check(column, kind)


@pytest.mark.parametrize(
    ("kind", "taken"),
    [
        (pa.dictionary(pa.int8(), pa.string()), True),
        (pa.string(), True),
        (pa.int32(), True),
        (pa.list_(pa.string()), False),
        (pa.struct([("a", pa.int8())]), False),
    ],
    ids=str,
)
def test_each_row_has_one_value(kind, taken):
    if taken:
        check("side", kind)
    else:
        with pytest.raises(UserError, match="t: side holds .*; give one value a row"):
            check("side", kind)


@pytest.mark.parametrize("column", ["person", "night"])
def test_no_row_is_without_its_person_and_night(column):
    check(column, pa.string())
    for kind, empty in ((pa.null(), ()), (pa.string(), ("theirs",))):
        with pytest.raises(UserError, match=f"t holds rows without a {column}; give each"):
            check(column, kind, empty)
    check("side", pa.string(), ("theirs",))


# --- an XML that was decoded before --------------------------------------------------------------

BODY = (
    "<EventExport><Events><Event><Type>PLM</Type><Location>{place}</Location>"
    "<StartTime>2026-01-12T22:10:00</StartTime><StopTime>2026-01-12T22:10:01</StopTime>"
    "</Event></Events></EventExport>"
)


@pytest.mark.parametrize("said", ["", "utf-16", "iso-8859-1", "utf-8"])
def test_a_declared_encoding_is_forgotten_once_the_text_is_decoded(said, monkeypatch):
    given, read = [], programs.lab_programs.read_xml

    def noted(data, name):
        given.append(data)
        return read(data, name)

    monkeypatch.setattr(programs.lab_programs, "read_xml", noted)
    head = f'<?xml version="1.0" encoding="{said}"?>\n' if said else ""
    programs.read_xml(head + BODY.format(place="Beinstraße"), "x.xml")
    assert given[0].decode() == BODY.format(place="Beinstraße")


@pytest.mark.parametrize("at", [200, 210, 240, 266, 400])
def test_the_word_further_down_is_no_declaration(at):
    comment = "<!--" + " " * (at - 4) + "encoding= -->"
    part = programs.read_xml(comment + BODY.format(place="L"), "x.xml")
    assert part.format == "embla"
