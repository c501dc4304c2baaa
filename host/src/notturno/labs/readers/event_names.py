"""What an event in somebody's list means: a leg movement, breathing, an arousal; and of which leg.

Names are those of NSRR, Luna (which knows many), RemLogic, Noxturnal, Compumedics, and plain
words in four languages. Pure.
"""

import re
from typing import Any

MOVEMENT, RESP, AROUSAL, SERIES = "lm", "resp", "arousal", "series"

_SPACE = re.compile(r"[\s_/|.:;,()\[\]-]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z][a-z])")  # ObstructiveApnea, of NSRR's ontologies
_LEG_WORDS = ("leg movement", "limb movement", "leg mvt", "beinbewegung", "bein bewegung")
_LEG_PHRASES = re.compile(
    r"\bmouv\w* (de )?(la )?jambe|\bmoviment\w* (\w+ )?(de\w+ )?(gamb|art)\w*"
)
_AROUSAL = re.compile(r"arousal|\bmicro ?(éveil|eveil|risvegli)|\bweckreaktion")
_BREATHING = re.compile(
    r"\b(hypopn\w*|ipopn\w*|apn\w*|hypoapn\w*|rera|respiratory (event|effort related arousal))\b"
)
_MOVEMENT = re.compile(r"\b(c?lms?|plms?|plmw|plm lm|plm rrlm|lm\w?|leg mov\w*|limb mov\w*)\b")
_LEFT = re.compile(r"\b(left|l|lt|lat|lleg|links|gau\w*|sinistr[ao]|li|sx)\b")
_RIGHT = re.compile(r"\b(right|r|rt|rat|rleg|rechts|droite?|destr[ao]|re|dx)\b")
_BOTH = re.compile(r"\b(both|bilateral|bilat|beide|lr)\b")
NO_BREATHING = ("artifact", "artefact", "desat", "paradox", "resolution")


def meaning(text: str, where: str = "") -> tuple[str | None, tuple[str, ...]]:
    """Return (kind, sides) of an event's name and place; kind None for another kind of event.

    sides: ("L",), ("R",), ("L", "R") for a movement marked of both legs, ("",) where none is
    named. A bare PLM is SERIES: a movement, or the span of a series, as its list shows.
    """
    said = _plain(text)
    if not said:
        return None, ()
    if (
        said == "resp"
        or _BREATHING.search(said)
        and not any(word in said for word in NO_BREATHING)
    ):
        return RESP, ()
    if _AROUSAL.search(said) or said in ("aro", "ma", "eveil"):
        return AROUSAL, ()
    sides = _sides(said, _plain(where))
    if said in ("plm", "plms"):
        return SERIES, sides
    if re.search(r"\bplms? (series|sequence|period|episode)\b", said):
        return None, ()
    leg = any(word in said for word in _LEG_WORDS) or _LEG_PHRASES.search(said)
    if leg or _MOVEMENT.search(said):
        return MOVEMENT, sides
    return None, ()


def _plain(text: str) -> str:
    return _SPACE.sub(" ", _CAMEL.sub(" ", text.strip()).lower()).strip()


def _sides(said: str, place: str) -> Any:
    for each in (said, place):
        left, right = _LEFT.search(each), _RIGHT.search(each)
        if _BOTH.search(each) or (left and right):
            return ("L", "R")
        if left:
            return ("L",)
        if right:
            return ("R",)
    return ("",)
