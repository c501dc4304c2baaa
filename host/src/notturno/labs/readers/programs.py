"""What laboratories' programs write as XML or text (`files.lab_programs`)."""

from __future__ import annotations

import re

from notturno.files import lab_programs
from notturno.labs.readers.parts import Part, of_lab

_SAYS_ENCODING = re.compile(r"\s*<\?xml[^>]*\bencoding=")


def read_xml(text: str, name: str) -> Part:
    """Return the Part of an XML of NSRR, Profusion, Embla or Sleepware. Raises UserError."""
    data = _as_utf8(text) if _SAYS_ENCODING.match(text) else text.encode()
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
