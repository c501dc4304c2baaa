"""`notturno setup`: its steps in order, repeatable, skippable, each refusal a sentence."""

import json
import shutil
import sys
from pathlib import Path
from types import SimpleNamespace

import pytest
from click.testing import CliRunner

sys.path.append(str(Path(__file__).resolve().parents[1] / "fakes"))
from nights_by_hand import DEVICE, LOG_ID
from notturno.cli import check, cli, flash, setup, setup_steps, sync
from notturno.errors import UserError
from notturno.keys import KeyRing
from notturno.store import Store
from notturno.strap import session
from notturno.strap.matching import Told, figures
from notturno_core import checks, protocol, wire

EVENING = 1_768_253_400_000
WORN = ("--name", "calf-left", "--limb", "calf", "--side", "L")
STEPS = ["flash", "check", "zone", "meet", "name", "strap", "tonight"]
BOARD = ("--port", "socket://127.0.0.1:9")


class Parts:
    """Stands for the parts that touch a band; `done` names those that ran, `fails` what raises."""

    def __init__(self, folder, monkeypatch):
        self.folder, self.done, self.fails = folder, [], {}
        self.verdict, self.misses, self.asked = 0, 0, []
        monkeypatch.setattr(flash, "run", self.flash)
        monkeypatch.setattr(check, "by_cable", lambda *how: self.check("cable", *how))
        monkeypatch.setattr(check, "by_radio", lambda *how: self.check("radio", *how))
        monkeypatch.setattr(sync, "run", self.sync)
        monkeypatch.setattr(session, "check", self.strap)
        monkeypatch.setattr("notturno.link.open_radio", NoRadio)

    def _now(self, step, *how):
        self.done.append(step)
        self.asked.append(how)
        if step in self.fails:
            raise self.fails[step]

    def flash(self, port, *how):
        self._now("flash", port, *how)
        KeyRing(self.folder).add(DEVICE, bytes(range(32)), "deploy", replace=True)
        done = SimpleNamespace(document={"port": port}, lines=lambda: ["Flashed."])
        return SimpleNamespace(**vars(done), device_id=DEVICE, port=port)

    def check(self, way, *how):
        self._now("check", way, *how)
        values = {name: 0 for name, _ in wire.CHECK_FIELDS} | {"verdict": self.verdict}
        return DEVICE, values

    def sync(self, where, *how, quiet):
        self._now("meet", *how)
        with Store.open(where) as store:
            said = {"next_seq": 1, "first_seq": 1, "state": wire.STATE_DOCKED, "tick_ms": 5}
            said |= {"boot_id": 1, "battery_mv": 3900}
            store.note_band(DEVICE, LOG_ID, said, "0.1.0", EVENING)
        return [SimpleNamespace(device=DEVICE, failed=None, new_records=3, warnings=[])]

    async def strap(self, _radio, keys, say, plan, name, timeout_s):
        self._now("strap", plan, name, timeout_s)
        cues = [EVENING + 80_000 + 10_000 * k for k in range(plan.cues)]
        for number in range(1, plan.cues + 1):
            say("now", number)
        rows = [Told(cue + 400, cue + 2000, 1.0, "lm", None, 300) for cue in cues[self.misses :]]
        about = {"device_id": DEVICE, "firmware": "0.1.0", "wearer_simulated": False}
        about |= {"begun_utc_ms": EVENING, "ended_utc_ms": EVENING + 200_000}
        return about | figures(cues, rows, (EVENING, EVENING + 60_000))


class NoRadio:
    def __init__(self, _virtual=None):
        pass

    async def __aenter__(self):
        return self

    async def __aexit__(self, *_):
        return None


@pytest.fixture
def parts(tmp_path, monkeypatch):
    monkeypatch.setenv("TZ", "Europe/Rome")
    monkeypatch.setattr("notturno.flashing.ports.listed", lambda: [])
    return Parts(tmp_path, monkeypatch)


def run(parts, *words, error=None, answers=None, code=0):
    words = ["setup", *words, "--data-dir", str(parts.folder)]
    done = CliRunner().invoke(cli, words, input=answers)
    if error:
        with pytest.raises(UserError, match=error):
            raise done.exception
        return str(done.exception)
    assert done.exit_code == code, (done.exception, done.output)
    return done


