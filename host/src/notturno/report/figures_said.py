"""How a report says its figures: numbers and dates by the language, a dash for what is refused.

Pure; takes the JSON form of figures. Days of an anonymous report have numbers and no dates.
"""

from __future__ import annotations

from typing import Any

from notturno.words import _, said
from notturno.words.numbers import date_text, number_text

DASH = "–"
DAY = "day-"  # how an anonymous report writes the n-th day of its span
MISSING = "□"
TOO_LARGE = 100_000
# What the embedded font can show; other letters of a person's own words become MISSING, since a
# page for the archive may hold no letter without a picture.
SHOWN = ((0x20, 0x7E), (0xA0, 0x17F), (0x218, 0x21B), (0x386, 0x3CE), (0x400, 0x45F))
SHOWN_TOO = "–—‘’“”„•…€−≥≤□"


def is_refused(value: Any) -> bool:
    """Tell the JSON form of a Refusal, or a figure that is not there, from a figure."""
    return value is None or (isinstance(value, dict) and "refused" in value)


def number(value: Any, digits: int = 1, signed: bool = False) -> str:
    """Return a figure with so many digits behind the point; a dash where it is refused."""
    if is_refused(value):
        return DASH
    if value >= TOO_LARGE:  # the end of an interval that says nothing
        return "> " + number_text(TOO_LARGE)
    text = number_text(abs(value) if signed else value, digits)
    return text if not signed else ("−" if value < 0 else "+") + text


def span(low: float, high: float, digits: int = 1) -> str:
    """Return an interval; a dash where it is refused."""
    if is_refused(low) or is_refused(high):
        return DASH
    return _("{low} to {high}").format(low=number(low, digits), high=number(high, digits))


def cell(low: float, high: float, digits: int) -> str:
    """Return an interval for a narrow cell of a table, of figures that are not below zero."""
    if is_refused(low) or is_refused(high):
        return DASH
    return f"{number(low, digits)}–{number(high, digits)}"


def percent(share: float, digits: int = 0) -> str:
    """Return a share of 0 to 1 in percent."""
    if is_refused(share):
        return DASH
    return _("{x}\N{NO-BREAK SPACE}%").format(x=number_text(100 * share, digits))


def day(value: str | None) -> str:
    """Return a date, or the number of a day in an anonymous report; a night's name otherwise."""
    if value is None:
        return DASH
    if value.startswith(DAY):
        return _("day {n}").format(n=value.removeprefix(DAY))
    return shown(date_text(value, "medium"))


def days(first: str | None, last: str | None) -> str:
    """Return a span of days, one day alone where both are the same."""
    if first == last:
        return day(first)
    return _("{first} to {last}").format(first=day(first), last=day(last))


def shown(text: str, longest: int = 40) -> str:
    """Return a person's own words on one line, no longer than so many signs."""
    flat = " ".join(str(text).split())
    seen = "".join(sign if _can_show(sign) else MISSING for sign in flat)
    return seen if len(seen) <= longest else seen[: longest - 1].rstrip() + "…"


def reason(refusal: dict, longest: int = 140) -> str:
    """Return why a figure is refused (JSON form), on one line; it may quote a person's words."""
    return shown(said(refusal), longest)


def why(measure: dict, longest: int = 140) -> str:
    """Return why a measure has no typical figure: its nights' own reason, where they have one."""
    refused = measure["typical"]
    own = list(measure["left_out"].values())
    if own and measure["usable_nights"] == 0:
        refused = max(own, key=lambda one: sum(one == other for other in own))
    return reason(refused, longest)


def _can_show(sign: str) -> bool:
    return sign in SHOWN_TOO or any(low <= ord(sign) <= high for low, high in SHOWN)
