"""The band's body: which pin leads where, and how long a transfer on the bus takes.

Touches the chip model and the world. Speaks pin numbers, bus bytes, microseconds; MicroPython's
error numbers, negative.
"""

from notturno.virtualband.chips.bus import BusNak, BusStuck, transfer_us
from notturno.virtualband.clock import FOREVER

PIN_VBUS, PIN_BUTTON, PIN_INT2, PIN_VBAT, PIN_SCL = 1, 2, 3, 4, 6
LOW, HIGH = 1, 2  # how a pin is driven
WAKES_NOT, WAKES_BY_CHANGE, WAKES_AT_LOW, WAKES_AT_HIGH = 0, 1, 2, 3
CHIP_ADDRESS = 0x6A
UNSTICK_PULSES = 9
ENODEV, ETIMEDOUT = 19, 116  # the ESP32 port's numbers


class Board:
    """Pins and bus of one band. `chip`: what hangs on the bus at 0x6A; `world`: see world.py."""

    def __init__(self, world, chip, clock):
        self.world = world
        self.chip = chip
        self._clock = clock
        self.power_on()

    def power_on(self) -> None:
        """Pins and bus as after a reset of the processor."""
        self._freq_hz = 400_000
        self._timeout_us = 50_000
        self._scl_pulses = 0
        self._watched: dict[int, tuple[int, int]] = {}

    # --- bus -------------------------------------------------------------------------------------

    def i2c_setup(self, freq_hz: int, timeout_us: float) -> int:
        self._freq_hz = freq_hz
        self._timeout_us = timeout_us
        return 0

    def i2c_read(self, address: int, register: int, n: int) -> tuple[int, bytes]:
        """Return (status, bytes); what a transfer over the limit has sent is lost."""
        return self._transfer(address, n, lambda now, n: self.chip.read(register, n, now))

    def i2c_write(self, address: int, register: int, data: bytes) -> int:
        write = self._transfer(
            address, len(data), lambda now, n: self.chip.write(register, data[:n], now) or b""
        )
        return write[0]

    def i2c_probe(self, address: int) -> int:
        self._clock.pass_us(transfer_us(0, self._freq_hz))
        return 0 if address == CHIP_ADDRESS else -ENODEV

    def _transfer(self, address, n, work) -> tuple[int, bytes]:
        needed_us = transfer_us(n, self._freq_hz)
        if address != CHIP_ADDRESS:
            self._clock.pass_us(transfer_us(0, self._freq_hz))
            return -ENODEV, b""
        late = needed_us > self._timeout_us
        if late:
            n = int(n * self._timeout_us / needed_us)
        now_us = int(self._clock.now_us())
        try:
            data = work(now_us, n)
        except BusNak:
            self._clock.pass_us(transfer_us(0, self._freq_hz))
            return -ENODEV, b""
        except BusStuck:
            late = True
            data = b""
        self._clock.pass_us(self._timeout_us if late else needed_us)
        return (-ETIMEDOUT, b"") if late else (0, data)

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
            return self.chip.int2(int(self._clock.now_us()))
        return 1  # pulled up, nothing connected

    def _drive(self, number: int, drive: int) -> None:
        if number != PIN_SCL:
            return
        self._scl_pulses += drive == LOW
        if self._scl_pulses >= UNSTICK_PULSES:
            self._scl_pulses = 0
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
