"""Lists and long tables by hand: what belongs to whom, when it was, and what each cell says."""

from datetime import UTC, datetime, timedelta, timezone
from types import SimpleNamespace

import numpy as np
import pyarrow
import pytest
from notturno.errors import UserError
from notturno.labs import inputs, longcolumns, longnights, longtables, run, scored
from notturno.labs.longtimes import NEVER_US, from_the_begin, moments_of, numbers_of
from notturno.labs.night import LabNight
from notturno.labs.readers import columns, luna, plain, yasa
from notturno.scoring.movements import conventions, score

S = 10**6
AT = datetime(2026, 1, 12, 22, 30, 0, 250_000)
AT_US = 1_768_257_000_250_000  # by `date -u`


# --- moments of a long table ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("column", "at_us", "of_clock"),
    [
        (pyarrow.array([AT, None]), [AT_US, NEVER_US], True),
        (pyarrow.array([AT], pyarrow.timestamp("ns")), [AT_US], True),
        (pyarrow.array([AT], pyarrow.timestamp("us", "UTC")), [AT_US], False),
        (pyarrow.array([AT.isoformat(), " 2026-01-12 22:30 ", "", None, "22 o'clock: no"]),)
        + ([AT_US, AT_US - 250_000, NEVER_US, NEVER_US, NEVER_US], True),
        (pyarrow.array(["2026-01-12T23:30:00.25+01:00"], pyarrow.large_string()), [AT_US], False),
        # beside others with a zone one without means nothing
        (pyarrow.array(["2026-01-12T22:30:00.25Z", "2026-01-12T22:30"]), [AT_US, NEVER_US], False),
        (pyarrow.array([None, "22:30"]), [NEVER_US, NEVER_US], True),
    ],
)
def test_a_column_of_moments_in_microseconds(column, at_us, of_clock):
    found = moments_of(column)
    assert (found.at_us.tolist(), found.of_clock) == (at_us, of_clock)


@pytest.mark.parametrize(
    "column",
    [
        pyarrow.array([1.5, 2.0]),
        pyarrow.array(["1.5", None]),
        pyarrow.array([], pyarrow.string()),
        pyarrow.array([timedelta(seconds=1)]),
        pyarrow.array(["1"] * 100 + ["22:30"]),  # a hundred cells tell
    ],
)
def test_a_column_of_seconds_is_none(column):
    assert moments_of(column) is None


@pytest.mark.parametrize(
    ("column", "seconds"),
    [
        (pyarrow.array(["1.5", " 2 ", "x", None], pyarrow.large_string()), [1.5, 2.0, None, None]),
        (pyarrow.array(["0.000001", "x", None]), [1e-6, None, None]),
        (pyarrow.array([timedelta(milliseconds=1500)], pyarrow.duration("ms")), [1.5]),
        (pyarrow.array([3], pyarrow.int8()), [3.0]),
        (np.array([4.5]), [4.5]),
    ],
)
def test_a_column_of_numbers_of_any_type_in_seconds(column, seconds):
    found = numbers_of(column).tolist()
    assert [None if value != value else value for value in found] == seconds


def test_onsets_count_from_the_earliest_moment_of_their_night_over_all_tables():
    """Of the nights from the fifth place on: of two tables, in one with and in one without."""
    nights = [SimpleNamespace(start_local=None) for _ in range(3)]
    later = [AT + timedelta(seconds=s) for s in (90, 0, 5, 30)]
    movements = {"onset_s": pyarrow.array([*later, None]), "side": "kept"}
    stages = {"onset_s": pyarrow.array([AT - timedelta(seconds=60), AT])}
    read = [
        ("m", False, np.array([5, 6, 5, 6, 6]), movements),
        ("s", True, np.array([5, 6]), stages),
        ("n", False, np.array([7]), {"onset_s": pyarrow.array([7.5])}),
    ]
    placed, refused = from_the_begin(read, nights, 5)
    assert refused == {}
    assert placed[0][3]["onset_s"][:4].tolist() == [150.0, 0.0, 65.0, 30.0]
    assert np.isnan(placed[0][3]["onset_s"][4]) and placed[0][3]["side"] == "kept"
    assert placed[1][3]["onset_s"].tolist() == [0.0, 0.0] and placed[1][:2] == ("s", True)
    assert placed[2][3] is read[2][3]
    starts = ["2026-01-12T22:29:00.250000", "2026-01-12T22:30:00.250000", None]
    assert [night.start_local for night in nights] == starts


