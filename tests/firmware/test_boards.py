"""Board files: pins, and the way from the chip's name to the file."""

import importlib
import sys
from types import SimpleNamespace

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


def test_a_file_among_the_boards_that_holds_none_is_told(monkeypatch):
    device_modules.install(monkeypatch, "ESP32S3")
    boards = importlib.import_module("boards")
    monkeypatch.setitem(sys.modules, "boards.toaster", SimpleNamespace(Board=boards.Board))
    with pytest.raises(ValueError, match="boards/toaster.py holds no board"):
        boards.pick("toaster")


@pytest.fixture
def board(monkeypatch):
    device_modules.install(monkeypatch, "ESP32S3")
    return importlib.import_module("boards").pick()


def test_the_bus_has_the_boards_pins_and_a_limit_the_driver_stays_below(board):
    (settings,) = device_modules.I2C.made
    assert settings["scl"].number == 6 and settings["sda"].number == 5
    assert settings["bus"] == 0, "a chip with one bus of its own has no other"
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


# --- each thing that a board does, on pins of its own --------------------------------------------


def made(monkeypatch, name="xiao_esp32s3", virtual=False, **pins):
    """Return a board with some of its pins changed."""
    device_modules.install(monkeypatch, virtual=virtual)
    boards = importlib.import_module("boards")
    plain = type(boards.pick(name))
    device_modules.Pin.history.clear()
    return type("Changed", (plain,), pins)()


def test_what_holds_the_supply_goes_high_before_anything_else(monkeypatch):
    made(monkeypatch, HOLD=40, SENSOR_POWER=41, LED=42, LED_ON=0)
    assert device_modules.Pin.history == [(40, 1), (41, 1), (42, 1)]
    made(monkeypatch, HOLD=None, SENSOR_POWER=None, LED=42, LED_ON=1)
    assert device_modules.Pin.history == [(42, 0)]


def test_a_board_without_dock_or_button_is_never_docked_and_nobody_presses(monkeypatch):
    board = made(monkeypatch, VBUS=None, BUTTON=None)
    assert board.docked() is False and board.button_pressed() is False


@pytest.mark.parametrize("on_level", [0, 1])
def test_a_led_shines_at_its_own_level(monkeypatch, on_level):
    board = made(monkeypatch, LED=42, LED_ON=on_level)
    device_modules.Pin.history.clear()
    for on in (True, False):
        board.led(on)
    assert device_modules.Pin.history == [(42, on_level), (42, 1 - on_level)]
    made(monkeypatch, LED=None).led(True)


@pytest.mark.parametrize(
    ("permille", "uv", "mv"),
    [(2000, 1_900_000, 3800), (2000, 1_900_999, 3800), (1500, 2_000_000, 3000), (2000, 999, 0)],
)
def test_a_cell_by_its_dividers_ratio(monkeypatch, permille, uv, mv):
    board = made(monkeypatch, VBAT=3, VBAT_RATIO_PERMILLE=permille)
    device_modules.ADC.uv[3] = uv
    assert board.battery_mv() == mv
    assert made(monkeypatch, VBAT=None).battery_mv() == 0


def test_the_lines_of_the_bus_are_read_against_a_pull_to_ground(monkeypatch):
    board = made(monkeypatch)
    assert board.bus_lines() is None, "this stand-in has no such pull"
    monkeypatch.setattr(device_modules.Pin, "PULL_DOWN", 1, raising=False)
    before = len(device_modules.I2C.made)
    device_modules.Pin.levels[board.SDA] = 1
    assert board.bus_lines() == (1, 0)
    assert len(device_modules.I2C.made) == before + 1


def test_what_wakes_a_board(monkeypatch):
    import sys

    board = made(monkeypatch, BUTTON=8, VBUS=9, DEEP_WAKE=(8, 9))
    esp32 = sys.modules["esp32"]
    board.arm_wake()
    board.arm_deep_wake()
    assert esp32.armed == [(8, 0)] and esp32.armed_deep == [(8, 0), (9, 1)]
    assert board.can_wake_deep()
    board = made(monkeypatch, BUTTON=8, VBUS=9, DEEP_WAKE=(9,))
    assert not board.can_wake_deep()
    board = made(monkeypatch, BUTTON=8, VBUS=9, DEEP_WAKE=(8,))
    sys.modules["esp32"].armed_deep.clear()
    board.arm_deep_wake()
    assert sys.modules["esp32"].armed_deep == [(8, 0)]
    del sys.modules["esp32"].wake_on_ext0
    board.arm_deep_wake()
    assert sys.modules["esp32"].armed == [(8, 0)]
    board = made(monkeypatch, BUTTON=None, DEEP_WAKE=())
    board.arm_wake()
    assert sys.modules["esp32"].armed == [] and not board.can_wake_deep()


@pytest.mark.parametrize(("length", "wanted"), [(6, b"\0\1\2\3\4\5\0\0"), (8, bytes(range(8)))])
def test_an_id_has_eight_bytes(monkeypatch, length, wanted):
    import sys

    board = made(monkeypatch)
    sys.modules["machine"].unique_id = lambda: bytes(range(length))
    assert board.device_id() == wanted
    sys.modules["machine"].unique_id = lambda: bytes(range(10))
    assert board.device_id() == bytes(range(8))


def test_chance_of_32_bits_low_byte_first(monkeypatch):
    import os

    monkeypatch.setattr(os, "urandom", lambda n: bytes(range(1, n + 1)))
    assert made(monkeypatch).random_u32() == 0x04030201


def test_the_virtual_bands_clock_chip_id_and_chance(monkeypatch):
    import random
    import sys
    import time

    board = made(monkeypatch, "virtual", virtual=True)
    monkeypatch.setattr(time, "time", lambda: 5.9)
    assert board.rtc_utc_ms() == 946_684_805_000  # seconds from 2000, as an ESP32 counts
    sys.modules["_sim"].clock_chip = lambda: 0
    assert board.rtc_utc_ms() is None and made(monkeypatch).rtc_utc_ms() is None
    assert board.device_id() == b"VB\x01\x02\x03\x04\x3f\x2a"
    monkeypatch.setattr(random, "getrandbits", lambda bits: bits)
    assert board.random_u32() == 32


@pytest.fixture
def board_files(tmp_path, monkeypatch):
    """A folder whose files are boards, too; what is imported of it is forgotten again."""
    device_modules.install(monkeypatch, "ESP32S3")
    boards = importlib.import_module("boards")
    monkeypatch.setattr(boards, "__path__", [*boards.__path__, str(tmp_path)])
    yield boards, tmp_path
    for name in [name for name in sys.modules if name.startswith("boards.example")]:
        del sys.modules[name]


def test_a_board_that_no_file_describes_is_named(board_files):
    boards, _ = board_files
    with pytest.raises(ValueError, match="no board is called example_none: set BOARD"):
        boards.pick("example_none")


def test_a_board_whose_file_lacks_a_module_says_which(board_files):
    boards, folder = board_files
    (folder / "example_lacks.py").write_text("import no_such_module\n")
    with pytest.raises(ImportError, match="no_such_module"):
        boards.pick("example_lacks")


def test_a_board_that_is_like_another_is_itself(board_files):
    boards, folder = board_files
    (folder / "example_a.py").write_text(
        "from boards import Board\n\n\nclass Zero(Board):\n    name = 'a'\n"
    )
    (folder / "example_b.py").write_text(
        "from boards.example_a import Zero as Base\n\n\nclass Later(Base):\n    name = 'b'\n"
    )
    assert boards.pick("example_b").name == "b"
