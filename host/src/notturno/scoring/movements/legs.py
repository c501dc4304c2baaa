"""Rows of a list become leg movements (LM) of one leg each.

I turn seconds into integer microseconds, once, drop what is under 0.5 s and join overlapping
rows of one leg. Units: microseconds (`_us`), integers only from here on, so that no rounding
moves a bound. Pure.
"""

from operator import itemgetter
from typing import NamedTuple

from notturno.errors import UserError
from notturno.nights.spans import to_us

# An LM lasts at least 0.5 s; the bound belongs to the range (WASM 2016, 3.2.1; AASM v3, VII.1).
LM_MIN_US = 500_000
SIDES = ("L", "R", "")  # "" is a leg that is not named
BOTH = "B"


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
    def duration_us(self):
        return self.end_us - self.onset_us


def make_row(onset_s, duration_s, side="", morphology=None):
    """Return the Row of one movement given in seconds; raises ValueError for bad values."""
    return row_of(to_us(onset_s), to_us(duration_s), side, morphology)


def row_of(onset_us, duration_us, side, morphology=None):
    """Return the Row of one movement given in microseconds; raises ValueError for bad values."""
    if duration_us < 0:
        raise ValueError("the duration is negative")
    if side not in SIDES:
        raise ValueError(f"the side is {side!r}, not L, R or empty")
    return Row(onset_us, onset_us + duration_us, side, morphology)


def make_rows(items):
    """Return Rows from tuples (onset_s, duration_s[, side[, morphology]]); order does not matter.

    Raises UserError that names the item (counted from 1) where a value is not usable.
    """
    rows = []
    for number, item in enumerate(items, start=1):
        try:
            rows.append(make_row(*item))
        except (ValueError, TypeError, AttributeError) as error:
            raise UserError(f"Movement {number} of the list: {error}; correct it.") from None
    return rows


# Events of our own band that are no movement of a sleeper, whatever their length.
LEFT_OUT_FLAGS = ("in_awake", "vibration")


def from_events(events, side="", left_out_flags=LEFT_OUT_FLAGS):
    """Bridge from the band's events to this room: return (rows, gaps, left_out).

    `events`: dicts with `kind`, `onset_s`, `duration_s`, `flags` (a list of names); a `side` in
    the dict goes before the argument. rows: Row list of the kind `lm`; gaps: (start_us, end_us)
    of the kind `gap`; left_out: count of LM not taken, by the flag that kept them out.
    The flag `no_morphology` becomes morphology False (WASM 2016, 3.2.1-d), else True.
    """
    rows, gaps, left_out = [], [], {}
    for event in events:
        kind = event["kind"]
        if kind not in ("lm", "gap"):
            continue
        onset_us = to_us(event["onset_s"])
        end_us = onset_us + to_us(event["duration_s"])
        if kind == "gap":
            gaps.append((onset_us, end_us))
            continue
        flags = event.get("flags") or ()
        reason = next((flag for flag in left_out_flags if flag in flags), None)
        if reason is not None:
            left_out[reason] = left_out.get(reason, 0) + 1
            continue
        event_side = event.get("side", side) or ""
        rows.append(Row(onset_us, end_us, event_side, "no_morphology" not in flags))
    return rows, gaps, left_out


def leg_movements(rows, morphology_required=False):
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
