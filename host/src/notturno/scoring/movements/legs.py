"""Rows of a list become leg movements (LM) of one leg each.

I turn seconds into integer microseconds, once, drop what is under 0.5 s and join overlapping
rows of one leg. Units: microseconds (`_us`), integers only from here on, so that no rounding
moves a bound. Pure.
"""

from operator import itemgetter
from typing import Any, NamedTuple

from notturno.errors import Phrase, UserError
from notturno.nights.spans import to_us

# An LM lasts at least 0.5 s; the bound belongs to the range (WASM 2016, 3.2.1; AASM v3, VII.1).
LM_MIN_US = 500_000
SIDES = ("L", "R", "")  # "" is a leg that is not named
BOTH = "B"
# What lists call a leg, in any case: English, German, Italian, French.
SIDE_WORDS = {
    "L": ("L", "LEFT", "LT", "LI", "LINKS", "LAT", "GAUCHE", "SINISTRA", "SINISTRO", "SX"),
    "R": ("R", "RIGHT", "RT", "RE", "RECHTS", "RAT", "DROITE", "DROIT", "DESTRA", "DESTRO", "DX"),
    BOTH: ("B", "LR", "RL", "L+R", "L/R", "BOTH", "BILATERAL", "BEIDE"),
    "": ("", "-", "N/A", "NA", "NONE", "UNKNOWN"),
}
_SIDE_OF = {word: side for side, words in SIDE_WORDS.items() for word in words}


class Row(NamedTuple):
    """One line of a list. `morphology`: True, False, or None where nobody said."""

    onset_us: int
    end_us: int
    side: str
    morphology: bool | None = None


class Movement(NamedTuple):
    """A movement as scored: of one leg, or of two legs seen as one (`side` "B").

    `parts` counts the monolateral movements in it, `longest_part_us` is the longest of them.
    """

    onset_us: int
    end_us: int
    side: str
    parts: int
    longest_part_us: int

    @property
    def duration_us(self) -> int:
        """From onset to end."""
        return self.end_us - self.onset_us


def make_row(
    onset_s: float | str, duration_s: float | str, side: str = "", morphology=None
) -> Row:
    """Return the Row of one movement given in seconds; raises ValueError for bad values."""
    return row_of(to_us(onset_s), to_us(duration_s), side, morphology)


def sides_of(text: str) -> tuple[str, ...] | None:
    """Return the sides that a word means: both legs are two; None for no such word."""
    side = _SIDE_OF.get(text.strip().upper())
    return None if side is None else ("L", "R") if side == BOTH else (side,)


def row_of(onset_us: int, duration_us: int, side: str, morphology=None) -> Row:
    """Return the Row of one movement given in microseconds; raises ValueError for bad values."""
    if duration_us < 0:
        raise ValueError(Phrase("the duration is negative"))
    if side not in SIDES:
        raise ValueError(Phrase("the side is {side!r}, not L, R or empty", side=side))
    return Row(onset_us, onset_us + duration_us, side, morphology)


def make_rows(items: list) -> list[Row]:
    """Return Rows from tuples (onset_s, duration_s[, side[, morphology]]); order does not matter.

    Raises UserError that names the item (counted from 1) where a value is not usable.
    """
    rows = []
    for number, item in enumerate(items, start=1):
        try:
            rows.append(make_row(*item))
        except (ValueError, TypeError, AttributeError) as error:
            raise UserError(
                "Movement {number} of the list: {why_said}; correct it.",
                number=number,
                why_said=error,
            ) from None
    return rows


def rows_of(events: list[dict], side: str = "", shift_us: int = 0) -> list[Row]:
    """Bridge from the events of a night (those of its axis that count) to this room: Row list.

    events: dicts with `onset_us`, `end_us`, `flag_names`; shift_us: onto another axis. The flag
    `no_morphology` becomes morphology False (WASM 2016, 3.2.1-d), else True.
    """
    return [
        Row(
            event["onset_us"] + shift_us,
            event["end_us"] + shift_us,
            side,
            "no_morphology" not in event["flag_names"],
        )
        for event in events
    ]


def leg_movements(rows: Any, morphology_required: bool = False) -> list[Movement]:
    """Return the monolateral LM of all legs, sorted by onset, end and side.

    Rows under 0.5 s do nothing: they go first, before anything is joined. Rows of one leg that
    overlap (share more than an instant) are one movement. With `morphology_required` a row that
    says it lacks the 0.5 s of rule 3.2.1-d does nothing either.
    """
    found = []
    open_by_side = {}
    for onset, end, side, morphology in sorted(rows, key=itemgetter(0, 1, 2)):
        if end - onset < LM_MIN_US or (morphology_required and morphology is False):
            continue
        last = open_by_side.get(side)
        if last is not None and onset < last[1]:
            if end > last[1]:
                last[1] = end
            continue
        last = [onset, end, side]
        open_by_side[side] = last
        found.append(last)
    found.sort()  # two legs may start at one instant: then the one that ends first comes first
    return [Movement(on, end, side, 1, end - on) for on, end, side in found]
