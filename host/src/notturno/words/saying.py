"""Errors, refusals and stored sentences in the language spoken.

The rooms below speak English alone, as a template with its values; what is stored is English, too.
Here a template is looked up and filled anew. A sentence that has lost its template (stored by an
older notturno, or by a room that keeps plain text) is recognised by the templates there are.
"""

import re
from functools import cache, lru_cache
from string import Formatter
from typing import Any

from notturno.words.catalogue import _, translations
from notturno.words.spoken import ENGLISH, language
from notturno.words.written import joined, signs

# What systems say of a file (strerror of the common errors, as C spells them).
OF_THE_SYSTEM = (
    *("No such file or directory", "Permission denied", "Is a directory", "Not a directory"),
    *("File exists", "No space left on device", "Read-only file system", "File name too long"),
    *("Input/output error", "Operation not permitted", "Connection refused", "Broken pipe"),
    *("Disk quota exceeded", "Too many open files", "Device or resource busy"),
)
# What a band's own programs say (flashing/on_band.py, keys/on_band.py).
OF_A_BAND = ("what was written does not come back", "what was renamed does not come back")
SAID = "_said"  # a value of this ending is a sentence or a noun of ours
LEAST_LETTERS = 6  # a template of less would be recognised in anything
SEVERAL = re.compile(r"(?<=[.:])  ")  # sentences one behind the other
FIELD, LETTER = re.compile(r"\{[^}]*\}"), re.compile("[A-Za-z]")
NUMBER = re.compile(r"[-+]?\d[\d,]*(\.\d+)?%?")


def said(thing) -> str:
    """Return an error, a Refusal, the JSON of one, or a sentence in the language spoken.

    thing: an exception, anything with `template` and `values`, a dict with "refused", or a text.
    """
    if isinstance(thing, dict):
        template, values = thing.get("template", thing["refused"]), thing.get("values") or {}
        english = thing["refused"]
    else:
        english = str(getattr(thing, "reason", thing))
        template, values = getattr(thing, "template", english), getattr(thing, "values", {})
    if language() == ENGLISH:
        return english
    if not values:
        return recognised(english)
    told = _(template)
    if told == template and LETTER.search(FIELD.sub("", template)):  # of another notturno
        return recognised(english)
    own = {key: said(value) if key.endswith(SAID) else value for key, value in values.items()}
    return told.format(**own)


def recognised(english: str) -> str:
    """Return a whole English sentence in the language spoken; as it is where none is like it."""
    return english if language() == ENGLISH else _recognised(english, language())


@lru_cache(maxsize=4096)
def _recognised(english: str, spoken: str) -> str:
    """Return an English text in the language `spoken`, as it is where no catalogue entry fits.

    Tried in turn: the very text, a template that it fits, a sentence within another (which begins
    small), and several sentences one behind the other.
    """
    exact = translations(spoken).gettext(english) if english else english
    if exact != english:
        return exact
    for pattern, specs, told in _patterns(spoken):
        found = pattern.fullmatch(english)
        if found:
            return _filled(told, specs, found.groupdict())
    if english[:1].islower():  # a sentence within another
        whole = _recognised(english[0].upper() + english[1:], spoken)
        if whole != english[0].upper() + english[1:]:
            return whole[0].lower() + whole[1:]
    several = SEVERAL.split(english)
    return "  ".join(_recognised(one, spoken) for one in several) if several[1:] else english


@cache
def _patterns(spoken: str) -> list[tuple[Any, dict[str, str], str]]:
    """Return [(pattern of the English, {name: format}, translation)], the most special first."""
    known = getattr(translations(spoken), "_catalog", {})
    found = []
    for english, told in known.items():
        if "{" not in english:  # nor has it the pair that stands for a plural
            continue
        parts = list(Formatter().parse(english))
        letters = sum(len(text.strip()) for text, *_rest in parts)
        if letters < LEAST_LETTERS or any(
            name is not None and not name for _t, name, *_r in parts
        ):
            continue
        pattern, specs = "", {}
        for text, name, spec, _conversion in parts:
            pattern += re.escape(text)
            if name in specs:
                pattern += f"(?P={name})"
            elif name is not None:
                pattern += f"(?P<{name}>.+?)"
                specs[name] = spec
        begins = english[0] != "{"  # what begins with its own word is surer
        found.append(((begins, letters), re.compile(pattern, re.DOTALL), specs, told))
    found.sort(key=lambda item: item[0], reverse=True)
    return [item[1:] for item in found]


def _filled(told: str, specs: dict[str, str], values: dict[str, str]) -> str:
    text = ""
    for literal, name, _spec, _conversion in Formatter().parse(told):
        text += literal
        if name is None:
            continue
        value = values[name]
        if name.endswith(SAID):
            value = recognised(value)
        elif specs[name] and NUMBER.fullmatch(value):
            value = signs(value)
        text += value
    return joined(text)
