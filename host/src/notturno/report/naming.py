"""How a report names places, phases, bands and things of the diary: a person's own words, or ours.

Pure; words of a person pass through `figures_said.shown`.
"""

from notturno.knowledge import EXPOSURES
from notturno.report.figures_said import shown
from notturno.words import _


def sensor(subject: dict) -> str:
    """Return where the sensor was worn."""
    if subject["side"] == "LR":
        return _("both sides, taken as one patient")
    return place(", ".join(limb(name) for name in subject["limbs"][:2]), subject["side"])


def place(limbs: str, letter: str) -> str:
    """Return limb and side in words, as far as they were said."""
    words = ", ".join(part for part in (limbs, side(letter)) if part)
    return words or _("place not given")


def limb(name: str) -> str:
    """Return a limb's name, or the person's own word for it."""
    known = {
        "wrist": _("wrist"),
        "calf": _("calf"),
        "ankle": _("ankle"),
        "foot": _("foot"),
        "thigh": _("thigh"),
        "arm": _("arm"),
        "leg": _("leg"),
        "hand": _("hand"),
    }
    return known.get(name.lower()) or shown(name, 20)


def side(letter: str) -> str:
    """Return the name of a side; nothing where none is said."""
    return {"L": _("left side"), "R": _("right side"), "LR": _("both sides")}.get(letter, "")


def phase_name(name: str) -> str:
    """Return the name of a phase, as the person wrote it; `before` is the program's own word."""
    return _("before") if name == "before" else named(name, 24)


def named(name: str, longest: int = 20) -> str:
    """Return what a person calls something, or the number that an anonymous report gives it."""
    kind, _space, number_of = name.partition(" ")
    words = {"phase": _("phase {n}"), "entry": _("entry {n}"), "band": _("band {n}")}
    if kind in words and number_of.isdecimal():
        return words[kind].format(n=number_of)
    ours = {one.code: one.name for one in EXPOSURES}.get(name.lower())
    return shown(_(ours) if ours else name, longest)
