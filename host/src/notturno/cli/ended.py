"""What ends a command from outside (SIGTERM, SIGHUP), taken as Ctrl-C is.

The system would end the process at once, and leave behind what it was making: half a file, an
unpacked copy of a sealed backup. Touches the signals' handlers; needs the standard library alone.
"""

import os
import signal
from types import FrameType

NAMES = ("SIGTERM", "SIGHUP")  # the second where a terminal is closed; Windows knows none of it


class Ended:
    """Hears the signals; `name` is that of the one that came, None where none did."""

    def __init__(self) -> None:
        self.name: str | None = None

    def listen(self) -> None:
        """Let each that nobody handles or ignores (nohup) raise KeyboardInterrupt, once."""
        for name in NAMES:
            number = getattr(signal, name, None)
            if number is not None and signal.getsignal(number) is signal.SIG_DFL:
                signal.signal(number, self._heard)

    def leave(self) -> None:
        """End this process by the signal that came, as its sender expects; else do nothing."""
        if self.name is not None:
            os.kill(os.getpid(), getattr(signal, self.name))

    def _heard(self, number: int, _frame: FrameType | None) -> None:
        self.name = signal.Signals(number).name
        for name in NAMES:  # a second one ends it at once
            if hasattr(signal, name):
                signal.signal(getattr(signal, name), signal.SIG_DFL)
        raise KeyboardInterrupt
