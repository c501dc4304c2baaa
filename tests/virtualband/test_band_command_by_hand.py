"""Which nights `notturno band` plays, and how its bands are reached, in words."""

from types import SimpleNamespace

import pytest
from notturno import sleeper
from notturno.cli import band
from notturno.detect import recording
from notturno.errors import UserError
from notturno.sleeper import asked
from notturno.virtualband import evening, world
from notturno.virtualband.chips import models


@pytest.fixture
def made(monkeypatch):
    """What an evening is made of, in place of it."""
    monkeypatch.setattr(asked, "AskedLimb", lambda seed: f"limb {seed}")
    monkeypatch.setattr(sleeper, "night_world", lambda *what: what)
    monkeypatch.setattr(recording, "load", float)
    monkeypatch.setattr(
        world,
        "RecordingSource",
        lambda hours, to_and_fro: SimpleNamespace(hours=hours, to_and_fro=to_and_fro),
    )
    monkeypatch.setattr(evening, "Evening", lambda nights, limb, hours: (nights, limb, hours))


@pytest.mark.parametrize(("hours", "played"), [(None, 8.0), (0.5, 0.5), (16, 16)])
def test_nights_last_as_long_as_asked_and_each_is_another(made, hours, played):
    nights, limb, lasts = band.make_world(3, hours, "calm", (), 40)
    assert nights == [("calm", 40, played), ("calm", 41, played), ("calm", 42, played)]
    assert (limb, lasts) == ("limb 40", played)


def test_recordings_are_played_to_and_fro_and_last_as_long_as_they_are(made):
    nights, limb, lasts = band.make_world(1, None, "calm", ("7.5", "23.8"), 3)
    assert [night.hours for night in nights] == [7.5, 23.8] == lasts
    assert all(night.to_and_fro for night in nights) and limb == "limb 3"
    assert band.make_world(1, 2.0, "calm", ("7.5", "30"), 3)[2] == [2.0, 2.0]


@pytest.mark.parametrize("length", ["23.9", "24", "0"])
def test_a_recording_of_a_day_is_not_played_without_saying_how_much(made, length):
    with pytest.raises(UserError, match="lasts a day or more; give the part to play with --hours"):
        band.make_world(1, None, "calm", ("7.5", length), 3)


def running(number):
    names = ("hci", "repl", "pty", "flash")
    return SimpleNamespace(**{name: f"{name.upper()}{number}" for name in names})


def test_one_band_is_reached_by_its_own_radio_and_prompt():
    assert band.reach([running(1)]).splitlines() == [
        "Its radio is a Bluetooth controller at HCI1:",
        "  notturno sync --virtual HCI1",
        "Its serial prompt is at REPL1 and PTY1:",
        "  mpremote connect REPL1 fs ls",
        "  mpremote connect port:PTY1 repl",
        "Its flash is the folder FLASH1",
    ]


def test_several_bands_share_one_air_and_have_a_number_each():
    said = band.reach([running(1), running(2)]).splitlines()
    assert said[0] == "Their radios are in the air behind a Bluetooth controller at HCI1:"
    assert said[2] == "Band 1: its serial prompt is at REPL1 and PTY1:"
    assert said[6:9] == [
        "Band 2: its serial prompt is at REPL2 and PTY2:",
        "  mpremote connect REPL2 fs ls",
        "  mpremote connect port:PTY2 repl",
    ]
    assert len(said) == 10


def test_a_band_may_have_any_chip_that_a_model_is_of(tmp_path):
    assert {band.chip_of(name.lower()).chip_name for name in models()} == set(models())
    assert band.chip_of(band.DEFAULT_CHIP).chip_name == "LSM6DSOX"
    with pytest.raises(UserError, match="no model of a chip X1; choose one of BMI270, .*MPU-6886"):
        band.chip_of("X1")


def test_what_a_chip_wants_on_the_flash_is_there_before_the_band_starts(tmp_path):
    for name, files in (("BMI270", ["bmi270.bin"]), ("LSM6DSOX", [])):
        flash = tmp_path / name
        flash.mkdir()
        prepare = band.with_files(band.chip_of(name), lambda folder, device: (folder, device))
        assert prepare(flash, "id") == (flash, "id")
        assert [path.name for path in flash.iterdir()] == files
