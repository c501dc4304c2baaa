"""`notturno synth`: the files it writes."""

import csv
import errno

import pytest
from click.testing import CliRunner
from notturno.cli.synth import command
from notturno.detect import recording
from notturno.errors import UserError
from notturno.sleeper import models, night_world, profile_names, sensor


def synth(folder, *arguments):
    arguments = ["--out", str(folder / "r.npz"), "--truth", str(folder / "t.csv"), *arguments]
    return CliRunner().invoke(command, arguments)


def test_the_files_hold_the_night_of_that_profile_and_seed(tmp_path):
    done = synth(tmp_path, "--profile", "foot_tremor", "--seed", "9", "--hours", "0.5")
    assert done.exit_code == 0, done.output
    assert "synthetic" in done.output
    night = night_world("foot_tremor", 9, 0.5)
    acc, odr_hz = sensor.record(night, 9)
    loaded = recording.load(tmp_path / "r.npz")
    assert (loaded.acc == acc).all() and (loaded.odr_hz, loaded.mg_per_lsb) == (odr_hz, 0.122)
    with open(tmp_path / "t.csv", newline="") as file:
        rows = list(csv.DictReader(file))
    assert list(rows[0]) == ["kind", "onset_s", "duration_s", "peak_mg", "rhythm_hz"]
    assert len(rows) == len(night.truth)
    for row, truth in zip(rows, night.truth, strict=True):
        assert row["kind"] == truth["kind"]
        assert float(row["onset_s"]) == pytest.approx(truth["onset_s"], abs=1e-3)
        assert float(row["peak_mg"]) == pytest.approx(truth["peak_mg"], abs=0.01)
        assert (row["rhythm_hz"] == "") == (truth["rhythm_hz"] is None)


def test_the_same_request_gives_the_same_bytes(tmp_path):
    for name in ("a", "b"):
        (tmp_path / name).mkdir()
        synth(tmp_path / name, "--profile", "quiet", "--seed", "3", "--hours", "0.2")
    for file in ("r.npz", "t.csv"):
        assert (tmp_path / "a" / file).read_bytes() == (tmp_path / "b" / file).read_bytes()


@pytest.mark.parametrize(
    "arguments, said",
    [
        (["--profile", "nobody"], "No profile is called nobody"),
        (
            ["--profile", "quiet", "--hours", "0.1", "--truth", "/no/such/t.csv"],
            "cannot be written",
        ),
        (["--profile", "quiet", "--hours", "0.1", "--out", "/no/such/r.npz"], "cannot be written"),
    ],
)
def test_what_cannot_be_made_is_refused_in_a_sentence(tmp_path, arguments, said):
    done = synth(tmp_path, *arguments)
    assert isinstance(done.exception, UserError) and said in str(done.exception)


@pytest.mark.parametrize("hours", ["0", "0.09", "24.1", "nan", "inf"])
def test_hours_that_no_night_has_are_refused_by_the_option(tmp_path, hours):
    done = synth(tmp_path, "--profile", "quiet", "--hours", hours)
    assert done.exit_code == 2 and "--hours" in done.output
    assert ("0.1<=x<=24" in done.output) == (hours != "nan"), done.output
    assert not (tmp_path / "r.npz").exists()


def test_a_models_night_is_written_with_its_sensors_rate_and_scale(tmp_path):
    done = synth(
        tmp_path, "--profile", "quiet", "--model", "calf_a", "--seed", "2", "--hours", "0.2"
    )
    assert done.exit_code == 0, done.output
    night = night_world("quiet", 2, 0.2, "calf_a")
    acc, odr_hz = sensor.record(night, 2, model=night.model)
    loaded = recording.load(tmp_path / "r.npz")
    assert (loaded.acc == acc).all() and (loaded.odr_hz, loaded.mg_per_lsb) == (odr_hz, 0.061)
    done = synth(tmp_path, "--profile", "quiet", "--model", "nobody", "--hours", "0.2")
    assert isinstance(done.exception, UserError) and "wrist_a" in str(done.exception)


def test_the_help_names_every_profile_and_model_there_is():
    text = CliRunner().invoke(command, ["--help"]).output
    named = text.split("Profiles:")[1].split(".")[0].replace(",", " ").split()
    assert named == profile_names()
    for_tuning, held_out = text.split("Models:")[1].split("held out")[0].split("for tuning;")
    for said, models_ in ((for_tuning, models.TUNING), (held_out, models.HELD_OUT)):
        assert said.replace(",", " ").split() == [model.name for model in models_]


@pytest.mark.parametrize("there", ["r.npz", "t.csv"])
def test_a_recording_that_is_there_is_not_written_over_unasked(tmp_path, there):
    (tmp_path / there).write_bytes(b"a night of somebody's")
    done = synth(tmp_path, "--profile", "quiet", "--hours", "0.1")
    assert isinstance(done.exception, UserError) and "is there already" in str(done.exception)
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        there: b"a night of somebody's"
    }
    assert synth(tmp_path, "--profile", "quiet", "--hours", "0.1", "--force").exit_code == 0
    assert len(recording.load(tmp_path / "r.npz").acc) > 30_000  # 360 s at some 104 Hz


def test_a_disk_that_fills_up_leaves_no_half_of_a_recording(tmp_path, monkeypatch):
    def full(stream, **_):
        stream.write(b"PK")
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(recording.np, "savez_compressed", full)
    done = synth(tmp_path, "--profile", "quiet", "--hours", "0.1")
    assert isinstance(done.exception, UserError) and "No space left" in str(done.exception)
    assert list(tmp_path.iterdir()) == []
