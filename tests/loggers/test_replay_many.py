"""Many recordings into one folder: the same bytes whatever the order and the jobs; QC says why."""

import csv
import json
import os
import shutil

import logger_files as files
import numpy as np
import pytest
from click.testing import CliRunner
from notturno.cli.replay import command as replay
from notturno.detect import ahead, engines
from notturno.detect import recording as recorded
from notturno.detect.recording_time import Break
from notturno.errors import UserError
from notturno.labs import outfolder, tables
from notturno.loggers import many, nights
from notturno.loggers.load import Loaded, load
from notturno.loggers.replayed import Replayed, replayed
from whole import whole_or

parquet = pytest.importorskip("pyarrow.parquet")
TABLES = ("nights.parquet", "events.parquet", "qc.csv", "settings.json")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """Three loggers' recordings, one damaged, one that is none."""
    at = tmp_path_factory.mktemp("loggers")
    (at / "ward").mkdir()
    acc = files.counts_of(files.limb_mg(400, jerks=range(10, 390, 10)), 1000 / 8192)
    (at / "p01.cwa").write_bytes(files.cwa(acc, form="three", code=0x8A, lost=(255,)))
    small = files.counts_of(files.limb_mg(400, hz=30, jerks=(50, 150)), 1000 / 256)
    (at / "ward" / "p02.gt3x").write_bytes(files.gt3x(small))
    raw = np.round(files.limb_mg(60) / 3.90625).astype(int)
    (at / "ward" / "p03.bin").write_bytes(files.geneactiv(raw))
    (at / "broken.cwa").write_bytes(b"MD\xfc\x03" + b"?" * 3000)
    files.movisens(at / "p04", files.counts_of(files.limb_mg(60, hz=64), 1000 / 2048))
    (at / "notes.md").write_text("no recording")
    return at


def bytes_of(out):
    return {name: (out / name).read_bytes() for name in TABLES}


def rows_of(out, table="nights"):
    return parquet.read_table(out / f"{table}.parquet").to_pylist()


@pytest.fixture(scope="module")
def done(folder, tmp_path_factory):
    out = tmp_path_factory.mktemp("done") / "out"
    told = many.replay([folder], out)
    assert (told.files, told.whole, told.resumed) == (5, False, 0)
    return out


def test_the_tables_hold_a_night_each_and_the_qc_what_is_to_be_known(done):
    rows = {row["person"]: row for row in rows_of(done)}
    assert sorted(rows) == ["p01", "p02", "p03", "p04"]
    assert {row["night"] for row in rows.values()} == {"2026-03-09"}
    first = rows["p01"]
    assert first["format"] == "Axivity AX3 .cwa" and first["start_local"] == "2026-03-09T22:00:00"
    assert first["gaps"] == 1 and first["gap_h"] * 3600 == pytest.approx(0.8, abs=0.02)
    assert first["recorded_h"] * 3600 == pytest.approx(399.2, abs=0.1)
    assert first["jerks"] == first["jerks_all"] == 38
    assert first["odr_hz"] == pytest.approx(100, rel=1e-4)
    with open(done / "qc.csv", newline="") as stream:
        qc = list(csv.DictReader(stream))
    assert [(row["source"], row["code"]) for row in qc if row["what"] == "refused"] == [
        ("broken.cwa", "not_read")
    ]
    assert {row["code"] for row in qc if row["person"] == "p01"} == {"gaps"}


def test_events_are_told_with_what_keeps_them_from_counting(done):
    events = [e for e in rows_of(done, "events") if e["person"] == "p01" and e["kind"] == "jerk"]
    assert [round(e["onset_s"]) for e in events] == list(range(10, 390, 10))
    assert {e["left_out"] for e in events} == {None}
    assert all(300 < e["peak_mg"] < 500 for e in events)


def test_units_and_meanings_stand_in_the_metadata(done):
    schema = parquet.read_schema(done / "nights.parquet")
    assert schema.field("jerks_per_h").metadata[b"unit"] == b"1/h"
    assert schema.names == [field.name for field in tables.REPLAYED_NIGHTS]
    settings = json.loads((done / "settings.json").read_text())["settings"]
    assert settings["detector_settings"]["jerk_on_ug"] == 2500