def test_the_whole_path_without_anybody_to_ask(parts):
    said = run(parts, "--yes", *BOARD, *WORN).stdout
    assert parts.done == ["flash", "check", "meet", "strap"]
    heads = [line.split("  ")[1].split(":")[0] for line in said.splitlines() if " of 7  " in line]
    assert heads == STEPS
    assert "It is calf-left, worn at: calf, left." in said
    assert "Nights are told in the zone Europe/Rome (this computer's)." in said
    assert "now  (10 of 10)" in said and "10 of 10 movements found" in said
    assert "69 to 100 %" in said and "0 false rows in 60 s of rest" in said
    (radio, _, _) = parts.asked[3]
    assert radio == session.Plan(10, 60.0)


def test_the_check_goes_over_the_cable_where_there_is_one_and_else_by_radio(parts):
    run(parts, "--yes", *BOARD, *WORN)
    assert parts.asked[1] == ("cable", BOARD[1], checks.CABLE_IN)
    run(parts, "--yes", "--only", "check", "--virtual", "127.0.0.1:1")
    assert parts.asked[-1][0] == "radio" and parts.asked[-1][2] == "127.0.0.1:1"


def test_every_part_talks_to_the_band_that_was_flashed(parts):
    run(parts, "--yes", *BOARD, *WORN)
    on_air = protocol.name_of(bytes.fromhex(DEVICE))
    assert parts.asked[2] == (None, on_air, 40.0)
    assert parts.asked[3][1:] == (on_air, 40.0)


def test_programs_read_one_document_and_people_the_error_stream(parts):
    done = run(parts, "--yes", "--json", *BOARD, *WORN)
    said = json.loads(done.stdout)
    assert (said["schema"], said["device_id"], said["zone"]) == ("setup-1", DEVICE, "Europe/Rome")
    assert [step["step"] for step in said["steps"]] == STEPS
    assert [step["state"] for step in said["steps"]] == [
        *("done", "done", "known", "done", "done", "done", "done"),
    ]
    assert said["band"]["strap_check"]["found"] == 10 == said["steps"][5]["strap_check"]["cues"]
    assert said["steps"][1]["check"]["text"] == "all is well."
    assert "now  (3 of 10)" in done.stderr


def test_once_more_what_is_known_is_not_asked_and_not_done_again(parts):
    run(parts, "--yes", *BOARD, *WORN)
    parts.done.clear()
    said = run(parts, "--yes").stdout
    assert parts.done == ["check", "meet"]
    assert "No board is plugged in, and a band's key is here" in said
    assert "It is calf-left" in said and "Checked on 2026-01-12 22:30: 10 of 10" in said


def test_steps_are_left_out_or_run_alone(parts):
    run(parts, "--yes", *BOARD, *WORN, "--skip", "check", "--skip", "strap")
    assert parts.done == ["flash", "meet"]
    run(parts, "--yes", "--only", "strap", "--movements", "4", "--still", "50")
    run(parts, "--yes", "--only", "strap")
    assert parts.done == ["flash", "meet", "strap", "strap"]
    assert parts.asked[2][0] == session.Plan(4, 50.0)
    with Store.open(parts.folder) as store:
        assert [kept["cues"] for kept in store.strap_checks()] == [4, 10]
    run(parts, "--only", "strap", "--skip", "strap", error="with --skip and --only")
    run(parts, *(w for s in STEPS for w in ("--skip", s)), error="leave one of them in")


@pytest.mark.parametrize(
    ("step", "error", "left"),
    [
        ("flash", UserError("There is no port COM9; no board is plugged in."), []),
        ("check", UserError("No band at X tested itself; plug it in."), ["flash"]),
        ("meet", UserError("No band was found; bring it near."), ["flash", "check"]),
        ("strap", UserError("The link was lost; bring it nearer."), ["flash", "check", "meet"]),
    ],
)
def test_a_step_that_fails_says_what_to_do_and_the_path_can_be_gone_again(
    parts, step, error, left
):
    parts.fails[step] = error
    said = run(parts, "--yes", *BOARD, *WORN, error=r"run  notturno setup  again")
    assert said.startswith(str(error)) and f"--skip {step}" in said
    assert parts.done == [*left, step]
    parts.fails.clear()
    run(parts, "--yes", *BOARD, *WORN)
    assert parts.done[len(left) + 1 :] == ["flash", "check", "meet", "strap"]


