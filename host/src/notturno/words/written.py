"""Texts whose `format` writes numbers as the language spoken does. Pure; not for English."""

from __future__ import annotations

import string
from typing import Any

from notturno.words.languages import KNOWN


class _Formatter(string.Formatter):
    """str.format but for the signs in numbers."""

    def format_field(self, value: Any, format_spec: str) -> str:
        text = format(value, format_spec)
        return signs(text) if isinstance(value, float) or "," in format_spec else text


_FORMATTER = _Formatter()


class Written(str):
    """A text of a catalogue."""

    __slots__ = ()

    def format(self, *values: object, **named: object) -> str:
        """Return the text with its values, numbers as the language spoken writes them."""
        return _FORMATTER.vformat(self, values, named)


def signs(text: str) -> str:
    """Return a number's text with the signs of the language spoken."""
    from notturno.words.catalogue import language

    signs_of = KNOWN[language()]
    return text.translate({ord("."): signs_of.decimal, ord(","): signs_of.thousands})
