"""The watchdog of a virtual processor: what is not fed is reset, and what hangs is found out.

Touches the processor that it is a part of. Virtual time in microseconds.
"""

import time

from notturno.virtualband import vmlink as vl

# A program that computes for so long, and asks for nothing, hangs. The VM's own time: a machine
# that is busy with other things makes nobody hang.
HANG_CPU_S = 2.5
HANG_LOOK_S = 0.25


class Watched:
    """See Processor, which makes what is used here."""

    def _overdue(self) -> bool:
        return self._watchdog_us is not None and self.clock.now_us() >= self._watchdog_us[1]

    def _bite(self) -> None:
        """Reset the processor as its watchdog does; the world and what it holds stay."""
        self._bitten = True
        self._process.kill()

    def _start_after_bite(self) -> None:
        with self.clock.changed:
            self._bitten = False
            self._events.clear()
        self._watchdog_us = None
        self._cause = vl.RESET_WATCHDOG
        self._radio.power_cycle()
        self._process = self._start_vm()

    def _look_for_hangs(self) -> None:
        """A thread: a program that computes and asks for nothing lets no virtual time pass."""
        served, since_s = -1, 0.0
        while not self._stopping:
            time.sleep(HANG_LOOK_S)
            process, timeout = self._process, self._watchdog_us
            used_s = process.cpu_s()
            if self._served != served or timeout is None or used_s is None:
                served, since_s = self._served, used_s or 0.0
            elif used_s - since_s > HANG_CPU_S:
                served = -1
                self.clock.pass_us(max(0.0, timeout[1] - self.clock.now_us()))
                self._spend()
                self._bite()

    def _watchdog(self, timeout_ms: int) -> None:
        if timeout_ms:
            self._watchdog_us = (timeout_ms * 1000.0, 0.0)
        if self._watchdog_us is not None:
            timeout_us = self._watchdog_us[0]
            self._watchdog_us = (timeout_us, self.clock.now_us() + timeout_us)
