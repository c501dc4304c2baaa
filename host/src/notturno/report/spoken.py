"""The words, numbers and dates of a report in the language that is spoken, through one door.

Texts in English are the catalogue's keys. Pure but for the language of this context.
"""

from contextlib import contextmanager
from contextvars import ContextVar
from datetime import date

_LANGUAGE: ContextVar[str] = ContextVar("language", default="en")


def language() -> str:
    """Return the code of the language that is spoken."""
    return _LANGUAGE.get()


@contextmanager
def speaking(code: str):
    """Speak a language inside the context."""
    token = _LANGUAGE.set(code)
    try:
        yield
    finally:
        _LANGUAGE.reset(token)


def _(text: str) -> str:
    """Return a text of the catalogue in the language that is spoken."""
    return text


def n_(one: str, many: str, n: int) -> str:
    """Return the text for one, or for many."""
    return one if n == 1 else many


def number_text(value: float, digits: int = 0) -> str:
    """Return a number with so many digits behind the point."""
    from babel.numbers import format_decimal

    form = "#,##0" + ("." + "0" * digits if digits else "")
    return format_decimal(value, format=form, locale=language())


def date_text(iso: str) -> str:
    """Return a date; raises ValueError where it is none."""
    from babel.dates import format_date

    return format_date(date.fromisoformat(iso), "medium", locale=language())


def said(refusal: dict) -> str:
    """Return why a figure is refused."""
    return _(refusal["refused"])