@pytest.mark.parametrize("jobs", [1, 2])
def test_the_bytes_are_the_same_whatever_the_jobs_and_the_order(folder, done, tmp_path, jobs):
    paths = [folder / "ward", folder / "p01.cwa", folder / "p04", folder / "broken.cwa"]
    whole = bytes_of(done)
    many.replay([str(folder / "*"), *paths], tmp_path / "a", count=whole_or(jobs, 1))
    ours = bytes_of(tmp_path / "a")
    named = [name for name in TABLES if name != "settings.json"]
    # the folder within which a file lies is in its name
    assert len(rows_of(tmp_path / "a")) == len(rows_of(done))
    many.replay([folder], tmp_path / "b", count=jobs)
    assert bytes_of(tmp_path / "b") == whole
    assert all(ours[name] for name in named)


def test_a_killed_run_goes_on_with_what_was_done(folder, done, tmp_path, monkeypatch):
    calls = []
    real = many._tables

    def dies(work, file):
        calls.append(file.source)
        if len(calls) == 3:
            raise KeyboardInterrupt
        return real(work, file)

    monkeypatch.setattr(many, "_tables", dies)
    with pytest.raises(KeyboardInterrupt):
        many.replay([folder], tmp_path / "out")
    assert not (tmp_path / "out" / "settings.json").exists()
    again = many.replay([folder], tmp_path / "out")
    assert again.resumed == 2 and calls.count(calls[0]) == 1
    assert bytes_of(tmp_path / "out") == bytes_of(done)
    assert many.replay([folder], tmp_path / "out").whole


def test_other_settings_are_another_run_and_need_force(folder, tmp_path):
    many.replay([folder / "p01.cwa"], tmp_path / "out")
    usual = rows_of(tmp_path / "out")[0]["jerks"]
    nothing = {"jerk_on_ug": 900_000, "lm_on_ug": 900_000}
    with pytest.raises(UserError, match="--force"):
        many.replay([folder / "p01.cwa"], tmp_path / "out", settings=nothing)
    many.replay([folder / "p01.cwa"], tmp_path / "out", settings=nothing, force=True)
    assert rows_of(tmp_path / "out")[0]["jerks"] == 0 and usual > 30


def test_the_command_prints_nights_and_json(folder, tmp_path):
    result = CliRunner().invoke(replay, [str(folder), "--jobs", "1"], catch_exceptions=False)
    assert "p01" in result.stdout and "refused: broken.cwa" in result.stderr
    told = CliRunner().invoke(
        replay, [str(folder), "--jobs", "1", "--json", "--out", str(tmp_path / "o")]
    )
    said = json.loads(told.stdout)
    assert said["schema"] == "replay-nights-1" and said["refused"] == 1
    assert said["rows"]["nights"] == 4
    assert outfolder.SETTINGS in [path.name for path in (tmp_path / "o").iterdir()]


def test_days_on_end_are_cut_at_noon_and_only_the_sleep_of_each_counts():
    """Rows of minutes and jerks made by hand: busy by day, still by night."""
    hz, days = 25.0, 2
    start_s = files.START_S - 10 * 3600  # noon of the 9th
    length_s = days * 86400
    acc = np.zeros((round(length_s * hz), 3), np.int16)
    minutes = []
    for k in range(1, days * 1440 + 1):
        hour = (12 + k / 60) % 24
        still = hour >= 23 or hour < 7
        minutes.append(
            {
                "sample": round(k * 60 * hz),
                "end_s": k * 60.0,
                "activity_q4_mg": 16 if still else 800,
                "gravity_mg": (0, 0, 1000),
                "tilt_max_deg": 0 if still else 40,
            }
        )
    jerks = [
        dict(kind="jerk", onset_s=float(at), duration_s=0.1, peak_mg=100, flags=[], beats=None)
        for at in range(1800, length_s, 3600)
    ]
    whole = recorded.Recording(acc, 0.122, hz, start_local_s=start_s)
    out = nights.tables_of("p", "p.cwa", Loaded(whole, "made"), Replayed(jerks, minutes))["nights"]
    assert out["night"] == ["2026-03-09", "2026-03-10"]
    assert out["jerks_all"] == [24, 24] and out["jerks"] == [8, 8]
    assert out["sleep_start_s"] == [pytest.approx(11 * 3600, abs=600)] * 2
    assert out["sleep_end_s"] == [pytest.approx(19 * 3600, abs=600)] * 2
    assert out["jerks_per_h"] == [pytest.approx(1.0, abs=0.05)] * 2


