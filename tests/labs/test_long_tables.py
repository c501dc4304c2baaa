"""Nights of long tables are scored as each is scored alone, whatever the order and the jobs."""

import csv
import json
from collections import Counter
from datetime import date, datetime

import long_tables
import pyarrow
import pytest
from notturno.errors import UserError
from notturno.labs import inorder, longform, longtables, run
from notturno.refusals import is_refusal
from notturno.scoring.movements import legs
from notturno.scoring.movements.score import score_night
from notturno.scoring.movements.stage_names import stage_names
from pyarrow import parquet


def alone(rows, stages, **more):
    """The figures of one night by the plain scorer."""
    rows = legs.make_rows(rows)
    if stages:
        names, _ = stage_names(label for _, label in stages)
        stages = [(round(t * 1e6), name) for (t, _), name in zip(stages, names, strict=True)]
    return score_night(rows, stages=stages or None, **more)


def tables(folder):
    return {
        name: parquet.read_table(folder / f"{name}.parquet").to_pylist()
        for name in ("nights", "events")
    }


def bytes_of(folder):
    return {p.name: p.read_bytes() for p in folder.iterdir() if p.name[0] != "."}


def check(row, told):
    """Hold one row of nights against the plain scorer's figures."""
    refused = json.loads(row["refusals"] or "{}")

    def same(key, value):
        if is_refusal(value):
            assert row[key] is None and refused[key] == value.code, key
        else:
            assert row[key] == value, key

    wasm = told["wasm2016"]
    assert row["movements_sha256"] == wasm["provenance"]["movements_sha256"]
    assert row["lms"] == wasm["counts"]["monolateral_lm"]
    for what, key in (("sleep", "asleep_h"), ("recorded", "recorded_h"), ("rem", "rem_h")):
        same(key, wasm["hours"][what])
    for rules, each in told.items():
        suffix = f"_{rules}"
        for key in ("lm", "clm", "plm", "plms", "plmw"):
            same(key + suffix, each[key])
        same("plms_per_h" + suffix, each["plms_per_h"])
        same("plm_per_h" + suffix, each["rates"]["plm_per_recorded_h"])
        assert row["series" + suffix] == len(each["series"])
        assert row["isolated" + suffix] == each["counts"]["clm_isolated"]
        assert row["short_imi" + suffix] == each["counts"]["clm_short_imi"]
        index = "" if rules == "wasm2016" else suffix
        for key in ("periodicity_index", "log_imi_mean", "log_imi_sd"):
            same(key + index, each[key])


def test_every_night_is_scored_as_it_is_alone(tmp_path):
    nights = long_tables.random_nights(150)
    long_tables.write(nights, tmp_path / "in")
    run.score([tmp_path / "in"], tmp_path / "out")
    found = tables(tmp_path / "out")
    assert [(r["person"], r["night"]) for r in found["nights"]] == sorted(
        (p, n) for p, n, rows, stages in nights if rows or stages
    )
    by_night = {row["night"]: row for row in found["nights"]}
    series = 0
    for _, night, rows, stages in nights:
        if rows or stages:
            told = alone(rows, stages)
            check(by_night[night], told)
            series += len(told["wasm2016"]["series"]) + len(told["aasm3"]["series"])
            marked = [e for e in found["events"] if e["night"] == night]
            for rules, each in told.items():
                of_movement = {e[f"movement_{rules}"]: e for e in marked}
                assert set(of_movement) == set(range(each["lm"]))
                assert sum(e[f"plm_{rules}"] for e in of_movement.values()) == each["plm"]
                assert sum(e[f"clm_{rules}"] for e in of_movement.values()) == each["clm"]
                first = [
                    min(e["onset_s"] for e in marked if e[f"movement_{rules}"] == number)
                    for number, e in sorted(of_movement.items())
                    if e[f"plm_{rules}"]
                ]
                assert first == [t for run_ in each["series"] for t in run_["onsets_s"]]
    assert series > 100