def test_a_night_of_moments_and_of_seconds_is_refused_and_its_neighbour_not():
    nights = [SimpleNamespace(start_local=None) for _ in range(2)]
    zone = timezone(timedelta(hours=1))
    moments = {"onset_s": pyarrow.array([AT.replace(tzinfo=UTC).astimezone(zone)] * 2)}
    seconds = {"onset_s": pyarrow.array([1.0])}
    read = [("m", False, np.array([3, 4]), moments), ("s", True, np.array([4]), seconds)]
    placed, refused = from_the_begin(read, nights, 3)
    assert list(refused) == [1] and "dates as onset_s and others seconds" in str(refused[1])
    assert placed[0][3]["onset_s"].tolist() == [0.0, 0.0]
    assert [night.start_local for night in nights] == [None, None], "no clock on a wall"


def test_an_empty_cell_of_time_costs_its_night_and_not_the_run(tmp_path):
    rows = ["person,night,onset_s,duration_s,side", "p,1,10,2,L", "p,1,30,,L", "q,1,10,2,R"]
    (tmp_path / "a.csv").write_text("\n".join(rows) + "\n")
    done = run.score([tmp_path / "a.csv"], tmp_path / "out")
    assert done.rows == {"nights": 1, "events": 1, "qc": 1}
    told = (tmp_path / "out" / "qc.csv").read_text()
    assert 'a.csv,p,1,refused,not_read,1,"A movement has no onset or no duration' in told


# --- columns of a long table ---------------------------------------------------------------------


@pytest.mark.parametrize(
    ("kind", "as_onset", "as_duration"),
    [
        (pyarrow.float32(), True, True),
        (pyarrow.int16(), True, True),
        (pyarrow.decimal128(9, 3), True, True),
        (pyarrow.string(), True, True),
        (pyarrow.large_string(), True, True),
        (pyarrow.duration("ms"), True, True),
        (pyarrow.null(), True, True),
        (pyarrow.timestamp("us"), True, False),
        (pyarrow.bool_(), False, False),
        (pyarrow.date32(), False, False),
        (pyarrow.list_(pyarrow.float64()), False, False),
    ],
)
def test_a_time_is_a_number_of_seconds_or_an_onset_with_its_date(kind, as_onset, as_duration):
    for column, taken in (("onset_s", as_onset), ("duration_s", as_duration)):
        if taken:
            longtables._check("x", {column: "c"}, {"c": kind}, set())
            continue
        with pytest.raises(UserError, match=f"x: {column} holds"):
            longtables._check("x", {column: "c"}, {"c": kind}, set())


@pytest.mark.parametrize(
    ("column", "kind", "empty", "said"),
    [
        ("person", pyarrow.string(), {"c"}, "rows without a person"),
        ("night", pyarrow.null(), set(), "rows without a night"),
        ("side", pyarrow.null(), {"c"}, None),
        ("person", pyarrow.dictionary(pyarrow.int8(), pyarrow.string()), set(), None),
        ("side", pyarrow.struct([]), set(), "one value a row"),
    ],
)
def test_a_key_is_one_value_in_each_row(column, kind, empty, said):
    if said is None:
        longtables._check("x", {column: "c"}, {"c": kind}, empty)
        return
    with pytest.raises(UserError, match=said):
        longtables._check("x", {column: "c"}, {"c": kind}, empty)


def test_folders_say_person_and_night_and_columns_are_found_in_any_letter_case(tmp_path):
    names = ["Onset_S", "side", "SIDE", "Duration_s", "kind", "other"]
    path = tmp_path / "person=a%20b" / "NIGHT=2" / "x=1" / "night=3.parquet"
    found = longcolumns.of_columns(path, "n", names)
    assert found.fixed == {"person": "a b", "night": "2"} and not found.stages
    assert found.columns == {
        **{"onset_s": "Onset_S", "duration_s": "Duration_s", "side": "side", "kind": "kind"},
    }
    own = longcolumns.of_columns(path, "n", ["person", "onset_s", "stage", "kind"])
    assert own.stages and own.fixed == {"night": "2"} and "kind" not in own.columns
    with pytest.raises(UserError, match="neither the columns"):
        longcolumns.of_columns(tmp_path / "a.parquet", "n", names)
    with pytest.raises(UserError, match="neither the columns"):
        longcolumns.of_columns(tmp_path / "person=" / "night=1" / "a", "n", names)


def test_nothing_in_a_cell_is_the_empty_text():
    column = pyarrow.chunked_array([["L", None], ["R", "L"]])
    texts, codes = longnights._labels(column)
    assert [texts[code] for code in codes.tolist()] == ["L", "", "R", "L"]
    texts, codes = longnights._labels(pyarrow.chunked_array([pyarrow.array([7, None])]))
    assert [texts[code] for code in codes.tolist()] == ["7", ""]


