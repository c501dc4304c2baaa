"""Rows of a long table that lie scattered: dealt to files of some nights, then put in order."""

from pathlib import Path

import numpy as np
import pyarrow
import pytest
from notturno.errors import UserError
from notturno.labs import inorder, longform, longplan
from notturno.labs.longcolumns import Table
from notturno.labs.longform import plan_of, rows_of
from notturno.labs.longplan import Plan, codes_of

# (person, night, onset, side) as they come, in batches; nights in order: a1 a2 b1 b2 c1
BATCHES = [
    [("b", "2", 1, "L"), ("a", "1", 2, "R"), ("c", "1", 3, "L"), ("b", "2", 4, "")],
    [("a", "2", 5, "L"), ("a", "1", 6, "L"), ("b", "1", 7, "R")],
]
NIGHTS = [("a", "1"), ("a", "2"), ("b", "1"), ("b", "2"), ("c", "1")]


def batch_of(rows):
    names = ("person", "night", "onset_s", "side")
    columns = dict(zip(names, zip(*rows, strict=True), strict=True)) if rows else {}
    return {name: pyarrow.array(columns.get(name, []), **typed(name)) for name in names}


def typed(name):
    return {"type": pyarrow.int64() if name == "onset_s" else pyarrow.string()}


TABLE = Table("t.parquet", "t", False, {n: n for n in ("person", "night", "onset_s", "side")})


@pytest.fixture
def scattered(monkeypatch):
    """Let the tables be those above: each batch a row group of its own."""

    def batches(table, names, rows):
        for group, each in enumerate([*BATCHES, []]):
            yield group, 0, {name: batch_of(each)[name] for name in names if name in TABLE.columns}

    def group(table, number, wanted):
        return pyarrow.table(batch_of(BATCHES[number])).select(wanted)

    for module in (inorder, longform):
        monkeypatch.setattr(module, "batches_of", batches)
    monkeypatch.setattr(longform, "rows_in", lambda table: 7)
    real = longform.group_of
    monkeypatch.setattr(
        longform,
        "group_of",
        lambda table, n, wanted: real(table, n, wanted) if n < 0 else group(table, n, wanted),
    )


def nights_of(plan, first=0, after=5):
    """Return {night: [onset and side]} of what a plan gives."""
    found = {}
    for name, stages, places, columns in rows_of(plan, first, after):
        assert name == "t" and not stages
        rows = zip(columns["onset_s"].to_pylist(), columns["side"].to_pylist(), strict=True)
        for place, row in zip(places.tolist(), rows, strict=True):
            found.setdefault(plan.nights[place], []).append(row)
    return found


WHOLE = {
    ("a", "1"): [(2, "R"), (6, "L")],
    ("a", "2"): [(5, "L")],
    ("b", "1"): [(7, "R")],
    ("b", "2"): [(1, "L"), (4, "")],
    ("c", "1"): [(3, "L")],
}


