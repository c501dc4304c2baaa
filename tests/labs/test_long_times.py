"""Onsets of long tables as moments: timestamps, ISO text, zones; the same night as in seconds."""

import random
from datetime import datetime, timedelta
from pathlib import Path

import long_tables
import pyarrow
import pytest
from notturno.labs import run
from pyarrow import csv, parquet

FIRST = datetime(2024, 3, 30, 22, 15, 3, 250_000)  # over the night in which summer begins


def as_dates(table, kind):
    begins = {}
    for place, night in enumerate(table["night"].to_pylist()):
        begins.setdefault(night, FIRST + timedelta(days=int(night[1:])))
        begins[place] = begins[night]
    at = [begins[i] + timedelta(seconds=s) for i, s in enumerate(table["onset_s"].to_pylist())]
    if kind == "iso":
        column = pyarrow.array([each.isoformat() for each in at])
    elif kind == "iso of a zone":
        column = pyarrow.array([each.isoformat() + "+02:00" for each in at])
    else:
        column = pyarrow.array(at, kind)
    return table.set_column(table.column_names.index("onset_s"), "onset_s", column)


def nights_from_stages(n=12):
    """Nights whose stages begin at 0, as the earliest of what a night holds is its time 0."""
    return [night for night in long_tables.random_nights(4 * n) if night[3]][:n]


def scored(tables, out, write=parquet.write_table, ending="parquet"):
    """Return (rows of nights.parquet, their start_local)."""
    out.mkdir()
    for name, table in zip("ms", tables, strict=True):
        write(table, out / f"{name}.{ending}")
    run.score([out / f"{name}.{ending}" for name in "ms"], out / "out")
    rows = parquet.read_table(out / "out" / "nights.parquet").to_pylist()
    starts = [row.pop("start_local") for row in rows]
    return [row | {"source": ""} for row in rows], starts


@pytest.mark.parametrize(
    "kind",
    [
        pyarrow.timestamp("us"),
        pyarrow.timestamp("ns"),
        pyarrow.timestamp("us", "Europe/Rome"),
        "iso",
        "iso of a zone",
    ],
)
def test_moments_are_the_same_night_as_seconds(kind, tmp_path):
    tables = long_tables.tables_of(nights_from_stages())
    wanted, _ = scored(tables, tmp_path / "seconds")
    found, starts = scored([as_dates(table, kind) for table in tables], tmp_path / "dates")
    assert found == wanted and len(found) == 12
    first = FIRST + timedelta(days=int(found[0]["night"][1:]))
    assert starts[0] == (None if "zone" in str(kind) or "tz" in str(kind) else first.isoformat())


def test_moments_of_a_csv_in_any_order_are_the_same_night(tmp_path):
    tables = long_tables.tables_of(nights_from_stages())
    wanted, _ = scored(tables, tmp_path / "seconds")
    mixed = []
    for table in tables:
        order = list(range(len(table)))
        random.Random(5).shuffle(order)
        mixed.append(as_dates(table, "iso").take(order))
    found, _ = scored(mixed, tmp_path / "dates", csv.write_csv, "csv")
    assert found == wanted


def test_a_night_of_dates_and_of_seconds_is_refused_and_a_time_without_a_zone(tmp_path):
    movements, stages = long_tables.tables_of(nights_from_stages(2))
    scored([as_dates(movements, "iso"), stages], tmp_path / "two")
    told = Path(tmp_path / "two" / "out" / "qc.csv").read_text()
    assert told.count("write all in one way") == 2
    half = as_dates(movements, "iso of a zone")
    texts = half["onset_s"].to_pylist()
    texts[0] = texts[0].removesuffix("+02:00")
    half = half.set_column(half.column_names.index("onset_s"), "onset_s", pyarrow.array(texts))
    scored([half, as_dates(stages, "iso of a zone")], tmp_path / "zones")
    told = Path(tmp_path / "zones" / "out" / "qc.csv").read_text()
    assert told.count("A movement has no onset") == 1
