"""`bands set`: settings by cable, checked before the band is touched, kept over updates."""

import json
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))
from fakes.typed import typed
from notturno.errors import UserError
from notturno.flashing import board as boards
from notturno.flashing import package, plain, settings, update
from notturno.virtualband import VirtualBand
from notturno.virtualband.world import StillSource, Timeline
from unix_boards import UnixBoard, small_firmware

DEFAULTS = {
    "START": ("undock",),
    "NIGHT_UTC_MIN": None,
    "WATERMARK": 244,
    "ODR_HZ": 104,
    "SNIPPET_BYTES": 60000,
    "DETECTOR": {},
    "BOARD": None,
    "BEACON": "off",
}


def on_band(**values):
    return settings.OnBand(values, DEFAULTS, [], False)


@pytest.mark.parametrize(
    ("before", "sets", "resets", "after"),
    [
        ({}, {"odr_hz": "208"}, [], {"ODR_HZ": 208}),
        ({}, {"ODR_HZ": "104"}, [], {}),
        ({"ODR_HZ": 52}, {"snippet_bytes": "1_000"}, [], {"ODR_HZ": 52, "SNIPPET_BYTES": 1000}),
        ({"ODR_HZ": 52}, {}, ["odr_hz"], {}),
        ({"ODR_HZ": 52, "DETECTOR": {"lm_on_ug": 5}}, {}, ["all"], {}),
        ({"ODR_HZ": 52}, {"odr_hz": "26"}, ["all"], {"ODR_HZ": 26}),
        ({}, {"detector.lm_on_ug": "5"}, [], {"DETECTOR": {"lm_on_ug": 5}}),
        (
            {"DETECTOR": {"lm_on_ug": 5}},
            {"detector.lm_low_ug": "6"},
            [],
            {"DETECTOR": {"lm_on_ug": 5, "lm_low_ug": 6}},
        ),
        ({"DETECTOR": {"lm_on_ug": 5}}, {}, ["detector.lm_on_ug"], {}),
        ({}, {"start": "Worn, clock,worn"}, [], {"START": ("worn", "clock")}),
        ({}, {"start": "undock"}, [], {}),
        ({}, {"night_utc_min": "1320"}, [], {"NIGHT_UTC_MIN": 1320}),
        ({"NIGHT_UTC_MIN": 5}, {"night_utc_min": "none"}, [], {}),
        ({}, {"board": "xiao_esp32c3"}, [], {"BOARD": "xiao_esp32c3"}),
        ({"BOARD": "x"}, {"board": "none"}, [], {}),
        ({}, {"beacon": "On"}, [], {"BEACON": "on"}),
        ({"BEACON": "on"}, {"beacon": "off"}, [], {}),
    ],
)
def test_what_a_change_makes_of_the_settings(before, sets, resets, after):
    found = on_band(**before)
    assert settings.changed(found, sets, resets) == after
    assert found.values == before


@pytest.mark.parametrize(
    ("sets", "words"),
    [
        ({"odr_hz": "100"}, "odr_hz=100: ODR_HZ must be one of 26, 52, 104, 208"),
        ({"start": "dock"}, "one or more of undock, button, worn, clock"),
        ({"range_g": "8"}, "no setting range_g; update it first"),
        ({"odr_hz": "fast"}, "must be one of"),
        ({"beacon": "1"}, "beacon=1: BEACON must be one of off, on"),
        ({"beacon": "none"}, "must be one of off, on"),
        ({"watermark": "9999"}, "from 32 to 480"),
        ({"odr": "100"}, "no setting odr; near to it are: odr_hz"),
        ({"jerk": "1"}, "are: watermark, detector.jerk_on_ug, detector.jerk_low_ug[^,]*$"),
        ({"log_folder": "x"}, "no setting log_folder"),
        ({"detector": "5"}, "one of the detector's"),
        ({"detector.speed": "5"}, "no setting detector.speed"),
        ({"detector.lm_on_ug": "0"}, "whole number from 1 to 1000000"),
        ({"detector.hold_ms": "65536"}, "from 1 to 65535"),
    ],
)
def test_what_cannot_be_is_refused_and_says_what_can(sets, words):
    with pytest.raises(UserError, match=words):
        settings.changed(on_band(), sets, [])


