"""More who sleep: periodic movements of other paces, long rhythms, and what bedrooms add.

Touches nothing. As in `profiles`, every number is a choice of this model. Bounds of limb movements
and intervals are the scoring rules' (0.5-10 s, 5-90 s: AASM v3; 10-90 s: WASM 2016).
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from notturno.sleeper import nuisances
from notturno.sleeper.models import Bed

if TYPE_CHECKING:
    from notturno.sleeper.planner import Planner

PLAIN_BED = Bed(3.0, 2, 0.8)


def _bed(p: Planner) -> Bed:
    return p.model.bed if p.model else PLAIN_BED


def _trains(
    p: Planner,
    gaps_s: tuple[int, int],
    lasts_s: tuple[float, float],
    train_s: tuple[int, int] = (900, 2400),
    spread: float = 0.15,
) -> None:
    """Series of movements with calm between; every other one begins right after a turn."""
    p.turns(0.5)
    t, number = 180.0, 0
    while t < p.hours * 3600 - 200:
        if number % 2 == 0 and p.clear(t, t + 60):
            p.turn_at(t)
            t += 30
        end_s = min(t + p.rng.uniform(*train_s), p.hours * 3600 - 60)
        middle_s = np.exp(p.rng.uniform(np.log(gaps_s[0] * 1.15), np.log(gaps_s[1] / 1.15)))
        while t < end_s:
            gap_s = float(np.clip(middle_s * np.exp(spread * p.rng.normal()), *gaps_s))
            seconds = min(p.rng.uniform(*lasts_s), gap_s - 1.2)
            if p.clear(t - 2, t + seconds + 2):
                p.movement_of(t, seconds, 25, 600)
            t += gap_s
        t += p.rng.uniform(200, 600)
        number += 1
    p.jerks(6, 10, 300)


def plm_short(p: Planner) -> None:
    """Periodic movements with short intervals."""
    _trains(p, (5, 15), (0.6, 4.5))


def plm_long(p: Planner) -> None:
    """Periodic movements with long intervals."""
    _trains(p, (14, 60), (4.0, 10.0), spread=0.25)


def isolated_lm(p: Planner) -> None:
    """Limb movements far from each other, some longer than the 10 s of a candidate."""
    p.turns(0.7)
    for t in p.free(14, 100):
        seconds = p.rng.uniform(10.5, 20) if p.rng.random() < 0.25 else p.rng.uniform(0.7, 9)
        if p.clear(t - 4, t + seconds + 4):
            p.movement_of(t, seconds, 25, 800)
    p.jerks(6, 10, 300)


def long_rhythms(p: Planner) -> None:
    """Rhythms of 1 to 8 Hz that last 20 to 150 s."""
    p.turns(0.7)
    for t in p.free(9, 200):
        hz = float(np.exp(p.rng.uniform(0, np.log(8))))
        seconds = p.rng.uniform(20, 150)
        if p.clear(t - 5, t + seconds + 5) and t + seconds < p.hours * 3600 - 20:
            p.rhythm(t, hz, int(hz * seconds), np.exp(p.rng.uniform(np.log(20), np.log(300))))
    p.movements(2)
    p.jerks(6, 10, 300)


def tone_on(p: Planner) -> None:
    """A machine's tone for spans of the night."""
    p.turns(0.7)
    p.movements(2)
    p.jerks(18, 10, 600)
    on = nuisances.spans(p.rng, p.hours, (300, 900), (1200, 3600), (300, 900))
    nuisances.tone(p.night, p.rng, on)


def noise_on(p: Planner) -> None:
    """Noise for spans of the night."""
    p.turns(0.7)
    p.movements(2)
    p.jerks(18, 10, 600)
    on = nuisances.spans(p.rng, p.hours, (300, 900), (1200, 3600), (300, 900))
    nuisances.noise(p.night, p.rng, on)


def snore(p: Planner) -> None:
    """Snoring that the bed carries."""
    p.turns(0.7)
    p.movements(2)
    p.jerks(6, 10, 300)
    for begin, end in nuisances.spans(p.rng, p.hours, (120, 900), (1200, 2700), (300, 1200)):
        nuisances.snore(p.night, p.rng, _bed(p), begin, end, p.taken)


def phone(p: Planner) -> None:
    """A phone that hums on the mattress."""
    p.turns(0.7)
    p.movements(2)
    p.jerks(6, 10, 300)
    nuisances.phone(p.night, p.rng, 60, p.taken)


def pulse_strong(p: Planner) -> None:
    """A pulse of 5 to 15 mg, under periodic movements and alone."""
    if p.model:
        p.rest(p.model.rest, (5.0, 15.0))
    else:
        p.night.quiet["heart_mg"] = p.rng.uniform(5, 15)
    p.turns(0.7)
    t = 900.0
    while t < p.hours * 3600 - 120:
        t = p.series(int(p.rng.integers(20, 60)), t) + p.rng.uniform(600, 1500)
    p.jerks(4, 20, 300)


def mixed(p: Planner) -> None:
    """A bit of everything, and one or two spells awake in which the limb lies anew."""
    end_s = p.hours * 3600
    for _ in range(int(p.rng.integers(1, 3))):
        seconds = p.rng.uniform(180, 540)
        t = p.rng.uniform(0.1, 0.85) * (end_s - seconds)
        if p.clear(t - 60, t + seconds + 60):
            p.awake(t, seconds)
            for _ in range(int(seconds / 100) + 1):
                p.lie_anew(p.rng.uniform(t + 5, t + seconds - 20))
    p.turns(1)
    p.rhythms(3, 0.5, 7.5, (5, 60))
    p.series(int(p.rng.integers(10, 40)), p.rng.uniform(0.05, 0.7) * end_s)
    t = p.rng.uniform(0.05, 0.8) * end_s
    for _ in range(int(p.rng.integers(15, 50))):
        seconds = p.rng.uniform(0.6, 3.5)
        if t < end_s - 60 and p.clear(t - 1.5, t + seconds + 1.5):
            p.movement_of(t, seconds, 25, 500)
        t += p.rng.uniform(6, 13)
    p.movements(3)
    p.jerks(8, 10, 300)
    _bedroom(p, end_s)


def _bedroom(p: Planner, end_s: float) -> None:
    bed = _bed(p)
    nuisances.partner(p.night, p.rng, p.limb, bed, 6, p.taken)
    nuisances.phone(p.night, p.rng, 2, p.taken)
    begin = p.rng.uniform(0.1, 0.8) * end_s
    nuisances.snore(p.night, p.rng, bed, begin, min(begin + 900, end_s - 30), p.taken)
    begin = p.rng.uniform(0.1, 0.8) * end_s
    on = [(begin, min(begin + p.rng.uniform(600, 1800), end_s))]
    nuisances.tone(p.night, p.rng, on, low_hz=9.0, high_mg=6.0)


PROFILES_WIDE = {
    f.__name__: f
    for f in (plm_short, plm_long, isolated_lm, long_rhythms, tone_on, noise_on, snore, phone)
    + (pulse_strong, mixed)
}
