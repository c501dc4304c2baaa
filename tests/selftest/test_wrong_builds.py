"""Each wrong build is named by one code; no right one is."""

import numpy as np
import pytest
import selftest
from fakes import built
from fakes.worlds import SineWorld, StillWorld
from notturno.checks import sentence
from notturno.virtualband.builds import WRONG, Build
from notturno_core import checks, wire

EXPECTED = {
    "SDA and SCL swapped": checks.SENSOR_SILENT,
    "SDA open": checks.SDA_OPEN,
    "SCL open": checks.SCL_OPEN,
    "sensor without power": checks.SENSOR_UNPOWERED,
    "an LSM6DS3TR-C": checks.WRONG_CHIP,
    "an LSM6DS3": checks.WRONG_CHIP,
    "address 0x6B": checks.OTHER_ADDRESS,
    "INT1 tied high": checks.INT1_HIGH,
    "pull-ups missing": checks.BUS_WEAK,
    "divider not wired": checks.DIVIDER_OPEN,
    "BAT straight to the pin": checks.DIVIDER_RATIO,
    "divider at 3V3": checks.DIVIDER_AT_3V3,
    "VBUS pin stuck high": checks.VBUS_HIGH,
    "VBUS not wired": checks.VBUS_FLOATS,
    "VBUS pin to ground": checks.VBUS_LOW,
    "button stuck down": checks.BUTTON_STUCK,
    "an axis dead": checks.AXIS_DEAD,
    "rate 20 % slow": checks.RATE_OFF,
    "rate 20 % fast": checks.RATE_OFF,
    "noisy sensor": checks.NOISY,
    "flash full": checks.FLASH_FULL,
    "flash read-only": checks.FLASH_REFUSES,
    "key missing": checks.KEY_MISSING,
    "clock never set": checks.CLOCK_UNSET,
    "radio missing": checks.RADIO_MISSING,
    "gravity of 800 mg": checks.GRAVITY_OFF,
}


def cabled():
    world = StillWorld()
    world.docked_spans = [(0, 1e9)]
    return world


@pytest.mark.parametrize("seed", [1, 2, 3])
@pytest.mark.parametrize("build", WRONG, ids=lambda build: build.name)
def test_a_wrong_build_is_named(build, seed):
    in_cable = build.vbus == "low"
    values, _, storage = built.check(
        build,
        cabled() if in_cable else None,
        seed,
        checks.CABLE_IN if in_cable else checks.CABLE_OUT,
    )
    assert values["verdict"] == EXPECTED[build.name]
    assert values["failed"]
    assert selftest.PROBE_NAME not in storage.files
    assert sentence(values["verdict"])
    wire.pack(wire.CHECK_FIELDS, values)


class Worn(StillWorld):
    """Breath and pulse on a limb that lies still."""

    def accel_mg(self, first_s, step_s, n):
        t_s = first_s + step_s * np.arange(n)
        out = super().accel_mg(first_s, step_s, n)
        out[:, 1] += 4 * np.sin(2 * np.pi * 0.25 * t_s) + 2 * np.sin(2 * np.pi * 7 * t_s)
        return out


WORLDS = {
    "lying": StillWorld,
    "on its side": lambda: StillWorld((700.0, -500.0, 509.9)),
    "worn": Worn,
    "moving": lambda: SineWorld(400, 1.5),
    "trembling": lambda: SineWorld(120, 9),
}
BOARDS = (
    Build(),
    Build(divider=None),
    Build(vbus=None),
    Build(divider=None, vbus=None, button=None),
)


@pytest.mark.parametrize("world", WORLDS)
@pytest.mark.parametrize("seed", range(4))
def test_a_right_build_is_no_false_alarm(world, seed):
    values, took_ms, _ = built.check(BOARDS[seed], WORLDS[world](), 10 + seed)
    assert (values["verdict"], values["failed"]) == (checks.PASS, 0)
    assert took_ms <= 5000
    moves = world in ("moving", "trembling")
    assert bool(values["skipped"] >> checks.GRAVITY & 1) == moves
    assert values["passed"] | values["skipped"] == (1 << len(checks.STEP_NAMES)) - 1
    assert not values["passed"] & values["skipped"]


def test_what_was_measured_stands_in_the_record():
    values, _, _ = built.check(seed=5)
    assert abs(values["gravity_mg"] - 1000) < 40
    assert abs(values["rate_mhz"] - 104_172) < 4000
    assert 350 < values["noise_ug"] < 900
    assert values["battery_mv"] == 3900
    assert (values["sensor_id"], values["address"]) == (0x6C, 0x6A)
    assert 5_000 < values["free_kb"] < 5_860


@pytest.mark.parametrize("scale, verdict", [(1.05, 0), (0.95, 0), (1.075, 11), (0.925, 11)])
def test_gravity_may_be_off_by_a_parts_errors(scale, verdict):
    class Exact(StillWorld):
        pass

    values, _, _ = built.check(Build(scale=scale), Exact(), seed=1)
    off_mg = abs(values["gravity_mg"] - 1000)
    assert values["verdict"] == (0 if off_mg <= 60 else checks.GRAVITY_OFF)
    assert values["verdict"] == verdict


def test_a_step_that_breaks_fails_alone(monkeypatch):
    def broken(self):
        raise ZeroDivisionError

    monkeypatch.setattr(built.Pins, "docked", broken)
    values, _, _ = built.check()
    assert values["verdict"] == checks.STEP_BROKE + checks.VBUS
    assert values["failed"] == 1 << checks.VBUS
    assert "charger pin" in sentence(values["verdict"])


def test_the_first_to_mend_is_the_verdict():
    values, _, _ = built.check(Build(key=False, divider="open", clock=False))
    assert values["verdict"] == checks.DIVIDER_OPEN
    assert bin(values["failed"]).count("1") == 3


def test_a_chip_that_answers_elsewhere_is_told_with_its_address():
    values, _, _ = built.check(Build(answers_at=0x6B))
    assert (values["address"], values["sensor_id"]) == (0x6B, 0x6C)


@pytest.mark.parametrize(
    "battery_mv, verdict",
    [
        (4390, 0),
        (4420, checks.DIVIDER_RATIO),
        (3370, 0),
        (3300, checks.DIVIDER_AT_3V3),
        (3200, checks.BATTERY_EMPTY),
        (1600, checks.BATTERY_EMPTY),
        (1400, checks.DIVIDER_OPEN),
    ],
)
def test_what_a_cell_can_have(monkeypatch, battery_mv, verdict):
    monkeypatch.setattr(built.Pins, "battery_mv", lambda self: battery_mv)
    assert built.check()[0]["verdict"] == verdict


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_a_chip_of_twice_the_range_is_told_apart_and_shows_the_whole_of_1_g(seed):
    values, _, _ = built.check(Build("an LSM6DSO32", scale=0.5), seed=seed)
    assert values["verdict"] == 0 and values["sensor_id"] == 0x6C
    assert values["gravity_mg"] == pytest.approx(1000, abs=40)
