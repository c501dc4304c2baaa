"""What lies between the commands and the terminal: encodings, and outputs that take no more.

Touches the standard streams and the arguments; imports the standard library alone.
"""

from __future__ import annotations

import codecs
import io
import os
import sys
from typing import TYPE_CHECKING, Any, TextIO

if TYPE_CHECKING:
    from click.testing import _NamedTextIOWrapper

BROKEN_PIPE = 141  # what a shell shows for a program that SIGPIPE ended


def speaks_utf8(stream: TextIO | _NamedTextIOWrapper) -> bool:
    """Return whether a text stream can carry every character."""
    try:
        return codecs.lookup(stream.encoding).name == "utf-8"
    except (AttributeError, LookupError, TypeError):
        return False


class OutputGone(Exception):
    """The standard output takes no more; `error` is the system's OSError.

    No OSError itself: only so is it told from the failures of other files, pipes and sockets.
    """

    def __init__(self, error: OSError) -> None:
        super().__init__(str(error))
        self.error = error


class _Marked(io.RawIOBase):
    """A raw output whose failures are OutputGone, once; what comes later goes nowhere.

    Python writes what is left at its very end, and would print a traceback then.
    """

    def __init__(self, raw: Any) -> None:
        self._raw = raw
        self._gone = False

    def writable(self) -> bool:
        return True

    def fileno(self) -> int:
        return self._raw.fileno()

    def isatty(self) -> bool:
        return self._raw.isatty()

    def write(self, data: Any, /) -> int:
        if self._gone:
            return len(data)
        try:
            return self._raw.write(data)
        except OSError as error:
            self._gone = True
            raise OutputGone(error) from error


def prepare() -> None:
    """Let the outputs escape what their encoding lacks (\\u85ac), and name their own failures.

    A stream that is closed (`notturno nights >&-`, pythonw) reads nothing and takes everything:
    commands ask each whether a person sits behind it, and no file may get its number.
    """
    for name, mode in (("stdin", "r"), ("stdout", "w"), ("stderr", "w")):
        if getattr(sys, name) is None:
            nobody = open(os.devnull, mode, encoding="utf-8")  # noqa: SIM115
            setattr(sys, name, nobody)
            setattr(sys, f"__{name}__", nobody)  # as with any other: it outlives what wraps it
    if isinstance(sys.stderr, io.TextIOWrapper):
        sys.stderr.reconfigure(errors="backslashreplace")
    if not isinstance(sys.stdout, io.TextIOWrapper):
        return  # a program's own that takes everything
    old = sys.stdout
    old.flush()
    marked: Any = _Marked(getattr(old.buffer, "raw", old.buffer))
    sys.stdout = io.TextIOWrapper(
        io.BufferedWriter(marked),
        encoding=old.encoding,
        errors="backslashreplace",
        line_buffering=old.line_buffering,
    )


def readable(arguments: list[str]) -> list[str]:
    """Return the arguments with the text in them that a locale without UTF-8 hid.

    Under LC_ALL=C Python keeps such bytes as surrogates. The name of an existing file stays as it
    is: only so can it be opened. Bytes that are no UTF-8 stay, too.
    """
    return [_readable(argument) for argument in arguments]


def _readable(argument: str) -> str:
    if os.path.lexists(argument):
        return argument
    try:
        return os.fsencode(argument).decode()
    except UnicodeError:
        return argument
