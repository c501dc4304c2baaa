"""What an event in somebody's list means: a leg movement, breathing, an arousal; and of which leg.

Names are those of NSRR, Luna (which knows many), RemLogic, Noxturnal, Compumedics, and plain
words in eight languages; channels are those of legs in many laboratories. Pure.
"""

import re
from typing import Any

MOVEMENT, RESP, AROUSAL, SERIES = "lm", "resp", "arousal", "series"

_SPACE = re.compile(r"[\s_/|.:;,()\[\]-]+")
_CAMEL = re.compile(r"(?<=[a-z0-9])(?=[A-Z][a-z])")  # ObstructiveApnea, of NSRR's ontologies
_LEG_WORDS = re.compile(
    r"(leg|limb) ?(mov|mvm?n?ts?\b)|\bbein ?bew|\bextremit\wtenbew|\bbeenbeweg"
)
_LEG_PHRASES = re.compile(
    r"\bmouv\w* (de )?(la )?jambe|\bmovimi?ent\w* (\w+ )?(de\w* )?(la )?(gamb|art|piern|pern)\w*"
)
_AROUSAL = re.compile(r"arousal|\bmicro ?(éveil|eveil|risvegli)|\bweckreaktion")
_BREATHING = re.compile(
    r"\b(obstructive|central|mixed)?(hypopn\w*|ipopn\w*|apn\w*|hypoapn\w*)\b"
    r"|\b(rera|respiratory (event|effort related arousal))\b"
)
_MOVEMENT = re.compile(r"\b(c?lms?|plms?|plmw|plm lm|plm rrlm|lm\w?|[lr]lm)\b")
_ARTEFACT = re.compile(r"\barte?i?fa[ck]t")
# What a channel is called over a leg's muscle: RAntib1, LLEG2, LTA, Leg_L, TIB R, PLMl.
_MUSCLE = r"(?:legs?|lg|ant? ?tib\w*?|tib\w*?|at|ta|plms?|emg|bein)"
_LEFT = re.compile(
    r"\b(left|l|lt|lat|links|gau\w*|sinistr[ao]|li|sx|izquierd[ao]|esquerd[ao]"
    rf"|llm|(?:left|lt|l){_MUSCLE}\d*|{_MUSCLE}(?:left|lt|l)\d*)\b"
)
_RIGHT = re.compile(
    r"\b(right|r|rt|rat|rechts|droite?|destr[ao]|re|dx|derech[ao]|direit[ao]"
    rf"|rlm|(?:right|rt|r){_MUSCLE}\d*|{_MUSCLE}(?:right|rt|r)\d*)\b"
)
_BOTH = re.compile(r"\b(both|bilateral|bilat|beide|lr)\b")
# An event that is called after its leg alone: "Left Leg", "Both Leg w/ Arousal" (NSRR's STAGES).
_LEG_ALONE = re.compile(r"(left|right|both) legs?")
_WITH_AROUSAL = re.compile(r" (w|with|mit|con|avec) (\w+ )?(micro ?)?arousals?$")
NO_BREATHING = ("artifact", "artefact", "paradox", "resolution")


def meaning(text: str, where: str = "") -> tuple[str | None, tuple[str, ...]]:
    """Return (kind, sides) of an event's name and place; kind None for another kind of event.

    sides: ("L",), ("R",), ("L", "R") for a movement marked of both legs, ("",) where none is
    named. A bare PLM is SERIES: a movement, or the span of a series, as its list shows.
    """
    said = _plain(text)
    if not said:
        return None, ()
    if said == "resp" or _is_breathing(said):
        return RESP, ()
    said = _WITH_AROUSAL.sub("", said)
    if _AROUSAL.search(said) or said in ("aro", "ma", "eveil"):
        return AROUSAL, ()
    sides = _sides(said, _plain(where))
    if said in ("plm", "plms"):
        return SERIES, sides
    if re.search(r"\bplms? (series|sequence|period|episode)\b", said) or _ARTEFACT.search(said):
        return None, ()
    leg = _LEG_WORDS.search(said) or _LEG_PHRASES.search(said) or _LEG_ALONE.fullmatch(said)
    if leg or _MOVEMENT.search(said):
        return MOVEMENT, sides
    return None, ()


def with_arousal(text: str) -> bool:
    """Tell whether an event's name says that an arousal goes with it ("Left Leg w/ Arousal")."""
    return _WITH_AROUSAL.search(_plain(text)) is not None


def _is_breathing(said: str) -> bool:
    """Tell whether a text names an apnea, a hypopnea or a RERA.

    A desaturation that is named first is the event; behind the breathing it is a remark, as
    "hypopnea - desat 85 %" of Twin and Natus.
    """
    found = _BREATHING.search(said)
    if found is None or any(word in said for word in NO_BREATHING):
        return False
    return "desat" not in said[: found.start()]


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
