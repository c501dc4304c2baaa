"""A file that somebody hands in: what it is, and into the store with it.

What it is the file itself says, not its name. Twice the same file adds nothing; what stays out is
told with its reason. Touches the file, reading, and a store that somebody else opened.
"""

from __future__ import annotations

import csv
import hashlib
import io
import re
import zipfile
from collections.abc import Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from notturno.errors import Phrase, UserError, unreadable
from notturno.files import (
    apple_health,
    lab,
    lab_programs,
    list_text,
    lossless,
    placing,
    sealing,
    sleeps,
)
from notturno.nights.calendar import local_zone_name

if TYPE_CHECKING:
    from notturno.store import Store

MOST_BYTES = 2 << 30
BLANK = b"\xef\xbb\xbf \r\n\t"  # UTF-8's mark with it
SQLITE = b"SQLite format 3\0"
EDF_SUFFIXES = (".edf", ".bdf")
SLEEP_FILES = ("sleep-export.csv", "sleep.csv", "sleepdata.json", ".db", ".sqlite")
FITBITS = re.compile(r"(^|/)sleep-\d{4}-\d\d-\d\d\.json$")  # a takeout has one a month
LAB_KINDS = {
    lab.EDF: Phrase("EDF+ annotations"),
    lab.NSRR: Phrase("an NSRR annotation file"),
    lab.REMLOGIC: Phrase("RemLogic's events"),
    lab.PLAIN: Phrase("a hypnogram"),
    **{name: Phrase("a laboratory's scoring") for name in lab_programs.FORMATS},
}


class Taken(NamedTuple):
    """kind: what the file is, in words; added: {what: how many}; refused, notes: sentences;
    nights: the names of those touched; all_refused: no entry of the file could be read."""

    kind: str
    added: dict
    refused: list
    notes: list
    nights: list
    all_refused: bool = False


