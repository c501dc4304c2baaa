"""What may be wrong between a band and its nights: judged from facts, each with what to do.

Pure; the facts come from `machine.py`, the logbook, the keys and the radio. Times UTC in ms. A
finding is OK, LOOK (nothing is lost, but see to it) or WRONG (it keeps nights from coming).
"""

from __future__ import annotations

from datetime import UTC, datetime
from typing import TYPE_CHECKING

from notturno.doctor.bands import SILENT_MS, STALE_MS, band, key, named
from notturno.doctor.findings import (
    LIVE_WORDS,
    LOOK,
    OK,
    ORDER,
    WRONG,
    Finding,
    readable,
    said,
    span_text,
    worst,
)
from notturno.words import _, counted

if TYPE_CHECKING:
    from notturno.doctor.machine import FolderFacts

__all__ = [
    "Finding",
    "LIVE_WORDS",
    "LOOK",
    "OK",
    "ORDER",
    "SILENT_MS",
    "STALE_MS",
    "WRONG",
    "band",
    "clock",
    "folder",
    "key",
    "logbook",
    "named",
    "packages",
    "radio",
    "readable",
    "said",
    "worst",
]

MINUTE_MS = 60_000

# All ours: what a household would want to hear of.
FREE_WRONG_BYTES, FREE_LOOK_BYTES = 50_000_000, 500_000_000  # ten years are some 60 MB
AHEAD_MS = 2 * MINUTE_MS
YEARS = (2026, 2099)  # of a clock that somebody set


def radio(heard: list[str], error: str | None, virtual: str | None) -> list[Finding]:
    """Judge Bluetooth: the names heard, or the sentence that stood in the way."""
    if error is not None:
        return [said("bluetooth", error)]
    what = (
        _("it")
        if virtual is None
        else _("the virtual radio at {virtual}").format(virtual=readable(virtual))
    )
    may = Finding("permission", OK, _("notturno may use Bluetooth"))
    if not heard:
        return [
            Finding(
                "bluetooth",
                LOOK,
                _("{what} works, but no band is heard").format(what=what),
                LIVE_WORDS,
            ),
            may,
        ]
    names = ", ".join(map(readable, heard))
    return [
        Finding(
            "bluetooth", OK, _("{what} works; in reach: {names}").format(what=what, names=names)
        ),
        may,
    ]


def folder(facts: FolderFacts) -> list[Finding]:
    """Judge the data folder and the room on its disk, of `machine.FolderFacts`."""
    check_said = "data folder"
    elsewhere = _("choose another folder with --data-dir or NOTTURNO_DATA_DIR")
    whose = _("check whose it is, or {elsewhere}").format(elsewhere=elsewhere)
    if facts.exists and not facts.is_folder:
        found = [
            Finding(check_said, WRONG, _("{path} is no folder").format(path=facts.path), elsewhere)
        ]
    elif facts.exists and not facts.readable:
        found = [
            Finding(check_said, WRONG, _("{path} cannot be read").format(path=facts.path), whose)
        ]
    elif not facts.writable:
        what = _("cannot be written to") if facts.exists else _("cannot be made")
        found = [Finding(check_said, WRONG, f"{facts.path} {what}", whose)]
    elif not facts.exists:
        found = [
            Finding(
                check_said,
                OK,
                _("{path} is not there yet: the first sync makes it").format(path=facts.path),
            )
        ]
    else:
        found = [
            Finding(check_said, OK, _("{path} can be read and written").format(path=facts.path))
        ]
    if facts.free_bytes is None:
        return found
    room = _("{free_bytes:.1f} GB free").format(free_bytes=facts.free_bytes / 1000000000.0)
    if facts.free_bytes < 1e9:
        room = _("{free_bytes:.0f} MB free").format(free_bytes=facts.free_bytes / 1000000.0)
    state = LOOK if facts.free_bytes < FREE_LOOK_BYTES else OK
    state = WRONG if facts.free_bytes < FREE_WRONG_BYTES else state
    todo = "" if state == OK else _("make room, or {elsewhere}").format(elsewhere=elsewhere)
    return [*found, Finding("disk", state, room, todo)]


