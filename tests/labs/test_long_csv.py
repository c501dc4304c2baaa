"""Long tables of other kinds: CSV of many nights, folders that say whose, odd types."""

import csv
import decimal

import long_tables
import pyarrow
import pytest
from click.testing import CliRunner
from notturno.cli.score import command
from notturno.errors import UserError
from notturno.labs import run
from pyarrow import parquet

ONSETS_S = [600.5 + 20 * i for i in range(10)]
TEN = {
    "person": ["a"] * 10,
    "night": ["n1"] * 10,
    "onset_s": ONSETS_S,
    "duration_s": [2.25] * 10,
    "side": ["L", "R"] * 5,
}


def nights(folder):
    return parquet.read_table(folder / "nights.parquet").to_pylist()


def qc(folder):
    with open(folder / "qc.csv", encoding="utf-8", newline="") as stream:
        return list(csv.DictReader(stream))


def scored(tmp_path, columns):
    (tmp_path / "in").mkdir(exist_ok=True)
    parquet.write_table(pyarrow.table(columns), tmp_path / "in" / "m.parquet")
    run.score([tmp_path / "in"], tmp_path / "out", force=True)
    return nights(tmp_path / "out")


def as_csv(path, table, mark=",", decimal_mark="."):
    def cell(value):
        text = "" if value is None else str(value)
        return text.replace(".", decimal_mark) if isinstance(value, float) else text

    rows = [mark.join(map(cell, row.values())) for row in table.to_pylist()]
    path.write_text("\n".join(["# a study", mark.join(table.column_names), *rows, ""]))


@pytest.mark.parametrize(("mark", "decimal_mark"), [(",", "."), (";", ","), ("\t", ".")])
def test_a_csv_of_many_nights_is_what_the_same_parquet_is(mark, decimal_mark, tmp_path):
    many = long_tables.random_nights(60, seed=8)
    long_tables.write(many, tmp_path / "in")
    (tmp_path / "csv").mkdir()
    for path in sorted((tmp_path / "in").iterdir()):
        table = parquet.read_table(path)
        as_csv(tmp_path / "csv" / f"{path.stem}.csv", table, mark, decimal_mark)
    run.score([tmp_path / "in"], tmp_path / "a")
    run.score([tmp_path / "csv"], tmp_path / "b", count=2)
    run.score([tmp_path / "csv"], tmp_path / "c")
    ours, theirs = nights(tmp_path / "a"), nights(tmp_path / "b")
    for row in ours + theirs:
        row.pop("source")
    assert ours == theirs and len(ours) > 50
    for name in ("nights.parquet", "events.parquet", "qc.csv", "settings.json"):
        assert (tmp_path / "b" / name).read_bytes() == (tmp_path / "c" / name).read_bytes()


def test_the_command_knows_a_csv_of_many_nights(tmp_path):
    rows = [f"p{k},n,{t},2,L" for k in range(2) for t in ONSETS_S]
    (tmp_path / "all.csv").write_text("Person,Night,onset_s,duration_s,side\n" + "\n".join(rows))
    result = CliRunner().invoke(command, [str(tmp_path / "all.csv")])
    assert result.exit_code == 0 and "p0" in result.stdout and "p1" in result.stdout
    rows = [f"Rossi, A. {k};n;{t:.0f},5;2;L" for k in range(2) for t in ONSETS_S]
    (tmp_path / "all.csv").write_text("Person;Night;onset_s;duration_s;side\n" + "\n".join(rows))
    result = CliRunner().invoke(command, [str(tmp_path / "all.csv")])
    assert result.exit_code == 0 and "Rossi, A. 0" in result.stdout, "a decimal comma is of times"
    for text in ("person,night,begin\na,b,1\n", "person,night\na,b\n"):
        (tmp_path / "all.csv").write_text(text)
        result = CliRunner().invoke(command, [str(tmp_path / "all.csv")])
        assert "has neither the columns" in str(result.exception)


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("person,night,onset_s,duration_s,side\na,1,5,2,L\n,1,5,2,L\n", "rows without a person"),
        ("person,night,onset_s,duration_s,side\na,1,5,2,L\na,1,5\n", "correct it"),
    ],
)
def test_a_csv_of_many_nights_that_is_damaged_ends_the_run_in_a_sentence(text, words, tmp_path):
    (tmp_path / "all.csv").write_text(text)
    with pytest.raises(UserError, match=words) as error:
        run.score([tmp_path / "all.csv"], tmp_path / "out")
    assert "all.csv" in str(error.value)