def test_order_of_rows_and_files_and_the_jobs_do_not_show(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "NIGHTS_A_BATCH", 20)
    nights = long_tables.random_nights(90)
    long_tables.write(nights, tmp_path / "in")
    long_tables.write(nights, tmp_path / "mixed", rows_a_group=157, shuffled=4)
    run.score([tmp_path / "in"], tmp_path / "a")
    wanted = bytes_of(tmp_path / "a")
    files = [tmp_path / "in" / "stages.parquet", tmp_path / "in" / "movements.parquet"]
    for number, (paths, jobs) in enumerate(((files, 2), (files[::-1], 6))):
        run.score(paths, tmp_path / f"b{number}", count=jobs)
        assert bytes_of(tmp_path / f"b{number}") == wanted
    # Rows in any order: the same results (the files' sizes, told in settings.json, differ).
    for how in ({}, {"SCATTERED": 0}, {"MOST_STRETCHES": 40}):
        with monkeypatch.context() as patched:
            for name, value in how.items():
                patched.setattr(longform, name, value)
            patched.setattr(inorder, "NIGHTS_A_FILE", 7)
            run.score([tmp_path / "mixed"], tmp_path / f"c{len(how)}{list(how)}")
        mixed = bytes_of(tmp_path / f"c{len(how)}{list(how)}")
        assert all(mixed[n] == wanted[n] for n in wanted if n != "settings.json")


def test_rows_lie_in_order_at_once_where_they_were_scattered(tmp_path, monkeypatch):
    monkeypatch.setattr(longform, "SCATTERED", 0)
    nights = long_tables.random_nights(40)
    long_tables.write(nights, tmp_path / "in", shuffled=1)
    paths = [tmp_path / "in" / f"{name}.parquet" for name in ("movements", "stages")]
    plan = longform.plan_of(
        [longtables.table_of(path, path.name) for path in paths], tmp_path / "scratch"
    )
    assert sum(stop - start for _, _, start, stop, _ in plan.segments) == sum(
        len(rows) + len(stages) for _, _, rows, stages in nights
    )
    assert len(plan.segments) <= 2 * len(plan.nights)


def test_a_row_group_too_large_for_a_process_is_cut_first(tmp_path, monkeypatch):
    nights = long_tables.random_nights(40)
    long_tables.write(nights, tmp_path / "in", rows_a_group=100_000)
    run.score([tmp_path / "in"], tmp_path / "a")
    monkeypatch.setattr(longform, "LARGEST_GROUP", 300)
    for module in (longform, inorder):
        monkeypatch.setattr(module, "ROWS_AT_ONCE", 170)
    copied = []
    monkeypatch.setattr(inorder, "copied", lambda *a, f=inorder.copied: copied.append(1) or f(*a))
    run.score([tmp_path / "in"], tmp_path / "b")
    assert copied and bytes_of(tmp_path / "a") == bytes_of(tmp_path / "b")


def one(tmp_path, movements, stages=None):
    """Score one long table given as columns; return (nights, qc rows)."""
    import csv

    folder = tmp_path / "one"
    folder.mkdir()
    parquet.write_table(pyarrow.table(movements), folder / "movements.parquet")
    if stages:
        parquet.write_table(pyarrow.table(stages), folder / "stages.parquet")
    run.score([folder], tmp_path / "out")
    with open(tmp_path / "out" / "qc.csv", newline="") as stream:
        return tables(tmp_path / "out")["nights"], list(csv.DictReader(stream))


