"""The band's settings file: what a person changed holds, what is wrong is put aside and said."""

import json
import sys
from pathlib import Path

import config
import pytest
import settings
from notturno import firmware_files
from notturno.flashing import package, plain
from notturno_core import detector, limits

sys.path.append(str(Path(__file__).parent))
from unix_boards import UnixBoard


def load(folder, text):
    path = folder / "settings.json"
    if text is not None:
        path.write_bytes(text if isinstance(text, bytes) else text.encode())
    return settings.load(str(path), str(folder / "settings.bad"))


def as_file(**values):
    return plain.settings_text(values)


def test_without_a_file_the_defaults_hold(tmp_path):
    loaded = load(tmp_path, None)
    for name in dir(config):
        if name.isupper():
            assert getattr(loaded, name) == getattr(config, name)
    assert settings.changed() == "{}" and settings.trouble == ""


def test_what_was_changed_holds_and_is_told_in_order(tmp_path):
    loaded = load(tmp_path, as_file(RANGE_G=8, ODR_HZ=208, DETECTOR={"lm_on_ug": 2, "hold_ms": 1}))
    assert (loaded.ODR_HZ, loaded.RANGE_G) == (208, 8)
    assert loaded.BATTERY_STOP_MV == config.BATTERY_STOP_MV
    assert settings.changed() == (
        '{"DETECTOR": {"hold_ms": 1, "lm_on_ug": 2}, "ODR_HZ": 208, "RANGE_G": 8}'
    )
    assert json.loads(settings.changed())["ODR_HZ"] == 208
    assert (tmp_path / "settings.json").exists() and settings.trouble == ""


def test_a_file_from_before_there_was_a_beacon_leaves_it_off_and_what_asks_for_it_gets_it(
    tmp_path,
):
    assert load(tmp_path, b'{"form": 1, "settings": {"ODR_HZ": 208}}').BEACON == "off"
    assert load(tmp_path, as_file(BEACON="on")).BEACON == "on"
    assert settings.changed() == '{"BEACON": "on"}'


def test_a_file_of_4_kb_is_not_too_long(tmp_path):
    assert load(tmp_path, b'{"form": 1, "settings": {"RANGE_G": 8}}'.ljust(4096)).RANGE_G == 8


def test_what_is_the_default_is_no_change(tmp_path):
    load(tmp_path, as_file(ODR_HZ=config.ODR_HZ, DETECTOR={}))
    assert settings.changed() == "{}"


BAD = [
    b"",
    b"{",
    b"[]",
    b"null",
    b"\xff\xfe",
    b'{"form": 1}',
    b'{"form": 2, "settings": {}}',
    b'{"settings": {}}',
    b'{"form": 1, "settings": []}',
    b'{"form": 1, "settings": {"ODR_HZ": 105}}',
    b'{"form": 1, "settings": {"ODR_HZ": "104"}}',
    b'{"form": 1, "settings": {"WATERMARK": true}}',
    b'{"form": 1, "settings": {"WATERMARK": 100.5}}',
    b'{"form": 1, "settings": {"DETECTOR": {"jerk": 1}}}',
    b'{"form": 1, "settings": {"DETECTOR": {"hold_ms": 65536}}}',
    b'{"form": 1, "settings": {"DETECTOR": 5}}',
    b'{"form": 1, "settings": {"BOARD": ""}}',
    b'{"form": 1, "settings": {"BEACON": true}}',
    b'{"form": 1, "settings": {"BEACON": 1}}',
    b'{"form": 1, "settings": {"BEACON": ["on"]}}',
    b'{"form": 1, "settings": {"RANGE_G": 8}}'.ljust(4097),
    b"[" * 3000,
]


@pytest.mark.parametrize("data", BAD, ids=range(len(BAD)))
def test_a_bad_file_is_put_aside_and_said_and_the_defaults_hold(tmp_path, data, capsys):
    loaded = load(tmp_path, data)
    assert loaded.ODR_HZ == config.ODR_HZ and loaded.RANGE_G == config.RANGE_G
    assert settings.changed() == "{}"
    assert "put aside" in settings.trouble and settings.trouble in capsys.readouterr().out
    assert (tmp_path / "settings.bad").read_bytes() == data
    assert not (tmp_path / "settings.json").exists()
    load(tmp_path, None)
    assert settings.trouble == ""


