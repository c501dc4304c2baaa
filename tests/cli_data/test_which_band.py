"""A band is found by whatever a person calls it, in the logbook and on the air."""

import pytest
from click.testing import CliRunner
from fakes.nights_by_hand import LOG_ID, Pen
from notturno.cli import check, cli
from notturno.cli.which_band import on_the_air
from notturno.errors import UserError
from notturno.store import Store
from notturno.store.bands import meant

LEFT, RIGHT = "a4cf12000000bc3e", "a4cf129900000007"
LEFT_ON_AIR, RIGHT_ON_AIR = "notturno-BC3E", "notturno-0007"


@pytest.fixture
def folder(tmp_path):
    with Store.open(tmp_path) as store:
        for device_id in (LEFT, RIGHT):
            pen = Pen()
            pen.night(2000, 60)
            store.add(store.begin_sync(device_id, LOG_ID, "Europe/Rome", "0.1.0"), pen.frames)
        store.name_band(LEFT, "calf-left")
    return tmp_path


@pytest.mark.parametrize(
    ("said", "device_id"),
    [
        ("calf-left", LEFT),
        (" calf-left ", LEFT),
        (LEFT.upper(), LEFT),
        ("A4CF120", LEFT),
        (LEFT_ON_AIR, LEFT),
        ("notturno-bc3e", LEFT),
        (RIGHT_ON_AIR, RIGHT),
        ("a4cf129", RIGHT),
    ],
)
def test_each_of_its_names_is_known_in_the_logbook_and_on_the_air(folder, said, device_id):
    with Store.open(folder, create=False) as store:
        assert store.band_id(said) == device_id
    assert on_the_air(folder, said) == (LEFT_ON_AIR if device_id == LEFT else RIGHT_ON_AIR)


@pytest.mark.parametrize("said", ["a4cf12", "a"])
def test_a_beginning_of_several_is_no_choice(folder, said):
    for which in (lambda: on_the_air(folder, said), lambda: Store.open(folder).band_id(said)):
        with pytest.raises(UserError, match=f"{said} may be one of several.*calf-left"):
            which()


@pytest.mark.parametrize("said", ["notturno-FFFF", "F0:4E:54:00:00:01", "calf-right"])
def test_who_is_not_known_here_may_still_be_on_the_air(folder, said):
    assert on_the_air(folder, said) == said
    with pytest.raises(UserError, match="There is no band"):
        Store.open(folder, create=False).band_id(said)


def test_a_name_goes_before_another_bands_name_on_the_air(folder):
    with Store.open(folder) as store:
        store.name_band(RIGHT, LEFT_ON_AIR.lower())
    assert on_the_air(folder, LEFT_ON_AIR.lower()) == RIGHT_ON_AIR


def test_a_command_looks_for_the_name_on_the_air(folder, monkeypatch):
    asked = []
    monkeypatch.setattr(check, "by_radio", lambda *given: asked.append(given) or ("00", CHECKED))
    done = CliRunner().invoke(cli, ["--data-dir", str(folder), "check", "--band", "calf-left"])
    assert done.exit_code == 0, done.output
    assert asked[0][2] == LEFT_ON_AIR


CHECKED = {"verdict": 0, "passed": 0, "failed": 0, "skipped": 0}


def test_a_whole_id_goes_before_the_beginning_of_another():
    known = {"a4cf12": "", LEFT: "", RIGHT: ""}  # an import may bring ids of any length
    assert meant(known, "A4CF12") == "a4cf12"
