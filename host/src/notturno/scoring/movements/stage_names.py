"""The names of sleep stages in files: many spellings, one meaning each.

I know the vocabularies in use (AASM, Rechtschaffen and Kales, the standard texts of EDF+, the
exports of some programs, NSRR's ontologies SRO and SDO, numbers) and touch nothing. What no
vocabulary holds is unscored time and is counted, since one strange label must not cost the night.
"""

import re
from collections import Counter
from collections.abc import Iterable
from functools import lru_cache

from notturno.scoring.staging import ASLEEP, END, REM, UNSCORED, WAKE

# What stands before a stage's name in annotations: "Sleep stage N2", "Stage - N2", "Stage1".
PREFIX = re.compile(
    r"^(?:sleep[\s_-]*|schlaf)?(?:stage|stade|stadium|stadio)(?=[\W_]|$|[ns]?\d\b|(?:rem|wake)\b)"
    r"[\s:_]*(?:-(?!\d)\s*)?",
    re.IGNORECASE,
)
SUFFIX = re.compile(r"(?:\s+sleep)?(?:\|-?\d+)?$", re.IGNORECASE)  # "Stage 2 sleep|2"
POINT_0 = re.compile(r"^(-?\d)\.0+$")  # a number that went through a table of floats

NAMES = {
    WAKE: (
        "W",
        "WAKE",
        "WK",
        "AWAKE",
        "WAKEFULNESS",
        "WACH",
        "VEILLE",
        "VEGLIA",
        "0",
        "SRO:WAKE",
        "SDO:WAKESTATE",
    ),
    "N1": (
        "N1",
        "NREM1",
        "NONREM1",
        "S1",
        "1",
        "SRO:STAGE1SLEEP",
        "SDO:NONRAPIDEYEMOVEMENTSLEEP-N1",
    ),
    "N2": (
        "N2",
        "NREM2",
        "NONREM2",
        "S2",
        "2",
        "SRO:STAGE2SLEEP",
        "SDO:NONRAPIDEYEMOVEMENTSLEEP-N2",
    ),
    # R&K 3 and 4 are one stage of the AASM.
    "N3": (
        *("N3", "NREM3", "NONREM3", "S3", "3", "N4", "NREM4", "NONREM4", "S4", "4", "SWS"),
        *("SRO:STAGE3SLEEP", "SRO:STAGE4SLEEP", "SRO:STAGE34SLEEP"),
        *("SDO:NONRAPIDEYEMOVEMENTSLEEP-N3", "SDO:NONRAPIDEYEMOVEMENTSLEEP-N4"),
    ),
    "N": ("N", "NREM", "NONREM"),
    REM: (
        "R",
        "REM",
        "S.PARADOXAL",
        "SOMMEILPARADOXAL",
        "5",
        "SRO:RAPIDEYEMOVEMENT",
        "SDO:RAPIDEYEMOVEMENTSLEEP",
    ),
    UNSCORED: (
        *("?", "U", "UNS", "UNSCORED", "UNKNOWN", "NOTSCORED", "NOSTAGE", "NS", "UNKNOWNSTAGE"),
        *("MT", "M", "MOVEMENT", "MOVEMENTTIME", "ART", "ARTIFACT", "ARTEFACT"),
        *("BEWEGUNG", "ARTEFAKT", "INDÉTERMINÉ", "INDETERMINE", "NICHTBEWERTET"),
        *("6", "9", "-1", "-2"),  # movement and unscored; artefact and unscored (YASA)
        *("SRO:UNSCOREDEPOCH", "SRO:ARTIFACTEPOCH", "SRO:MOVEMENTTIME"),
    ),
    END: ("END",),
}
STAGE_OF = {spelling: stage for stage, spellings in NAMES.items() for spelling in spellings}


@lru_cache  # a night has hundreds of epochs and a few labels
def stage_name(text: str) -> str | None:
    """Return the stage's one name for a spelling in use, in any case; None for an unknown one."""
    name = SUFFIX.sub("", PREFIX.sub("", text.strip()))
    return STAGE_OF.get(re.sub(r"[\s_]", "", POINT_0.sub(r"\1", name)).upper())


def has_prefix(text: str) -> bool:
    """Tell whether a text says of itself that it names a stage ("Sleep stage ...")."""
    return PREFIX.match(text.strip()) is not None


def stage_names(texts: Iterable[str]) -> tuple[list[str], Counter]:
    """Return (one name for each text, Counter of texts that are not known for sure).

    A text that no vocabulary holds is unscored. A bare 4 is stage 4 in Rechtschaffen and Kales
    and REM sleep for programs that count 0 to 4; a 5 in the list says that it is the first.
    Without a 5 it is sleep of an unknown stage, so that neither NREM nor REM gets what may be
    the other's.
    """
    texts = [POINT_0.sub(r"\1", text.strip()) for text in texts]
    two_meanings = "5" not in texts
    names, unsure = [], Counter()
    for text in texts:
        name = ASLEEP if two_meanings and text == "4" else stage_name(text)
        if name in (None, ASLEEP):
            unsure[text] += 1
        names.append(UNSCORED if name is None else name)
    return names, unsure