def test_over_an_update_they_stay_and_a_bad_file_is_put_aside(tmp_path):
    one = package.build("bytecode", small_firmware(tmp_path / "1", "1.0", "slots.confirm()"))
    two = package.build("bytecode", small_firmware(tmp_path / "2", "2.0", "slots.confirm()"))
    with UnixBoard(blocks=256) as board:
        update.update(board, boards.look(board), one)
        board.start()
        board.plug()
        found = settings.read(board, boards.look(board))
        assert found.values == {} and not found.aside
        settings.write(board, found, {"ODR_HZ": 208})
        board.plug()
        update.update(board, boards.look(board), two)
        assert board.start() == ["reset", ["2.0"]]
        board.plug()
        assert settings.read(board, boards.look(board)).values == {"ODR_HZ": 208}
        board.write("/settings.json", b"{")
        board.plug()
        found = settings.read(board, boards.look(board))
        assert found.values == {} and found.aside and board.read("/settings.bad") == b"{"
        settings.write(board, found, {})
        assert "settings.json" not in board.names()


def test_a_full_flash_leaves_the_old_ones():
    with UnixBoard(blocks=32) as board:
        board.write("/app.py", b"")
        board.write("/config.py", b"ODR_HZ = 104\n")
        board.write("/settings.json", plain.settings_text({"ODR_HZ": 26}))
        found = settings.read(board, boards.look(board))
        fill = "f = open('/big', 'wb')\nwhile 1: f.write(bytes(512)); f.flush()\n"
        with pytest.raises(Exception, match="28"):
            board.run(fill)
        many = {"DETECTOR": {name: 12345 for name in plain.detector_names()}}
        with pytest.raises(UserError, match="flash is full.*the old ones hold"):
            settings.write(board, found, many)
        assert board.read("/settings.json") == plain.settings_text({"ODR_HZ": 26})


def test_what_has_no_program_is_told_to_be_flashed():
    with UnixBoard(blocks=32) as board, pytest.raises(UserError, match="notturno flash --port"):
        settings.read(board, boards.look(board))


# --- the command, at a real prompt ---------------------------------------------------------------


@pytest.fixture(scope="module")
def band(tmp_path_factory):
    world = Timeline([StillSource()], hours=0.01)
    with VirtualBand(tmp_path_factory.mktemp("band"), world, seed=3) as made:
        made.wait_nights()
        yield made


def run(folder, *arguments, error=None):
    return typed("bands", "set", *arguments, "--data-dir", folder, error=error)


def test_settings_are_shown_changed_and_reset_at_a_real_prompt(band, tmp_path):
    port = ("--port", band.repl)
    said = run(tmp_path, "--list", *port)
    assert "odr_hz" in said and "26, 52, 104, 208" in said and "* changed" not in said
    said = run(tmp_path, "odr_hz=208", "detector.lm_on_ug=9000", *port)
    assert "starts anew" in said and "odr_hz *" in said
    kept = json.loads((band.flash / "settings.json").read_text())
    assert kept == {"form": 1, "settings": {"ODR_HZ": 208, "DETECTOR": {"lm_on_ug": 9000}}}
    out = json.loads(run(tmp_path, "--reset", "odr_hz", "--json", *port))
    assert out["schema"] == "bands-set-1" and out["changed"]
    assert out["device_id"] == band.device_id
    assert out["settings"]["odr_hz"] == {
        "name": "odr_hz",
        "value": 104,
        "default": 104,
        "set": False,
        "possible": "26, 52, 104, 208",
    }
    assert out["settings"]["detector.lm_on_ug"]["value"] == 9000
    assert "It is set as it came" in run(tmp_path, "--reset", "all", *port)
    assert json.loads((band.flash / "settings.json").read_text())["settings"] == {}


def test_another_band_than_the_one_named_is_left_alone(band, tmp_path):
    from notturno import keys

    ring = keys.KeyRing(tmp_path, in_keyring=False)
    ring.add("a0b1c2d3e4f50000", bytes(32), "typed")
    ring.add(band.device_id, bytes(range(32)), "typed")
    port = ("--port", band.repl)
    run(tmp_path, "watermark=100", *port)
    before = (band.flash / "settings.json").read_bytes()
    run(tmp_path, "a0b1", "odr_hz=52", *port, error=f"is {band.device_id}, not a0b1")
    assert (band.flash / "settings.json").read_bytes() == before
    assert "odr_hz *" in run(tmp_path, band.device_id[:6], "odr_hz=52", *port)


@pytest.mark.parametrize(
    ("words", "error"),
    [
        ([], "Say what to change"),
        (["calf", "ankle"], "ankle is no KEY=VALUE"),
        (["odr=1"], "no setting odr"),
        (["--reset", "odr"], "no setting odr"),
    ],
)
def test_what_is_not_meant_is_said_before_any_band_is_touched(tmp_path, words, error):
    run(tmp_path, *words, "--port", "/dev/none", error=error)
