"""`check` by cable: the line that a band prints, and what may come in its place."""

import io
import json
import sys
from contextlib import redirect_stdout
from types import SimpleNamespace

import pytest
from click.testing import CliRunner
from fakes import built, device_modules
from notturno.cli import cli
from notturno.errors import UserError
from notturno.keys import cable
from notturno_core import checks

LINE = {"device": "5642024e54000003", "verdict": checks.SDA_OPEN, "failed": 1, "passed": 128}


@pytest.fixture
def says(monkeypatch):
    """Let the band answer so; collects the code that it was given."""
    given = []

    def set_to(stdout="", stderr=""):
        def run(port, code):
            given.append((port, code))
            return SimpleNamespace(stdout=stdout, stderr=stderr, returncode=0)

        monkeypatch.setattr(cable, "run", run)
        return given

    return set_to


def check(*more, port="/dev/x"):
    return CliRunner().invoke(cli, ["check", "--port", port, *more])


def test_the_bands_line_is_told(says):
    given = says("noise\nnotturno-check " + json.dumps(LINE) + "\r\n")
    result = check()
    assert result.exit_code == 1
    assert "Band 5642024e54000003: the sensor's wire SDA is loose" in result.output
    assert given == [("/dev/x", "import check_by_cable\ncheck_by_cable.main(2)\n")]
    document = json.loads(check("--json", "--cable", "out").stdout)
    assert (document["failed"], document["passed"]) == (["sensor answers"], ["battery"])
    assert "main(1)" in given[-1][1]
    check(port="socket://127.0.0.1:4")  # nobody knows here what is plugged in there
    assert "main(0)" in given[-1][1]


@pytest.mark.parametrize(
    "out",
    [
        "",
        "notturno-check ",
        "notturno-check [1]",
        "notturno-check {}",
        'notturno-check {"device": "00", "verdict": null}',
        'notturno-check {"device": "00", "verd',
    ],
)
def test_garbage_is_no_pass(says, out):
    says(out, "mpremote: failed to access /dev/x")
    result = check()
    assert isinstance(result.exception, UserError)
    assert "plug it in" in str(result.exception)


def test_an_older_firmware_is_told(says):
    says("", "ImportError: no module named 'check_by_cable'")
    assert "put a newer one" in str(check().exception)


def test_the_bands_side_prints_one_line(monkeypatch, tmp_path):
    device_modules.install(monkeypatch, virtual=True)
    monkeypatch.delitem(sys.modules, "check_by_cable", raising=False)
    import check_by_cable

    clock = built.HandClock()
    board = built.Pins(built.BuiltBoard(built.Build(sda=False), built.StillWorld(), clock))
    board.make_i2c = lambda: board.i2c
    board.unstick_i2c = lambda: None
    board.random_u32 = lambda: 7
    board.device_id = lambda: b"VB\0\0\0\0\0\1"
    monkeypatch.setattr(check_by_cable.boards, "pick", lambda name: board)
    ticks = SimpleNamespace(
        ticks_ms=clock.now_ms, ticks_diff=lambda a, b: a - b, sleep_ms=clock.sleep_ms
    )
    monkeypatch.setattr(check_by_cable, "time", ticks)
    power = SimpleNamespace(battery_mv=board.battery_mv)
    monkeypatch.setattr(check_by_cable, "Power", lambda board, clock: power)
    monkeypatch.setattr(check_by_cable, "FolderStorage", lambda folder: built.MemoryStorage())
    monkeypatch.chdir(tmp_path)
    out = io.StringIO()
    with redirect_stdout(out):
        check_by_cable.main(checks.CABLE_OUT)
    (line,) = out.getvalue().splitlines()
    found = json.loads(line.removeprefix(check_by_cable.SAID))
    assert found["device"] == "5642000000000001"
    assert found["verdict"] == checks.SDA_OPEN
    assert found["failed"] == 1 << checks.SENSOR | 1 << checks.KEY
