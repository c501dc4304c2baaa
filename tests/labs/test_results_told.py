"""What a terminal shows of a folder of results: as many rows as fit, and that there are more."""

import csv
from types import SimpleNamespace

import pyarrow
import pytest
from notturno import words
from notturno.cli import results
from notturno.errors import UserError
from pyarrow import parquet

NIGHTS, REFUSED, NOTED = 45, 43, 42


def work(folder, processes, bar):
    folder.mkdir(exist_ok=True)
    rows = [("refused", f"r{k}") for k in range(REFUSED)]
    rows += [("noted", f"n{k}") for k in range(NOTED)]
    with open(folder / "qc.csv", "w", encoding="utf-8", newline="") as stream:
        table = csv.DictWriter(stream, ["what", "source", "reason"])
        table.writeheader()
        table.writerows({"what": what, "source": s, "reason": "so"} for what, s in rows)
    names = {"night": [f"night-{k}" for k in range(NIGHTS)], "refusals": [None] * NIGHTS}
    parquet.write_table(pyarrow.table(names), folder / "nights.parquet")
    return SimpleNamespace(rows={"nights": NIGHTS}, whole=False)


MANY = results.Many(
    "Working", work, "told-1", (("night", "night"),), lambda done: {}, lambda done, out: ["came"]
)


@pytest.mark.parametrize("kept", [False, True])
def test_forty_rows_of_each_are_shown_and_the_others_counted(tmp_path, capsys, kept):
    results.run(MANY, str(tmp_path / "out") if kept else None, 1, as_json=False)
    said = capsys.readouterr()
    assert said.out.count("night-") == (0 if kept else 40)
    assert ("... and 5 more nights; write them with --out DIR." in said.out) is not kept
    assert said.out.endswith("came\n")
    assert said.err.count("refused: r") == 40
    assert "... and 3 more refused; see qc.csv." in said.err
    assert said.err.count("note: n") == (0 if kept else 40)
    assert ("42 notes on these nights stand in qc.csv." in said.err) is kept


@pytest.mark.parametrize(
    ("source", "reason", "line"),
    [
        ("in/a.npz", "a.npz has no acc; store it.", "in/a.npz has no acc; store it."),
        ("a.npz", "a.npz: the rate is 9 Hz.", "a.npz: the rate is 9 Hz."),
        ("a.csv", "a.csv, line 3: no number.", "a.csv, line 3: no number."),
        ("a", "a.npz has no acc.", "a: a.npz has no acc."),
        ("b.csv", "Its clock is not known.", "b.csv: Its clock is not known."),
        ("", "Two lie there.", "Two lie there."),
    ],
)
def test_a_file_is_named_once(capsys, source, reason, line):
    results._print_qc([{"what": "refused", "source": source, "reason": reason}], None)
    assert capsys.readouterr().err == f"refused: {line}\n"


def test_what_stands_in_english_is_said_in_the_language_spoken(tmp_path, capsys):
    reason = str(UserError("{name} has no {key}; store acc.", name="a.npz", key="acc"))
    qc = [{"what": "noted", "source": "a", "reason": "Its clock is not known: no time of day."}]
    qc += [{"what": "refused", "source": "b", "reason": reason}]
    with words.speaking("it"):
        results._print_qc(qc, None)
    told = capsys.readouterr().err
    assert "nota: a: Il suo orologio non" in told
    assert "rifiutato: a: a.npz has no acc" not in told and "a.npz" in told