def test_folders_may_say_whose_a_table_is(tmp_path):
    rest = {name: TEN[name] for name in ("onset_s", "duration_s", "side")}
    for who in ("person=a b/night=1", "Person=c%20d/night=2"):
        (tmp_path / "in" / who).mkdir(parents=True)
        parquet.write_table(pyarrow.table(rest), tmp_path / "in" / who / "part-0.parquet")
    run.score([tmp_path / "in"], tmp_path / "out")
    assert [(r["person"], r["night"], r["plm_wasm2016"]) for r in nights(tmp_path / "out")] == [
        ("a b", "1", 10), ("c d", "2", 10)
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("column", "values", "key", "wanted"),
    [
        ("person", [7.0] * 10, "person", "7"),
        ("person", [b"a"] * 10, "person", "a"),
        ("side", ["LR"] * 10, "lms", 20),
        ("side", ["links", "rechts"] * 5, "side", "LR"),
        ("onset_s", [decimal.Decimal(str(t)) for t in ONSETS_S], "plm_wasm2016", 10),
        ("Person", ["other"] * 10, "person", "a"),
    ],
)
def test_odd_types_mean_what_they_say(column, values, key, wanted, tmp_path):
    (row,) = scored(tmp_path, TEN | {column: values})
    assert row[key] == wanted


def test_morphology_means_the_same_in_every_type(tmp_path):
    def of(values):
        return scored(tmp_path, TEN | {"morphology": values})[0]["movements_sha256"]

    no, yes, unsaid = of([0] * 10), of([1] * 10), of([None] * 10)
    assert len({no, yes, unsaid}) == 3
    assert of(["0"] * 10) == of([False] * 10) == of(["false"] * 10) == of([0.0] * 10) == no
    assert of(["1"] * 10) == of([True] * 10) == yes and of([""] * 10) == unsaid


def test_numbers_for_persons_join_whatever_their_type(tmp_path):
    (tmp_path / "in").mkdir()
    stages = {"person": [7.0] * 80, "night": ["n1"] * 80, "onset_s": [30 * i for i in range(80)]}
    parquet.write_table(pyarrow.table(stages | {"stage": ["N2"] * 80}), tmp_path / "in/s.parquet")
    (row,) = scored(tmp_path, TEN | {"person": [7] * 10})
    assert row["person"] == "7" and row["asleep_h"] == pytest.approx(80 / 120)


def test_what_is_there_twice_is_scored_once_and_told(tmp_path):
    (tmp_path / "in").mkdir()
    parquet.write_table(pyarrow.table(TEN), tmp_path / "in" / "again.parquet")
    (row,) = scored(tmp_path, TEN)
    assert (row["rows"], row["lms"]) == (20, 10)
    assert [(q["code"], q["n"]) for q in qc(tmp_path / "out")] == [("same_rows", "10")]


def test_a_table_without_rows_is_told(tmp_path):
    (tmp_path / "in").mkdir()
    parquet.write_table(pyarrow.table(TEN).slice(0, 0), tmp_path / "in" / "m.parquet")
    run.score([tmp_path / "in"], tmp_path / "out")
    assert nights(tmp_path / "out") == []
    assert [(q["source"], q["code"]) for q in qc(tmp_path / "out")] == [("m.parquet", "no_rows")]
