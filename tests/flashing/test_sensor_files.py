"""A BMI270's configuration comes from the package that has it, and stays on the band."""

import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).parent))
from drivers import bmi270
from notturno.errors import UserError
from notturno.flashing import board as boards
from notturno.flashing import package, sensor_files, update
from notturno.virtualband.chips import bmi270 as model
from unix_boards import UnixBoard, small_firmware

DATA = model.stand_in()


@pytest.fixture(autouse=True)
def not_installed(monkeypatch):
    """Whatever this machine has."""
    monkeypatch.setattr(sensor_files, "PACKAGE", "bmi270_of_a_test")


@pytest.fixture
def installed(monkeypatch, tmp_path):
    """Let a package be installed that lists these bytes; its files' text can be given."""
    folder = tmp_path / "bmi270_of_a_test"
    monkeypatch.syspath_prepend(str(tmp_path))
    monkeypatch.setattr(sensor_files, "SHA256", package.sha256(DATA))

    def install(text=f"{sensor_files.NAME} = {list(DATA)!r}\nraise SystemExit\n"):
        folder.mkdir()
        (folder / sensor_files.FILE).write_text(text)

    return install


@pytest.fixture
def flashed(tmp_path):
    packed = package.build("bytecode", small_firmware(tmp_path / "fw", "1.0", "slots.confirm()"))
    with UnixBoard(blocks=256) as board:

        def flash():
            board.plug()
            return update.update(board, boards.look(board), packed)

        yield board, flash


def hash_on(board):
    return board.ask(f"say(sha({sensor_files.ON_BAND!r}))")


def test_driver_model_and_host_speak_of_the_same_file():
    assert sensor_files.ON_BAND == bmi270.CONFIG
    assert sensor_files.SHA256 == model.CONFIG_SHA256
    assert len(DATA) == bmi270.CONFIG_BYTES == model.CONFIG_BYTES


def test_without_the_package_nothing_is_put(flashed):
    board, flash = flashed
    assert sensor_files.configuration() is None
    flash()
    assert not hash_on(board)


def test_it_is_put_once_and_an_update_leaves_it(installed, flashed):
    board, flash = flashed
    flash()
    installed()
    assert sensor_files.configuration() == DATA
    flash()
    assert hash_on(board) == package.sha256(DATA)
    assert not sensor_files.put(board), "it is there"
    board.ask("put('/bmi270.bin', 'AAAA', 'wb') or say(1)")
    assert sensor_files.put(board) and hash_on(board) == package.sha256(DATA)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "bmi270_config_file = [1, 2, 3]",
        "bmi270_config_file = open('x').read()",
        "bmi270_config_file = [256]",
        "def",
        f"bmi270_config_file = {list(DATA[::-1])!r}",
    ],
)
def test_another_configuration_is_not_taken(installed, text):
    installed(text)
    with pytest.raises(UserError, match="bmi270==0.4.3"):
        sensor_files.configuration()


def test_it_is_found_behind_whatever_else_the_module_says(installed):
    installed(
        f'"""Words."""\nimport os\nother: int = 3\nx, y = 1, 2\ndef f(): pass\nf.a = [1]\n'
        f"{sensor_files.NAME} = {list(DATA)!r}\n"
    )
    assert sensor_files.configuration() == DATA


def test_a_module_of_that_name_that_is_no_package_has_no_configuration(monkeypatch, tmp_path):
    monkeypatch.syspath_prepend(str(tmp_path))
    (tmp_path / "bmi270_of_a_test.py").write_text(f"{sensor_files.NAME} = {list(DATA)!r}\n")
    with pytest.raises(UserError, match="bmi270==0.4.3"):
        sensor_files.configuration()
