"""Which language is spoken: what the environment and a command line ask for, and what holds here.

Reads the environment. A language holds for a context (contextvars), so that two pages may be made
in two languages at once.
"""

import os
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from contextvars import ContextVar

from notturno.words.languages import KNOWN

ENGLISH = "en"
LANGUAGES = tuple(KNOWN)
VARIABLES = ("NOTTURNO_LANG", "LC_ALL", "LC_MESSAGES", "LANG")  # the first that is set holds
_spoken: ContextVar[str | None] = ContextVar("notturno_language", default=None)


def is_spoken(name: str) -> bool:
    """Tell whether a locale's name is of a language that notturno speaks."""
    return _code(name) in LANGUAGES


def known(name: str | None) -> str:
    """Return the language of a locale's name (it, it_IT.UTF-8, it-CH); English if unknown."""
    code = _code(name or "")
    return code if code in LANGUAGES else ENGLISH


def _code(name: str) -> str:
    code = name.lower().partition(".")[0].partition("@")[0]
    return code.replace("-", "_").partition("_")[0]


def of_environment() -> str:
    """Return the language that the environment asks for."""
    return known(next(filter(None, map(os.environ.get, VARIABLES)), None))


def given(arguments: Sequence[str]) -> str | None:
    """Return what the last --lang of a command line says; None without."""
    found = None
    for i, argument in enumerate(arguments):
        if argument == "--":
            break
        if argument == "--lang" and i + 1 < len(arguments):
            found = arguments[i + 1]
        elif argument.startswith("--lang="):
            found = argument.partition("=")[2]
    return found


def asked(arguments: Sequence[str]) -> str:
    """Return the language of a command line: of its last --lang, else of the environment."""
    found = given(arguments)
    return of_environment() if found is None else known(found)


def language() -> str:
    """Return the language that is spoken here."""
    return _spoken.get() or of_environment()


@contextmanager
def speaking(name: str | None) -> Iterator[str]:
    """Speak a language within a `with` block; an unknown one is English, None the outer one."""
    token = _spoken.set(language() if name is None else known(name))
    try:
        yield language()
    finally:
        _spoken.reset(token)
