"""What laboratories' programs write as XML or text (`files.lab_programs`)."""

from __future__ import annotations

from notturno.files import lab_programs
from notturno.labs.readers.parts import Part, of_lab


def read_xml(text: str, name: str) -> Part:
    """Return the Part of an XML of NSRR, Profusion, Embla or Sleepware. Raises UserError."""
    data = text.encode() if "encoding=" not in text[:200] else _as_utf8(text)
    found = lab_programs.read_xml(data, name)
    return of_lab(found, found.format)


def read_text(text: str, name: str) -> Part | None:
    """Return the Part of RemLogic's, DOMINO's or Twin's text; None for another kind."""
    found = lab_programs.read_text(text, name)
    return None if found is None else of_lab(found, found.format)


def _as_utf8(text: str) -> bytes:
    """Return bytes whose declaration is true: the text was decoded before."""
    _, _, rest = text.partition("?>")
    return rest.lstrip().encode()
