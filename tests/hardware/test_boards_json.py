"""Board descriptions, firmware pins and the safety text agree; every figure has a source."""

import ast
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
sys.path.append(str(ROOT / "hardware"))
from rendering import data  # noqa: E402

# What a board file may name besides pins.
RATIO, LED_ON, DEEP_WAKE = "VBAT_RATIO_PERMILLE", "LED_ON", "DEEP_WAKE"
ROLES = {"SDA", "SCL", "INT2", "BUTTON", "VBUS", "VBAT", "HOLD", "LED", "SENSOR_POWER"}
THINGS = [
    (kind, name)
    for kind in ("boards", "chips", "breakouts", "builds")
    for name in getattr(data, kind.upper())
]


def firmware_numbers(name):
    """Numbers of the board file, read without running it."""
    tree = ast.parse((ROOT / "firmware" / "boards" / f"{name}.py").read_text(encoding="utf-8"))
    (board,) = [node for node in tree.body if isinstance(node, ast.ClassDef)]
    named = {
        node.targets[0].id: ast.literal_eval(node.value)
        for node in board.body
        if isinstance(node, ast.Assign)
    }
    assert named.pop("name") == name
    return named


def test_every_real_board_is_described():
    assert data.firmware_boards() == set(data.BOARDS)


@pytest.mark.parametrize("name", data.BOARDS)
def test_the_firmware_and_the_description_name_the_same_pins(name):
    described = {role: pin["gpio"] for role, pin in data.BOARDS[name]["pins"].items()}
    numbers = firmware_numbers(name)
    ratio = numbers.pop(RATIO, 2000) / 1000
    deep_wake, led_on = numbers.pop(DEEP_WAKE), numbers.pop(LED_ON, 1)
    assert numbers == described and set(described) <= ROLES
    if "VBAT" in described:
        assert ratio == data.BOARDS[name]["vbat_ratio"]["value"]
    pins = data.BOARDS[name]["pins"]
    assert led_on == pins.get("LED", {}).get("on_level", 1)
    spans = data.SOCS[data.BOARDS[name]["soc"]]["wake_gpio"]["value"]
    can = [
        described[role]
        for role in ("BUTTON", "VBUS")
        if role in described and any(a <= described[role] <= b for a, b in spans)
    ]
    assert sorted(deep_wake) == sorted(can)
    assert ("no_deep_wake" in pins["BUTTON"]) != (described["BUTTON"] in can)


@pytest.mark.parametrize("name", data.BOARDS)
def test_the_pads_of_a_board_are_there_and_lead_where_the_pins_say(name):
    board = data.BOARDS[name]
    pads = [pad for side in board["pads"].values() for pad in side]
    assert len(set(pads)) == len(pads) and set(board["pad_gpio"]) <= set(pads)
    for pin in board["pins"].values():
        assert ("pad" in pin) != ("on_board" in pin) or "strap" in pin["on_board"]
        if "pad" in pin:
            assert board["pad_gpio"][pin["pad"]] == pin["gpio"]


@pytest.mark.parametrize(("kind", "name"), THINGS)
def test_every_figure_has_a_tag_a_source_and_a_range_around_it(kind, name):
    thing = getattr(data, kind.upper())[name]
    assert thing["name"] == name and thing["title"]
    found = data.figures(thing)
    assert found
    for key, figure in found:
        assert figure["tag"] in "FMC" and len(figure["source"]) > 7, key
        low, high = figure.get("low"), figure.get("high")
        if low is not None:
            assert low <= figure["value"] <= high, key


def test_no_figure_of_a_board_or_a_chip_stands_without_a_tag():
    for thing in [*data.BOARDS.values(), *data.CHIPS.values(), *data.SOCS.values()]:
        for key, value in thing.items():
            if isinstance(value, dict) and key not in ("pins", "pads", "pad_gpio", "inside"):
                assert "tag" in value, (thing.get("name"), key)
        assert not [key for key, value in thing.items() if isinstance(value, int | float)]


@pytest.mark.parametrize("name", data.BOARDS)
def test_the_cell_takes_the_chargers_current(name):
    board = data.BOARDS[name]
    assert board["charger_ma"]["value"] <= board["cell_mah"]["value"]


