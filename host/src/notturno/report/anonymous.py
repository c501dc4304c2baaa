"""Takes names, ids, notes and dates out of a report's contents: who reads it learns no person.

Pure; takes the JSON form and gives another. Days get numbers from the first night of the report
on, and what a person named (bands, phases, things of the diary) gets a number too, but for known
medicines and exposures, without which a doctor could not read it. The clock's hours stay.
"""

from __future__ import annotations

import hashlib
import re
from collections.abc import Iterable
from datetime import date
from typing import Any

from notturno.report.figures_said import DAY

ISO = re.compile(r"\d{4}-\d\d-\d\d")
CODE_SIGNS = 8
BEFORE = "before"  # the program's own name of a phase
# Refusals that quote what a person wrote, or a part of it, and what is said in their place.
QUOTING = {
    "excluded": "Left out by the person.",
    "different_makers": "These nights were not made alike: detector, settings, rules or place.",
}
LIMBS = ("wrist", "calf", "ankle", "foot", "thigh", "arm", "leg", "hand")
NAMED = ("band", "name", "what", "base", "device_id")  # keys whose texts a person chose
SENTENCES = ("refused", "values", "finding", "warning")  # keys below which names may be quoted
UNITS = ("mg", "g", "µg", "ml", "cl", "l", "cup", "cups", "h", "min", "IU", "tazza", "tazze")


def code_of(identities: list[tuple[str, int]]) -> str | None:
    """Return a person's code from the (device id, log id) of their bands: the same every time.

    Whoever does not have the logbook cannot turn it back: a log id is drawn at random.
    """
    if not identities:
        return None
    device, log = min(identities)
    return hashlib.sha256(f"report {device}:{log}".encode()).hexdigest()[:CODE_SIGNS].upper()


def anonymous(found: Any, code: str | None, known: frozenset[str] = frozenset()) -> dict:
    """Return the contents without names, ids, notes and dates.

    code: what stands in place of the name; known: lower-case names of medicines and exposures
    that may stay.
    """
    own = _own_names(found, known)
    dates = sorted(row["date"] for row in found["nights"]["nights"] if row["date"])
    cleaned: Any = _Cleaner(own, date.fromisoformat(dates[0]) if dates else None).cleaned(found)
    entries = cleaned["diary"]["entries"]
    for entry in entries:
        entry["unit"] = entry["unit"] if entry["unit"] in UNITS else ""
    together = cleaned["diary"]["associations"]
    together["by_name"] = {own.get(k, k): v for k, v in together["by_name"].items()}
    return cleaned | {
        "anonymous": True,
        "made_on": None,
        "who": {"name": None, "code": code},
        "span": {"since": None, "until": None},
        # Of the program, not of a person.
        "detector": found["detector"],
        "knowledge": found["knowledge"],
    }


def _own_names(found: dict, known: frozenset[str]) -> dict[str, str]:
    """Return {a person's own name of something: what stands in its place}."""
    own: dict[str, str] = {}

    def put(kind: str, names: Iterable[str]) -> None:
        for i, name in enumerate(dict.fromkeys(names), 1):
            if name and name.lower() not in known:
                own.setdefault(name, f"{kind} {i}")

    put("phase", (g["name"] for g in found["phases"]["groups"] if g["name"] != BEFORE))
    put("entry", (entry["what"] for entry in found["diary"]["entries"]))
    bands = [row["band"] for row in found["sides"] if row["side"] != "LR"]
    put("band", bands)
    for band in found["placement"]["bands"]:
        own[band["device_id"]] = own.get(band["band"], "band")
    return own


class _Cleaner:
    """Walks the contents; `own` names become others, dates become days since `first`."""

    def __init__(self, own: dict[str, str], first: date | None) -> None:
        self.own, self.first = own, first
        # The longest first, lest a name inside another one leaves its rest.
        quoted = sorted(own, key=len, reverse=True)
        self.quoted = re.compile("|".join(map(re.escape, quoted))) if quoted else None

    def cleaned(
        self, value, key: str | None = None, in_sentence: bool = False
    ) -> dict[str, Any] | list | str:
        """Return a part of the contents without names and dates."""
        if isinstance(value, dict):
            code = value.get("code")
            if "refused" in value and code in QUOTING:
                return {"refused": QUOTING[code], "code": code}
            return {
                self._dates(name): self.cleaned(item, name, in_sentence or name in SENTENCES)
                for name, item in value.items()
            }
        if isinstance(value, list):
            return [self.cleaned(item, key, in_sentence) for item in value]
        if not isinstance(value, str):
            return value
        if key in ("limb", "limbs"):
            return value if value.lower() in LIMBS else ""
        if key in NAMED and value in self.own:
            return self.own[value]
        if in_sentence and self.quoted is not None:
            value = self.quoted.sub(lambda match: self.own[match[0]], value)
        return self._dates(value)

    def _dates(self, text: str) -> str:
        return ISO.sub(self._day, text)

    def _day(self, match) -> str:
        try:
            day = date.fromisoformat(match[0])
        except ValueError:
            return match[0]
        return DAY if self.first is None else f"{DAY}{(day - self.first).days + 1}"
