"""The text of a list that somebody hands in: of a bearable size, its lines ended alike.

One definition for every command that reads one. Touches the file that `read` is given. Raises
UserError for what cannot be read or is larger than any list, and for a text with a hole in it.
"""

from __future__ import annotations

import os

from notturno.errors import UserError, unreadable
from notturno.texts import listed

MOST_BYTES = 1 << 28  # it is read whole; an export of nights, which may be larger, is JSON


def read(path: str | os.PathLike, name: str = "") -> str | None:
    """Return the text of a file as `text_of` does, never more than MOST_BYTES of it in memory.

    name: what it is called in a sentence (its path where it has no other).
    """
    name = name or os.fspath(path)
    try:
        with open(path, "rb") as stream:
            data = stream.read(MOST_BYTES + 1)
    except OSError as error:
        raise unreadable(name, error) from None
    return text_of(data, name)


def text_of(data: bytes, name: str) -> str | None:
    """Return the text of a list called `name`; None where the bytes are no text."""
    if len(data) > MOST_BYTES:
        raise UserError("{path} is larger than any list that is read here.", path=name)
    text = listed(data)
    if text is not None and "\0" in text:  # as after a cut, or on a worn disk
        raise UserError(
            "{name}, line {line}: bytes that are no text (NUL); the file was cut or damaged, copy "
            "it again.",
            name=name,
            line=text[: text.index("\0")].count("\n") + 1,
        )
    return text
