"""`notturno score PATH...` end to end: folders, names, resumption after a kill."""

import csv
import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
import lab_files
import long_tables
import pytest
from click.testing import CliRunner
from golden import columns, hold, leaves
from notturno.cli.score import command
from notturno.errors import UserError
from notturno.labs import inputs, jobs, run
from pyarrow import parquet


def invoke(*arguments):
    return CliRunner().invoke(command, [str(a) for a in arguments])


def as_json(*arguments):
    result = invoke(*arguments, "--json")
    assert result.exit_code == 0, result.output
    return json.loads(result.stdout)


def nights(folder):
    return parquet.read_table(folder / "nights.parquet").to_pylist()


@pytest.fixture
def laboratory(tmp_path):
    """Two persons of two nights each, by four programs, and two files that are no lists."""
    folder = tmp_path / "lab"
    for person in ("anna", "bert"):
        (folder / person).mkdir(parents=True)
    lab_files.edf(folder / "anna" / "n1.edf")
    lab_files.nsrr(folder / "anna" / "n2-nsrr.xml")
    lab_files.remlogic(folder / "bert" / "n1.txt")
    lab_files.movements_csv(folder / "bert" / "n2.csv")
    lab_files.yasa(folder / "bert" / "n2_hypno.csv")
    (folder / "bert" / "n3.csv").write_text("a,b\n1,2\n")
    (folder / "notes.docx").write_text("x")
    return folder


def test_a_folder_of_lists_becomes_tables(laboratory, tmp_path):
    told = as_json(laboratory, "--out", tmp_path / "out", "--jobs", 1)
    assert told["rows"] == {"nights": 4, "events": 40, "qc": len(told["qc"])}
    rows = nights(tmp_path / "out")
    assert [(r["person"], r["night"], r["format"]) for r in rows] == [
        ("anna", "n1", "edf+"),
        ("anna", "n2", "nsrr"),
        ("bert", "n1", "remlogic"),
        ("bert", "n2", "csv; yasa"),
    ]
    assert {r["plms_wasm2016"] for r in rows} == {10}
    assert {round(r["asleep_h"], 6) for r in rows} == {69 / 120}
    assert rows[0]["start_local"] == "2024-03-01T22:00:00"
    with open(tmp_path / "out" / "qc.csv", newline="") as stream:
        qc = list(csv.DictReader(stream))
    (refused,) = [row for row in qc if row["what"] == "refused"]
    assert refused["source"] == "bert/n3.csv" and "kind of list" in refused["reason"]
    settings = json.loads((tmp_path / "out" / "settings.json").read_text())
    assert settings["settings"]["conventions"]["imi_upper"] == "included"
    assert settings["inputs"]["files"] == 6


KEPT = Path(__file__).with_name("golden_laboratory.json")


def test_all_that_is_told_of_a_laboratory_is_kept(laboratory, tmp_path):
    invoke(laboratory, "--out", tmp_path / "out", "--jobs", 1)
    for name in ("nights", "events"):
        rows = parquet.read_table(tmp_path / "out" / f"{name}.parquet").to_pylist()
        hold(KEPT, name, {"rows": len(rows), "columns": columns(leaves(rows))})
    with open(tmp_path / "out" / "qc.csv", newline="") as stream:
        hold(KEPT, "qc", list(csv.reader(stream)))
    hold(KEPT, "words", invoke(laboratory, "--jobs", 1).stdout.splitlines())


def test_one_file_after_the_other_gives_the_same_rows(laboratory, tmp_path):
    invoke(laboratory, "--out", tmp_path / "all")
    invoke(laboratory / "*" / "n1.*", laboratory / "anna", "--out", tmp_path / "some")
    for row in nights(tmp_path / "some"):
        (same,) = [
            r
            for r in nights(tmp_path / "all")
            if r["movements_sha256"]
            and r["night"] == row["night"]
            and r["format"] == row["format"]
        ]
        names = ("person", "night", "source")
        assert {k: v for k, v in row.items() if k not in names} == {
            k: v for k, v in same.items() if k not in names
        }


