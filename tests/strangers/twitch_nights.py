"""Nights of motor units: a stranger built from muscles upward, with no burst given a form.

Every profile draws sizes from 10 mg to 800 mg, any mounting, and a chip's own faults. `hours` sets
how long a night is; what happens keeps its rates an hour. Deterministic by seed. A profile gives
its Stage, whose `done` is the night.
"""

from collections.abc import Callable, Iterable, Iterator

import bodies
import numpy as np
from sleeper_stage import Stage, done_together
from worn import Chip, WornNight

AT_ONCE = 8  # nights that are made together: 70 MB of half an hour each


def size(stage: Stage, low_mg: float, high_mg: float) -> float:
    """Return a strength, even by its logarithm."""
    return float(np.exp(stage.rng.uniform(np.log(low_mg), np.log(high_mg))))


def lives(stage: Stage, breath_mg: float = 2.0, heart_mg: float = 1.0) -> None:
    """Let the sleeper breathe and the heart beat."""
    stage.breathes(breath_mg, stage.rng.uniform(11, 18))
    stage.beats(heart_mg, stage.rng.uniform(48, 72))


def turns(stage: Stage, per_hour: float, awake_minutes: dict[str, float] | None = None) -> None:
    """Turn at random, and be awake for what `awake_minutes` says, in the order of time."""
    plan = [(at, "") for at in stage.times(per_hour, 15, 20)]
    for what, minutes in (awake_minutes or {}).items():
        for _ in range(50):
            at_s = float(stage.rng.uniform(30, stage.seconds * 0.9))
            if stage.free(at_s, at_s + minutes * 60 + 60, 30):
                stage.taken.append((at_s, at_s + minutes * 60 + 60))
                plan.append((at_s, what))
                break
    for at_s, what in sorted(plan):
        if what:
            bodies.awake(stage, at_s, (awake_minutes or {})[what], what)
        else:
            stage.turn(at_s)


def jerks(
    stage: Stage, per_hour: float, low_mg: float, high_mg: float, loose: bool = False
) -> None:
    """Jerk at random moments."""
    for at_s in stage.times(per_hour, 1.0, 2.5):
        bodies.myoclonus(stage, at_s, size(stage, low_mg, high_mg), loose)


def plms(
    stage: Stage, per_hour: float, low_mg: float, high_mg: float, jerky: bool, clonic: int = 0
) -> None:
    """Let series of periodic movements begin, each of one strength or so."""
    begin_s = float(stage.rng.uniform(60, 300))
    while begin_s < stage.seconds - 300:
        count = int(stage.rng.integers(5, 14))
        onset = stage.rng.uniform(1.2, 3) if jerky else 0.0
        bodies.series(stage, begin_s, count, size(stage, low_mg, high_mg), onset, clonic)
        begin_s += count * 26 + float(stage.rng.exponential(3600 * 10 / per_hour))


def sleep_onset(hours: float, seed: int) -> Stage:
    """Fall asleep: eight minutes awake, then starts of the whole body, then quiet."""
    stage = Stage(hours * 3600, Chip(), seed)
    bodies.awake(stage, 5, min(8, hours * 12), "fidget")
    stage.turn(max(b + 5 for _, b in stage.taken), 2)
    for at_s in stage.times(14, 1.0, 6):
        bodies.hypnic(stage, at_s, size(stage, 60, 800))
    lives(stage)
    return stage


def myoclonic(hours: float, seed: int) -> Stage:
    """Jerk at forty an hour, of all sizes, in a quiet bed."""
    stage = Stage(hours * 3600, Chip(), seed)
    turns(stage, 3)
    jerks(stage, 50, 20, 600)
    lives(stage)
    return stage


def faint(hours: float, seed: int) -> Stage:
    """Jerk weakly, near to what the chip's noise lets through, at half the rate of samples."""
    stage = Stage(hours * 3600, Chip(noise_mg=1.5, odr_hz=52.0), seed)
    turns(stage, 3)
    jerks(stage, 60, 8, 60)
    lives(stage, 1.5, 0.7)
    return stage


