"""The text of a list that somebody hands in: of a bearable size, its lines ended alike.

Pure. Raises UserError for what is larger than any list, and for a text with a hole in it.
"""

from notturno.errors import UserError
from notturno.texts import listed

MOST_BYTES = 1 << 28  # it is read whole; an export of nights, which may be larger, is JSON


def text_of(data: bytes, name: str) -> str | None:
    """Return the text of a list called `name`; None where the bytes are no text."""
    if len(data) > MOST_BYTES:
        raise UserError("{path} is larger than any list that is read here.", path=name)
    text = listed(data)
    if text is not None:
        refuse_a_hole(text, name)
    return text


def refuse_a_hole(text: str, name: str) -> None:
    """Raise UserError where a text has NUL in it, as after a cut or on a worn disk."""
    if "\0" in text:
        raise UserError(
            "{name}, line {line}: bytes that are no text (NUL); the file was cut or damaged, copy "
            "it again.",
            name=name,
            line=text[: text.index("\0")].count("\n") + 1,
        )
