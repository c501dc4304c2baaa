"""What a shell is offered: nights, bands, measures of the folder that is meant, and no noise."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from click.testing import CliRunner
from nights_by_hand import DEVICE, LOG_ID, Pen
from notturno.cli import cli
from notturno.store import Store

EVENING = 1_768_253_400_000  # 2026-01-12 22:30 in Rome
DAY_MS = 86_400_000


@pytest.fixture
def folder(tmp_path):
    pen = Pen()
    pen.time(1000, EVENING)
    for day in range(2):
        pen.night(2000 + day * DAY_MS, 240, [(20.5, {})])
    with Store.open(tmp_path) as store:
        store.add(store.begin_sync(DEVICE, LOG_ID, "Europe/Rome", "0.1.0"), pen.frames)
        store.name_band(DEVICE, "calf-left", limb="calf", side="L")
    return tmp_path


def offered(*words, folder):
    """Return what bash is offered behind some words, by a process of its own."""
    line = ["notturno", *words]
    given = os.environ | {
        "_NOTTURNO_COMPLETE": "bash_complete",
        "COMP_WORDS": " ".join(line),
        "COMP_CWORD": str(len(line) - 1),
        "NOTTURNO_DATA_DIR": str(folder),
    }
    done = subprocess.run(
        [
            sys.executable,
            "-c",
            "from notturno.cli import main; import sys; sys.argv = ['notturno']; main()",
        ],
        env=given,
        capture_output=True,
        text=True,
        timeout=60,
    )
    assert done.stderr == ""
    rows = [row for row in done.stdout.splitlines() if row]
    return [row.partition(",")[2] for row in rows]


def test_nights_bands_and_measures_are_offered(folder):
    assert offered("show", "2026-", folder=folder) == ["2026-01-13", "2026-01-12"]
    assert offered("show", "--band", "ca", folder=folder) == ["calf-left"]
    assert "jerks_per_h" in offered("chart", "--measure", "jerks", folder=folder)
    assert "nights" in offered("ni", folder=folder)


def test_another_folder_may_be_meant(folder, tmp_path):
    empty = tmp_path / "none"
    assert offered("show", "2026-", folder=empty) == []
    line = ("show", "--data-dir", str(folder), "2026-")
    assert offered(*line, folder=empty) == ["2026-01-13", "2026-01-12"]


def test_a_damaged_logbook_makes_no_noise(tmp_path):
    (tmp_path / "notturno.sqlite3").write_bytes(b"no database" * 1000)
    assert offered("show", "2026-", folder=tmp_path) == []


@pytest.mark.parametrize("shell", ["bash", "zsh", "fish"])
def test_the_script_of_each_shell_is_printed(shell):
    result = CliRunner().invoke(cli, ["completion", shell])
    assert result.exit_code == 0 and "_NOTTURNO_COMPLETE" in result.output