def fragments(hours: float, seed: int) -> Stage:
    """Twitch at 5 to 15 a minute for long spans, and jerk now and then."""
    stage = Stage(hours * 3600, Chip(noise_mg=0.7), seed)
    turns(stage, 2)
    jerks(stage, 15, 30, 400)
    for at_s in stage.times(60 * 9, 0.3, 1.2):
        bodies.fragment(stage, at_s, size(stage, 2, 25))
    lives(stage, 1.5, 0.8)
    return stage


def periodic(hours: float, seed: int) -> Stage:
    """Bend and hold in series, with a quick onset."""
    stage = Stage(hours * 3600, Chip(odr_hz=104.0, rate_error=0.018), seed)
    turns(stage, 2)
    plms(stage, 60, 40, 600, jerky=True)
    lives(stage)
    return stage


def slow_periodic(hours: float, seed: int) -> Stage:
    """Bend and hold in series without a quick onset: a quarter to half a second to the hold."""
    stage = Stage(hours * 3600, Chip(), seed)
    turns(stage, 2)
    plms(stage, 60, 25, 200, jerky=False)
    lives(stage)
    return stage


def clonic_periodic(hours: float, seed: int) -> Stage:
    """Begin each bend with some bursts of 4 to 8 Hz."""
    stage = Stage(hours * 3600, Chip(step_mg=0.244, range_mg=8000), seed)
    turns(stage, 2)
    plms(stage, 60, 50, 500, jerky=True, clonic=3)
    lives(stage)
    return stage


def rhythmic(hours: float, seed: int) -> Stage:
    """Tremble with the feet at 1 to 2 Hz, kick in turn, and beat at 5 to 7 Hz, among jerks."""
    stage = Stage(hours * 3600, Chip(), seed)
    turns(stage, 2)
    for at_s in stage.times(16, 30, 8):
        what = str(stage.rng.choice(["foot tremor", "alma", "clonus"]))
        rate_hz = stage.rng.uniform(5, 7) if what == "clonus" else stage.rng.uniform(0.9, 2.0)
        length_s = stage.rng.uniform(2.5, 8) if what == "clonus" else stage.rng.uniform(7, 20)
        bodies.rhythm(stage, at_s, what, rate_hz, length_s, size(stage, 25, 300))
    jerks(stage, 20, 40, 500)
    lives(stage)
    return stage


def tossing(hours: float, seed: int) -> Stage:
    """Turn often, rise, drink, take the phone; few jerks."""
    stage = Stage(hours * 3600, Chip(noise_mg=1.0), seed)
    awake = {"toilet": 4.0, "phone": 6.0, "drink": 2.0, "fidget": 7.0}
    turns(stage, 14, {k: v * min(1, hours / 2 + 0.4) for k, v in awake.items()})
    jerks(stage, 15, 40, 500)
    lives(stage, 3, 1)
    return stage


def shared(hours: float, seed: int) -> Stage:
    """Share the bed with a partner who kicks and turns, and a cat; a road and a fan nearby."""
    stage = Stage(hours * 3600, Chip(), seed)
    turns(stage, 3)
    rng = stage.rng
    jerks(stage, 20, 40, 500)
    for at_s in rng.uniform(20, stage.seconds - 30, rng.poisson(30 * hours)):
        if not stage.free(at_s, at_s + 3, 3):
            continue
        pick = rng.random()
        if pick < 0.4:
            stage.shoves(
                at_s, "partner kicks", size(stage, 2, 20), [(0, 1), (rng.uniform(0.3, 2), 0.6)]
            )
        elif pick < 0.65:
            many = [(float(a), float(rng.uniform(0.2, 1))) for a in rng.uniform(0, 4, 8)]
            stage.shoves(at_s, "partner turns", size(stage, 4, 25), many)
        elif pick < 0.85:
            steps = [(0.0, 3.0)] + [(0.8 + 0.45 * k, 0.5) for k in range(8)]
            stage.shoves(at_s, "cat", size(stage, 4, 25), steps)
        else:
            stage.rumbles(at_s, rng.uniform(5, 12), size(stage, 3, 10))
    stage.hums(1.5, rng.uniform(11, 24))
    stage.hums(1.0, rng.uniform(24, 50), stage.seconds * 0.3, 600)
    lives(stage)
    return stage