@pytest.mark.parametrize(
    ("label", "plain"), [("N2", True), ("5", True), ("?", True), ("4", False), ("unsure", False)]
)
def test_a_label_of_two_meanings_is_not_plain(label, plain):
    """A 4 may be REM or stage 4, by what stands beside it."""
    assert longnights._plain_labels([label]).tolist() == [plain]
    assert longnights._plain_labels([]).tolist() == [False]


# --- movements of legs, and those that they joined -----------------------------------------------


def movement(onset_us, parts=1):
    return SimpleNamespace(onset_us=onset_us, parts=parts)


def test_each_legs_movement_is_one_of_those_found_or_part_of_a_joined_one():
    legs = [movement(at) for at in (0, 3, 5, 20, 30, 31)]
    # the second stayed alone; the first and the third are one, as are the last two
    movements = [movement(0, 2), legs[1], legs[3], movement(30, 2)]
    assert scored.places_of(legs, movements) == [0, 1, 0, 2, 3, 3]
    assert scored.places_of(legs, legs[:]) == [0, 1, 2, 3, 4, 5]
    both = [movement(0, 2), movement(5, 3), legs[3], movement(30, 2)]
    assert scored.places_of(legs, both) == [0, 0, 1, 2, 3, 3]


def night_of(name, rows, **more):
    return LabNight(f"p{name}", f"n{name}", rows, source=f"{name}.csv", format="plain", **more)


def test_a_batch_of_nights_is_scored_into_a_row_each_and_a_row_for_each_legs_movement(
    monkeypatch,
):
    """Two hours in bed; movements of one or two seconds, some of both legs, one listed twice."""
    min_us = 60 * S
    nights = [
        night_of(1, [(k * min_us, k * min_us + 2 * S, "L", None) for k in range(1, 4)]),
        night_of(
            2,
            [
                (10 * min_us, 10 * min_us + S, "L", "a"),
                (10 * min_us, 10 * min_us + S, "L", "b"),
                (20 * min_us, 20 * min_us + 1_500_000, "R", None),
                (30 * min_us, 30 * min_us + 2 * S, "", None),
            ],
            gaps=[(40 * min_us, 41 * min_us), (115 * min_us, 140 * min_us)],
            recorded_us=(0, 120 * min_us),
        ),
        night_of(3, [(min_us, min_us + S, "", None)], gaps=[(2 * min_us, 8 * min_us)]),
        night_of(4, []),
    ]

    def find(rows, *how):
        if not rows:
            raise UserError("not this one")
        return score.find(rows, *how)

    monkeypatch.setattr(scored, "find", find)
    made = scored.score_nights(nights, conventions.resolve())
    found = made["nights"]
    assert found["person"] == ["p1", "p2", "p3"] and found["source"] == ["1.csv", "2.csv", "3.csv"]
    assert found["side"] == ["L", "LR", ""] and found["format"] == ["plain"] * 3
    assert (found["rows"], found["lms"]) == ([3, 4, 1], [3, 3, 1])
    assert (found["gaps"], found["gap_h"]) == ([0, 2, 1], [0, 0.1, 0.1])
    assert found["recorded_h"] == [None, pytest.approx(1.9), None]
    events = made["events"]
    assert events["person"].to_pylist() == ["p1"] * 3 + ["p2"] * 3 + ["p3"]
    assert events["side"] == ["L"] * 3 + ["L", "R", "", ""]
    assert list(events["onset_s"]) == [60, 120, 180, 600, 1200, 1800, 60]
    assert list(events["duration_s"]) == [2, 2, 2, 1, 1.5, 2, 1]
    assert events["movement_wasm2016"] == [0, 1, 2, 0, 1, 2, 0]
    told = [(row["person"], row["what"], row["code"], row["n"]) for row in made["qc"]]
    assert told[0] == ("p2", "noted", "same_rows", 1)
    assert [row for row in told if row[0] == "p4"] == [("p4", "refused", "not_scored", 1)]


# --- Luna, YASA, plain tables --------------------------------------------------------------------


def spans(*rows):
    found = [(n, dict(zip(luna.COLUMNS, row, strict=False))) for n, row in enumerate(rows, 1)]
    starts, _ = luna._starts(found, "x")
    return list(luna._placed(found, "x", starts))


def row(start, stop, name="N2", instance=".", channel="."):
    return (name, instance, channel, start, stop)