def logbook(facts: FolderFacts, error: str | None, records: int) -> list[Finding]:
    """Judge the database: `machine.FolderFacts`, what stood in the way of reading, its records."""
    if facts.locks == "none":
        return [
            Finding(
                "logbook",
                WRONG,
                _("lies on a disk or share where files cannot be locked"),
                _("choose a folder on this computer with --data-dir or NOTTURNO_DATA_DIR"),
            )
        ]
    if error is not None:
        return [said("logbook", error)]
    if not facts.database:
        return [
            Finding(
                "logbook",
                LOOK,
                _("nothing is stored yet"),
                _("bring your band near and run  notturno sync"),
            )
        ]
    if not facts.database_writable:
        return [
            Finding(
                "logbook",
                WRONG,
                _("can be read, but not written to"),
                _("check its permissions, or choose another folder with --data-dir"),
            )
        ]
    if facts.locks == "busy" or facts.sync_running:
        what = _("a sync is running") if facts.sync_running else _("another program writes to it")
        return [Finding("logbook", LOOK, what, _("wait until it is done, then ask again"))]
    many = counted(records, "record")
    return [Finding("logbook", OK, _("{many}; can be read, written and locked").format(many=many))]


def clock(now_ms: int, zone: str, zone_note: str | None, bands: list[dict]) -> list[Finding]:
    """Judge this computer's clock, also by what is stored of `bands` (rows of the logbook)."""
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    right = _("set this computer's date and time, best from the network")
    found = []
    if not YEARS[0] <= now.year <= YEARS[1]:
        found.append(
            Finding(
                "clock", WRONG, _("this computer's year is {year}").format(year=now.year), right
            )
        )
    for row in bands:
        name, seen, newest = named(row), row["seen_utc_ms"], row["newest_utc_ms"]
        if seen is not None and seen - now_ms > AHEAD_MS:
            what = _("it was synced {span} from now: this clock was set back").format(
                span=span_text(seen - now_ms)
            )
            what += _(", or was ahead then")
            found.append(Finding("clock", WRONG, what, right, name))
        elif row["simulated"] or newest is None:
            continue  # a virtual band's world has a time of its own
        elif newest - now_ms > AHEAD_MS:
            what = _("its newest record is dated {span} from now").format(
                span=span_text(newest - now_ms)
            )
            todo = _(
                "{right}; if it is right, a sync with a wrong clock dated these records"
            ).format(right=right)
            found.append(Finding("clock", WRONG, what, todo, name))
        elif seen is not None and newest - seen > AHEAD_MS:
            what = _("its newest record is dated {span} after it was fetched").format(
                span=span_text(newest - seen)
            )
            found.append(
                Finding(
                    "clock",
                    LOOK,
                    what,
                    _("sync again; if it stays, {right}").format(right=right),
                    name,
                )
            )
    if zone_note:
        found.append(said("clock", zone_note))
        found[-1] = Finding("clock", LOOK, found[-1].found, found[-1].todo)
    if not found:
        text = now.strftime("%Y-%m-%d %H:%M UTC")
        found.append(
            Finding(
                "clock",
                OK,
                _("{text}, zone {zone}; agrees with what is stored").format(text=text, zone=zone),
            )
        )
    return found


def packages(missing: dict[str, tuple[str, str]]) -> list[Finding]:
    """Judge what is not installed: {package: (what needs it, what installs it)}. None must be."""
    if not missing:
        return [Finding("optional packages", OK, _("all are installed"))]
    return [
        Finding(
            "optional packages",
            OK,
            _("{name} is missing, which {needs} needs").format(name=name, needs=_(needs)),
            f"{install}",
        )
        for name, (needs, install) in missing.items()
    ]