def loud(hours: float, seed: int) -> Stage:
    """Snore, with a heart that is felt, on a chip of 4 mg of noise and 50 Hz."""
    stage = Stage(hours * 3600, Chip(noise_mg=3.0, step_mg=0.976, odr_hz=50.0), seed)
    turns(stage, 3)
    jerks(stage, 25, 40, 500)
    for share in (0.1, 0.45, 0.7):
        stage.snores(size(stage, 3, 8), stage.seconds * share, stage.seconds * 0.2)
    lives(stage, 5, 4)
    return stage


def dreaming(hours: float, seed: int) -> Stage:
    """Twitch with a hand in REM, in clusters; a chest under the arm breathes."""
    stage = Stage(hours * 3600, Chip(noise_mg=0.7), seed)
    turns(stage, 3)
    for at_s in stage.times(14, 30, 15):
        bodies.phasic(stage, at_s, size(stage, 20, 250))
    lives(stage, 15, 2)
    return stage


def slack(hours: float, seed: int) -> Stage:
    """Wear the band slack: it rings at 9 to 15 Hz, and creeps about the limb."""
    stage = Stage(hours * 3600, Chip(), seed)
    turns(stage, 3)
    stage.slips(3)
    jerks(stage, 30, 40, 500, loose=True)
    plms(stage, 20, 50, 300, jerky=True)
    lives(stage)
    return stage


def everything(hours: float, seed: int) -> Stage:
    """Have some of all, as a night has."""
    stage = Stage(hours * 3600, Chip(noise_mg=1.0, rate_error=-0.015), seed)
    turns(stage, 4, {"fidget": 4.0 * min(1, hours)})
    plms(stage, 25, 40, 400, jerky=True)
    for at_s in stage.times(4, 20, 8):
        bodies.rhythm(
            stage, at_s, "foot tremor", stage.rng.uniform(1, 2), 12, size(stage, 40, 200)
        )
    jerks(stage, 20, 20, 500)
    for at_s in stage.times(6, 1, 4):
        stage.shoves(at_s, "partner kicks", size(stage, 2, 15), [(0, 1)])
    stage.hums(1.0, 13)
    lives(stage)
    return stage


def resting(hours: float, seed: int) -> Stage:
    """Do nothing but breathe, with a fridge nearby."""
    stage = Stage(hours * 3600, Chip(noise_mg=1.0), seed)
    stage.hums(2.0, 21, stage.seconds * 0.2, stage.seconds * 0.2)
    for at_s in stage.times(4, 10, 10):
        stage.rumbles(at_s, 8, size(stage, 2, 8))
    lives(stage, 4, 2)
    return stage


STAGES: dict[str, Callable[[float, int], Stage]] = {
    stage.__name__: stage
    for stage in (
        sleep_onset, myoclonic, faint, fragments, periodic, slow_periodic, clonic_periodic,
        rhythmic, tossing, shared, loud, dreaming, slack, everything, resting,
    )
}  # fmt: skip


def each_night(seeds: Iterable[int], hours: float) -> Iterator[tuple[str, WornNight]]:
    """Yield every profile's night of each seed, with its name; some are made at a time."""
    wanted = [(name, 1000 * seed + number) for number, name in enumerate(STAGES) for seed in seeds]
    for first in range(0, len(wanted), AT_ONCE):
        some = wanted[first : first + AT_ONCE]
        nights = done_together([STAGES[name](hours, seed) for name, seed in some])
        yield from zip((name for name, _ in some), nights, strict=True)