@pytest.mark.parametrize(
    ("rows", "wanted"),
    [
        ([row("5", "...")], [(5, 5)]),
        ([row("0", "..."), row("30", "..."), row("30", "...")], [(0, 30), (30, 60), (30, 60)]),
        ([row("0", "..."), row("20", "..."), row("5", "...")], [(0, 20), (20, 40), (5, 25)]),
        ([row("22:00:00", "22:00:00")], [(0, 0)]),
        ([row("9", "9")], [(9, 9)]),
        ([row("9", "+0")], [(9, 9)]),
        ([row("01-02-26-22:00:00", "01-02-26-22:00:00")], [(0, 0)]),
        ([row("01-02-26-22:00:00", "22:00:30")], [(0, 30)]),
    ],
)
def test_how_long_a_row_of_luna_lasts(rows, wanted):
    assert [(a / S, b / S) for a, b, *_ in spans(*rows)] == wanted


@pytest.mark.parametrize(
    ("name", "instance", "text", "is_stage"),
    [
        ("N2", ".", "N2", True),
        ("N2", "x", "N2", True),
        ("SleepStage", "N3", "N3", True),
        ("stage", ".", "stage", True),
        ("LM", "L", "LM L", False),
        ("LM", "LM", "LM", False),
        ("LM", "", "LM", False),
    ],
)
def test_what_a_row_of_luna_is_called(name, instance, text, is_stage):
    ((_, _, found, channel, stage),) = spans(row("0", "30", name, instance, "C3"))
    assert (found, channel, stage) == (text, "C3", is_stage)
    assert spans(row("0", "30", name, instance))[0][3] == ""


@pytest.mark.parametrize(
    ("text", "is_one"),
    [
        ("Epoch,Stage\n0,W", True),
        ("stage\tepoch\nW\t1", True),
        ("epoch,foo\n0,W", False),
        ("x,stage\n0,W", False),
        ("W\nN2\n\nR\n", True),
        ("hypno\nW", True),
        ("hypno\n", False),
        ("\n \n", False),
        ("W\nx", False),
    ],
)
def test_a_hypnogram_of_yasas_is_known(text, is_one):
    assert yasa.is_one(text) is is_one


@pytest.mark.parametrize(
    ("text", "stages"),
    [
        ("Epoch,Stage\n0,W\n1,N2\n2,N2", [(0, "W"), (30, "N2"), (60, "N2"), (90, "END")]),
        ("Stage;Epoch\nW;1\nN2;2", [(0, "W"), (30, "N2"), (60, "END")]),
        ("Epoch,Stage\n2,W\n3,R", [(60, "W"), (90, "R"), (120, "END")]),
        ("stage\n W\n\nN2", [(0, "W"), (30, "N2"), (60, "END")]),
        ("W\nN2", [(0, "W"), (30, "N2"), (60, "END")]),
    ],
)
def test_epochs_of_yasa_are_30_s_each_and_begin_with_0_or_1(text, stages):
    assert [(at / S, name) for at, name in yasa.read(text, "x").stages] == stages


def test_an_epoch_that_is_none_is_told_by_its_line():
    for text in ("Epoch,Stage\n0,W\nx,N2", "Epoch,Stage\n0,W\n1"):
        with pytest.raises(UserError, match="line 3: no epoch and stage"):
            yasa.read(text, "x")


@pytest.mark.parametrize(
    ("found", "known"),
    [
        ({columns.ONSET, columns.LASTING}, True),
        ({columns.ONSET, columns.END}, True),
        ({columns.ONSET, columns.STAGE}, True),
        ({columns.ONSET}, False),
        ({columns.LASTING, columns.END, columns.STAGE}, False),
        ({columns.ONSET, columns.TEXT}, False),
    ],
)
def test_a_table_has_an_onset_and_a_length_or_a_stage(found, known):
    assert bool(plain._is_known(dict.fromkeys(found))) is known


@pytest.mark.parametrize(
    ("head", "what", "is_list"),
    [
        ("onset_s,duration_s", "resp", True),
        ("onset_s,stage", "stages", True),
        ("onset,duration_s", "resp", False),
        ("onset_s,duration_s,description", "resp", False),
    ],
)
def test_a_list_that_is_given_for_one_thing_has_our_own_columns_and_no_names(head, what, is_list):
    cells = ",".join(["0", "W" if what == "stages" else "30", "apnea"][: head.count(",") + 1])
    found = plain.list_of(f"{head}\n{cells}\n", "x", what)
    assert (found is not None) is is_list
    if is_list:
        assert getattr(found, what)[0][0] == 0


@pytest.mark.parametrize(("cells", "numbers"), [("5,2", 1), ("0:05,2", 0), ("5,0:02", 0)])
def test_our_own_list_is_of_numbers_or_else_of_times(cells, numbers):
    found = plain._numbers_alone(f"onset_s,duration_s,side\n{cells},L\n", "x")
    assert (found is not None) is bool(numbers)


