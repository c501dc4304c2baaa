"""A band's key by cable: read, or put there so that a pulled cable leaves the old one or the new.

Touches a band through mpremote (PyPI). A key goes to it by its standard input: never in the
arguments of a process, which every program of a computer can see, and never in a temporary file,
which a program that is killed leaves behind.
"""

import importlib.util
import re
import subprocess
import sys
from dataclasses import dataclass, field
from pathlib import Path

from notturno.errors import UserError
from notturno.keys.band_file import file_bytes

SCRIPT = Path(__file__).with_name("on_band.py")
# mpremote takes code as an argument or a file; here it finds its own arguments made already.
START = (
    "import sys; from mpremote.main import main; "
    "sys.argv[1:] = ['connect', sys.argv[1], 'exec', sys.stdin.read(), '+', 'reset']; "
    "sys.exit(main())"
)
# A band that lost its way answers nothing; mpremote itself gives up after some 10 s.
TIMEOUT_S = 120.0
SAID = re.compile(r"^notturno-key ([0-9a-f]{16}) ([0-9a-f]{64}|-) (read|kept|made)$", re.M)
SAID_ERROR = re.compile(r"^notturno-key error (\w+) ?(.*)$", re.M)
NO_PORT = "failed to access"  # mpremote's words where it could not even open it
NO_FIRMWARE = 2  # ENOENT of what every notturno has


class Untouched(UserError):
    """Nothing of ours reached the band: it is as it was."""


@dataclass(frozen=True)
class OnBand:
    """What a band says: its device id, its key (None without), whether it was put there now."""

    device_id: str
    key: bytes | None = field(repr=False)
    made: bool = False


def read(port: str) -> OnBand:
    """Return the band's id and key. Raises UserError where no band answers at `port`."""
    return _talk(port, "", replace=False)


def put(port: str, key: bytes, replace: bool) -> OnBand:
    """Put a key on the band, or leave its whole one where not `replace`; return what holds then.

    The band starts anew with it. Raises UserError; the band may then hold either key, and the
    same again brings it into order.
    """
    found = _talk(port, file_bytes(key).hex(), replace)
    if found.key is None or (found.made and found.key != key):
        raise UserError(
            "The band at {port} did not keep its key; check its flash and try again.", port=port
        )
    return found


def run(port: str, code: str, timeout_s: float = TIMEOUT_S) -> subprocess.CompletedProcess:
    """Run code on the band, then start it anew; the outputs are texts.

    Raises UserError where mpremote is missing or the band hangs.
    """
    if importlib.util.find_spec("mpremote") is None:
        raise UserError(
            "A band is reached by cable with mpremote; install it: pip install mpremote."
        )
    command = [sys.executable, "-c", START, port]
    try:
        return subprocess.run(
            command,
            input=code,
            capture_output=True,
            encoding="utf-8",
            errors="replace",
            timeout=timeout_s,
        )
    except subprocess.TimeoutExpired:
        # The error of the timeout carries what was said until then, maybe a key.
        raise UserError(
            "The band at {port} does not answer; plug it in again and repeat this.", port=port
        ) from None


def _talk(port: str, key_hex: str, replace: bool) -> OnBand:
    call = f"\n\nmain({key_hex!r}, {bool(replace)})\n"
    done = run(port, SCRIPT.read_text(encoding="utf-8") + call)
    said = SAID.search(done.stdout.replace("\r", ""))
    if said is None:
        raise _why_not(port, done)
    device_id, key, did = said.groups()
    return OnBand(device_id, None if key == "-" else bytes.fromhex(key), did == "made")


def _why_not(port: str, done: subprocess.CompletedProcess) -> UserError | Untouched:
    error = SAID_ERROR.search(done.stdout.replace("\r", ""))
    if error is None:
        last = (done.stderr.strip().splitlines() or ["it said nothing"])[-1]
        kind = Untouched if NO_PORT in last else UserError
        why = _printable(last, 120)
        return kind(f"mpremote reached no band at {port} ({why}); plug it in, and free the port.")
    name, text = error.groups()
    if name == "OSError" and text == str(NO_FIRMWARE):
        return Untouched(
            "What is at {port} has no notturno on it; put it there first:  "
            "notturno flash --port {port}",
            port=port,
        )
    why = f"{name} {_printable(text, 60)}".strip()
    return UserError(
        "The band at {port} could not keep its key ({why}); check its flash.", port=port, why=why
    )


def _printable(text: str, length: int) -> str:
    return "".join(c for c in text if c.isprintable())[:length]
