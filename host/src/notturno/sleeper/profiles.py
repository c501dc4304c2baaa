"""Who sleeps: named profiles, each a plan of a night.

Touches nothing. Every number is a choice of this model, taken where possible from the literature
on durations and intervals (bursts 20-250 ms: Apartis 2016; PLM intervals log-normal with a mode of
22-26 s; LM mean 4 s, 377 mg at the ankle: Sicbaldi 2025; foot tremor 1-2 Hz). Nothing here was
fitted to a recording of sleep myoclonus, for there is none in the open.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from notturno.sleeper import disturbances
from notturno.sleeper.profiles_wide import PROFILES_WIDE

if TYPE_CHECKING:
    from notturno.sleeper.planner import Planner


def quiet(p: Planner) -> None:
    """A sleeper who hardly moves."""
    p.turns(1.0)
    p.movements(1.0)
    p.jerks(4, 8, 150)


def sleep_starts(p: Planner) -> None:
    """Jerks while falling asleep."""
    onset = p.rng.uniform(600, 1200)
    for t in np.sort(p.rng.uniform(onset - 300, onset + 900, 8)):
        if not any(a - 5 < t < b + 5 for a, b in p.taken):
            p.jerk(float(t), p.rng.uniform(30, 400))
            if p.rng.random() < 0.4:
                p.movement(float(t) + 4, 40, 300, 4)
    p.turns(1.5)
    p.movements(2)
    p.jerks(2, 10, 80, start_s=2400)


def fragmentary(p: Planner) -> None:
    """Many small jerks, all night."""
    p.turns(1.0)
    p.movements(2)
    p.jerks(90, 8, 40, apart_s=1.5)


def plm(p: Planner) -> None:
    """Periodic limb movements, in series."""
    p.turns(1.0)
    t = 1200.0
    while t < p.hours * 3600 - 120:
        t = p.series(int(p.rng.integers(12, 60)), t) + p.rng.uniform(300, 1500)
    p.jerks(2, 10, 60)


def foot_tremor(p: Planner) -> None:
    """Rhythms of the foot, slow and fast."""
    p.turns(1.0)
    p.rhythms(8, 0.5, 3.0)
    p.rhythms(2, 3.5, 7.0, (8, 40))
    p.movements(3)
    p.jerks(4, 10, 100)


def restless(p: Planner) -> None:
    """Somebody who turns a lot."""
    p.turns(6)
    p.movements(20, 30, 800, 10.0)
    p.jerks(6, 15, 200, apart_s=4)


def partner(p: Planner) -> None:
    """A partner in the same bed, who moves."""
    quiet(p)
    p.partner()


def pump(p: Planner) -> None:
    """A pump that shakes the bed."""
    quiet(p)
    disturbances.pump(p.night, p.rng, p.hours)


def lorry(p: Planner) -> None:
    """Lorries that pass the house."""
    quiet(p)
    disturbances.lorries(p.night, p.rng, p.hours)


def loose_strap(p: Planner) -> None:
    """A strap that is too loose."""
    p.turns(2)
    p.movements(8, 40, 600)
    p.jerks(6, 15, 200, apart_s=4)
    disturbances.rattle(p.night, p.rng)


def table(p: Planner) -> None:
    """A band that lies on a table."""
    p.night.still.append((0.0, p.hours * 3600))
    p.night.note("not_worn", 0, p.hours * 3600)
    disturbances.footsteps(p.night, p.rng, p.hours)


def awake_tremor(p: Planner) -> None:
    """Times of being awake, with a tremor."""
    t = 300.0
    while t < p.hours * 3600 - 1500:
        seconds = p.rng.uniform(600, 1500)
        p.awake(t, seconds, p.rng.uniform(4, 6))
        t += seconds + p.rng.uniform(900, 2400)
    p.jerks(3, 15, 100, apart_s=4)


def cat(p: Planner) -> None:
    """A cat on the bed."""
    quiet(p)
    disturbances.cat(p.night, p.rng, p.hours, p.taken)


def off_wrist(p: Planner) -> None:
    """A band that is taken off."""
    quiet_hours = p.hours * 3600
    begin = p.rng.uniform(0.3, 0.5) * quiet_hours
    end = begin + 0.25 * quiet_hours
    p.night.still.append((begin, end))
    p.night.note("not_worn", begin, end - begin)
    p.taken.append((begin, end))
    quiet(p)


PROFILES = {
    f.__name__: f
    for f in (quiet, sleep_starts, fragmentary, plm, foot_tremor, restless, partner, pump, lorry)
    + (loose_strap, table, awake_tremor, cat, off_wrist)
} | PROFILES_WIDE
