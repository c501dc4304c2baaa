"""Where a band may hang: the serial ports whose USB ids are those of boards a band is made of.

Touches the machine's list of ports through pyserial, which comes with mpremote (PyPI).
"""

import os
import time
from pathlib import Path

from notturno.errors import Phrase, UserError

# USB vendor ids: Espressif's own USB (both XIAOs, M5Capsule), the bridges on boards without it
# (CP210x, CH34x and CH9102 as on the M5StickC Plus2, FTDI), Seeed and Adafruit. From memory, but
# for 303A, 10C4 and 1A86, which pyserial's and esptool's own tables name.
BOARD_VENDORS = {0x303A, 0x10C4, 0x1A86, 0x0403, 0x2886, 0x239A}
AUTO = "auto"
BUSY = ("busy", "lock", "in use", "access is denied", "temporarily unavailable")
BACK_S, PAUSE_S = 15.0, 1.0  # a board's USB after its start; between two looks
NO_PERMISSION = (
    "This account may not use {port}; add it to the port's group and log in again:  "
    "sudo usermod -a -G {group} $USER"
)


def listed() -> list:
    """Return pyserial's descriptions of the ports that may be a band, by name."""
    from serial.tools import list_ports

    return sorted(port for port in list_ports.comports() if port.vid in BOARD_VENDORS)


def find(port: str = AUTO) -> str:
    """Return the port that is meant, as pyserial takes it; raises UserError where none is sure."""
    if port != AUTO:
        return port.removeprefix("port:")
    names = [found.device for found in listed()]
    if len(names) == 1:
        return names[0]
    if not names:
        raise UserError(
            "No board is plugged in; use a USB cable that carries data, or say where it is with "
            "--port."
        )
    raise UserError(
        "Several boards are plugged in; say which one:  --port {names}", names=" or ".join(names)
    )


def again(port: str, was: str) -> str:
    """Return where a board is that has just started anew: MicroPython may give it another name.

    was: what the person said, maybe AUTO. Waits for it; raises UserError where it does not come.
    """
    if "://" in port:
        return port
    until_s = time.monotonic() + BACK_S
    while True:
        time.sleep(PAUSE_S)
        try:
            if was == AUTO or not Path(port).exists():
                return find(AUTO)
            return port
        except UserError:
            if time.monotonic() > until_s:
                raise


def why_not(port: str, error: Exception | None = None) -> UserError:
    """Return what to tell where a port could not be opened."""
    if "://" in port:
        return UserError(
            "Nothing answers at {port}; check the address and start it again.", port=port
        )
    path = Path(port)
    if os.name == "posix":  # elsewhere a port is no file
        if not path.exists():
            there = [found.device for found in listed()]
            more = Phrase("no board is plugged in")
            if there:
                more = Phrase("there is {ports}", ports=", ".join(there))
            return UserError("There is no port {port}; {more_said}.", port=port, more_said=more)
        if not os.access(path, os.R_OK | os.W_OK):
            return UserError(NO_PERMISSION, port=port, group=_group(path))
    text = _opened(port) or str(error or "")
    if any(word in text.lower() for word in BUSY):
        return UserError(
            "The port {port} is in use by another program; close it and try again.", port=port
        )
    short = "".join(c for c in text if c.isprintable())[:120]
    return UserError(
        "{port} cannot be used as a serial port ({short}); check its name.", port=port, short=short
    )


def _opened(port: str) -> str:
    """Return what the system says to opening a port; "" where it opens (now)."""
    import serial

    try:
        serial.serial_for_url(port, exclusive=True).close()
    except (OSError, ValueError) as error:
        return str(error)
    return ""


def _group(path: Path) -> str:
    import grp

    try:
        return grp.getgrgid(path.stat().st_gid).gr_name
    except (KeyError, OSError):
        return "dialout"