def read(path: Path) -> bytes:
    """Return a file's bytes; raises UserError where it cannot be read."""
    try:
        with open(path, "rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise unreadable(path, error) from error
    if len(data) > MOST_BYTES:
        raise UserError("{path} is larger than any file that is read here.", path=path)
    return data


def is_of_a_phone(data: bytes) -> bool:
    """Say whether these bytes are a records file, or might be meant as one."""
    from notturno.records_file import FAMILY

    return data.lstrip()[:1] == b"{" and FAMILY.encode() in data


def understood(path: Path, data: bytes, zone: str | None = None):
    """Return what a file holds, checked before any store is opened, for `take`.

    zone: in which bare local times are meant (None: this computer's). Raises UserError for a file
    that is none of those known, and for one that is damaged.
    """
    name = Path(path).name
    zone = zone or local_zone_name()
    if is_of_a_phone(data):
        from notturno import records_file

        return records_file.parsed(data, str(path))
    if sealing.is_sealed(data):
        raise UserError(
            "{name} is a backup; put it in place by:  notturno restore {name}", name=name
        )
    if lossless.is_one(data):
        return lossless.parsed(data, name)
    if Path(path).suffix.lower() in EDF_SUFFIXES or data[:8] in (b"0       ", b"\xffBIOSEMI"):
        return lab.read_edf(path)
    try:
        return _of_text_or_json(data, zone, name)
    except csv.Error as error:
        raise UserError(
            "{name} is no whole CSV file ({error}); export it again.", name=name, error=error
        ) from None


def _of_text_or_json(
    data: bytes, zone: str, name: str
) -> list[dict] | lab.LabFile | sleeps.Sleeps:
    start = data.lstrip(BLANK)[:1]
    found = None if start == b"<" else _sleeps(data, zone, name)
    if found is not None:
        return _some(found, name)
    if start in (b"{", b"["):
        raise UserError(
            "{name} is JSON of a kind that is not known; see notturno import --help.", name=name
        )
    if start == b"<":
        if apple_health.is_one(data):
            return _some(apple_health.read(data, zone), name)
        return lab_programs.read_xml(data, name)
    text = list_text.text_of(data, name)
    if text is None:
        raise UserError(
            "{name} is a kind of file that is not known; see notturno import --help.", name=name
        )
    return _text(text, name)


def _some(found: sleeps.Sleeps, name: str) -> sleeps.Sleeps:
    if not found.found and not found.refused:
        raise UserError("{name} holds no sleep.", name=name)
    return found


def take(store: Store, given, path: Path, data: bytes, night: str | None = None) -> Taken:
    """Take in what `understood` gave and return what came of it.

    night: the one that a laboratory's file belongs to (None: the one it shares its time with).
    Raises UserError where the file belongs to no night.
    """
    name = Path(path).name
    if isinstance(given, lossless.Export):
        return _lossless(store, given, name)
    if isinstance(given, sleeps.Sleeps):
        return _of_sleeps(store, given, name)
    if isinstance(given, lab.LabFile):
        return _lab(store, given, data, name, night)
    added = store.import_diary(given)
    return Taken(
        Phrase("a diary"), {"diary": added}, [], [], sorted({entry["night"] for entry in given})
    )


def _lossless(store: Store, export: lossless.Export, name: str) -> Taken:
    before = store.hashes()
    added, refused = lossless.take(store, export, name)
    notes = []
    if export.hashes is not None and not any(_holds_something(before)):
        after = store.hashes()
        differ = [key for key, value in export.hashes.items() if after.get(key) != value]
        if differ:
            notes.append(
                Phrase(
                    "What arrived differs from what was exported in: {parts}.",
                    parts=", ".join(differ),
                )
            )
        else:
            notes.append(Phrase("Everything arrived as it was exported: the hashes are equal."))
    return Taken(Phrase("an export of notturno"), added, refused, notes, [])


def _holds_something(hashes: dict[str, str]) -> Iterable:
    """Yield True for each part of a store's hashes that is not that of nothing."""
    nothing = hashlib.sha256(b"").hexdigest()
    return (value != nothing for value in hashes.values())


# --- a tracker's sleep ---------------------------------------------------------------------------


def _sleeps(data: bytes, zone: str, name: str) -> sleeps.Sleeps | None:
    if data.startswith(b"PK\x03\x04"):
        return _zipped(data, zone, name)
    if data.startswith(SQLITE):
        from notturno.files import health_connect

        return health_connect.known(data, name)
    if data.lstrip(BLANK)[:1] in (b"{", b"["):
        return sleeps.of_json(sleeps.loaded(data), zone)
    text = list_text.text_of(data, name)
    return None if text is None else sleeps.of_text(text, zone)


def _zipped(data: bytes, zone: str, name: str) -> Any:
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            if "MANIFEST.json" in names:
                raise UserError(
                    "{name} is a backup; put it in place by:  notturno restore {name}", name=name
                )
            found = sleeps.joined(
                _sleeps(archive.read(member), zone, f"{name}/{member.filename}")
                for member in archive.infolist()
                if _is_of_sleep(member, name)
            )
            found = found or apple_health.of_zip(archive, zone, name)
            if found is not None:
                return found
    except (zipfile.BadZipFile, NotImplementedError, RuntimeError, OSError, EOFError):
        raise UserError("{name} is a damaged zip; export it again.", name=name) from None
    raise UserError("{name} holds no file of sleep that is known here.", name=name)


def _is_of_sleep(member: zipfile.ZipInfo, name: str) -> bool:
    file = member.filename.lower()
    if not (file.endswith(SLEEP_FILES) or FITBITS.search(file)):
        return False
    if member.file_size > apple_health.MOST_UNPACKED:
        raise UserError("{name} holds a file larger than any that is read here.", name=name)
    return True


def _of_sleeps(store: Store, found: sleeps.Sleeps, name: str) -> Taken:
    rows = [sleep | {"file": name} for sleep in found.found]
    new = store.add_sleeps(rows)
    edited, kept, without = placing.as_edits(store, found.source)
    notes = []
    if without:
        notes.append(
            Phrase(
                "Sleeps in no stored night, kept for later: {without}.",
                without=without,
            )
        )
    added = {"imported_sleeps": len(new), "edits": len(edited)}
    return Taken(
        Phrase("a list of when you slept")
        if found.source == sleeps.PLAIN
        else Phrase("sleep as {source} saw it", source=found.source),
        added,
        [*found.refused, *kept],
        notes,
        edited,
        not found.found,
    )


# --- a laboratory's scoring ----------------------------------------------------------------------


def _lab(store: Store, found: lab.LabFile, data: bytes, name: str, night: str | None) -> Taken:
    if not found.stages and not found.events:
        raise UserError("{name} holds no event that can be read.", name=name)
    name_of_night = placing.night_of(store, found, night, name)
    common = {
        "source": name,
        "format": found.format,
        "sha256": hashlib.sha256(data).hexdigest(),
        "start_local": placing.start_text(store, found, name_of_night),
    }
    added = {}
    for kind, rows in (("stages", found.stages), ("events", found.events)):
        if rows:
            new = store.add_lab_list(name_of_night, common | {"kind": kind, "rows": rows})
            added[f"lab_{kind}"] = len(rows) if new else 0
    notes = [Phrase("It belongs to the night {night}.", night=name_of_night)]
    kind = LAB_KINDS[found.format]
    return Taken(kind, added, found.refused, notes, [name_of_night])


def _text(text: str, name: str) -> list[dict] | lab.LabFile:
    of_program = lab_programs.read_text(text, name)
    if of_program is not None:
        return of_program
    head = text.split("\n", 1)[0].replace(";", ",").replace("\t", ",")
    names = {cell.strip(' "\r').lower() for cell in head.split(",")}
    if {"night", "what"} <= names:
        from notturno.store import diary

        return diary.read_csv(text)
    if {"onset_s", "stage"} <= names:
        from notturno.scoring.movements import lists

        found = lists.read_stages(text, name)
        stages = [(onset_us / 1_000_000, stage) for onset_us, stage in found.rows]
        warning = found.warning(name)
        return lab.LabFile(lab.PLAIN, [], stages, [], [] if warning is None else [warning])
    raise UserError(
        "{name} is a kind of file that is not known; see notturno import --help. Of CSV "
        "files these are: bed,wake (sleep), night,what (diary), onset_s,stage "
        "(hypnogram).",
        name=name,
    )
