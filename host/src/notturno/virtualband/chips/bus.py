"""An I2C bus as `machine.I2C` shows it, around a chip model in the same process.

Touches the chip and the clock given. Speaks register numbers, bytes, microseconds and OSError with
MicroPython's numbers.
"""

ENODEV, ETIMEDOUT = 19, 116  # as the ESP32 port numbers them
CLOCKS_PER_BYTE = 9  # eight bits and the acknowledge
ADDRESSING_BYTES = 3  # address, register, address again for reading


class BusNak(Exception):
    """Nobody acknowledged: no such chip, or the chip is not listening."""


class BusStuck(Exception):
    """A line is held low; the transfer ran into its time limit."""


class Clock:
    """Time for in-process use: it moves only when somebody spends it."""

    def __init__(self, now_us=0):
        self.now_us = now_us

    def advance_us(self, us):
        self.now_us += us

    def sleep_ms(self, ms):
        self.now_us += ms * 1000


class FakeI2C:
    """`machine.I2C` with the chips given.

    chips: {7-bit address: chip with read(reg, n, now_us), write(reg, data, now_us)}. timeout_us
    limits a whole transfer, as in the ESP32 port. Raises OSError ENODEV or ETIMEDOUT.
    """

    def __init__(self, chips, clock, freq_hz=400_000, timeout_us=50_000):
        self.chips = chips
        self.clock = clock
        self.freq_hz = freq_hz
        self.timeout_us = timeout_us
        self.transfers = 0

    def _spend(self, n):
        self.transfers += 1
        needed_us = transfer_us(n, self.freq_hz)
        if needed_us > self.timeout_us:
            self.clock.advance_us(self.timeout_us)
            raise OSError(ETIMEDOUT)
        self.clock.advance_us(needed_us)

    def _run(self, address, call, n):
        self._spend(n)
        if address not in self.chips:
            raise OSError(ENODEV)
        try:
            return call(self.chips[address], self.clock.now_us)
        except BusNak:
            raise OSError(ENODEV) from None
        except BusStuck:
            self.clock.advance_us(self.timeout_us)
            raise OSError(ETIMEDOUT) from None

    def readfrom_mem(self, address, register, n):
        return bytes(self._run(address, lambda chip, now: chip.read(register, n, now), n))

    def readfrom_mem_into(self, address, register, buf):
        memoryview(buf)[:] = self.readfrom_mem(address, register, len(buf))

    def writeto_mem(self, address, register, buf):
        data = bytes(buf)
        self._run(address, lambda chip, now: chip.write(register, data, now), len(data))

    def scan(self):
        return sorted(self.chips)


def transfer_us(n, freq_hz):
    """Return the time of a transfer of n bytes on the wire, microseconds."""
    return (n + ADDRESSING_BYTES) * CLOCKS_PER_BYTE * 1_000_000 // freq_hz
