"""What may be wrong between a band and its nights: judged from facts, each with what to do.

Pure; the facts come from `machine.py`, the logbook, the keys and the radio. Times UTC in ms. A
finding is OK, LOOK (nothing is lost, but see to it) or WRONG (it keeps nights from coming).
"""

from dataclasses import asdict, dataclass
from datetime import UTC, datetime

from notturno.battery import battery_pct
from notturno.words import age_text, counted

OK, LOOK, WRONG = "ok", "look", "wrong"
ORDER = (OK, LOOK, WRONG)
DAY_MS, MINUTE_MS = 86_400_000, 60_000

# All ours: what a household would want to hear of.
FREE_WRONG_BYTES, FREE_LOOK_BYTES = 50_000_000, 500_000_000  # ten years are some 60 MB
SILENT_MS = 3 * DAY_MS
STALE_MS = 36 * 3_600_000  # as `notturno sync`: a whole night is missing
LOW_PCT = 15
AHEAD_MS = 2 * MINUTE_MS
YEARS = (2026, 2099)  # of a clock that somebody set
LIVE_WORDS = "press the band's button or put it on its charger, and come nearer"


@dataclass(frozen=True)
class Finding:
    """One line: what was looked at (of which band), how it is, what was found, what to do."""

    check: str
    state: str
    found: str
    todo: str = ""
    band: str = ""

    def as_dict(self) -> dict:
        """Return the fields, for JSON."""
        return asdict(self)


def worst(findings: list[Finding]) -> str:
    """Return the worst state of all; OK for none."""
    return max((finding.state for finding in findings), key=ORDER.index, default=OK)


def said(check: str, sentence: str, band: str = "") -> Finding:
    """Return what a UserError says as a finding: such a sentence ends in what to do."""
    found, _, todo = sentence.partition("; ")
    return Finding(check, WRONG, found.rstrip("."), todo.rstrip("."), band)


def readable(text: str) -> str:
    """Return what a stranger sent as text that a terminal only shows."""
    return "".join(c if c.isprintable() else "?" for c in text)[:40]


def radio(heard: list[str], error: str | None, virtual: str | None) -> list[Finding]:
    """Judge Bluetooth: the names heard, or the sentence that stood in the way."""
    if error is not None:
        return [said("bluetooth", error)]
    what = "it" if virtual is None else f"the virtual radio at {readable(virtual)}"
    may = Finding("permission", OK, "notturno may use Bluetooth")
    if not heard:
        return [Finding("bluetooth", LOOK, f"{what} works, but no band is heard", LIVE_WORDS), may]
    names = ", ".join(map(readable, heard))
    return [Finding("bluetooth", OK, f"{what} works; in reach: {names}"), may]


def folder(facts) -> list[Finding]:
    """Judge the data folder and the room on its disk, of `machine.FolderFacts`."""
    check = "data folder"
    elsewhere = "choose another folder with --data-dir or NOTTURNO_DATA_DIR"
    whose = f"check whose it is, or {elsewhere}"
    if facts.exists and not facts.is_folder:
        found = [Finding(check, WRONG, f"{facts.path} is no folder", elsewhere)]
    elif facts.exists and not facts.readable:
        found = [Finding(check, WRONG, f"{facts.path} cannot be read", whose)]
    elif not facts.writable:
        what = "cannot be written to" if facts.exists else "cannot be made"
        found = [Finding(check, WRONG, f"{facts.path} {what}", whose)]
    elif not facts.exists:
        found = [Finding(check, OK, f"{facts.path} is not there yet: the first sync makes it")]
    else:
        found = [Finding(check, OK, f"{facts.path} can be read and written")]
    if facts.free_bytes is None:
        return found
    room = f"{facts.free_bytes / 1e9:.1f} GB free"
    if facts.free_bytes < 1e9:
        room = f"{facts.free_bytes / 1e6:.0f} MB free"
    state = LOOK if facts.free_bytes < FREE_LOOK_BYTES else OK
    state = WRONG if facts.free_bytes < FREE_WRONG_BYTES else state
    todo = "" if state == OK else f"make room, or {elsewhere}"
    return [*found, Finding("disk", state, room, todo)]


def logbook(facts, error: str | None, records: int) -> list[Finding]:
    """Judge the database: `machine.FolderFacts`, what stood in the way of reading, its records."""
    if facts.locks == "none":
        return [
            Finding(
                "logbook",
                WRONG,
                "lies on a disk or share where files cannot be locked",
                "choose a folder on this computer with --data-dir or NOTTURNO_DATA_DIR",
            )
        ]
    if error is not None:
        return [said("logbook", error)]
    if not facts.database:
        return [
            Finding(
                "logbook",
                LOOK,
                "nothing is stored yet",
                "bring your band near and run  notturno sync",
            )
        ]
    if not facts.database_writable:
        return [
            Finding(
                "logbook",
                WRONG,
                "can be read, but not written to",
                "check its permissions, or choose another folder with --data-dir",
            )
        ]
    if facts.locks == "busy" or facts.sync_running:
        what = "a sync is running" if facts.sync_running else "another program writes to it"
        return [Finding("logbook", LOOK, what, "wait until it is done, then ask again")]
    many = counted(records, "record")
    return [Finding("logbook", OK, f"{many}; can be read, written and locked")]