def test_the_builds_use_what_is_described():
    for build in data.BUILDS.values():
        board, chip = data.BOARDS[build["board"]], data.CHIPS[build["chip"]]
        if "inside" in board:
            assert board["inside"]["chip"] == build["chip"]
            assert board["inside"]["address"] in chip["addresses"]["value"]
        for part in build["circuit"]["parts"].values():
            if "breakout" in part:
                breakout = data.BREAKOUTS[part["breakout"]]
                assert breakout["chip"] == build["chip"]
                assert breakout["address"]["value"] in chip["addresses"]["value"]
            if "cell_mah" in part:
                assert part["cell_mah"] == board["cell_mah"]["value"]
                assert any(
                    f"{part['cell_mah']} mAh" in bought["what"] for bought in build["parts"]
                )


def test_the_chip_that_has_a_driver_is_described_as_the_driver_knows_it():
    from drivers import lsm6dsox

    chip = data.CHIPS["lsm6dsox"]
    assert chip["who_am_i"]["value"]["register"] == lsm6dsox.WHO_AM_I
    assert chip["who_am_i"]["value"]["value"] == lsm6dsox.WHO_AM_I_VALUE
    assert chip["fifo_word_bytes"]["value"] == lsm6dsox.WORD_BYTES
    assert chip["ranges_g"]["value"] == sorted(lsm6dsox.RANGES)
    assert lsm6dsox.ADDRESS in chip["addresses"]["value"]


@pytest.mark.parametrize("name", [n for n, chip in data.CHIPS.items() if data.has_driver(chip)])
def test_a_chip_is_described_as_its_driver_knows_it(name):
    from notturno_core.sensors import FAMILIES

    chip = data.CHIPS[name]
    said = chip["who_am_i"]["value"]
    (row,) = [
        row
        for row in FAMILIES
        if (row[0], row[4]) == (chip["driver"], said["register"]) and said["value"] in row[5]
    ]
    driver = getattr(__import__(f"drivers.{row[0]}", fromlist=[row[1]]), row[1])
    assert tuple(chip["addresses"]["value"]) == row[3]
    assert chip["fifo_word_bytes"]["value"] == driver.SAMPLE_BYTES
    assert 0.9 < driver.fifo_samples / chip["fifo_samples"]["value"] <= 1
    assert chip["rate_hz"]["value"] in driver.RATES
    if name != "lsm6dso32":  # is told apart only when it is there
        assert set(driver.RANGES) <= set(chip["ranges_g"]["value"])  # it may use fewer


def test_the_safety_text_says_what_the_firmware_does():
    import config

    text = (ROOT / "hardware" / "SAFETY.md").read_text(encoding="utf-8")
    flat = " ".join(text.split())
    assert f"At {config.BATTERY_STOP_MV / 1000:.2f} V the firmware ends the night" in flat
    for promise in ("Never charge it on the body", "polarity", "protection circuit", "1 C"):
        assert promise in flat
    # Boards that see no charger are named where the text says that the firmware does.
    blind = {n for n, board in data.BOARDS.items() if "VBUS" not in board["pins"]}
    adafruit = {"adafruit_feather_esp32s3", "adafruit_qtpy_esp32s3"}
    assert blind == {"m5capsule", "m5stickc_plus2"} | adafruit
    told = "On an M5Capsule, an M5StickC Plus2, an Adafruit Feather or QT Py it cannot see it"
    assert told in flat
    voltless = {n for n, board in data.BOARDS.items() if "VBAT" not in board["pins"]}
    assert voltless == adafruit and "not on an Adafruit Feather or QT Py" in flat
    charger = data.BOARDS["xiao_esp32c3"]["charger_ma"]["value"]
    assert f"XIAO ESP32-C3 gives {charger} mA" in flat
    # A band that sees power does not record: a power bank is no first try on the body.
    assert "power bank" in flat and "records nothing" in flat


@pytest.mark.parametrize("name", data.BUILDS)
def test_the_firmware_has_all_that_a_build_needs_or_its_page_says_what_not(name, monkeypatch):
    assert data.missing(data.BUILDS[name]) == []
    monkeypatch.setitem(data.CHIPS, "other", {"title": "Other", "driver": "other"})
    monkeypatch.setitem(data.BOARDS, "other", {"title": "Other board"})
    lacks = data.missing({"board": "other", "chip": "other"})
    assert [said.partition("The firmware ")[2] for said in lacks] == [
        "does not know the board Other board yet.",
        "has no driver for the Other yet.",
    ]
