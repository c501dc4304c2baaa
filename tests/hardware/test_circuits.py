"""The electrical check passes every build and names every wrong wire that was thought of."""

import copy
import sys
from pathlib import Path

import pytest

sys.path.append(str(Path(__file__).resolve().parents[2] / "hardware"))
from rendering import data  # noqa: E402
from rendering.circuit import Circuit  # noqa: E402
from rendering.electrical import check, pull_up_ohm  # noqa: E402

ALL = [
    other
    for build in data.BUILDS.values()
    for other in (build, *(made for _, made in data.variants(build)))
]


@pytest.mark.parametrize("build", ALL, ids=lambda build: build["name"])
def test_every_build_and_variant_passes(build):
    assert check(Circuit(build))[0] == []


def r1():
    """R1 as copies that a test may change: (build, boards, breakouts)."""
    return (
        copy.deepcopy(data.BUILDS["r1_xiao"]),
        copy.deepcopy(data.BOARDS),
        copy.deepcopy(data.BREAKOUTS),
    )


def complaints(change, variant=None):
    build, boards, breakouts = r1()
    if variant:
        build = data.variant(build, variant)
    change(build["circuit"], boards[build["board"]], breakouts["adafruit_lsm6dsox"])
    return check(Circuit(build, boards, breakouts))


def move(pin, old, new):
    """Return a change that takes a pin out of one net and puts it into another."""

    def change(circuit, board, breakout):
        if old:
            circuit["nets"][old].remove(pin)
        circuit["nets"].setdefault(new, []).append(pin)

    return change


def swap(first, second):
    def change(circuit, board, breakout):
        for pins in circuit["nets"].values():
            pins[:] = [{first: second, second: first}.get(pin, pin) for pin in pins]

    return change


def merge(one, other):
    def change(circuit, board, breakout):
        circuit["nets"][one] += circuit["nets"].pop(other)

    return change


def part(ref, **values):
    return lambda circuit, board, breakout: circuit["parts"][ref].update(values)


def of_board(key, **values):
    return lambda circuit, board, breakout: board[key].update(values)


