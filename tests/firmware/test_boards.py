"""Board files: pins, and the way from the chip's name to the file."""

import importlib

import pytest
from fakes import device_modules


@pytest.mark.parametrize(
    "machine_name, name",
    [
        ("Seeed Studio XIAO ESP32S3 with ESP32S3", "xiao_esp32s3"),
        ("Generic ESP32C3 module with ESP32C3", "xiao_esp32c3"),
    ],
)
def test_a_board_is_known_by_its_chip(monkeypatch, machine_name, name):
    device_modules.install(monkeypatch, machine_name)
    assert importlib.import_module("boards").pick().name == name


def test_the_virtual_band_is_one_more_board(monkeypatch):
    device_modules.install(monkeypatch, virtual=True)
    boards = importlib.import_module("boards")
    assert boards.pick().name == "virtual"
    assert boards.pick("xiao_esp32c3").name == "xiao_esp32c3"


def test_an_unknown_board_is_named_with_what_to_do(monkeypatch):
    device_modules.install(monkeypatch, "Pico with RP2040")
    with pytest.raises(ValueError, match="RP2040.*config.py"):
        importlib.import_module("boards").pick()


@pytest.fixture
def board(monkeypatch):
    device_modules.install(monkeypatch, "ESP32S3")
    return importlib.import_module("boards").pick()


def test_the_bus_has_the_boards_pins_and_a_limit_the_driver_stays_below(board):
    (settings,) = device_modules.I2C.made
    assert settings["scl"].number == 6 and settings["sda"].number == 5
    assert (settings["freq"], settings["timeout"]) == (400_000, 50_000)
    board.make_i2c()
    assert len(device_modules.I2C.made) == 2


def test_nine_clocks_and_a_stop_free_a_stuck_bus(board):
    board.unstick_i2c()
    scl = [level for pin, level in device_modules.Pin.history if pin == board.SCL]
    assert sum(a == 0 and b == 1 for a, b in zip(scl, scl[1:], strict=False)) == 10
    before_stop, stop = device_modules.Pin.history[-2:]
    assert (before_stop, stop) == ((board.SCL, 1), (board.SDA, 1)), "SDA rises while SCL is high"


def test_the_battery_is_read_through_its_divider_in_mv(board):
    device_modules.ADC.uv[board.VBAT] = 1_900_000
    assert board.battery_mv() == 3800


def test_dock_and_button_are_levels(board):
    assert not board.docked() and not board.button_pressed()
    device_modules.Pin.levels[board.VBUS] = 1
    device_modules.Pin.levels[board.BUTTON] = 0
    assert board.docked() and board.button_pressed()
    assert board.device_id() == b"\x01\x02\x03\x04\x3f\x2a\x00\x00"
