"""Cases in which a detector must not lose the patient: dense movements and lasting rhythms.

Touches numpy and the sleeper. Each case is an hour of one limb; it is right if every row is there,
of its kind, with next to nothing called awake. The bounds are ours.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from notturno.bench import metrics
from notturno.bench.matching import match
from notturno.detect.named import of_kind
from notturno.detect.recording import Recording
from notturno.sleeper import models, sensor
from notturno.sleeper.planner import Planner

if TYPE_CHECKING:
    from notturno.sleeper.world import Night

HOURS = 1.0
SEED = 3
LEAST_SHARE = 0.98
AWAKE_S = 60.0  # beyond the turn that a case begins with
COVERED = 0.8
HZ_SHARE, HZ_LEAST = 0.1, 0.2
LIMBS = (models.HELD_OUT[0], models.HELD_OUT[2], models.HELD_OUT[4])


@dataclass(frozen=True)
class Case:
    """lm: (seconds of each, seconds between onsets), or rhythm: (seconds, low Hz, high Hz)."""

    name: str
    lm: tuple | None = None
    rhythm: tuple | None = None
    turn_s: float = 0.0


CASES = (
    Case("a turn of 45 s, then LM of 2.5 s every 20 s", lm=(2.5, 20.0), turn_s=45.0),
    Case("LM of 4.5 s every 15 s", lm=(4.5, 15.0)),
    Case("LM of 4.5 s every 12 s", lm=(4.5, 12.0)),
    Case("LM of 4.5 s every 10 s", lm=(4.5, 10.0)),
    Case("LM of 2.5 s every 8 s", lm=(2.5, 8.0)),
    Case("rhythms of 60 s, 1 to 1.5 Hz", rhythm=(60.0, 1.0, 1.5)),
    Case("rhythms of 40 s, 1.5 to 2 Hz", rhythm=(40.0, 1.5, 2.0)),
    Case("rhythms of 120 s, 3 to 7 Hz", rhythm=(120.0, 3.0, 7.0)),
    Case("rhythms of 30 s, 7 Hz", rhythm=(30.0, 7.0, 7.0)),
)


def made(case: Case, model: models.Model) -> tuple[Night, Recording]:
    """Return (Night, Recording) of a case."""
    plan = Planner(SEED, HOURS, model)
    rng, t = plan.rng, 120.0
    if case.turn_s:
        plan.turn_at(t, case.turn_s)
        t += case.turn_s + 15
    while t < HOURS * 3600 - 30:
        if case.lm:
            seconds, every_s = case.lm
            plan.movement_of(t, seconds, 40, 400)
            t += every_s * (1 + 0.02 * rng.normal())
        elif case.rhythm:
            seconds, low_hz, high_hz = case.rhythm
            hz = rng.uniform(low_hz, high_hz)
            if t + seconds < HOURS * 3600 - 30:
                plan.rhythm(t, hz, int(seconds * hz), rng.uniform(40, 200))
            t += seconds + rng.uniform(60, 150)
    night = plan.night.finish()
    acc, odr_hz = sensor.record(night, SEED, model=model)
    return night, Recording(acc, model.part.mg_per_lsb, odr_hz)


def judged(case: Case, night: Any, events: list[dict]) -> tuple[Any | bool, str]:
    """Return (right, what was found in words)."""
    awake_s = sum(e["duration_s"] for e in of_kind(events, "awake"))
    said = f"awake {awake_s:.0f} s"
    right = awake_s <= case.turn_s + AWAKE_S
    if case.lm:
        f = metrics.figures([metrics.tally(night.truth, events, HOURS)])
        found, ppv = f["sensitivity"]["lm"], f["ppv"]["lm"] or 0.0
        right = right and found >= LEAST_SHARE and ppv >= LEAST_SHARE
        return right, f"LM found {found:.3f}, PPV {ppv:.3f}, {said}"
    truths, rows = of_kind(night.truth, "rhythm"), of_kind(events, "rhythm")
    good = sum(_well_found(truths[i], rows[j]) for i, j in match(truths, rows))
    right = right and good == len(truths) == len(rows)
    return right, f"{good} of {len(truths)} rhythms well found, {len(rows)} rows, {said}"


def _well_found(truth: dict, row: dict) -> bool:
    end_s = min(truth["onset_s"] + truth["duration_s"], row["onset_s"] + row["duration_s"])
    covered_s = end_s - max(truth["onset_s"], row["onset_s"])
    most_hz = max(HZ_LEAST, HZ_SHARE * truth["rhythm_hz"])
    return (
        covered_s >= COVERED * truth["duration_s"]
        and abs((row["rhythm_hz"] or 0) - truth["rhythm_hz"]) <= most_hz
    )


def one(number: int, systems: dict[str, Callable]) -> list:
    """Return rows (case, model, system, right, said) of the case of this number."""
    case, out = CASES[number], []
    for model in LIMBS:
        night, recording = made(case, model)
        for name, detect in systems.items():
            right, said = judged(case, night, detect(recording))
            row = dict(case=case.name, model=model.name, system=name, right=right, said=said)
            out.append(row)
    return out