WRONG = {
    "a misspelt pin": (move("U1.D77", None, "SDA"), "U1.D77 does not exist"),
    "a pin twice": (move("U1.D4", None, "SCL"), "U1.D4 is in two nets"),
    "a net with one end": (move("U1.D8", None, "LONELY"), "LONELY ends nowhere"),
    "INT1 on INT2": (move("U2.INT1", None, "INT2"), "outputs tied together: U2.INT2, U2.INT1"),
    "INT1 to ground": (move("U2.INT1", None, "GND"), "U2.INT1 is tied to ground"),
    "INT1 on SCL": (move("U2.INT1", None, "SCL"), "U2.INT1 drives what is not its own"),
    "INT1 to 3V3": (move("U2.INT1", None, "3V3"), "U2.INT1 must stay open"),
    "supplies tied": (merge("3V3", "5V"), "outputs tied together: U1.3V3, U1.5V"),
    "3V3 to ground": (merge("GND", "3V3"), "U1.3V3 is tied to ground"),
    "5 V on a pin": (move("U1.D8", None, "5V"), "5500 mV on U1.D8"),
    "the sensor unfed": (swap("U2.VIN", "R2.1"), "U2.VIN is not fed"),
    "the sensor without ground": (
        lambda c, b, k: c["nets"]["GND"].remove("U2.GND"),
        "U2.GND is not connected",
    ),
    "SDA and SCL swapped": (swap("U2.SDA", "U2.SCL"), "SDA of the board does not meet SDA"),
    "INT2 forgotten": (
        lambda c, b, k: c["nets"].pop("INT2"),
        "INT2 of the board does not meet INT2",
    ),
    "a strap": (
        lambda c, b, k: (
            b["pins"]["INT2"].update(gpio=3, pad="D2"),
            swap("U1.D1", "U1.D2")(c, b, k),
        ),
        "INT2: GPIO3 is a strap",
    ),
    "a pin that wakes nothing": (
        lambda c, b, k: (
            b["pins"]["INT2"].update(gpio=43, pad="D6"),
            swap("U1.D1", "U1.D6")(c, b, k),
        ),
        "INT2: GPIO43 cannot end a deep sleep",
    ),
    "a charger that wakes nothing": (
        lambda c, b, k: (
            b["pins"]["VBUS"].update(gpio=44, pad="D7"),
            swap("U1.D3", "U1.D7")(c, b, k),
        ),
        "VBUS: GPIO44 cannot end a deep sleep",
    ),
    "a pin that measures nothing": (
        lambda c, b, k: (
            b["pins"]["VBAT"].update(gpio=44, pad="D7"),
            swap("U1.D0", "U1.D7")(c, b, k),
        ),
        "VBAT: GPIO44 is no input of the first ADC",
    ),
    "USB's own pin": (of_board("pins", LED={"gpio": 19, "on_board": "x"}), "GPIO19 is not free"),
    "two roles on a pin": (of_board("pins", LED={"gpio": 1, "on_board": "x"}), "Two roles share"),
    "a wire to nothing": (move("U1.D8", None, "INT2"), "the firmware does not use it"),
    "the pad of another board": (
        lambda c, b, k: b["pad_gpio"].update(D1=8),
        "INT2: pad D1 is not GPIO2",
    ),
    "the charger's divider forgotten": (
        lambda c, b, k: c["nets"].pop("VBUS"),
        "VBUS: no divider from 5V",
    ),
    "the battery's divider at 3V3": (swap("R1.1", "U2.VIN"), "VBAT: no divider from BAT+"),
    "the battery's divider upside down": (part("R2", ohm=330_000), "VBAT: divides by 1.67"),
    "half a divider": (move("R2.2", "GND", "VBAT"), "VBAT: 4250 mV at most"),
    "a divider that drains": (
        lambda c, b, k: (part("R1", ohm=130_000)(c, b, k), part("R2", ohm=130_000)(c, b, k)),
        "the divider takes 16 uA",
    ),
    "no capacitor": (lambda c, b, k: c["nets"]["VBAT"].remove("C1.1"), "needs 100 nF"),
    "a small capacitor": (part("C1", farad=33e-9), "needs 100 nF"),
    "too much from the charger": (part("R4", ohm=360_000), "VBUS: 3414 mV at most"),
    "too little from the charger": (part("R4", ohm=300_000), "VBUS: only 2430 mV"),
    "no pull-up": (
        lambda c, b, k: k["pull_up_ohm"].update(value=None),
        "SDA and SCL have no pull-up",
    ),
    "pull-ups too strong": (
        lambda c, b, k: k["pull_up_ohm"].update(value=1000),
        "1000 Ohm together are too strong",
    ),
    "long wires": (lambda c, b, k: c.update(wire_cm=13), "SDA and SCL rise in 319 ns"),
    "a small cell": (part("BT1", cell_mah=100), "The charger gives 110 mA: more than 1 C of 100"),
}


@pytest.mark.parametrize("name", WRONG)
def test_a_wrong_wire_is_named(name):
    change, says = WRONG[name]
    wrong, _ = complaints(change)
    assert any(says in sentence for sentence in wrong), wrong


RIGHT = {
    "a divider that drains little": (
        lambda c, b, k: (part("R1", ohm=150_000)(c, b, k), part("R2", ohm=150_000)(c, b, k))
    ),
    "the least capacitor": part("C1", farad=47e-9),
    "strong pull-ups": lambda c, b, k: k["pull_up_ohm"].update(value=1200),
    "longer wires": lambda c, b, k: c.update(wire_cm=11),
    "the least cell": part("BT1", cell_mah=110),
    "INT2 not wanted": lambda c, b, k: (c["nets"].pop("INT2"), b["pins"].pop("INT2")),
}