@pytest.mark.parametrize("nights_a_file", [1, 2, 3, 1000])
def test_rows_are_with_their_night_whatever_the_size_of_a_file(
    scattered, monkeypatch, tmp_path, nights_a_file
):
    monkeypatch.setattr(inorder, "NIGHTS_A_FILE", nights_a_file)
    monkeypatch.setattr(longform, "MOST_STRETCHES", 0)  # so that they are copied
    plan = plan_of([TABLE, TABLE], tmp_path / "scratch")
    assert plan.nights == NIGHTS and len(plan.tables) == 2 * -(-5 // nights_a_file)
    assert nights_of(plan) == {night: 2 * rows for night, rows in WHOLE.items()}
    assert nights_of(plan, 1, 3) == {night: 2 * WHOLE[night] for night in NIGHTS[1:3]}
    assert (plan.segments[:, 1] < 0).all() and (np.diff(plan.segments[:, 4]) >= 0).all()
    kept = sorted(Path(tmp_path / "scratch").rglob("*.arrow"))
    assert [Path(table.path) for table in plan.tables] == kept


def test_few_stretches_stay_where_they_are(scattered, tmp_path):
    told = []
    plan = plan_of([TABLE], tmp_path / "scratch", lambda *step: told.append(step))
    assert plan.tables == [TABLE] and not (tmp_path / "scratch").exists()
    assert nights_of(plan) == WHOLE and told == [(4, 7), (7, 7), (7, 7)]
    assert plan.segments.tolist() == [
        *[[0, 0, 1, 2, 0], [0, 1, 1, 2, 0], [0, 1, 0, 1, 1], [0, 1, 2, 3, 2]],
        *[[0, 0, 0, 1, 3], [0, 0, 3, 4, 3], [0, 0, 2, 3, 4]],
    ]


@pytest.mark.parametrize(
    ("name", "value", "copied"),
    [
        ("MOST_STRETCHES", 7, False),
        ("MOST_STRETCHES", 6, True),
        # a night of few has a thousand's room: four stretches for each
        ("FEW_NIGHTS", 1, False),
        ("SCATTERED", 0, True),
    ],
)
def test_rows_are_copied_where_their_stretches_are_many(
    scattered, monkeypatch, tmp_path, name, value, copied
):
    monkeypatch.setattr(longform, name, value)
    plan = plan_of([TABLE], tmp_path / "scratch")
    assert (tmp_path / "scratch").exists() is copied and nights_of(plan) == WHOLE


def test_a_csv_is_always_copied_and_a_table_without_rows_named(monkeypatch, tmp_path, scattered):
    plan = plan_of([TABLE._replace(delimiter=";")], tmp_path / "scratch")
    assert (tmp_path / "scratch").exists() and nights_of(plan) == WHOLE
    for module in (inorder, longform):
        monkeypatch.setattr(
            module, "batches_of", lambda table, names, rows: [(0, 0, batch_of([]))]
        )
    plan = plan_of([TABLE], tmp_path / "none")
    assert plan.empty == ("t",) and plan.nights == [] and len(plan.segments) == 0


def test_the_kinds_of_a_table_say_what_nights_have(monkeypatch, tmp_path):
    def batches(table, names, rows):
        yield 0, 0, batch_of([("a", "1", 1, "L")]) | {"kind": pyarrow.array([kind])}

    monkeypatch.setattr(longform, "batches_of", batches)
    monkeypatch.setattr(longform, "rows_in", lambda table: 1)
    table = TABLE._replace(columns=TABLE.columns | {"kind": "kind"})
    found = {}
    for kind in (" Resp ", "arousal", "lm"):
        plan = plan_of([table], tmp_path)
        found[kind] = plan.resp, plan.arousals
    assert found == {" Resp ": (True, False), "arousal": (False, True), "lm": (False, False)}


# --- whose a row is ------------------------------------------------------------------------------


def test_persons_and_nights_are_texts_whatever_their_type():
    ids = {}
    batch = {"person": pyarrow.array([7.0, 7.5, 7.0]), "night": pyarrow.array([1, 1, 2])}
    codes = codes_of(batch, ids).tolist()
    assert [list(ids)[code] for code in codes] == [("7", "1"), ("7.5", "1"), ("7", "2")]
    batch = {"person": pyarrow.array([b"7", b"\xff"]), "night": pyarrow.array(["1", "1"])}
    assert codes_of(batch, ids).tolist() == [codes[0], 3] and list(ids)[3] == ("\\xff", "1")
    none = {"person": pyarrow.array([], pyarrow.string()), "night": pyarrow.array([], "string")}
    assert codes_of(none, ids).tolist() == []


@pytest.mark.parametrize("name", ["person", "night"])
def test_a_row_of_nobody_is_refused(name):
    batch = {"person": pyarrow.array(["a", "b"]), "night": pyarrow.array(["1", "2"])}
    batch[name] = pyarrow.array(["x", None])
    with pytest.raises(UserError, match=f"rows without a {name}"):
        codes_of(batch, {})


def test_runs_of_one_night_have_one_code():
    persons = ["b", "b", "a", "a", "a", "b"]
    batch = {"person": pyarrow.array(persons), "night": pyarrow.array(["1"] * 5 + ["2"])}
    ids = {}
    found = codes_of(batch, ids).tolist()
    assert [list(ids)[code] for code in found] == [
        *[("b", "1")] * 2,
        *[("a", "1")] * 3,
        ("b", "2"),
    ]


def test_a_plan_without_rows_gives_nothing():
    assert list(rows_of(Plan([], [], longplan.NO_SEGMENTS, False, False), 0, 1)) == []
