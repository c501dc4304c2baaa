"""An I2C bus: what a transfer takes and how it fails, and `machine.I2C` in the same process.

Touches the chips and the clock given. Speaks register numbers, bytes, microseconds; MicroPython's
error numbers.
"""

from collections.abc import Callable

ENODEV, ETIMEDOUT = 19, 116  # as the ESP32 port numbers them
CLOCKS_PER_BYTE = 9  # eight bits and the acknowledge
ADDRESSING_BYTES = 3  # address, register, address again for reading


class BusNak(Exception):
    """Nobody acknowledged: no such chip, or the chip is not listening."""


class BusStuck(Exception):
    """A line is held low; the transfer ran into its time limit."""


class Wires:
    """The rules of a transfer, once for the virtual board and for tests in one process.

    chips: {7-bit address: chip with read(reg, n, now_us), write(reg, data, now_us)}. now_us: asks
    the clock; pass_us(us): time goes by. The limit is that of a whole transfer, as in the ESP32
    port: what a longer one has sent before is lost to the reader, and gone from the chip.
    """

    def __init__(self, chips: dict, now_us: Callable, pass_us: Callable) -> None:
        self.chips = chips
        self._now_us = now_us
        self._pass_us = pass_us
        self.freq_hz = 400_000
        self.timeout_us: float = 50_000

    def read(self, address: int, register: int, n: int) -> tuple[int, bytes]:
        """Return (status, bytes): 0, -ENODEV or -ETIMEDOUT, and what came."""
        return self._transfer(address, n, lambda chip, now, n: chip.read(register, n, now))

    def write(self, address: int, register: int, data: bytes) -> int:
        """Return the status, as `read`."""
        return self._transfer(
            address, len(data), lambda chip, now, n: chip.write(register, data[:n], now) or b""
        )[0]

    def probe(self, address: int) -> int:
        """Return the status of a transfer of nothing: does anybody acknowledge?"""
        self._pass_us(transfer_us(0, self.freq_hz))
        return 0 if address in self.chips else -ENODEV

    def _transfer(self, address: int, n: int, work: Callable) -> tuple[int, bytes]:
        if address not in self.chips:
            return self.probe(address), b""
        needed_us = transfer_us(n, self.freq_hz)
        late = needed_us > self.timeout_us
        if late:
            n = int(n * self.timeout_us / needed_us)
        data = b""
        try:
            data = work(self.chips[address], int(self._now_us()), n)
        except BusNak:
            self._pass_us(transfer_us(0, self.freq_hz))
            return -ENODEV, b""
        except BusStuck:
            late = True
        self._pass_us(self.timeout_us if late else needed_us)
        return (-ETIMEDOUT, b"") if late else (0, data)


class Clock:
    """Time for in-process use: it moves only when somebody spends it."""

    def __init__(self, now_us: int = 0) -> None:
        self.now_us = now_us

    def advance_us(self, us: int) -> None:
        """Let time pass."""
        self.now_us += us

    def sleep_ms(self, ms: int) -> None:
        """Let time pass."""
        self.now_us += ms * 1000


class FakeI2C:
    """`machine.I2C` on `Wires` with the chips given. Raises OSError ENODEV or ETIMEDOUT."""

    def __init__(
        self, chips: dict, clock: Clock, freq_hz: int = 400_000, timeout_us: int = 50_000
    ) -> None:
        self.chips = chips
        self._wires = Wires(chips, lambda: clock.now_us, clock.advance_us)
        self._wires.freq_hz, self._wires.timeout_us = freq_hz, timeout_us
        self.transfers = 0

    def readfrom_mem(self, address: int, register: int, n: int) -> bytes:
        """Return n bytes from a register on."""
        self.transfers += 1
        status, data = self._wires.read(address, register, n)
        if status != 0:
            _raise(status)
        return data

    def readfrom_mem_into(self, address: int, register: int, buf: bytearray) -> None:
        """Read from a register on into a buffer, as long as it is."""
        memoryview(buf)[:] = self.readfrom_mem(address, register, len(buf))

    def writeto_mem(self, address: int, register: int, buf: bytearray) -> None:
        """Write a buffer from a register on."""
        self.transfers += 1
        status = self._wires.write(address, register, bytes(buf))
        if status:
            _raise(status)

    def scan(self) -> list[int]:
        """Return the addresses that answer."""
        return sorted(self.chips)


def _raise(status: int) -> None:
    raise OSError(-status)


def transfer_us(n: int, freq_hz: int) -> int:
    """Return the time of a transfer of n bytes on the wire, microseconds."""
    return (n + ADDRESSING_BYTES) * CLOCKS_PER_BYTE * 1_000_000 // freq_hz