def test_without_a_folder_the_nights_are_printed(laboratory):
    result = invoke(laboratory)
    assert result.exit_code == 0
    assert "anna" in result.stdout and "refused: bert/n3.csv" in result.stderr
    told = as_json(laboratory)
    assert [row["night"] for row in told["nights"]] == ["n1", "n2", "n1", "n2"]
    assert told["schema"] == "score-nights-1" and told["refused"] == 1
    assert told["nights"][3]["refusals"]["plms_arousal_per_h_wasm2016"] == "no_arousals"


def test_a_batch_and_what_is_told_of_others_begin_no_process(laboratory, tmp_path, monkeypatch):
    """A process takes longer to begin than a ward's files take to be scored."""
    monkeypatch.setattr(jobs, "ProcessPoolExecutor", None)
    assert run.score([laboratory], tmp_path / "out", count=8).batches == 2
    assert "bert/n3.csv" in (tmp_path / "out" / "qc.csv").read_text()


def test_a_profile_is_told_wherever_it_is_chosen(laboratory, tmp_path):
    result = invoke(laboratory, "--like", "somas", "--out", tmp_path / "out")
    assert "imi_upper=excluded (included)" in result.stdout
    told = json.loads((tmp_path / "out" / "settings.json").read_text())["settings"]
    assert told["rules"] == "wasm2016"
    assert told["conventions"]["imi_upper"] == "excluded"
    assert told["like"]["differs"]["imi_upper"]["ours"] == "included"
    row = nights(tmp_path / "out")[0]
    assert row["plm_wasm2016"] == 10 and row["plm_aasm3"] is None and row["lm_aasm3"] is None
    single = invoke(laboratory / "bert" / "n2.csv", "--like", "matplm")
    assert "bilateral_chain=any_leg (running_end)" in single.stdout
    found = as_json(
        *(laboratory / "bert" / "n2.csv", "--like", "matplm"), *("--set", "bilateral_chain=linked")
    )
    assert found["conventions"]["bilateral_chain"]["value"] == "linked"
    assert found["conventions"]["bilateral_link"]["value"] == "up_to_0_5_s"


def test_options_of_one_list_and_wrong_arguments_are_refused(laboratory, tmp_path):
    for more, why in (
        (("--stages", "x.csv"), "--stages is for one list"),
        (("--recorded-s", "60"), "--recorded-s is for one list"),
        (("--jobs", "0"), "--jobs is 0"),
        (("--like", "x"), "no profile 'x'"),
        (("--set", "imi_upper=x"), "imi_upper cannot be"),
        (("--rules", "x"), "no rules 'x'"),
    ):
        result = invoke(laboratory, "--out", tmp_path / "out", *more)
        assert isinstance(result.exception, UserError) and why in str(result.exception), more
    with pytest.raises(UserError, match="cannot be read"):
        inputs.found_in([tmp_path / "gone"])


def test_persons_of_two_folders_with_one_name_stay_two(tmp_path):
    for folder in ("a", "b"):
        (tmp_path / folder / "p1").mkdir(parents=True)
        lab_files.movements_csv(tmp_path / folder / "p1" / "n.csv")
    found = inputs.found_in([tmp_path / "b", tmp_path / "a", tmp_path / "a" / "p1" / "n.csv"])
    assert [(unit.person, unit.night) for unit in found.units] == [("a/p1", "n"), ("b/p1", "n")]


def test_bids_names_say_person_and_night(tmp_path):
    lab_files.events_table(tmp_path / "sub-01_ses-02_task-sleep_events.tsv")
    (unit,) = inputs.found_in([tmp_path]).units
    assert (unit.person, unit.night) == ("sub-01", "ses-02")


