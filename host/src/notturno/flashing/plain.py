"""A band whose program lies in its root, as it was copied there before there were slots.

Touches a band through its prompt. What its person changed in config.py becomes settings; its
program stays as what the new one falls back on, and goes once a slot has been confirmed.
"""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from notturno_core import limits

from notturno import firmware_files
from notturno.errors import Phrase
from notturno.flashing.board import Board, text_of
from notturno.flashing.package import Package, assigned_in, constants_in
from notturno.flashing.sending import put_in_place

if TYPE_CHECKING:
    from notturno.flashing.line import Line

SETTINGS = "/settings.json"
# Names of modules in the root, as .py and .mpy, that later versions may have no more.
PAST_MODULES = {
    *("app", "answers", "band", "band_key", "ble_link", "ble_service", "ciphers", "detector"),
    *("eventlog", "guard", "live_rows", "power", "recorder", "storage", "wire"),
}
FOLDERS = ("boards", "drivers", "lib/notturno_core")
MARKS = {"slots.py", "app.py", "app.mpy", "band.py", "band.mpy", "recorder.py", "recorder.mpy"}
# What config.py said where nobody had changed it, in the versions before.
DEFAULTS = (
    {
        "BOARD": None,
        "ODR_HZ": 104,
        "RANGE_G": 4,
        "WATERMARK": 244,
        "DETECTOR": {},
        "SNIPPET_BYTES": 60000,
        "MAINTENANCE_MS": 2000,
        "RADIO_AFTER_BOOT_MS": 60000,
        "RADIO_AFTER_BUTTON_MS": 600000,
        "DOCK_POLL_MS": 5000,
        "BUTTON_POLL_MS": 250,
        "RETRY_MS": 10000,
        "RESTART_AFTER_MS": 1728000000,
        "BATTERY_STOP_MV": 3450,
    },
)


@dataclass(frozen=True)
class Carried:
    """values: settings that a person changed in config.py; left: name -> why it cannot stay."""

    values: dict = field(default_factory=dict)
    left: dict = field(default_factory=dict)


def is_foreign(board: Board) -> bool:
    """Is there a main.py that is not ours?"""
    return "main.py" in board.root and not MARKS & set(board.root)


def changes(line: Line, board: Board) -> Carried | None:
    """Return what a person changed in the config.py of a plain copy; None where there is none."""
    if board.current or "config.py" not in board.root:
        return None
    data = text_of(line, "/config.py")
    if data is None:
        return Carried(left={"config.py": Phrase("it is too long to be read")})
    return changed_in(data.decode(errors="replace"))


def changed_in(text: str) -> Carried:
    """Return what differs in a config.py's text from what any version came with."""
    found = constants_in(text)
    if "FIRMWARE_VERSION" not in found:
        return Carried(
            left={"config.py": Phrase("it says no version, so nothing in it can be judged")}
        )
    now = constants_in((firmware_files.folder() / "config.py").read_text(encoding="utf-8"))
    values, left = {}, {}
    for name in sorted(assigned_in(text) & set(limits.NAMES)):
        if name not in found:
            left[name] = Phrase("its value is no plain number")
        elif not any(name in known and found[name] == known[name] for known in (now, *DEFAULTS)):
            wrong = limits.problem(name, found[name], detector_names)
            if wrong:
                left[name] = wrong
            else:
                values[name] = found[name]
    return Carried(values, left)


def detector_names() -> dict[str, int]:
    """Return {name: highest value} of the detector's settings, as the firmware's settings.py."""
    from notturno_core import namer, segments

    return dict.fromkeys(segments.DEFAULTS, 0x7FFFFFFF) | dict.fromkeys(namer.DEFAULTS, 0xFFFF)


def carry(line: Line, carried: Carried) -> None:
    """Put what was changed into the band's settings; what stands there already stays."""
    if not carried.values:
        return
    try:
        values, _ = limits.checked(json.loads(text_of(line, SETTINGS) or b""), detector_names)
    except ValueError:
        values = {}
    values = {**carried.values, **values}
    put_in_place(line, SETTINGS, settings_text(values))


def settings_text(values: dict) -> bytes:
    """Return the content of a settings file."""
    data = {"form": limits.FORM, "settings": values}
    return json.dumps(data, indent=1, sort_keys=True).encode()


def keep_running(line: Line, board: Board) -> None:
    """Let an old plain program be what stage 0 falls back on: its main.py becomes app.py too."""
    if board.current or board.there[0] or "main.py" not in board.root or is_foreign(board):
        return
    line.ask("copy('/main.py', '/app.new')")
    line.ask("settle('/app.new', '/app.py', sha('/main.py'))")


def clean(line: Line, board: Board, package: Package) -> int:
    """Take a plain copy out of the root once a slot was confirmed; return how many names went.

    Those of the package's own modules, and of the past. A config.py stays as config.old: a person
    may have written in it.
    """
    if not board.good:
        return 0
    modules = {name.removesuffix(".mpy") for name in package.files if "/" not in name}
    modules = (modules | PAST_MODULES) - {"config"}
    files = sorted(name + end for name in modules for end in (".py", ".mpy"))
    files.sort(key=lambda name: not name.startswith("app."))  # first what makes it a program
    if "config.py" in board.root:
        line.run("os.rename('/config.py', '/config.old')")
    names = [name for name in files if name in board.root]
    names += [name for name in FOLDERS if name.split("/")[0] in board.root]
    return line.ask(f"remove({['/' + name for name in names]!r})") if names else 0
