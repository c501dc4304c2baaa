"""Texts whose `format` writes numbers as the language spoken does. Pure; not for English."""

from __future__ import annotations

import re
import string
from typing import Any

from notturno.words.languages import KNOWN
from notturno.words.spoken import language


class _Formatter(string.Formatter):
    """str.format but for the signs in numbers."""

    def format_field(self, value: Any, format_spec: str) -> str:
        text = format(value, format_spec)
        return signs(text) if isinstance(value, float) or "," in format_spec else text


_FORMATTER = _Formatter()
# Articles that lose their vowel before a number whose name begins with one: 8, 80 ..., and 11.
_ELIDED = {"it": re.compile(r"\b([Ii]|[DdAa]e?|[Dd]a|[Nn]e|[Ss]u)l (?=8|11(?!\d))")}


class Written(str):
    """A text of a catalogue."""

    __slots__ = ()

    def format(self, *values: object, **named: object) -> str:
        """Return the text with its values, numbers as the language spoken writes them."""
        return joined(_FORMATTER.vformat(self, values, named))


def joined(text: str) -> str:
    """Return a text with its values, articles before them as the language spoken asks for."""
    elided = _ELIDED.get(language())
    return text if elided is None else elided.sub(_before_a_vowel, text)


def _before_a_vowel(found: re.Match) -> str:
    """Return l', dell', all' ... of the article found."""
    begins = found[1]
    if begins in "Ii":  # the article alone
        return "L'" if begins == "I" else "l'"
    return begins + "ll'"


def signs(text: str) -> str:
    """Return a number's text with the signs of the language spoken."""
    signs_of = KNOWN[language()]
    return text.translate({ord("."): signs_of.decimal, ord(","): signs_of.thousands})