@pytest.mark.parametrize("name", RIGHT)
def test_what_is_just_right_passes(name):
    assert complaints(RIGHT[name])[0] == []


def test_a_low_divider_needs_no_capacitor():
    def low(ohm):
        def change(c, b, k):
            c["nets"]["VBAT"].remove("C1.1")
            part("R1", ohm=ohm)(c, b, k)
            part("R2", ohm=ohm)(c, b, k)

        return change

    assert [s for s in complaints(low(18_000))[0] if "100 nF" in s] == []
    assert [s for s in complaints(low(22_000))[0] if "100 nF" in s]


def test_the_c3s_adc_reads_less():
    c3 = data.BUILDS["r1_xiao"]["variants"][0]
    assert complaints(lambda *_: None, c3)[0] == []
    high = complaints(part("R2", ohm=330_000), c3)[0]
    assert any("2550 mV is more than this chip's ADC reads" in sentence for sentence in high)
    lower = complaints(part("R2", ohm=300_000), c3)[0]
    assert not any("ADC reads" in sentence for sentence in lower)


def test_a_pin_without_output_cannot_drive_the_bus():
    build = copy.deepcopy(data.BUILDS["r2_m5stickc_plus2"])
    boards = copy.deepcopy(data.BOARDS)
    boards["m5stickc_plus2"]["pins"]["SDA"]["gpio"] = 36
    assert "SDA: GPIO36 cannot drive." in check(Circuit(build, boards))[0]


def test_a_button_that_ends_no_deep_sleep_is_said_to():
    build, boards, _ = r1()
    variant = data.variant(build, build["variants"][0])
    del boards["xiao_esp32c3"]["pins"]["BUTTON"]["no_deep_wake"]
    wrong, _ = check(Circuit(variant, boards))
    assert wrong == ["BUTTON: GPIO9 cannot end a deep sleep, and nothing says so."]


def test_the_dividers_by_hand():
    circuit = Circuit(data.BUILDS["r1_xiao"])
    assert circuit.divided_mv("VBAT") == pytest.approx(4250 / 2)
    assert circuit.divided_mv("VBUS") == pytest.approx(5500 * 330 / 550)
    assert circuit.divided_mv("VBUS", highest=False) == pytest.approx(4400 * 330 / 550)
    assert circuit.divided_mv("SDA") is None
    assert circuit.capacitor_at("VBAT") == pytest.approx(100e-9)
    assert circuit.capacitor_at("VBUS") == 0


def test_pull_ups_of_board_and_breakout_count_in_parallel():
    by_name = {build["name"]: build for build in ALL}
    assert pull_up_ohm(Circuit(by_name["r1_xiao"])) == pytest.approx(10_000)
    both = 1 / (1 / 5_100 + 1 / 10_000)
    assert pull_up_ohm(Circuit(by_name["r3_adafruit"])) == pytest.approx(both)


def test_the_charger_is_spoken_of_where_it_is_strong_or_unknown():
    by_name = {build["name"]: build for build in ALL}
    charging = [note for note in check(Circuit(by_name["r1_xiao"]))[1] if "charger" in note]
    assert charging == []
    assert any("0.5 C" in note for note in check(Circuit(by_name["r1_xiao_esp32c3"]))[1])
    assert any("not known" in note for note in check(Circuit(by_name["r3_feathers3"]))[1])
    _, notes = complaints(lambda c, b, k: b["charger_ma"].update(high=251))
    assert any("more than 1 C" in note for note in notes)


@pytest.mark.parametrize(
    ("value", "high", "says"),
    [
        (0, 1370, None),
        (0, 1380, "must stay below 1.4 V"),
        (1370, 1800, "up to 1.8 V was seen"),
        (1380, 1800, "it would not record"),
    ],
)
def test_a_pad_that_floats_is_spoken_of(value, high, says):
    change = of_board("vbus_on_battery_mv", value=value, high=high)
    wrong, notes = complaints(change)
    assert wrong == [] and len(notes) == (says is not None)
    assert all(says in note for note in notes)
