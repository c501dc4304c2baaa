"""The reference's names: what each movement was, with what came before and after at hand.

Touches numpy. In: the night's signals and segments; out: events. An event that belongs to
something else is given with the flag that says so, as the detector's are.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from notturno.bench.baselines.reference import rhythms, spells

if TYPE_CHECKING:
    from notturno.bench.baselines.reference.segments import Segment
    from notturno.bench.baselines.reference.signal import Prepared

POSTURE_DEG, POSTURE_S = 25.0, 1.5
LM_EFFECTIVE_S, LM_S, LM_SLOW = 0.135, 0.62, 1.0
LM_LEAST_S = 0.5
LM_LEAST_MG = 20.0  # below it a movement is more often another body's
SMALL_ALONG, SMALL_MG, SMALL_HZ = 0.85, 30.0, 3.6
HUM_HZ, HUM_S, HUM_MG = 7.0, 0.55, 30.0  # what shakes a band from outside is weak
TRAIN_S, TRAIN_MG, TRAIN_LIKE, TRAIN_LEAST = 60.0, 18.0, 2.0, 4
TRAIN_LOW_HZ, TRAIN_HIGH_HZ = 4.5, 10.5


def named(night: Prepared, found: list[Segment]) -> list[dict[str, float | str | Any]]:
    """Return events: dicts with kind, onset_s, duration_s, peak_mg, rhythm_hz, flags."""
    runs = rhythms.found(night, found)
    awake = spells.awake(found, runs, len(night.raw) / night.odr_hz)
    off = spells.not_worn(night)
    hums = _hums(found)
    events = [_span("awake", *span) for span in awake] + [_span("not_worn", *span) for span in off]
    events += [run | {"flags": run["flags"] + _context(run, awake)} for run in runs]
    inside = _inside([(run["onset_s"], run["onset_s"] + run["duration_s"]) for run in runs], found)
    for segment, in_run, hum in zip(found, inside, hums, strict=True):
        event = _one(segment, hum)
        event["flags"] += _context(event, awake) + ["in_rhythm"] * bool(in_run)
        if not in_run or event["kind"] == "posture":
            events.append(event)
    return events


def _span(kind: str, begin_s: float, end_s: float) -> dict:
    row = dict(kind=kind, onset_s=begin_s, duration_s=end_s - begin_s, peak_mg=0.0)
    return row | {"rhythm_hz": None, "flags": []}


def _context(event: dict, awake: list[tuple[float, float]]) -> list[str]:
    return ["in_awake"] * any(a <= event["onset_s"] <= b for a, b in awake)


def _inside(spans: list[tuple[float, float]], found: list[Segment]) -> list[bool]:
    """Return per segment whether most of it lies in a span."""
    out = []
    for s in found:
        end_s = s.onset_s + s.seconds
        shared = (min(end_s, b) - max(s.onset_s, a) for a, b in spans)
        out.append(any(part > 0.5 * s.seconds for part in shared))
    return out


def is_lm(s: Segment) -> bool:
    """Say whether a segment lasted as a limb movement does, and not as a jerk rings."""
    score = np.log(s.effective_s / LM_EFFECTIVE_S) + np.log(s.seconds / LM_S)
    score += 0.7 * np.clip(np.log(s.slow_share / LM_SLOW), -1, 1)
    return s.seconds >= LM_LEAST_S and score > 0


def _one(s: Segment, hum: bool) -> dict:
    """Return the event of one segment outside rhythms."""
    kind = "jerk"
    if s.turn_deg >= POSTURE_DEG and s.seconds >= POSTURE_S:
        kind = "posture"
    elif is_lm(s):
        kind = "lm"
    shaken = hum and kind != "posture"
    weak = kind == "lm" and s.peak_mg < LM_LEAST_MG
    flags = ["vibration"] * (shaken or weak or _far_away(s, kind))
    row = dict(kind=kind, onset_s=s.onset_s, duration_s=s.seconds, peak_mg=s.peak_mg)
    return row | {"rhythm_hz": None, "flags": flags}


def _far_away(s: Segment, kind: str) -> bool:
    """Weak, slow and straight up and down: another body through the mattress."""
    soft = s.peak_mg < SMALL_MG and s.along_gravity > SMALL_ALONG
    return soft and (kind == "lm" or s.centre_hz < SMALL_HZ)


def _hums(found: list[Segment]) -> list[bool]:
    """Return per segment whether it is a hum: long and quick, or one of a train of alike."""
    onsets = np.array([s.onset_s for s in found])
    peaks = np.array([s.quick_mg for s in found])
    centres = np.array([s.centre_hz for s in found])
    out = []
    for s in found:
        long = s.seconds > HUM_S and s.centre_hz > HUM_HZ and s.slow_share < 0.8
        tone = s.effective_s > 0.16 and s.slow_share < 0.6 and s.centre_hz > 5
        train = False
        if s.quick_mg < TRAIN_MG and TRAIN_LOW_HZ < s.centre_hz < TRAIN_HIGH_HZ:
            near = slice(*np.searchsorted(onsets, (s.onset_s - TRAIN_S, s.onset_s + TRAIN_S)))
            like = np.abs(np.log(peaks[near] / s.quick_mg)) < np.log(TRAIN_LIKE)
            like &= np.abs(np.log(centres[near] / s.centre_hz)) < 0.2
            train = like.sum() - 1 >= TRAIN_LEAST and s.effective_s > 0.05
        out.append(bool((long or tone or train) and s.quick_mg < HUM_MG))
    return out
