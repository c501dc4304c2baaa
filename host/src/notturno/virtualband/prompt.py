"""What passes between the virtual band's program and whoever sits at its serial prompt.

Touches the serial port it is given. A band that was left at its prompt starts again, by the wall
clock, as a person would wait. One that Ctrl-C cannot interrupt is started anew, by the time that
its own processor has computed: a machine that is busy with other things makes no program stuck.
"""

import threading
import time
from collections.abc import Callable
from typing import Protocol

from notturno.virtualband.serialport import SerialPort

RESTART_AFTER_S = 5.0  # wall time at a forsaken prompt before the program runs again
STUCK_CPU_S = 2.5  # that a program has to react to Ctrl-C, as to a watchdog: see processor.py
LOOK_S = 0.25  # wall time between two looks
CTRL_C = b"\x03"
START_AGAIN = b"\x03\x02\x04"  # leave whatever was begun; soft reset
PRINTED_BYTES = 65536  # kept of what the band prints


class Typist(Protocol):
    """The processor, as its prompt knows it."""

    def hear(self, data: bytes) -> None:
        """Give the program what was typed."""

    def power_cut(self) -> None:
        """Take the power away, and give it back."""

    @property
    def requests(self) -> int:
        """How often the program has asked for anything."""
        ...

    def cpu_s(self) -> float | None:
        """Return how long the program has computed, or None where that cannot be known."""

    @property
    def stopping(self) -> bool:
        """Say whether the band is being put away."""
        ...


class Prompt:
    """One serial line with two ends: a port, and the program's standard input and output."""

    def __init__(
        self, port: int, pace: Callable[[str, bool], None], lock: threading.Condition
    ) -> None:
        self._pace = pace
        self._lock = lock
        self._printed = bytearray()
        self._typed = False
        self._at_prompt = False
        self._forsaken_at_s: float | None = None
        self._typist: Typist | None = None
        self.serial = SerialPort(port, self._type, self._forsaken)

    def of(self, typist: Typist) -> None:
        """Say who hears what is typed."""
        self._typist = typist

    @property
    def deserted(self) -> bool:
        """Say whether the program has ended, and nobody is there or was."""
        return self._at_prompt and not self.serial.attached and not self._typed

    def output(self) -> bytes:
        """Return what the band has printed since it was started (the last 64 kB)."""
        with self._lock:
            return bytes(self._printed)

    def print(self, data: bytes) -> None:
        """Show what the program prints."""
        with self._lock:
            self._printed += data
            del self._printed[:-PRINTED_BYTES]
        self.serial.write(data)

    def shown(self, at_prompt: bool) -> None:
        """Note whether the program waits at its prompt."""
        self._at_prompt = at_prompt
        self._pace("prompt", at_prompt)
        if not at_prompt:
            self._typed = False
            self._forsaken_at_s = None
        elif self._typed and not self.serial.attached:
            self._forsaken()

    def _type(self, data: bytes) -> None:
        self._typed = True
        self._forsaken_at_s = None
        if self._typist is None:
            return
        self._typist.hear(data)
        if CTRL_C in data:
            self._later(
                LOOK_S, self._cut_if_stuck, self._typist.requests, _computed_s(self._typist)
            )

    @staticmethod
    def _later(delay_s: float, work: Callable, *arguments: float) -> None:
        timer = threading.Timer(delay_s, work, arguments)
        timer.daemon = True
        timer.start()

    def _cut_if_stuck(self, requests: int, since_s: float) -> None:
        """Ctrl-C and no sign of life since: a loop that nothing can interrupt in this VM."""
        typist = self._typist
        if typist is None or typist.requests != requests or typist.stopping:
            return
        if _computed_s(typist) - since_s < STUCK_CPU_S:
            self._later(LOOK_S, self._cut_if_stuck, requests, since_s)
            return
        self.print(b"\r\nThe program does not react; the band is started anew.\r\n")
        typist.power_cut()

    def _forsaken(self) -> None:
        """The last serial connection has closed: a band left at its prompt starts again."""
        self._forsaken_at_s = time.monotonic()
        self._later(RESTART_AFTER_S, self._restart_if_forsaken, self._forsaken_at_s)

    def _restart_if_forsaken(self, since_s: float) -> None:
        if self._forsaken_at_s != since_s or self.serial.attached:
            return
        if self._at_prompt and self._typist is not None and not self._typist.stopping:
            self._typist.hear(START_AGAIN)


def _computed_s(typist: Typist) -> float:
    """Return how long its program has computed; where nobody can tell, as if it always did."""
    cpu_s = typist.cpu_s()
    return time.monotonic() if cpu_s is None else cpu_s