def test_an_export_of_ours_is_read(tmp_path):
    folder = tmp_path / "ours"
    folder.mkdir()
    (folder / "nights.csv").write_text("night,device_id,person_side\n2024-03-01,aa,L\n")
    (folder / "sessions.csv").write_text(
        "night,device_id,start_utc_ms,end_utc_ms,start_local\n"
        "2024-03-01,aa,1000000,2000000,x\n2024-03-01,aa,2100000,3000000,y\n"
    )
    rows = [
        f"2024-03-01,aa,{'lm' if i < 8 else 'jerk'},{'False' if i == 7 else 'True'},,"
        f"{1_100_000 + 20_000 * i},2.0,{'no_morphology' if i == 6 else ''}"
        for i in range(9)
    ]
    head = "night,device_id,kind,counts,onset_s,onset_utc_ms,duration_s,flag_names\n"
    (folder / "events.csv").write_text(head + "\n".join(rows) + "\n")
    run.score([folder], tmp_path / "out")
    (row,) = nights(tmp_path / "out")
    assert (row["person"], row["night"], row["side"]) == ("ours", "2024-03-01", "L")
    assert (row["rows"], row["plm_wasm2016"]) == (7, 7)
    assert row["recorded_h"] == pytest.approx(1900 / 3600) and row["gap_h"] == pytest.approx(
        100 / 3600
    )


def test_what_our_export_holds_is_what_its_own_nights_say(tmp_path):
    """A real export: a nap, a night without a clock, the night on which the clocks change."""
    sys.path.append(str(Path(__file__).resolve().parents[1] / "files"))
    from lives import live
    from notturno.cli import cli

    home = live(tmp_path / "home")
    arguments = ("export", "--format", "csv", "--out", tmp_path / "ours", "--data-dir", home)
    result = CliRunner().invoke(cli, list(map(str, arguments)))
    assert result.exit_code == 0, result.output
    run.score([tmp_path / "ours"], tmp_path / "out")
    with open(tmp_path / "ours" / "nights.csv", encoding="utf-8", newline="") as stream:
        own = {row["night"]: row for row in csv.DictReader(stream)}
    found = nights(tmp_path / "out")
    assert {row["night"] for row in found} == set(own) and len(own) > 3
    assert sum(row["lms"] for row in found) > 10
    for row in found:
        mine = own[row["night"]]
        assert row["lms"] == int(mine["lms"])
        assert row["recorded_h"] == pytest.approx(float(mine["recorded_h"]), abs=1e-6)


SLOW = """
import sys, time
from pathlib import Path
from notturno.labs import outfolder, run
run.NIGHTS_A_BATCH = 10
put = outfolder.put
def slowly(pieces, *rest):
    put(pieces, *rest)
    time.sleep(0.05)
outfolder.put = slowly
run.score([sys.argv[1]], sys.argv[2], count=1)
"""


def test_a_run_that_was_killed_goes_on_with_nothing_twice_and_nothing_missing(
    tmp_path, monkeypatch
):
    monkeypatch.setattr(run, "NIGHTS_A_BATCH", 10)
    many = long_tables.random_nights(300, seed=5)
    long_tables.write(many, tmp_path / "in")
    process = subprocess.Popen([sys.executable, "-c", SLOW, tmp_path / "in", tmp_path / "out"])
    pieces = tmp_path / "out" / ".pieces"

    def done():
        return [p for p in pieces.iterdir() if p.name[0] != "."] if pieces.is_dir() else []

    while process.poll() is None and len(done()) < 5:
        time.sleep(0.01)
    os.kill(process.pid, signal.SIGKILL)
    process.wait()
    before = len(done())
    assert 5 <= before < 30 and not (tmp_path / "out" / "settings.json").exists()
    told = run.score([tmp_path / "in"], tmp_path / "out")
    assert (told.resumed, told.batches) == (before, 30)
    run.score([tmp_path / "in"], tmp_path / "whole")
    for name in ("nights.parquet", "events.parquet", "qc.csv", "settings.json"):
        assert (tmp_path / "out" / name).read_bytes() == (tmp_path / "whole" / name).read_bytes()
    names = [row["night"] for row in nights(tmp_path / "out")]
    assert sorted(names) == sorted({n for _, n, rows, stages in many if rows or stages})
    assert run.score([tmp_path / "in"], tmp_path / "out").whole