# --- what lies there -----------------------------------------------------------------------------

LIST = "onset_s,duration_s,side\n10,2,L\n"


def test_files_of_a_folder_are_nights_by_their_names_and_folders(tmp_path):
    files = [
        *["a.csv", "a_stages.csv", "b_L.csv", "b_R.csv", "c_L.csv", "x/d.csv", "x/y/e.csv"],
        *["n/movements.csv", "n/stages.csv", "n/m/lms.csv", "movements.csv", "letter.doc"],
        *["sub-01/sub-01_ses-02_events.tsv", ".hidden.csv", ".h/f.csv", "out/g.csv"],
        *["done/nights.parquet", "done/settings.json", "done/k.csv"],
        *["done2/settings.json", "done2/k.csv"],
    ]
    top = tmp_path / "top"
    for name in files:
        (top / name).parent.mkdir(parents=True, exist_ok=True)
        (top / name).write_text(LIST)
    found = inputs.found_in([top], top / "out")
    assert [(u.person, u.night, [name for _, name in u.files]) for u in found.units] == [
        ("a", "a", ["a.csv", "a_stages.csv"]),
        ("b", "b", ["b_L.csv", "b_R.csv"]),
        ("c_L", "c_L", ["c_L.csv"]),  # alone a letter is a part of the name
        ("done2", "k", ["done2/k.csv"]),
        ("n", "m", ["n/m/lms.csv"]),
        ("n", "n", ["n/movements.csv", "n/stages.csv"]),
        ("sub-01", "ses-02", ["sub-01/sub-01_ses-02_events.tsv"]),
        ("top", "top", ["movements.csv"]),
        ("x", "d", ["x/d.csv"]),
        ("x/y", "e", ["x/y/e.csv"]),
    ]
    assert (found.others, found.refused, found.tables) == (2, [], [])
    with pytest.raises(UserError, match="nothing to score"):
        inputs.found_in([top / "out"], top / "out")
    alone = inputs.found_in([top / "n" / "movements.csv"])
    assert [(u.person, u.night) for u in alone.units] == [("n", "n")]


@pytest.mark.parametrize(
    ("name", "root", "who"),
    [
        ("movements.csv", "", ("movements", "movements", "")),
        ("movements.csv", "n7", ("n7", "n7", "")),
        ("a/b/lms.csv", "n7", ("a", "b", "")),
        ("p1_plms.csv", "n7", ("p1", "p1", "p1")),
        ("a/b/p1 - resp.csv", "n7", ("a/b", "p1", "p1")),
        ("x/sub-3_ses-4_events.tsv", "", ("sub-3", "ses-4", "sub-3_ses-4")),
    ],
)
def test_whose_a_file_is(name, root, who):
    assert inputs._who(name, root) == who


def test_one_name_in_two_folders_is_two_nights(tmp_path):
    for folder in ("one", "two"):
        (tmp_path / folder).mkdir()
        (tmp_path / folder / "p.csv").write_text(LIST)
    both = inputs.found_in([tmp_path / "one", tmp_path / "two"]).units
    assert [(u.person, u.night) for u in both] == [("one/p", "p"), ("two/p", "p")]
    files = inputs.found_in([tmp_path / f / "p.csv" for f in ("one", "two")]).units
    assert [u.files[0][1] for u in files] == ["one/p.csv", "two/p.csv"]
    single = inputs.found_in([tmp_path / "one" / "p.csv"]).units
    assert [(u.person, u.night, u.files[0][1]) for u in single] == [("p", "p", "p.csv")]


def test_what_cannot_be_told_apart_is_numbered():
    units = [inputs.Unit("p", "n", ((f"/f{k}", "f"),)) for k in range(3)]
    found = inputs._apart(units, {})
    assert [(u.person, u.night) for u in found] == [("p", "n"), ("p", "n#2"), ("p", "n#3")]


def test_where_nothing_lies_there_is_nothing_to_score(tmp_path):
    with pytest.raises(UserError, match="nothing to score"):
        inputs.found_in([tmp_path])
    with pytest.raises(UserError, match="no such file"):
        inputs.found_in([tmp_path / "none.csv"])
    with pytest.raises(UserError, match="no such file"):
        inputs.found_in([str(tmp_path / "*.csv")])
    (tmp_path / "gone.csv").symlink_to(tmp_path / "nothing")
    found = inputs.found_in([tmp_path])
    assert found.units == [] and [name for name, _ in found.refused] == ["gone.csv"]
