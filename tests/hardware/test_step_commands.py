"""Every command of the pages that does not need the real chip runs at a virtual band's port."""

import functools
import os
import shlex
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from notturno.cli import cli
from notturno.keys import keep_virtual
from notturno.sleeper.asked import AskedLimb
from notturno.strap import session
from notturno.virtualband import VirtualBand
from notturno.virtualband.chips.lsm6dsox import Lsm6dsox
from notturno.virtualband.evening import Evening
from notturno.virtualband.world import StillSource

HARDWARE = Path(__file__).resolve().parents[2] / "hardware"
sys.path.append(str(HARDWARE))
sys.path.append(str(HARDWARE.parent / "tests" / "virtualband"))
import power_budget  # noqa: E402
from rendering import data  # noqa: E402
from virtual_kit import HANG_S  # noqa: E402
from whole import IS_WHOLE  # noqa: E402

PROGRAMS = {
    "mpremote": [sys.executable, "-m", "mpremote"],
    "notturno": [sys.executable, "-c", "from notturno.cli import main; main()"],
}
VIRTUAL = [
    name
    for name, command in data.COMMANDS.items()
    if command["runs"] == "virtual" or "rehearsed" in command
]


@pytest.fixture(scope="module")
def home(tmp_path_factory):
    return tmp_path_factory.mktemp("home")


@pytest.fixture(scope="module")
def band(home):
    folder = home / "virtual-band"
    world = Evening([StillSource()], AskedLimb(1), hours=36 / 3600)
    chip = functools.partial(Lsm6dsox, odr_error=0.0)  # a band tells its rate after a minute
    with VirtualBand(folder, world, prepare=keep_virtual(home), make_chip=chip) as band:
        band.wait_nights(timeout_s=HANG_S)
        yield band


def words_of(name, band):
    command = data.COMMANDS[name]
    text = command.get("rehearsed", command["text"])
    return shlex.split(text.format(PORT=band.repl, BOARD="virtual", HCI=band.hci))


def run(words, home):
    program = PROGRAMS[words[0]]
    environment = {**os.environ, "NOTTURNO_DATA_DIR": str(home)}
    return subprocess.run(
        [*program, *words[1:]], capture_output=True, text=True, timeout=HANG_S, env=environment
    )


def hurried(words, home):
    """Run `setup` with shorter pauses than a person's: two minutes are waited out otherwise."""
    whole_plan = session.Plan

    def plan(cues, _still_s):
        return whole_plan(cues, 5.0, settle_s=1.0, last_s=5.0, known_s=6.0)

    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("NOTTURNO_DATA_DIR", str(home))
        patch.setattr(session, "GAP_S", (3.5, 4.5))
        patch.setattr(session, "Plan", plan)
        done = CliRunner().invoke(cli, words[1:])
    error = "" if done.exception is None else repr(done.exception)
    return SimpleNamespace(returncode=done.exit_code, stdout=done.output, stderr=error)


@pytest.mark.parametrize("name", VIRTUAL)
def test_a_command_of_a_step_runs(name, band, home):
    in_full = IS_WHOLE or name != "setup"
    done = (run if in_full else hurried)(words_of(name, band), home)
    assert done.returncode == 0, done.stdout + done.stderr
    assert data.COMMANDS[name]["says"] in done.stdout


def test_the_bands_own_ledger_is_what_the_power_budget_takes(band):
    board, chip = power_budget.load_board("xiao_esp32s3"), power_budget.load_chip("lsm6dsox")
    rows = band.ledger.rows()
    ledger = power_budget.ledger_of_band(rows, power_budget.design_of(board))
    lines = power_budget.day_mah(board, chip, ledger)
    assert rows["imu_on_s"] > 30 and rows["flash_writes"] > 0
    # It was awake with its radio on all the time: 90 mA for as much of the day.
    radio_mah = 24 * 90 * (rows["radio_idle_s"] + rows["radio_connected_s"]) / rows["all_s"]
    radio = lines["radio on, waiting"] + lines["radio on, connected"]
    assert radio == pytest.approx(radio_mah) and radio > 100
    assert lines["total"] > radio + lines["sensor"]


def test_the_wrong_port_is_said():
    done = run(["mpremote", "connect", "socket://127.0.0.1:1", "fs", "ls"], "/nonexistent")
    assert done.returncode != 0
