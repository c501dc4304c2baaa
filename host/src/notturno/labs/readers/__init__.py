"""Readers of what laboratories and programs write: one file each, one Part or several each.

What a file is, the file says itself; its name helps where the content cannot tell. The order of
files does not matter: the parts of a night are put together by what they hold.
"""

from __future__ import annotations

import re
from collections import Counter
from datetime import datetime, timedelta
from typing import TYPE_CHECKING

from notturno.errors import Phrase, UserError
from notturno.labs.night import LabNight, Note
from notturno.labs.readers.parts import Part, shifted, text_of
from notturno.scoring.movements.legs import sides_of
from notturno.times import DAY_US

if TYPE_CHECKING:
    from notturno.labs.inputs import Unit

FARTHEST_US = DAY_US
NOTHING = {
    "stages": Phrase("{name} holds no stage of sleep; give another file."),
    "gaps": Phrase("{name} holds no gap; give another file."),
}
TOLD_OF = {"stages": ("unknown_stage", "two_stages"), "rows": ("series_marks", "no_duration")}
EDF_HEADS = (b"0       ", b"\xffBIOSEMI")


def nights_of(unit: Unit, beside: dict[str, str] | None = None) -> list[LabNight]:
    """Return the LabNights of an `inputs.Unit`. Raises UserError where it holds none.

    beside: {stages, resp, arousals or gaps: path of the file that holds them instead}.
    """
    if unit.export:
        from notturno.labs.readers import export

        return export.nights_of(unit)
    own = [(name, read(path, name)) for path, name in unit.files]
    night = LabNight(unit.person, unit.night, [])
    night.source = "; ".join(name for name, _ in own)
    night.format = "; ".join(dict.fromkeys(part.format for _, part in own))
    for what in beside or {}:
        for _, part in own:
            given_up(part, what)
    parts = [*own, *((path, alone(path, what)) for what, path in (beside or {}).items())]
    parts = _on_one_axis(parts)
    _name_the_legs(parts)
    got = {}
    for name, part in sorted(parts, key=lambda each: each[0]):
        for what in ("rows", "stages", "resp", "arousals", "recorded_us"):
            value = getattr(part, what)
            if value is None:
                continue
            if what in got and not (what == "rows" and _of_other_legs(night.rows, value)):
                got[what].append(name)
                continue
            if what in got:  # the other leg's list
                night.rows = night.rows + value
                continue
            got[what] = [name]
            setattr(night, what, value)
            if what == "stages":
                night.unknown = part.unknown
        night.gaps = night.gaps + part.gaps
        if len(part.starts) == 1 and night.start_local is None:
            night.start_local = part.starts[0].isoformat()
        night.notes += part.notes
    for what, names in got.items():
        if len(names) > 1:
            night.notes.append(
                Note(
                    "twice",
                    len(names),
                    Phrase(
                        "More than one file holds {what}; {name} is taken.",
                        what=what,
                        name=names[0],
                    ),
                )
            )
    if "rows" not in got:
        raise UserError(
            "{name} holds no list of leg movements; give one beside it.", name=night.source
        )
    return [night]


def alone(path: str, what: str) -> Part:
    """Return the Part of a file for its stages, resp, arousals or gaps, with nothing else in it.

    It may be of any form that is known, or a plain list, onset_s,stage or onset_s,duration_s.
    """
    plain = None
    if path.rpartition(".")[2].lower() not in ("edf", "bdf", "xml", "rml"):
        from notturno.labs.readers import plain as lists

        plain = lists.list_of(text_of(path, path), path, what)
    part = plain or read(path, path)
    for other in ("rows", "stages", "resp", "arousals", "gaps"):
        if other != what:
            given_up(part, other)
    if getattr(part, what) in (None, []) and plain is None and what in NOTHING:
        raise UserError(NOTHING[what], name=path)
    return part


def given_up(part: Part, what: str) -> None:
    """Take one kind of list out of a Part, and what is told of it."""
    setattr(part, what, [] if what == "gaps" else None)
    if what == "stages":
        part.unknown = Counter()
    codes = TOLD_OF.get(what, ())
    part.notes = [note for note in part.notes if note.code not in codes]


