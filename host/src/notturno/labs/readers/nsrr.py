"""The XML of the National Sleep Research Resource (`files.lab.read_nsrr`)."""

from notturno.files import lab
from notturno.labs.readers.parts import Part, of_lab


def read(text: str, name: str) -> Part:
    """Return the Part of an NSRR annotation file. Raises UserError."""
    data = text.encode() if "encoding=" not in text[:200] else _as_utf8(text)
    return of_lab(lab.read_nsrr(data, name), lab.NSRR)


def _as_utf8(text: str) -> bytes:
    """Return bytes whose declaration is true: the text was decoded before."""
    _, _, rest = text.partition("?>")
    return rest.lstrip().encode()
