"""Which night a file from elsewhere belongs to, and what a tracker's sleep says of it.

Reads a store, and writes edits into it: the bed and wake time of a night of which the person has
said none. Times UTC in ms.
"""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING

from notturno.errors import Phrase, UserError
from notturno.nights.calendar import local_text, zone_info

if TYPE_CHECKING:
    from notturno.files.lab import LabFile
    from notturno.store import Store

SHARED = 0.5  # ours: of the shorter of two spans; less is no night in common


def shared(a: tuple, b: tuple) -> float:
    """Return which part of the shorter of two spans (start, end) lies in both."""
    shorter = min(a[1] - a[0], b[1] - b[0])
    both = min(a[1], b[1]) - max(a[0], b[0])
    return both / shorter if shorter > 0 and both > 0 else 0.0


def _dated(store: Store) -> list[dict]:
    """Return the rows of all nights and naps with a date."""
    rows = []
    for night in store.night_names():
        rows += [row for row in store.nights(night=night) if row["start_utc_ms"] is not None]
    return rows


def _span(row: dict) -> tuple[int, int]:
    return row["start_utc_ms"], row["end_utc_ms"]


def as_edits(store: Store, source: str) -> tuple[list, list, int]:
    """Turn the imported sleeps of a source into bed and wake times of the nights they lie in.

    Returns (nights edited, sentences on those where the person's own word stands, how many sleeps
    lie in no night). A night's sleeps in pieces are one: from the first to the last. A pair of
    times that was given once, be it taken back since, is not given again.
    """
    sleeps = [sleep for sleep in store.imported_sleeps() if sleep["source"] == source]
    placed, edited, kept = set(), [], []
    for row in _dated(store):
        mine = [
            (i, (sleep["start_utc_ms"], sleep["end_utc_ms"]))
            for i, sleep in enumerate(sleeps)
            if shared((sleep["start_utc_ms"], sleep["end_utc_ms"]), _span(row)) >= SHARED
        ]
        if not mine:
            continue
        placed |= {i for i, _ in mine}
        bed_ms, wake_ms = min(s for _, (s, _) in mine), max(e for _, (_, e) in mine)
        said = {
            "bed": local_text(bed_ms, row["zone"], "%H:%M"),
            "wake": local_text(wake_ms, row["zone"], "%H:%M"),
        }
        before = store.edits(row["night"], row["device_id"])
        if any(all(edit[key] == said[key] for key in said) for edit in before):
            continue
        held = store.edits_in_force(row["night"], row["device_id"])
        if held["bed"] or held["wake"]:
            kept.append(
                Phrase(
                    "night {night}: you said {bed} to {wake}, which stands; {source} says "
                    "{their_bed} to {their_wake}",
                    night=row["night"],
                    bed=held["bed"] or "-",
                    wake=held["wake"] or "-",
                    source=source,
                    their_bed=said["bed"],
                    their_wake=said["wake"],
                )
            )
            continue
        edited.append(store.edit(row["night"], row["device_id"], said))
    return list(dict.fromkeys(edited)), kept, len(sleeps) - len(placed)


def night_of(store: Store, found: LabFile, night: str | None, name: str) -> str:
    """Return the night that a laboratory's file belongs to. Raises UserError where none is clear.

    The one named; else the one that shares its time with the file.
    """
    if night is not None:
        if night not in store.night_names():
            raise UserError("The night {night} is not stored; see notturno nights.", night=night)
        return night
    if not found.starts:
        raise UserError(
            "{name} does not say on which date it begins; say which night it is of: --night DATE.",
            name=name,
        )
    best = _best(_dated(store), found)
    if best is None:
        begins = " or ".join(f"{start:%Y-%m-%d %H:%M}" for start in found.starts)
        raise UserError(
            "{name} begins {begins} and shares its time with no stored night; give --night "
            "DATE if it is of one all the same.",
            name=name,
            begins=begins,
        )
    return best[1]["night"]


def _best(rows: list[dict], found: LabFile) -> tuple[datetime, dict] | None:
    """Return (start, row) that share the most, or None where it is too little."""
    length = timedelta(seconds=max(found.length_s(), 60))
    candidates = []
    for row in rows:
        for start in found.starts:
            begin = start.replace(tzinfo=zone_info(row["zone"])).astimezone(UTC)
            span = tuple(at.timestamp() * 1000 for at in (begin, begin + length))
            candidates.append((shared(span, _span(row)), start, row))
    best = max(candidates, key=lambda one: one[0], default=None)
    return None if best is None or best[0] < SHARED else best[1:]


def start_text(store: Store, found: LabFile, night: str) -> str | None:
    """Return the file's local start as it fits the night best, ISO; None where it has no date."""
    rows = [row for row in store.nights(night=night) if row["start_utc_ms"] is not None]
    best = _best(rows, found)
    start: datetime | None = best[0] if best else next(iter(found.starts), None)
    return None if start is None else start.isoformat()
