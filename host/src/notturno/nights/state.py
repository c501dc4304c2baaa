"""Is a night complete, still running, or only partly fetched? Pure; speaks rows of recordings.

A band writes END when a recording is over. Where there is none, the band was still recording when
it was last heard, or lost its power, or not all of its records have come.
"""

from typing import NamedTuple

from notturno.errors import Phrase

COMPLETE, RUNNING, PARTIAL = "complete", "running", "partial"
POWER_LOST = Phrase("It ended without a word: the band lost its power.")
# How a recording ends that nobody ended: words of store.queries.END_NAMES.
UNASKED = ("battery", "log full", "sensor lost", "crashed")


class Held(NamedTuple):
    """What is known of the log that a night's last recording is in.

    stored_next: one past the newest stored record; band_next: what the band said its next record
    would be, None where it never said; recording: whether it then was recording, or None; newest:
    whether the night holds the newest recording of the log; lost: (first, last) of record numbers
    inside the night that never came.
    """

    stored_next: int
    band_next: int | None = None
    recording: bool | None = None
    newest: bool = True
    lost: tuple = ()


def state_of(ended_as: str | None, after_power_cut: bool, held: Held) -> tuple[str, str]:
    """Return (state, one sentence why) of a night.

    ended_as: how its last recording ended, None where no END is stored; after_power_cut: whether
    a recording inside it has no END but is followed by another.
    """
    missing = 0 if held.band_next is None else max(0, held.band_next - held.stored_next)
    if held.newest and missing:
        if missing == 1:
            return PARTIAL, Phrase("1 record is still on the band; sync again.")
        return PARTIAL, Phrase("{n} records are still on the band; sync again.", n=missing)
    if ended_as is None and held.newest:
        if held.recording is True:
            return RUNNING, Phrase("The band was still recording when it was last synced.")
        if held.recording is None:
            return RUNNING, Phrase(
                "Its end has not come: the band was still recording when it was last synced, or "
                "not all of its records were fetched; sync again."
            )
    if held.lost:
        first, last = held.lost[0]
        which = Phrase("record {first}", first=first)
        if first != last:
            which = Phrase("records {first} to {last}", first=first, last=last)
        more = sum(b - a + 1 for a, b in held.lost[1:])
        if more == 1:
            which = Phrase("{which_said} and 1 record more", which_said=which)
        elif more:
            which = Phrase("{which_said} and {n} records more", which_said=which, n=more)
        return PARTIAL, Phrase(
            "Of the band's {which_said} nothing came: damaged on the band or lost on the way.",
            which_said=which,
        )
    if ended_as is None:
        return COMPLETE, POWER_LOST
    return COMPLETE, _ended(ended_as, after_power_cut)


def _ended(ended_as: str, after_power_cut: bool) -> Phrase:
    if after_power_cut:
        return Phrase(
            "It ended: {ended_said}. Inside it the band lost its power once or more.",
            ended_said=ended_as,
        )
    return Phrase("It ended: {ended_said}.", ended_said=ended_as)


def to_tell(night: dict) -> list[str]:
    """Return what to say beside a night's figures: its warnings, and an end that nobody meant.

    night: a row of nights.columns. A night that is not complete has its own words, or a refusal.
    """
    reason = night["state_reason"] or ""
    unasked = reason in {POWER_LOST, *(_ended(end, False) for end in UNASKED)}
    unasked = unasked or reason.endswith(_ended("", True).partition(".")[2])
    return [*night["warnings"], *([reason] if unasked and night["state"] == COMPLETE else [])]