def test_a_changed_input_is_scored_anew(tmp_path, monkeypatch):
    monkeypatch.setattr(run, "NIGHTS_A_BATCH", 10)
    long_tables.write(long_tables.random_nights(30), tmp_path / "in")
    run.score([tmp_path / "in"], tmp_path / "out")
    long_tables.write(long_tables.random_nights(30, seed=2), tmp_path / "in")
    with pytest.raises(UserError, match="--force"):
        run.score([tmp_path / "in"], tmp_path / "out")
    run.score([tmp_path / "in"], tmp_path / "out", force=True)
    run.score([tmp_path / "in"], tmp_path / "new")
    assert nights(tmp_path / "out") == nights(tmp_path / "new")


def test_a_figure_corrected_in_its_place_is_scored_anew(tmp_path):
    path = tmp_path / "in" / "a.csv"
    path.parent.mkdir()
    path.write_text("onset_s,duration_s,side\n10,2,L\n")
    run.score([path.parent], tmp_path / "out")
    assert run.score([path.parent], tmp_path / "out").whole
    time.sleep(0.05)  # a file's time of change is coarse
    path.write_text("onset_s,duration_s,side\n10,9,L\n")
    with pytest.raises(UserError, match="--force"):
        run.score([path.parent], tmp_path / "out")


def test_a_file_that_goes_while_others_are_read_costs_itself_alone(tmp_path, monkeypatch):
    lab_files.movements_csv(tmp_path / "a.csv")
    lab_files.movements_csv(tmp_path / "b.csv")
    found_in = inputs.found_in

    def found(*paths):
        found = found_in(*paths)
        (tmp_path / "b.csv").unlink()
        return found

    monkeypatch.setattr(inputs, "found_in", found)
    run.score([tmp_path / "a.csv", tmp_path / "b.csv"], tmp_path / "out")
    assert [row["person"] for row in nights(tmp_path / "out")] == ["a"]
    assert "b.csv cannot be read (No such file" in (tmp_path / "out" / "qc.csv").read_text()


def test_strange_names_and_links_to_nothing_cost_nobody_else(tmp_path):
    folder = tmp_path / "lab"
    folder.mkdir()
    lab_files.movements_csv(folder / "ok.csv")
    (folder / "gone.csv").symlink_to(tmp_path / "nowhere.csv")
    strange = os.fsencode(folder) + b"/caf\xe9, 1.csv"
    try:
        lab_files.movements_csv(type(folder)(os.fsdecode(strange)))
    except OSError:
        pytest.skip("this disk takes UTF-8 names alone")
    run.score([folder], tmp_path / "out")
    assert [r["person"] for r in nights(tmp_path / "out")] == ["caf\\udce9, 1", "ok"]
    assert "gone.csv,,,refused" in (tmp_path / "out" / "qc.csv").read_text()


def test_a_table_that_is_damaged_behind_its_head_ends_the_run_in_a_sentence(tmp_path):
    long_tables.write(long_tables.random_nights(30), tmp_path / "in")
    path = tmp_path / "in" / "stages.parquet"
    data = bytearray(path.read_bytes())
    data[4:200] = b"\xff" * 196
    path.write_bytes(bytes(data))
    with pytest.raises(UserError, match="cannot be read as Parquet"):
        run.score([tmp_path / "in"], tmp_path / "out")
    assert not (tmp_path / "out" / "settings.json").exists()


def test_a_disk_that_takes_no_more_ends_the_run_in_a_sentence(tmp_path, monkeypatch):
    from pyarrow import feather

    long_tables.write(long_tables.random_nights(30), tmp_path / "in")

    def full(*_args, **_more):
        raise OSError(28, "No space left on device")

    with monkeypatch.context() as patched:
        patched.setattr(feather, "write_feather", full)
        with pytest.raises(UserError, match="No space left"):
            run.score([tmp_path / "in"], tmp_path / "out")
    assert run.score([tmp_path / "in"], tmp_path / "out").rows["nights"] == 30
