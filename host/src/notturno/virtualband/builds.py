"""A virtual board as somebody wired it: what its pins, its bus and its sensor really do.

Touches the world given, by `board.Board`. Speaks what that speaks. What a loose wire reads is
estimated: 400 mV on an open divider were measured, a floating pin's levels are drawn.
"""

from dataclasses import dataclass

import numpy as np

from notturno.virtualband.board import PIN_BUTTON, PIN_SCL, PIN_VBAT, PIN_VBUS, Board
from notturno.virtualband.chips.bus import ENODEV
from notturno.virtualband.chips.lsm6dsox import Lsm6dsox
from notturno.virtualband.chips.part import Part
from notturno.virtualband.clock import Clock
from notturno.virtualband.world import World

WHO_AM_I = 0x0F
PIN_SDA = 5
OPEN_UV = 200_000  # leaks into a divider's pin that leads nowhere
ADC_MOST_UV = 3_100_000  # the converter's end with its full attenuation
RAIL_UV = 3_300_000


@dataclass(frozen=True)
class Build:
    """How one band was built. The defaults are a right one.

    sda, scl: does the wire hold. answers_at: I2C address. who_am_i: what the chip says it is.
    scale: what it shows of the truth. refused: share of transfers that nobody acknowledges.
    divider: None (no such part), "right", "open", "none of it" (BAT straight to the pin), "rail".
    vbus: None, "right", "high", "floats", "low". flash: "right", "full", "read-only".
    """

    name: str = "right"
    sda: bool = True
    scl: bool = True
    swapped: bool = False
    powered: bool = True
    answers_at: int = 0x6A
    who_am_i: int = 0x6C
    int1_high: bool = False
    refused: float = 0.0
    scale: float = 1.0
    dead_axis: int | None = None
    noise: float = 1.0  # times the chip's own
    rate_off: float = 0.0  # relative, on top of the part's own error
    divider: str | None = "right"
    vbus: str | None = "right"
    button: str | None = "right"  # or "down", or None
    flash: str = "right"
    key: bool = True
    clock: bool = True
    radio: bool = True


WRONG = (
    Build("SDA and SCL swapped", swapped=True),
    Build("SDA open", sda=False),
    Build("SCL open", scl=False),
    Build("sensor without power", powered=False),
    Build("an LSM6DS3TR-C", who_am_i=0x6A),
    Build("an LSM6DS3", who_am_i=0x69),
    Build("address 0x6B", answers_at=0x6B),
    Build("INT1 tied high", int1_high=True),
    Build("pull-ups missing", refused=0.15),
    Build("divider not wired", divider="open"),
    Build("BAT straight to the pin", divider="none of it"),
    Build("divider at 3V3", divider="rail"),
    Build("VBUS pin stuck high", vbus="high"),
    Build("VBUS not wired", vbus="floats"),
    Build("VBUS pin to ground", vbus="low"),
    Build("button stuck down", button="down"),
    Build("an axis dead", dead_axis=1),
    Build("rate 20 % slow", rate_off=-0.2),
    Build("rate 20 % fast", rate_off=0.2),
    Build("noisy sensor", noise=20.0),
    Build("flash full", flash="full"),
    Build("flash read-only", flash="read-only"),
    Build("key missing", key=False),
    Build("clock never set", clock=False),
    Build("radio missing", radio=False),
    Build("gravity of 800 mg", scale=0.8),
)


class _BuiltChip(Lsm6dsox):
    """The chip of a build: it may be another, or a broken one."""

    def __init__(self, build: Build, world: World, seed: int) -> None:
        self._build = build
        super().__init__(world, seed=seed, int1_high=build.int1_high)
        self.odr_error += build.rate_off
        self._convert = self.converter.counts
        self._rng = np.random.default_rng([seed, 1])
        self.converter.counts = self._counts

    def _reset(self, now_us: int) -> None:
        super()._reset(now_us)
        self._regs[WHO_AM_I] = self._build.who_am_i

    def _counts(
        self, first_s: float, step_s: float, n: int, every: int, ug_per_lsb: float, noise_mg: float
    ) -> np.ndarray:
        counts = self._convert(first_s, step_s, n, every, ug_per_lsb, noise_mg)
        build = self._build
        counts = counts * build.scale
        if build.noise > 1.0:
            own = 0.54 * 1000 / 122  # counts of 4 g at 104 Hz: 75 ug per sqrt(Hz)
            counts = counts + own * build.noise * self._rng.standard_normal(counts.shape)
        counts = np.rint(counts)
        if build.dead_axis is not None:
            counts[:, build.dead_axis] = 0
        return np.clip(counts, -32768, 32767)


class BuiltBoard(Board):
    """A board as it was built, with its sensor."""

    def __init__(self, build: Build, world: World, clock: Clock, seed: int = 0) -> None:
        self.build = build
        self._chance = np.random.default_rng([seed, 2])
        super().__init__(world, _BuiltChip(build, world, seed), clock)

    @property
    def chip(self) -> Part | None:
        return self._chip

    @chip.setter
    def chip(self, chip: Part | None) -> None:
        build = self.build
        wired = build.sda and build.scl and build.powered and not build.swapped
        self._chip = chip
        self._wires.chips = {build.answers_at: chip} if wired else {}

    def _is_refused(self, address: int) -> bool:
        if self._chance.random() >= self.build.refused:
            return False
        self._wires.probe(address)  # which takes its time
        return True

    def i2c_read(self, address: int, register: int, n: int) -> tuple[int, bytes]:
        refused = self._is_refused(address)
        return (-ENODEV, b"") if refused else super().i2c_read(address, register, n)

    def i2c_write(self, address: int, register: int, data: bytes) -> int:
        """As of Board, with what is soldered wrong."""
        refused = self._is_refused(address)
        return -ENODEV if refused else super().i2c_write(address, register, data)

    def bus_lines(self) -> tuple[int, int]:
        """Return the levels of SDA and SCL against a weak pull to ground: 1 is pulled up."""
        build = self.build
        return int(build.powered and build.sda), int(build.powered and build.scl)

    def pin(self, number: int, drive: int = 0) -> int:
        build = self.build
        if not drive and number in (PIN_SDA, PIN_SCL):
            return self.bus_lines()[number == PIN_SCL]
        if not drive and number == PIN_VBUS and build.vbus != "right":
            drawn = int(self._chance.random() < 0.5)
            return {"high": 1, "floats": drawn}.get(build.vbus or "", 0)
        if not drive and number == PIN_BUTTON and build.button != "right":
            return int(build.button != "down")
        return super().pin(number, drive)

    def adc_uv(self, number: int) -> int:
        right_uv = super().adc_uv(number)
        if number != PIN_VBAT:
            return right_uv
        wired = {
            "right": right_uv,
            "open": OPEN_UV,
            "none of it": 2 * right_uv,
            "rail": RAIL_UV // 2,
        }
        return min(wired.get(self.build.divider or "", 0), ADC_MOST_UV)
