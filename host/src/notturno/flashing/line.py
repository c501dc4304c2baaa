"""A band's prompt over its cable: run a piece of code there, get what it says.

Touches a serial port through mpremote (PyPI): a device, COM3, or socket://HOST:PORT. What a port
or a band refuses is a UserError with what to do; what the band's code raises is a BandError.
"""

from __future__ import annotations

import contextlib
import io
import json
import struct
import time
from typing import Any, Self

from notturno.errors import UserError
from notturno.flashing import ports

BAUD = 115200
ANSWER_S = 20.0  # the longest that one piece of code takes: hashing all files of a slot
PROMPT_S = 10.0
RESET = "import time, machine\ntime.sleep_ms(100)\nmachine.reset()"
NO_SPACE = 28  # ENOSPC


class BandError(Exception):
    """The band's code raised: `kind` is the exception's name, `number` its first whole number."""

    def __init__(self, text: str) -> None:
        lines = text.strip().splitlines()
        last = "".join(c for c in (lines or ["it said nothing"])[-1] if c.isprintable())[:120]
        super().__init__(last)
        self.kind = last.partition(":")[0]
        numbers = "".join(c if c.isdigit() else " " for c in last).split()
        self.number = int(numbers[0]) if numbers else None

    @property
    def full(self) -> bool:
        """Say whether the board's file system had no room left."""
        return self.kind == "OSError" and self.number == NO_SPACE


class Line:
    """The raw prompt of the band at a port, from `with` to `reset` or the end of the block.

    Entering stops the band's program. Leaving starts it again, whatever has happened.
    """

    def __init__(self, port: str, patience_s: float = 0.0) -> None:
        """patience_s: how long a board may take to answer, where it starts for the first time."""
        self.port = ports.find(port)
        self._patience_s = patience_s
        self._transport: Any = None  # mpremote's, while it is open
        self._started = False

    def __enter__(self) -> Self:
        until_s = time.monotonic() + self._patience_s
        while True:
            try:
                return self._enter()
            except UserError:
                if time.monotonic() > until_s:
                    raise
                time.sleep(0.5)

    def _enter(self) -> Self:
        from mpremote.transport import TransportError
        from mpremote.transport_serial import SerialTransport

        self._failures = (TransportError, OSError, struct.error, ValueError)
        try:
            self._transport = SerialTransport(self.port, baudrate=BAUD, timeout=PROMPT_S)
        except self._failures as error:
            raise ports.why_not(self.port, error) from None
        try:
            with contextlib.redirect_stdout(io.StringIO()):  # mpremote prints what it did not get
                self._transport.enter_raw_repl(timeout_overall=PROMPT_S)
        except self._failures:
            self._close()
            raise UserError(
                "What is at {port} does not answer as MicroPython; press the "
                "board's reset button and try again at once, or put "
                "MicroPython on it:  notturno flash --image",
                port=self.port,
            ) from None
        return self

    def __exit__(self, kind: type[UserError] | None, *_: object) -> None:
        if kind is not None:
            self._start_blindly()
        elif not self._started:
            with contextlib.suppress(UserError):
                self.reset()
        self._close()

    def _start_blindly(self) -> None:
        """Start the band anew in whatever state its prompt was left, without waiting for it."""
        with contextlib.suppress(*self._failures):
            self._transport.serial.write(b"\r\x03\x03\r\x02")
            time.sleep(0.1)
            self._transport.serial.write(b"import machine\rmachine.reset()\r")
            time.sleep(0.2)

    def stay(self) -> None:
        """Leave the band at its prompt: somebody else speaks to it next, and starts it."""
        self._started = True

    def _close(self) -> None:
        if self._transport is not None:
            with contextlib.suppress(OSError):
                self._transport.close()
            self._transport = None

    def run(self, code: str) -> str:
        """Run code on the band; return what it printed. Raises BandError, UserError."""
        from mpremote.transport import TransportError

        try:
            out, error = self._transport.exec_raw(code, timeout=ANSWER_S)
        except (TransportError, OSError, struct.error, ValueError) as gone:
            raise UserError(
                "The band at {port} was lost ({short}); plug it in again and "
                "repeat this: until then it runs the program it had.",
                port=self.port,
                short=_short(gone),
            ) from None
        if error:
            raise BandError(error.decode(errors="replace"))
        return out.decode(errors="replace")

    def ask(self, code: str) -> Any:
        """Run code that says one line of JSON; return what it says."""
        said = self.run(code).strip().splitlines()
        try:
            return json.loads(said[-1])
        except (IndexError, ValueError):
            raise UserError(
                "The band at {port} answers what nobody understands; press its "
                "reset button and try again.",
                port=self.port,
            ) from None

    def reset(self) -> None:
        """Start the band anew, with whatever program it has then."""
        self._started = True
        try:
            self._transport.exec_raw_no_follow(RESET)
            time.sleep(0.2)
        except self._failures as error:
            raise UserError(
                "The band at {port} could not be started anew ({short}); press its reset button.",
                port=self.port,
                short=_short(error),
            ) from None


def _short(error: BaseException) -> str:
    return "".join(c for c in str(error) if c.isprintable())[:80]