def movements(n=2, **changed):
    columns = {
        "person": ["a"] * 5 * n,
        "night": [i // 5 for i in range(5 * n)],
        "onset_s": [20.0 * (i % 5) for i in range(5 * n)],
        "duration_s": [2.0] * 5 * n,
        "side": ["L"] * 5 * n,
    }
    for name, (at, value) in changed.items():
        columns[name][at] = value
    return columns


@pytest.mark.parametrize(
    ("changed", "why"),
    [
        ({"duration_s": (2, -1.0)}, "negative"),
        ({"onset_s": (2, float("nan"))}, "no onset"),
        ({"onset_s": (2, None)}, "no onset"),
        ({"onset_s": (2, 2e9)}, "beyond any night"),
        ({"side": (2, "left foot")}, "'left foot'"),
    ],
)
def test_a_bad_row_costs_its_night_and_is_told(tmp_path, changed, why):
    nights, qc = one(tmp_path, movements(**changed))
    assert [row["night"] for row in nights] == ["1"] and nights[0]["plm_wasm2016"] == 5
    (told,) = qc
    assert (told["what"], told["person"], told["night"]) == ("refused", "a", "0")
    assert why in told["reason"] and told["source"] == "movements.parquet"


def test_an_unknown_label_costs_its_epoch_and_two_stages_at_once_theirs(tmp_path):
    labels = ["N2"] * 18 + ["Sleep stage A"] + ["W"]
    stages = {"person": ["a"] * 21, "night": [0] * 21}
    stages |= {"onset_s": [30.0 * i for i in range(20)] + [0.0], "stage": [*labels, "W"]}
    nights, qc = one(tmp_path, movements(1), stages)
    assert nights[0]["asleep_h"] == pytest.approx(17 / 120)
    assert nights[0]["awake_in_bed_h"] == pytest.approx(1 / 120)
    assert nights[0]["unknown_stages"] == 1
    assert Counter(row["code"] for row in qc) == {"unknown_stage": 1, "two_stages": 1}


def test_tables_without_rows_are_no_nights(tmp_path):
    table = pyarrow.table(movements())
    (tmp_path / "in").mkdir()
    parquet.write_table(table.slice(0, 0), tmp_path / "in" / "a.parquet")
    run.score([tmp_path / "in"], tmp_path / "out")
    assert tables(tmp_path / "out") == {"nights": [], "events": []}


def test_kinds_of_events_go_where_they_belong(tmp_path):
    table = movements(1) | {"kind": ["lm", "resp", "arousal", "gap", "jerk"]}
    nights, _ = one(tmp_path, table)
    assert (nights[0]["rows"], nights[0]["gaps"], nights[0]["plm_nonresp_wasm2016"]) == (1, 1, 0)


def test_words_for_sides_numbers_for_names_and_texts_for_times_are_read(tmp_path):
    table = movements(1) | {"person": [7] * 5, "side": ["left", "RIGHT", " l", None, ""]}
    table["onset_s"] = [str(t) for t in table["onset_s"]]
    nights, _ = one(tmp_path, {name.upper(): values for name, values in table.items()})
    assert (nights[0]["person"], nights[0]["night"]) == ("7", "0")
    assert (nights[0]["side"], nights[0]["plm_wasm2016"]) == ("LR", 5)


def test_a_table_of_another_form_and_a_damaged_one_are_told(tmp_path):
    folder = tmp_path / "in"
    folder.mkdir()
    parquet.write_table(pyarrow.table({"a": [1]}), folder / "a.parquet")
    (folder / "b.parquet").write_bytes(b"PAR1 no more")
    parquet.write_table(pyarrow.table(movements()), folder / "c.parquet")
    (folder / "c.parquet").with_suffix(".doc").write_text("x")
    run.score([folder], tmp_path / "out")
    qc = (tmp_path / "out" / "qc.csv").read_text()
    assert "a.parquet,,,refused,not_read,1" in qc and "b.parquet,,,refused" in qc
    assert ",noted,other_files,1," in qc
    assert len(tables(tmp_path / "out")["nights"]) == 2
    with pytest.raises(UserError, match="nothing to score"):
        run.score([tmp_path / "out"], tmp_path / "out2")
    table = movements() | {"night": [None] * 10}
    parquet.write_table(pyarrow.table(table), tmp_path / "d.parquet")
    run.score([tmp_path / "d.parquet"], tmp_path / "out3")
    assert "d.parquet holds rows without a night" in (tmp_path / "out3" / "qc.csv").read_text()


@pytest.mark.parametrize(
    ("column", "values", "words"),
    [
        ("onset_s", [date(2026, 1, 1)] * 2, "onset_s holds date32"),
        ("duration_s", [datetime(2026, 1, 1)] * 2, "duration_s holds timestamp"),
        ("duration_s", [[1.0], [2.0]], "duration_s holds list"),
        ("side", [["L"], ["R"]], "side holds list"),
        ("person", [None, "p"], "without a person"),
        ("night", ["n", None], "without a night"),
    ],
)
def test_a_table_of_other_types_costs_itself_alone(tmp_path, column, values, words):
    good = {"person": ["p"] * 2, "night": ["n"] * 2, "onset_s": [1.0, 30.0]}
    good |= {"duration_s": [1.0] * 2, "side": [""] * 2}
    parquet.write_table(pyarrow.table(good), tmp_path / "good.parquet")
    parquet.write_table(pyarrow.table(good | {column: values}), tmp_path / "bad.parquet")
    run.score([tmp_path / "good.parquet", tmp_path / "bad.parquet"], tmp_path / "out")
    with open(tmp_path / "out" / "qc.csv", newline="") as stream:
        (row,) = csv.DictReader(stream)
    assert (row["source"], row["what"]) == ("bad.parquet", "refused")
    assert row["reason"].startswith("bad.parquet") and words in row["reason"]
    assert parquet.read_table(tmp_path / "out" / "nights.parquet").num_rows == 1