@pytest.mark.parametrize("step", ["flash", "check", "meet", "strap"])
def test_ctrl_c_in_any_step_says_that_it_may_go_on(parts, step):
    parts.fails[step] = KeyboardInterrupt()
    done = run(parts, "--yes", *BOARD, *WORN, code=130)
    assert f"stopped by Ctrl-C. (Step {step}." in done.stderr
    with Store.open(parts.folder) as store:
        assert store.strap_checks() == []


def test_a_band_that_complains_stops_the_path_but_for_its_date(parts):
    parts.verdict = checks.SDA_OPEN
    run(parts, "--yes", *BOARD, *WORN, error="wire SDA is loose.*Step check")
    assert parts.done == ["flash", "check"]
    parts.verdict = checks.CLOCK_UNSET
    said = run(parts, "--yes", *BOARD, *WORN).stdout
    assert "all is well but its date, which the step meet gives it" in said


def test_without_a_terminal_what_nobody_can_be_asked_is_named(parts):
    run(parts, *BOARD, error="give --name and --limb and --side")
    run(parts, *BOARD, "--name", "a", error="give --limb and --side")
    run(parts, *BOARD, "--name", "a", "--limb", "calf", error="give --side")
    run(parts, *BOARD, "--name", "a", "--limb", "calf", "--side", "r")
    with Store.open(parts.folder) as store:
        (band,) = store.bands()
    assert (band["name"], band["limb"], band["side"]) == ("a", "calf", "R")


def test_at_a_terminal_only_what_is_not_known_is_asked(parts, monkeypatch):
    monkeypatch.setattr(setup, "at_a_terminal", lambda: True)
    said = run(parts, *BOARD, "--limb", "calf", answers="\nlinks\nL\n\n").stdout
    assert "Its name: links" in said and "On which side" in said and "On which limb" not in said
    with Store.open(parts.folder) as store:
        (band,) = store.bands()
    assert (band["name"], band["limb"], band["side"]) == ("links", "calf", "L")
    said = run(parts, *BOARD, answers="\nn\n").stdout
    assert "Its name" not in said and "Checked before. Again?" in said


def test_another_zone_than_the_machines_is_kept_for_every_sync_and_taken_back(parts):
    said = run(parts, "--yes", *BOARD, *WORN, "--zone", "Asia/Kathmandu").stdout
    assert "Asia/Kathmandu (kept; this computer's is Europe/Rome)" in said
    with Store.open(parts.folder) as store:
        assert store.zone() == "Asia/Kathmandu"
    run(parts, "--only", "zone", "--zone", "Asia/Katmando", error="Kathmandu")
    said = run(parts, "--only", "zone", "--zone", "auto").stdout
    assert "Europe/Rome (this computer's)" in said
    with Store.open(parts.folder) as store:
        assert store.zone() is None


def test_a_strap_that_misses_is_said_to_be_closed_tighter(parts):
    parts.misses = 2
    said = run(parts, "--yes", *BOARD, *WORN).stdout
    assert "8 of 10 movements found" in said and "tighter" not in said
    parts.misses = 3
    said = run(parts, "--yes", "--only", "strap").stdout
    assert "7 of 10" in said and "Close the strap a little tighter" in said
    assert "--only strap" in said


def test_bands_and_nights_show_the_check(parts):
    run(parts, "--yes", *BOARD, *WORN)
    words = ["bands", "--data-dir", str(parts.folder)]
    done = CliRunner().invoke(cli, words)
    assert "calf-left: strap check of 2026-01-12 22:30: 10 of 10 movements found" in done.stdout
    (band,) = json.loads(CliRunner().invoke(cli, [*words, "--json"]).stdout)["bands"]
    assert band["strap_check"]["latency_median_s"] == 2.0


def test_a_folder_that_takes_nothing_is_said(parts, monkeypatch):
    run(parts, "--yes", *BOARD, *WORN)
    shutil.rmtree(parts.folder)
    parts.folder.write_text("a file")
    monkeypatch.setattr(flash, "run", lambda *_: setup_steps.data_dir(str(parts.folder)))
    run(parts, "--yes", *BOARD, *WORN, error="Step flash")


def test_help_names_every_step():
    said = CliRunner().invoke(cli, ["setup", "--help"]).stdout
    lines = [line.split()[0] for line in said.splitlines() if line.split()[:1]]
    assert [word for word in lines if word in STEPS] == STEPS == list(setup.STEPS)
