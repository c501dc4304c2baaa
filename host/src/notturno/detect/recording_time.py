"""From the times that stand in a file to one rate, and the breaks where samples are missing.

Pure, numpy. A stamp says when one sample was taken; there may be one a sample, a block or a
second. Stamps jitter, arrive in bursts, are cut to whole seconds, stand still or run back: none of
that is a gap. A gap is a step that stays: all stamps after it lie later than all before it by more
than the samples between them take. What steps back is a clock that was set; time is counted on.
"""

from collections.abc import Sequence
from typing import NamedTuple

import numpy as np

from notturno.errors import Phrase

LEAST_GAP_S = 0.05  # shorter ones are the clock's own; ours: a seam so short moves no limb far
LEAST_GAP_SAMPLES = 2.5
AROUND_S = 1.0  # the stamps on each side of a step that must agree
LEAST_AROUND = 3  # and at least so many of them
RATE_OVER_S = 60.0  # the rate is looked at over a minute each, or over an eighth of all
RATE_OVER_SHARE = 1 / 8
MOST_SET_BACK = 0.01  # of the steps, where the end lies before the beginning; ours
GAPS = "gaps"  # the code of their note


class Break(NamedTuple):
    """Samples are missing before `sample`: `missing_s` seconds of them; 0 where nobody knows."""

    sample: int
    missing_s: float


class Note(NamedTuple):
    """What is to be known of a recording. code: for programs; n: how many; reason: a sentence."""

    code: str
    n: int
    reason: str


class Clock(NamedTuple):
    """odr_hz: the true mean rate; start_s: when sample 0 was taken; breaks, notes: in order."""

    odr_hz: float
    start_s: float
    breaks: tuple[Break, ...]
    notes: tuple[Note, ...]


def clock_of(
    index: np.ndarray,
    stamps_s: np.ndarray,
    resolution_s: float = 0.0,
    guarded_hz: float | None = None,
) -> Clock:
    """Return the Clock of stamps: sample `index[k]` was taken at `stamps_s[k]`, s.

    index: integers, ascending. resolution_s: how coarse the stamps of a format are, where more
    than one sample's width. guarded_hz: the file's own word for its rate, where a checksum stands
    over each stamp: then one alone is believed, however much is missing around it. Stamps that
    repeat the one before say nothing and are left out, so that whole seconds come out even.
    Raises ValueError where time does not go forward.
    """
    index = np.asarray(index, np.float64)
    stamps_s = np.asarray(stamps_s, np.float64)
    index, stamps_s = _telling(index, stamps_s)
    odr_hz = guarded_hz or _first_rate(index, stamps_s)
    late_s = stamps_s - index / odr_hz
    least_s = max(LEAST_GAP_S, LEAST_GAP_SAMPLES / odr_hz, 1.05 * resolution_s)
    steps = _steps(late_s, stamps_s, least_s, guarded_hz is not None)
    odr_hz = _rate(index, stamps_s, [at for at, _ in steps], odr_hz)
    late_s = stamps_s - index / odr_hz
    breaks, back = [], []
    for at, around in steps:
        before, after = late_s[max(0, at - around) : at], late_s[at : at + around]
        step_s = float(np.median(after) - np.median(before))
        breaks.append(Break(int(index[at]), max(0.0, step_s)))
        if step_s < 0:
            back.append(-step_s)
    start_s = float(np.median(late_s[: steps[0][0] if steps else None][:1000]))
    return Clock(odr_hz, start_s, tuple(breaks), notes_of(breaks, back))


