"""EDF+ and BDF+ annotations: stages and events of one recording (`files.lab.read_edf`)."""

from notturno.files import lab
from notturno.labs.readers.parts import Part, of_lab


def read(path: str, name: str) -> Part:
    """Return the Part of the annotations of an EDF+ or BDF+ file. Raises UserError."""
    return of_lab(lab.read_edf(path), lab.EDF)