def _name_the_legs(parts: list[tuple[str, Part]]) -> None:
    """Give the movements that name no leg the one that their file's name says (n1_left.csv)."""
    with_rows = [(name, part, part.rows) for name, part in parts if part.rows]
    for name, part, rows in with_rows:
        words = re.split(r"[ ._-]+", name.rpartition("/")[2].rpartition(".")[0])[1:]
        told = {sides_of(word) for word in words if len(word) > 2 or len(with_rows) > 1}
        told &= {("L",), ("R",)}
        if len(told) == 1 and all(row[2] == "" for row in rows):
            side = "L" if ("L",) in told else "R"
            part.rows = [(at, end, side, *rest) for at, end, _, *rest in rows]


def _of_other_legs(rows: list, others: list) -> bool:
    """Say whether two lists are of different legs, each by its own word."""
    mine, theirs = {row[2] for row in rows}, {row[2] for row in others}
    return not mine & theirs and "" not in mine | theirs


def _on_one_axis(parts: list[tuple[str, Part]]) -> list[tuple[str, Part]]:
    """Return [(name, Part)] with one time 0: the earliest of those that say when theirs is.

    By their dates, or by the clock where one has no date: the nearest time of that hour. Where a
    date has two readings (03/02) all are read in one way. A file that does not say when it begins
    counts from time 0.
    """
    dated = [part.starts[0] for _, part in parts if part.starts]
    clocked = [part.clock_us for _, part in parts if part.clock_us is not None]
    if not dated and not clocked:
        return parts
    first = min(dated) if dated else None
    of_day_us = clocked[0] if first is None else _of_day_us(first)

    def late_us(part: Part) -> int | None:
        if part.starts and first is not None:
            return round((part.starts[0] - first).total_seconds() * 1e6)
        if part.clock_us is None:
            return None
        return (part.clock_us - of_day_us + DAY_US // 2) % DAY_US - DAY_US // 2

    lates = [late_us(part) for _, part in parts]
    far = [name for (name, _), late in zip(parts, lates, strict=True) if (late or 0) > FARTHEST_US]
    if far:
        raise UserError(
            "{name} begins more than a day after the other files of its night; name it otherwise.",
            name=far[0],
        )
    earliest = min(late for late in lates if late is not None)
    placed = []
    for (name, part), late in zip(parts, lates, strict=True):
        by_us = 0 if late is None else late - earliest
        moved = shifted(part, by_us)
        moved.starts = [start - timedelta(microseconds=by_us) for start in moved.starts]
        placed.append((name, moved))
    return placed


def _of_day_us(at: datetime) -> int:
    return round(
        (at - at.replace(hour=0, minute=0, second=0, microsecond=0)).total_seconds() * 1e6
    )


def read(path: str, name: str) -> Part:
    """Return the Part that one file holds. Raises UserError with what it is not."""
    try:
        with open(path, "rb") as stream:
            head = stream.read(8)
    except OSError as error:
        raise UserError(
            "{path} cannot be read ({why_said}).", path=name, why_said=error.strerror
        ) from None
    suffix = path.rpartition(".")[2].lower()
    if suffix in ("edf", "bdf") or head in EDF_HEADS:
        from notturno.labs.readers import edf

        return edf.read(path, name)
    text = text_of(path, name)
    if suffix in ("xml", "rml") or text.lstrip()[:1] == "<":
        from notturno.labs.readers import programs

        return programs.read_xml(text, name)
    from notturno.labs.readers import programs

    of_program = programs.read_text(text, name)
    if of_program is not None:
        return of_program
    if suffix in ("annot", "eannot"):
        from notturno.labs.readers import luna

        return luna.read(text, name, epochs=suffix == "eannot")
    from notturno.labs.readers import plain, yasa

    if yasa.is_one(text):
        return yasa.read(text, name)
    return plain.read(text, name)