def notes_of(breaks: Sequence[Break], back_s: Sequence = ()) -> tuple[Note, ...]:
    """Return the notes on breaks, and on clocks that were set back by so many seconds each."""
    gaps = [each.missing_s for each in breaks if each.missing_s > 0]
    notes = []
    if gaps:
        reason = Phrase(
            "{n} gap of {seconds:.2f} s is not recorded time."
            if len(gaps) == 1
            else "{n} gaps, {seconds:.2f} s in all, are not recorded time.",
            n=len(gaps),
            seconds=sum(gaps),
        )
        notes.append(Note(GAPS, len(gaps), reason))
    if back_s:
        reason = Phrase(
            "The clock steps back {n} times, by up to {seconds:.2f} s; time is counted on there.",
            n=len(back_s),
            seconds=max(back_s),
        )
        notes.append(Note("clock_back", len(back_s), reason))
    return tuple(notes)


def _telling(index: np.ndarray, stamps_s: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Return the stamps that say when something was: finite, and not those of the row before."""
    good = np.isfinite(stamps_s)
    index, stamps_s = index[good], stamps_s[good]
    fresh = np.diff(stamps_s, prepend=np.nan) != 0
    coarse = len(stamps_s) > 2 * fresh.sum()
    index, stamps_s = index[fresh], stamps_s[fresh]
    # the first of coarse stamps is that of a second that had begun before the recording
    first = 1 if coarse and len(index) > 2 else 0
    return index[first:], stamps_s[first:]


def _first_rate(index: np.ndarray, stamps_s: np.ndarray) -> float:
    """Return the median of samples a second over many stretches; a few gaps do not move it."""
    usual_s = _usual_s(stamps_s)
    apart = int(max(1, min(RATE_OVER_S / usual_s, len(index) * RATE_OVER_SHARE)))
    over_s = stamps_s[apart:] - stamps_s[:-apart]
    taken = index[apart:] - index[:-apart]
    forward = over_s > 0
    if not forward.any():
        raise ValueError("time does not go forward")
    return float(np.median(taken[forward] / over_s[forward]))


def _usual_s(stamps_s: np.ndarray) -> float:
    """Return the usual time from stamp to stamp; raises ValueError where time does not go forward.

    A clock may be set back by more than the recording lasts, as an hour at summer's end; that it
    is set again and again makes it none.
    """
    if len(stamps_s) < 2:
        raise ValueError("time does not go forward")
    over_s = stamps_s[-1] - stamps_s[0]
    if not over_s > 0:
        steps_s = np.diff(stamps_s)
        if (steps_s < 0).sum() > MOST_SET_BACK * len(steps_s):
            raise ValueError("time does not go forward")
        over_s = steps_s[steps_s > 0].sum()
    return float(over_s / (len(stamps_s) - 1))


def _steps(
    late_s: np.ndarray, stamps_s: np.ndarray, least_s: float, guarded: bool
) -> list[tuple[int, int]]:
    """Return (stamp, stamps around it that agree) of each step that stays, in order."""
    usual_s = _usual_s(stamps_s)
    around = int(max(LEAST_AROUND, AROUND_S / usual_s))
    found, last = [], 0
    jumps = (np.flatnonzero(np.abs(np.diff(late_s)) > least_s) + 1).tolist()
    if guarded:
        return [(at, 1) for at in jumps]
    for at in jumps:
        before, after = late_s[max(last, at - around) : at], late_s[at : at + around]
        # one stamp alone may be wrong by any amount
        if min(len(before), len(after)) < min(2, len(late_s) // 2):
            continue
        later_s = after.min() - before.max()
        earlier_s = before.min() - after.max()
        if later_s > least_s or earlier_s > least_s:
            found.append((at, around))
            last = at
    return found


def _rate(index: np.ndarray, stamps_s: np.ndarray, steps: list[int], odr_hz: float) -> float:
    """Return the rate that fits all pieces between steps best, each with its own beginning."""
    edges = [0, *steps, len(index)]
    over, square = 0.0, 0.0
    for first, end in zip(edges[:-1], edges[1:], strict=True):
        at = index[first:end] - index[first:end].mean()
        # summed, not multiplied as vectors: that would wake a linear algebra's threads
        over += float((at * (stamps_s[first:end] - stamps_s[first:end].mean())).sum())
        square += float((at * at).sum())
    return square / over if over > 0 else odr_hz
