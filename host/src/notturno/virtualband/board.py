"""The band's body: which pin leads where, and what hangs on the bus.

Touches the chip model and the world. Speaks pin numbers, bus bytes, microseconds; MicroPython's
error numbers, negative.
"""

from __future__ import annotations

from notturno.virtualband.chips.bus import Wires
from notturno.virtualband.chips.part import Part
from notturno.virtualband.clock import FOREVER, Clock
from notturno.virtualband.world import World

PIN_VBUS, PIN_BUTTON, PIN_INT2, PIN_VBAT, PIN_SCL = 1, 2, 3, 4, 6
LOW, HIGH = 1, 2  # how a pin is driven
WAKES_NOT, WAKES_BY_CHANGE, WAKES_AT_LOW, WAKES_AT_HIGH = 0, 1, 2, 3
UNSTICK_PULSES = 9


class Board:
    """Pins and bus of one band. `chip`: what hangs on the bus, at the address that it says;
    None: nothing does. `world`: see world.py."""

    def __init__(self, world: World, chip: Part | None, clock: Clock) -> None:
        self.world = world
        self._clock = clock
        self._wires = Wires({}, clock.now_us, clock.pass_us)
        self.chip = chip
        self.power_on()

    @property
    def chip(self) -> Part | None:
        """What hangs on the bus, or None."""
        return self._chip

    @chip.setter
    def chip(self, chip: Part | None) -> None:
        self._chip = chip
        self._wires.chips = {} if chip is None else {chip.address: chip}

    @property
    def sampling(self) -> bool:
        """Does the chip take samples?"""
        return self._chip is not None and self._chip.rate_hz > 0

    def power_on(self) -> None:
        """Pins and bus as after a reset of the processor."""
        self.i2c_setup(400_000, 50_000)
        self._scl_pulses = 0
        self._watched: dict[int, tuple[int, int]] = {}

    # --- bus -------------------------------------------------------------------------------------

    def i2c_setup(self, freq_hz: int, timeout_us: float) -> int:
        """Set the clock and the longest transfer; return 0."""
        self._wires.freq_hz = freq_hz
        self._wires.timeout_us = timeout_us
        return 0

    def i2c_read(self, address: int, register: int, n: int) -> tuple[int, bytes]:
        """Return (status, bytes); what a transfer over the limit has sent is lost."""
        return self._wires.read(address, register, n)

    def i2c_write(self, address: int, register: int, data: bytes) -> int:
        """Write from a register on; return 0 or a negative error."""
        return self._wires.write(address, register, data)

    def i2c_probe(self, address: int) -> int:
        """Return 0 where an address answers, else a negative error."""
        return self._wires.probe(address)

    # --- pins ------------------------------------------------------------------------------------

    def pin(self, number: int, drive: int = 0) -> int:
        """Read a pin's level, or drive it (LOW, HIGH)."""
        if drive:
            self._drive(number, drive)
            return 0
        t_s = self._clock.now_us() / 1e6
        if number == PIN_VBUS:
            return int(self.world.docked(t_s))
        if number == PIN_BUTTON:
            return int(not self.world.button(t_s))
        if number == PIN_INT2:
            return self.chip.int2(int(self._clock.now_us())) if self.chip else 0
        return 1  # pulled up, nothing connected

    def looked_at(self) -> bytes:
        """Return number and level of the pins that a program looks at whenever it wakes."""
        return bytes([PIN_VBUS, self.pin(PIN_VBUS), PIN_BUTTON, self.pin(PIN_BUTTON)])

    def _drive(self, number: int, drive: int) -> None:
        if number != PIN_SCL:
            return
        self._scl_pulses += drive == LOW
        if self._scl_pulses >= UNSTICK_PULSES:
            self._scl_pulses = 0
            if self.chip:
                self.chip.unstick()

    def adc_uv(self, number: int) -> int:
        """Half the battery's voltage on its pin; 0 elsewhere."""
        if number != PIN_VBAT:
            return 0
        return self.world.battery_mv(self._clock.now_us() / 1e6) * 500

    def watch(self, number: int, wakes: int) -> None:
        """The program wants to know of this pin; `wakes`: what ends a sleep (WAKES_*)."""
        before = self._watched.get(number, (WAKES_NOT, 0))[0]
        self._watched[number] = (wakes or before, self.pin(number))

    def changed_pins(self) -> list[tuple[int, int, bool]]:
        """Return (pin, level, wakes) for watched pins that changed since the last call."""
        changes = []
        for number, (wakes, level) in self._watched.items():
            if number in (PIN_VBUS, PIN_BUTTON) and self.pin(number) != level:
                self._watched[number] = (wakes, 1 - level)
                changes.append((number, 1 - level, wakes == WAKES_BY_CHANGE))
        return changes

    def wakes_now(self) -> bool:
        """Is a pin at a level at which no sleep lasts?"""
        at = {WAKES_AT_LOW: 0, WAKES_AT_HIGH: 1}
        return any(
            wakes in at and self.pin(number) == at[wakes]
            for number, (wakes, _) in self._watched.items()
        )

    def next_change_us(self) -> float:
        """Return the next instant at which a watched pin may change."""
        if not self._watched:
            return FOREVER
        return self.world.next_change_s(self._clock.now_us() / 1e6) * 1e6