def test_a_day_without_a_sample_is_told_and_is_no_night():
    start_s = files.START_S - 10 * 3600  # noon of the 9th
    acc = np.zeros((3600 * 25, 3), np.int16)
    off = recorded.Recording(
        acc, 0.122, 25.0, start_local_s=start_s, breaks=(Break(1800 * 25, 60 * 3600.0),)
    )
    out = nights.tables_of("p", "p.cwa", Loaded(off, "made"), Replayed([], []))
    assert out["nights"]["night"] == ["2026-03-09", "2026-03-11"]
    [told] = [row for row in out["qc"] if row["code"] == "no_sample"]
    assert (told["what"], told["night"], told["n"]) == ("refused", "2026-03-10", 1)


def test_one_recording_alone_and_among_many_are_the_same_night(folder, done):
    alone = load(folder / "p01.cwa")
    events = replayed(alone).events
    among = [e for e in rows_of(done, "events") if e["person"] == "p01"]
    told = [(e["kind"], e["onset_s"]) for e in events]
    assert sorted(told) == sorted((e["kind"], e["onset_s"]) for e in among)


def test_what_is_not_there_is_named(tmp_path):
    with pytest.raises(UserError, match="no such file"):
        many.replay([tmp_path / "nothing.cwa"], tmp_path / "out")
    with pytest.raises(UserError, match="nothing to replay"):
        many.replay([tmp_path], tmp_path / "out")


def test_rows_named_while_the_loop_goes_on_are_those_of_the_whole(monkeypatch):
    """The detector's rows come in parts of a long recording; every name and minute is the same."""
    pytest.importorskip("llvmlite")
    jerks = [*range(5, 600, 7), *np.arange(700, 760, 0.5)]
    acc = files.counts_of(files.limb_mg(900, jerks=jerks, noise_mg=4), 1000 / 8192)
    whole = recorded.Recording(acc, 1000 / 8192, 100.0, breaks=(Break(40_000, 2.0),))
    minutes, others = [], []
    expected = engines.named(whole, "native", None, minutes)
    for samples in (64, 100, 333, 640, 1111, 6400, 19_200):
        monkeypatch.setattr(ahead, "_FIRST_SAMPLES", samples)
        parts = list(engines._pieces(whole, "native", None))
        # each part is twice as long as the one before
        assert len(parts) == sum(int(np.ceil(np.log2(n / samples + 1))) for n in (40_000, 50_000))
        assert engines.named(whole, "native", None, others) == expected and others == minutes
        others.clear()
    assert len(expected) > 80 and len(minutes) == 15


def test_what_is_no_file_and_strange_names_cost_nobody_else(folder, tmp_path):
    here = tmp_path / "in"
    here.mkdir()
    shutil.copy(folder / "p01.cwa", here / "p01.cwa")
    (here / "gone.cwa").symlink_to(tmp_path / "nowhere.cwa")
    (here / "loop.csv").symlink_to(here / "loop.csv")
    (here / "zero.csv").symlink_to("/dev/zero")
    (here / "a folder.csv").mkdir()
    os.mkfifo(here / "pipe.csv")
    try:
        shutil.copy(folder / "p01.cwa", os.fsdecode(os.fsencode(here) + b"/caf\xe9.cwa"))
    except OSError:
        pytest.skip("this disk takes UTF-8 names alone")
    many.replay([here], tmp_path / "out")
    assert sorted(row["person"] for row in rows_of(tmp_path / "out")) == ["caf\\udce9", "p01"]
    told = (tmp_path / "out" / "qc.csv").read_text()
    for name in ("gone.cwa", "loop.csv", "zero.csv", "pipe.csv"):
        assert f"{name} is no file that can be read" in told
