"""Readers of what laboratories and programs write: one file each, one Part or several each.

What a file is, the file says itself; its name helps where the content cannot tell. The order of
files does not matter: the parts of a night are put together by what they hold.
"""

from __future__ import annotations

from datetime import timedelta
from typing import TYPE_CHECKING

from notturno.errors import Phrase, UserError
from notturno.labs.night import LabNight, Note
from notturno.labs.readers.parts import Part, shifted, text_of
from notturno.times import DAY_US

if TYPE_CHECKING:
    from notturno.labs.inputs import Unit

FARTHEST_US = DAY_US
EDF_HEADS = (b"0       ", b"\xffBIOSEMI")


def nights_of(unit: Unit) -> list[LabNight]:
    """Return the LabNights of an `inputs.Unit`. Raises UserError where it holds none."""
    if unit.export:
        from notturno.labs.readers import export

        return export.nights_of(unit)
    parts = _on_one_axis([(name, read(path, name)) for path, name in unit.files])
    night = LabNight(unit.person, unit.night, [])
    night.source = "; ".join(name for name, _ in parts)
    night.format = "; ".join(dict.fromkeys(part.format for _, part in parts))
    got = {}
    for name, part in sorted(parts):
        for what in ("rows", "stages", "resp", "arousals", "recorded_us"):
            value = getattr(part, what)
            if value is None:
                continue
            if what in got:
                got[what].append(name)
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


def _on_one_axis(parts: list[tuple[str, Part]]) -> list[tuple[str, Part]]:
    """Return [(name, Part)] with one time 0: the earliest of those that say when theirs is.

    Where a date has two readings (03/02) all are read in one way. A file that does not say when it
    begins counts from there too.
    """
    dated = [part.starts[0] for _, part in parts if part.starts]
    if not dated:
        return parts
    first = min(dated)

    def late_us(part: Part) -> int:
        return round((part.starts[0] - first).total_seconds() * 1e6) if part.starts else 0

    placed = [(name, shifted(part, late_us(part)), late_us(part)) for name, part in parts]
    far = [name for name, _, late in placed if late > FARTHEST_US]
    if far:
        raise UserError(
            "{name} begins more than a day after the other files of its night; name it otherwise.",
            name=far[0],
        )
    for _, part, late in placed:
        if part.starts:
            part.starts = [start - timedelta(microseconds=late) for start in part.starts]
    return [(name, part) for name, part, _ in placed]


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
    if suffix == "xml" or text.lstrip()[:1] == "<":
        from notturno.labs.readers import nsrr

        return nsrr.read(text, name)
    from notturno.files.lab import is_remlogic

    if is_remlogic(text):
        from notturno.labs.readers import remlogic

        return remlogic.read(text, name)
    if suffix in ("annot", "eannot"):
        from notturno.labs.readers import luna

        return luna.read(text, name, epochs=suffix == "eannot")
    from notturno.labs.readers import plain, yasa

    if yasa.is_one(text):
        return yasa.read(text, name)
    return plain.read(text, name)


def is_of_a_program(path: str) -> bool:
    """Say whether a text is a laboratory's list and no plain one of onset_s,duration_s,side."""
    from notturno.files.lab import is_remlogic
    from notturno.labs.readers import plain

    try:
        text = text_of(path, str(path))
    except UserError:
        return False
    return is_remlogic(text) or text.lstrip()[:1] == "<" or plain.has_events(text)