def clock(now_ms: int, zone: str, zone_note: str | None, bands: list[dict]) -> list[Finding]:
    """Judge this computer's clock, also by what is stored of `bands` (rows of the logbook)."""
    now = datetime.fromtimestamp(now_ms / 1000, UTC)
    right = "set this computer's date and time, best from the network"
    found = []
    if not YEARS[0] <= now.year <= YEARS[1]:
        found.append(Finding("clock", WRONG, f"this computer's year is {now.year}", right))
    for band in bands:
        name, seen, newest = named(band), band["seen_utc_ms"], band["newest_utc_ms"]
        if seen is not None and seen - now_ms > AHEAD_MS:
            what = f"it was synced {_span(seen - now_ms)} from now: this clock was set back"
            what += ", or was ahead then"
            found.append(Finding("clock", WRONG, what, right, name))
        elif band["simulated"] or newest is None:
            continue  # a virtual band's world has a time of its own
        elif newest - now_ms > AHEAD_MS:
            what = f"its newest record is dated {_span(newest - now_ms)} from now"
            todo = f"{right}; if it is right, a sync with a wrong clock dated these records"
            found.append(Finding("clock", WRONG, what, todo, name))
        elif seen is not None and newest - seen > AHEAD_MS:
            what = f"its newest record is dated {_span(newest - seen)} after it was fetched"
            found.append(Finding("clock", LOOK, what, f"sync again; if it stays, {right}", name))
    if zone_note:
        found.append(said("clock", zone_note))
        found[-1] = Finding("clock", LOOK, found[-1].found, found[-1].todo)
    if not found:
        text = now.strftime("%Y-%m-%d %H:%M UTC")
        found.append(Finding("clock", OK, f"{text}, zone {zone}; agrees with what is stored"))
    return found


def named(band: dict) -> str:
    """Return what a band is called: its name, else its id; a virtual one is marked."""
    return (band["name"] or band["device_id"]) + ("*" if band["simulated"] else "")


def band(row: dict, key_error: str | None, has_key: bool, now_ms: int) -> list[Finding]:
    """Judge one band of the logbook, and its key here (what stood in the way of it, if any)."""
    name = named(row)
    found = [key(name, key_error, has_key, row["simulated"])]
    seen = row["seen_utc_ms"]
    if seen is None:
        found.append(Finding("contact", LOOK, "never", "run  notturno sync", name))
    else:
        state = LOOK if now_ms - seen > SILENT_MS else OK
        todo = "" if state == OK else f"sync it; if it is not found, {LIVE_WORDS}"
        found.append(Finding("contact", state, f"{_span(now_ms - seen)} ago", todo, name))
    if row["waiting"]:
        many = counted(row["waiting"], "record")
        what = f"{many} lay on the band, not here, when it was seen"
        found.append(Finding("waiting", LOOK, what, "run  notturno sync", name))
    if "log_full" in (row["state_names"] or ()):
        todo = "sync it now: it recorded nothing more"
        found.append(Finding("memory", LOOK, "the band's was full", todo, name))
    found.append(_newest(row, name, now_ms))
    found.append(_battery(row, name))
    return found


def key(name: str, error: str | None, has_key: bool, simulated: bool = False) -> Finding:
    """Judge the key of a band on this computer."""
    if error is not None:
        return said("key", error, name)
    if has_key:
        return Finding("key", OK, "is here", "", name)
    if simulated:
        todo = "start it again with  notturno band  in this data folder"
        return Finding("key", LOOK, "is not here", todo, name)
    todo = "fetch it by cable:  notturno bands key add --port PORT"
    return Finding("key", WRONG, "is not here: this computer cannot read the band", todo, name)


def _newest(row, name, now_ms):
    newest = row["newest_utc_ms"]
    if newest is None:
        what = "no record of a known time is stored"
        return Finding("newest record", LOOK, what, "wear it for a night, then sync", name)
    if row["simulated"]:
        return Finding("newest record", OK, "of a simulated night", "", name)
    age_ms = max(now_ms - newest, 0)
    if age_ms > STALE_MS:
        todo = "sync; if nothing comes, charge the band and wear it: it may have stopped recording"
        return Finding("newest record", LOOK, f"{_span(age_ms)} old", todo, name)
    return Finding("newest record", OK, f"{_span(age_ms)} old", "", name)


def _battery(row, name):
    percent = battery_pct(row["battery_mv"])
    if percent is None:
        return Finding("battery", OK, "is not measured", "", name)
    found = f"~{percent} % when it was seen ({row['battery_mv']} mV)"
    state = LOOK if percent < LOW_PCT else OK
    return Finding("battery", state, found, "charge it today" if state == LOOK else "", name)


def packages(missing: dict[str, tuple[str, str]]) -> list[Finding]:
    """Judge what is not installed: {package: (what needs it, what installs it)}. None must be."""
    if not missing:
        return [Finding("optional packages", OK, "all are installed")]
    return [
        Finding("optional packages", OK, f"{name} is missing, which {needs} needs", f"{install}")
        for name, (needs, install) in missing.items()
    ]


def _span(length_ms):
    return age_text(length_ms / 1000)