def test_what_a_newer_version_wrote_beside_is_left_and_the_rest_holds(tmp_path):
    loaded = load(tmp_path, as_file(ODR_HZ=52, NEW_THING=3))
    assert loaded.ODR_HZ == 52 and not hasattr(loaded, "NEW_THING")
    assert "NEW_THING" in settings.trouble and (tmp_path / "settings.json").exists()
    assert settings.changed() == '{"ODR_HZ": 52}'


def test_no_setting_can_name_what_is_none(tmp_path):
    load(tmp_path, as_file(LOG_FOLDER="x", FIRMWARE_VERSION="9"))
    assert settings.load().FIRMWARE_VERSION == config.FIRMWARE_VERSION


@pytest.mark.parametrize("name", limits.RANGES)
def test_limits_are_the_limits(name):
    low, high = limits.RANGES[name]
    none = int(name in limits.OR_NONE)
    for value, right in [(low, 1), (high, 1), (low - 1, 0), (high + 1, 0), (None, none), (1.5, 0)]:
        wrong = limits.problem(name, value, settings.detector_names)
        assert (wrong is None) == bool(right), (name, value)
        assert right or (name in wrong and str(low) in wrong and str(high) in wrong)


NO_SETTINGS = {"FIRMWARE_VERSION", "LOG_FOLDER"}  # a person has no reason to change these


def test_words_and_what_may_be_none():
    problem = limits.problem
    for value, right in [
        (["undock"], 1),
        (("worn", "clock"), 1),
        ([], 0),
        (["dock"], 0),
        ("undock", 0),
        (None, 0),
        ([["undock"]], 0),
    ]:
        assert (problem("START", value, settings.detector_names) is None) == bool(right), value
    assert problem("NIGHT_UTC_MIN", None, settings.detector_names) is None
    assert problem("PEEK_EVERY_MS", None, settings.detector_names)
    data = {"form": 1, "settings": {"START": ["worn"], "NIGHT_UTC_MIN": None}}
    values, _ = limits.checked(data, settings.detector_names)
    assert values == {"START": ("worn",), "NIGHT_UTC_MIN": None}


def test_every_name_of_the_config_has_limits_and_its_default_is_within():
    names = package.constants_in((firmware_files.folder() / "config.py").read_text())
    assert set(names) - NO_SETTINGS <= set(limits.NAMES)
    for name in set(names) - NO_SETTINGS:
        assert limits.problem(name, names[name], settings.detector_names) is None
    for name, value in detector.DEFAULTS.items():
        assert limits.problem("DETECTOR", {name: value}, settings.detector_names) is None


def test_what_a_detector_takes_is_what_the_log_can_hold():
    names = settings.detector_names()
    assert set(names) == set(detector.DEFAULTS) and names == plain.detector_names()
    for name in names:
        most = limits.most(name, names)
        detector.packed({name: most})
        assert limits.problem("DETECTOR", {name: most + 1}, settings.detector_names)
        assert limits.problem("DETECTOR", {name: 0}, settings.detector_names)


def test_a_real_band_reads_them_alike(tmp_path):
    """The same files under the real MicroPython, with its own json."""
    with UnixBoard(blocks=256) as board:
        for name in ("settings.py", "config.py"):
            board.write("/" + name, (firmware_files.folder() / name).read_bytes())
        for path in (firmware_files.folder() / "lib" / "notturno_core").glob("*.py"):
            board.write(f"/lib/notturno_core/{path.name}", path.read_bytes())
        ask = "import settings\ns = settings.load()\nprint([s.ODR_HZ, settings.changed()])"
        wanted = {"ODR_HZ": 208, "DETECTOR": {"hold_ms": 1, "lm_on_ug": 2}}
        board.write("/settings.json", plain.settings_text(wanted))
        said = eval(board.run(ask).strip())
        assert said[0] == 208 and json.loads(said[1]) == wanted
        for data in BAD:
            board.write("/settings.json", data)
            said = board.run(ask).strip().splitlines()
            assert "put aside" in said[0] and eval(said[-1]) == [config.ODR_HZ, "{}"]
            assert board.read("/settings.bad") == data
            assert "settings.json" not in board.names()
