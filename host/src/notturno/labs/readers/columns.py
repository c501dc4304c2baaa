"""What the columns of somebody's table are: by their names in five languages, and their units.

"Onset (ms)", "Beginn [s]", "duration_min": the name says what, the rest says in which unit. A unit
that is not known is no time: samples or epochs must not be taken for seconds. Pure.
"""

import re
from typing import NamedTuple

from notturno.errors import UserError

ONSET, LASTING, END, TEXT, PLACE, STAGE = "onset", "lasting", "end", "text", "place", "stage"
# In the order in which they are believed where a table has more than one of them.
NAMES = {
    ONSET: ("onset", "start", "begin", "beginn", "anfang", "inizio", "debut", "début", "inicio",
            "start time", "time start", "starttime", "begin time", "startzeit", "event start",
            "time", "zeit", "ora", "heure", "hora", "timestamp", "datetime", "date time",
            "uhrzeit"),
    LASTING: ("duration", "dur", "length", "dauer", "durata", "duree", "durée", "duracion",
              "duración"),
    END: ("end", "stop", "offset", "ende", "fine", "fin", "end time", "time end", "endtime",
          "stop time", "endzeit", "event end"),
    TEXT: ("description", "trial type", "event", "label", "annotation", "annotations", "name",
           "event type", "event name", "type", "value", "class", "kind", "ereignis", "evento",
           "evenement", "événement", "beschreibung", "bezeichnung", "typ", "tipo", "descrizione"),
    PLACE: ("side", "channel", "location", "leg", "where", "limb", "seite", "bein", "kanal",
            "lato", "gamba", "canale", "cote", "côté", "jambe", "canal"),
    STAGE: ("stage", "sleep stage", "stages", "hypnogram", "hypno", "schlafstadium", "stadium",
            "stadio", "stade", "fase"),
}  # fmt: skip
UNITS_US = {
    "s": 10**6, "sec": 10**6, "secs": 10**6, "second": 10**6, "seconds": 10**6, "sek": 10**6,
    "sekunden": 10**6, "secondi": 10**6, "secondes": 10**6,
    "ms": 10**3, "msec": 10**3, "milliseconds": 10**3, "millisekunden": 10**3,
    "us": 1, "µs": 1, "microseconds": 1,
    "min": 60 * 10**6, "mins": 60 * 10**6, "minutes": 60 * 10**6, "minuten": 60 * 10**6,
    "minuti": 60 * 10**6, "h": 3600 * 10**6, "hours": 3600 * 10**6,
}  # fmt: skip
_BRACKETS = re.compile(r"(.*?)\s*[(\[{]\s*(.*?)\s*[)\]}]\s*")
_SHAPE = re.compile(r"[hdmsyxf:. _/-]+")  # "hh:mm:ss.xxx": how a time is written, no unit


class Column(NamedTuple):
    """name: as in the header, lower case; unit_us: microseconds of 1, where the cells are plain
    numbers."""

    name: str
    unit_us: int


def columns_of(header: list[str], name: str) -> dict[str, Column]:
    """Return {ONSET, LASTING, ...: Column} of a table's header (`lists.head_of`).

    Raises UserError where a time has a unit that is not known.
    """
    found = {}
    for what, names in NAMES.items():
        ranks = []
        for cell in header:
            words, unit = _split(cell)
            if words in names:
                ranks.append((names.index(words), cell, unit))
        if not ranks:
            continue
        _, cell, unit = min(ranks)
        is_time = what in (ONSET, LASTING, END)
        if is_time and unit not in UNITS_US:
            raise UserError(
                "{name}: the unit of {cell!r} is not known; give s, ms or min.",
                name=name,
                cell=cell,
            )
        found[what] = Column(cell, UNITS_US[unit] if is_time else 0)
    return found


def _split(cell: str) -> tuple[str, str]:
    """Return (name, unit) of a header's cell; seconds where it names none."""
    bracketed = _BRACKETS.fullmatch(cell)
    if bracketed:
        unit = bracketed[2]
        shape = _SHAPE.fullmatch(unit) and unit not in UNITS_US
        return _plain(bracketed[1]), "s" if shape else unit
    words = _plain(cell)
    before, _, last = words.rpartition(" ")
    if before and last in UNITS_US:
        return before, last
    return words, "s"


def _plain(text: str) -> str:
    return " ".join(re.split(r"[\s_.]+", text.strip()))
