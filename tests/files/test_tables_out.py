"""The tables of an export: CSV and Parquet, as other programs read them."""

import csv
import json
import locale
from datetime import datetime

import pytest
from click.testing import CliRunner
from fakes.typed import exported, typed
from lives import AWAY, NEXT, NIGHT, NOTE, OTHER, TRACE, figures, nights
from notturno.cli import cli
from notturno.files import chosen, tables
from notturno.files.columns import BOOL, INT, REAL, TABLES
from notturno.nights.columns import COLUMNS
from notturno.store import Store
from notturno_core import detector


@pytest.fixture(scope="module")
def folder(life, tmp_path_factory):
    return exported(life, tmp_path_factory.mktemp("out") / "csv", "csv")


def rows(folder, name):
    with open(folder / f"{name}.csv", encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def written(life, out, form, *options):
    """Export, and return how many rows it says that each table holds."""
    asked = ["export", "--format", form, "--out", out, *options, "--data-dir", life, "--json"]
    return json.loads(typed(*asked))["written"]


def test_every_table_has_the_columns_that_the_dictionary_names(folder):
    dictionary = rows(folder, "DICTIONARY")
    for name, fields in TABLES.items():
        with open(folder / f"{name}.csv", encoding="utf-8", newline="") as file:
            head = next(csv.reader(file))
        assert head == [row["column"] for row in dictionary if row["table"] == name]
        assert all(field.meaning for field in fields), name
    assert {row["table"] for row in dictionary} == set(TABLES)
    of_nights = {column.key for column in COLUMNS} - {"age_of_newest_s"}
    assert {row["column"] for row in dictionary if row["table"] == "nights"} == of_nights


def test_every_cell_is_of_its_columns_type_with_a_point_in_numbers(folder):
    seen = set()
    for name, fields in TABLES.items():
        for row in rows(folder, name):
            for field in fields:
                cell = row[field.name]
                if cell == "":
                    continue
                seen.add(field.type)
                if field.type == INT:
                    assert str(int(cell)) == cell, (name, field.name, cell)
                elif field.type == REAL:
                    assert "," not in cell and json.loads(cell) == float(cell)
                elif field.type == BOOL:
                    assert cell in ("true", "false")
    assert seen == {"text", INT, REAL, BOOL}


def comma_locale():
    for name in ("de_DE.UTF-8", "it_IT.UTF-8", "fr_FR.UTF-8"):
        try:
            return locale.setlocale(locale.LC_ALL, name)
        except locale.Error:
            continue
    return None


def test_a_locale_with_decimal_commas_changes_no_byte(life, folder, tmp_path, monkeypatch):
    monkeypatch.setenv("LC_ALL", "it_IT.UTF-8")
    monkeypatch.setenv("NOTTURNO_LANG", "it")
    monkeypatch.setattr(locale, "localeconv", lambda: {"decimal_point": ",", "thousands_sep": "."})
    before = locale.setlocale(locale.LC_ALL)
    try:
        comma_locale()
        again = exported(life, tmp_path / "csv", "csv")
    finally:
        locale.setlocale(locale.LC_ALL, before)
    for name in TABLES:
        assert (again / f"{name}.csv").read_bytes() == (folder / f"{name}.csv").read_bytes()


def test_local_times_carry_their_offset_over_the_change_of_clocks(folder):
    events = [row for row in rows(folder, "events") if row["night"] == NIGHT]
    offsets = [row["onset_local"][-6:] for row in events]
    assert offsets[0] == "+01:00" and offsets[-1] == "+02:00" and offsets == sorted(offsets)
    for row in events:
        moment = datetime.fromisoformat(row["onset_local"])
        assert round(moment.timestamp() * 1000) == int(row["onset_utc_ms"])
    utc = [int(row["onset_utc_ms"]) for row in events]
    assert utc == sorted(utc) and len(set(utc)) == len(utc)
    away = next(row for row in rows(folder, "events") if row["night"] == AWAY)
    assert away["onset_local"].endswith("-04:00")


def test_a_night_without_a_clock_has_no_times_but_its_seconds(folder):
    event = next(row for row in rows(folder, "events") if row["device_id"] == OTHER)
    assert event["onset_local"] == event["onset_utc_ms"] == "" and float(event["onset_s"]) == 1200


def test_figures_are_those_of_the_store_and_a_refused_one_is_empty_with_its_reason(life, folder):
    stored = {(row["night"], row["device_id"]): row for row in figures(life)}
    written = rows(folder, "nights")
    assert len(written) == len(stored) == 5
    refused = 0
    for row in written:
        truth = stored[row["night"], row["device_id"]]
        for key in ("jerks", "lms", "jerks_per_h", "countable_h", "periodicity_index"):
            assert row[key] == ("" if truth[key] is None else json.dumps(truth[key]))
            if truth[key] is None:
                refused += 1
                assert json.loads(row["refusals"])[key]["refused"]
    assert refused == 5


def test_a_night_of_both_sides_stands_in_a_table_of_its_own(life, own_life, folder, tmp_path):
    assert rows(folder, "person_nights") == []
    with Store.open(own_life) as store:
        frames = nights(1).frames
        store.add(store.begin_sync(OTHER, 0x78, "Europe/Rome", "0.1.0"), frames)
        store.name_band(OTHER, "calf-right", limb="calf", side="R")
        (truth,) = store.person_nights([NIGHT])
    out = exported(own_life, tmp_path / "csv", "csv")
    (row,) = rows(out, "person_nights")
    assert (row["night"], row["jerks"]) == (NIGHT, str(truth["jerks"]))
    assert row["countable_h"] == json.dumps(truth["countable_h"])
    assert (
        rows(exported(own_life, tmp_path / "one", "csv", "--band", OTHER), "person_nights") == []
    )


def test_notes_and_marks_survive_commas_quotes_lines_and_signs(folder):
    entry = next(row for row in rows(folder, "diary") if row["what"] == "clonazepam")
    assert (entry["note"], entry["amount"], entry["at"]) == (NOTE, "0.5", "22:10")
    assert len(rows(folder, "marks")) == 2 and len(rows(folder, "stimuli")) == 1
    event = next(row for row in rows(folder, "events") if row["label"])
    assert (event["label"], event["number"]) == ("not_me", "4")


def test_snippets_are_the_samples_that_the_band_kept(folder):
    found = [row for row in rows(folder, "snippets") if row["night"] == NEXT]
    assert len(found) == 2 * len(TRACE)
    first = found[: len(TRACE)]
    for row, counts in zip(first, TRACE, strict=True):
        for axis, count in zip("xyz", counts, strict=True):
            assert float(row[f"acceleration_mg_{axis}"]) == round(int(count) * 122 / 1000, 3)
    assert float(first[52]["from_onset_s"]) == 0 and first[0]["event_seq"]
    assert float(first[156]["from_onset_s"]) == pytest.approx(1.0, rel=1e-4)


def test_settings_bear_the_names_of_the_detector(life, monkeypatch):
    values = {name: index for index, name in enumerate(tables.SETTING_NAMES)}
    with Store.open(life, create=False) as store:
        session = store.sessions(NIGHT)[0]
        key = (session["device_id"], session["log_id"], session["seq"])
        raw = store.raw_settings() | {key: detector.packed(values)}
        cut = {place: data + b"\1\2\3" for place, data in raw.items() if place != key}
        raw |= cut  # what is no whole value behind the last one is none
        monkeypatch.setattr(store, "raw_settings", lambda: raw)
        which = chosen.chosen(store, night=NIGHT)
        found = list(tables.rows_of(store, which, "settings"))
        other = list(tables.rows_of(store, chosen.chosen(store, night=NEXT), "settings"))
    assert {row["name"]: row["value"] for row in found} == values
    assert [(row["name"], row["value"]) for row in other] == [(None, 1), (None, 2)]


@pytest.mark.parametrize(
    ("options", "nights"),
    [
        (["--last", "1"], {AWAY, f"{AWAY}-nap1"}),
        (["--until", NIGHT], {NIGHT}),
        (["--since", NEXT, "--until", NEXT], {NEXT}),
        (["--band", OTHER], {"undated-7"}),
        ([f"{AWAY}-nap1"], {f"{AWAY}-nap1"}),
    ],
)
def test_nights_are_chosen_as_everywhere(life, tmp_path, options, nights):
    out = tmp_path / "csv"
    told = written(life, out, "csv", *options)
    assert told == {name: len(rows(out, name)) for name in TABLES}
    for name in ("nights", "events", "minutes", "sessions"):
        assert {row["night"] for row in rows(out, name)} == nights, name
    assert {row["night"] for row in rows(out, "diary")} <= nights


@pytest.mark.parametrize(
    ("options", "words"),
    [
        (["--since", NEXT, "--until", NIGHT], "swap them"),
        ([NIGHT, "--last", "2"], "Name one night"),
        (["2026-05-05"], "not stored"),
        (
            ["--since", "2026-09-01"],
            "No night is stored there; the stored ones go from 2026-03-28",
        ),
        (["--since", "yesterday"], "no date"),
        (["--signals"], "--format edf alone"),
    ],
)
def test_what_cannot_be_chosen_is_one_sentence(life, tmp_path, options, words):
    arguments = ["export", "--format", "csv", "--out", str(tmp_path / "x"), *options]
    result = CliRunner().invoke(cli, [*arguments, "--data-dir", str(life)])
    assert result.exit_code == 1 and words in str(result.exception)
    assert not (tmp_path / "x").exists() and not list(tmp_path.glob(".*"))


def test_two_readers_of_parquet_find_the_rows_of_the_store(life, folder, tmp_path):
    duckdb, polars = pytest.importorskip("duckdb"), pytest.importorskip("polars")
    out = tmp_path / "parquet"
    told = written(life, out, "parquet")
    with Store.open(life, create=False) as store:
        which = chosen.chosen(store)
        for name, fields in TABLES.items():
            truth = [tuple(row.values()) for row in tables.rows_of(store, which, name)]
            path = str(out / f"{name}.parquet")
            frame = polars.read_parquet(path)
            assert frame.columns == [field.name for field in fields]
            assert frame.rows() == truth, name
            assert told[name] == len(truth)
            found = duckdb.sql(f"select * from '{path}'").fetchall()
            assert [tuple(row) for row in found] == truth, name
    kinds = {"text": "VARCHAR", INT: "BIGINT", REAL: "DOUBLE", BOOL: "BOOLEAN"}
    described = duckdb.sql(f"describe select * from '{out / 'events.parquet'}'").fetchall()
    assert [row[1] for row in described] == [kinds[field.type] for field in TABLES["events"]]
