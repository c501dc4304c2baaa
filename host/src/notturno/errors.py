"""The error a person is meant to read. Touches nothing."""

import errno
import os
from typing import Self


class UserError(Exception):
    """One sentence: what happened and what to do. The command line prints it and exits 1.

    template: the English sentence with {names} for `values`; str() is the English whole, and
    whoever prints it to a person says it by `notturno.words.said`. Without values the template
    is taken as it is. A value whose name ends in _said is a sentence or a noun of ours itself.
    """

    def __init__(self, template: str = "", /, **values: object) -> None:
        super().__init__(template.format(**values) if values else template)
        self.template = template
        self.values = values


def unreadable(path: object, error: OSError) -> UserError:
    """Return the sentence on a file that the system does not give; path: as it was named."""
    return UserError(
        "{path} cannot be read ({why_said}); check the name.", path=path, why_said=error.strerror
    )


def unwritable(path: object, error: OSError) -> UserError:
    """Return the sentence on a file or folder that the system does not take; path: as named.

    Libraries put words of their own round an error's number, or leave it out: numpy's for a disk
    that took only a part is "75164 requested and 65024 written".
    """
    number = error.errno
    if number is None and str(error).endswith(" written"):
        number = errno.ENOSPC
    why_said = os.strerror(number) if number else error.strerror or str(error)
    return UserError(
        "{path} cannot be written ({why_said}); make room or choose another place.",
        path=path,
        why_said=why_said,
    )


def why(error: Exception, *, named: bool = False) -> str:
    """Return an error's first line, 120 characters at most: a part of a sentence.

    named: behind the error's own name, for one that says little by itself.
    """
    text = f"{type(error).__name__}: {error}" if named else str(error)
    return (text.splitlines() or ["empty"])[0][:120]


class Phrase(str):
    """A sentence or a part of one, English, that remembers its template and its values.

    For what a room below `words` says or stores; `notturno.words.said` says it in a language.
    Stored as plain text it is recognised by its template.
    """

    template: str
    values: dict

    def __new__(cls, template: str, /, **values: object) -> Self:
        self = super().__new__(cls, template.format(**values) if values else template)
        self.template = template
        self.values = values
        return self
