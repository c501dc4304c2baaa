"""RemLogic's export of events as text (`files.lab.read_remlogic`)."""

from notturno.files import lab
from notturno.labs.readers.parts import Part, of_lab


def read(text: str, name: str) -> Part:
    """Return the Part of RemLogic's text. Raises UserError."""
    return of_lab(lab.read_remlogic(text, name), lab.REMLOGIC)
