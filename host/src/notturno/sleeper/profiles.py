"""Who sleeps: named profiles, each a plan of a night.

Touches nothing. Every number is a choice of this model, taken where possible from the literature
on durations and intervals (bursts 20-250 ms: Apartis 2016; PLM intervals log-normal with a mode of
22-26 s; LM mean 4 s, 377 mg at the ankle: Sicbaldi 2025; foot tremor 1-2 Hz). Nothing here was
fitted to a recording of sleep myoclonus, for there is none in the open.
"""

import numpy as np

from notturno.sleeper import body, disturbances
from notturno.sleeper.world import Night


def _spread(rng, hours, per_hour, apart_s, start_s=60.0, taken=()):
    """Random onsets with a least distance to each other and to spans already taken."""
    end_s = hours * 3600 - 30
    onsets = []
    if end_s <= start_s:
        return onsets  # too short a night for what begins so late
    for t in np.sort(rng.uniform(start_s, end_s, rng.poisson(per_hour * hours))):
        if onsets and t - onsets[-1] < apart_s:
            continue
        if any(a - apart_s < t < b + apart_s for a, b in taken):
            continue
        onsets.append(float(t))
    return onsets


class Planner:
    """Adds movements to a night and keeps them from falling on each other."""

    def __init__(self, seed, hours):
        self.rng = rng = np.random.default_rng((seed, 1))
        self.night = Night(
            seed,
            hours,
            dict(
                breath_mg=rng.uniform(1.5, 5),
                breath_hz=rng.uniform(0.2, 0.3),
                breath_axis=body.unit(rng),
                heart_mg=rng.uniform(0.5, 2),
                heart_hz=rng.uniform(0.85, 1.2),
                heart_axis=body.unit(rng),
            ),
        )
        self.night.turns[0] = (0.0, 0.0, body.unit(rng))
        self.hours = hours
        self.taken = []

    def _free(self, per_hour, apart_s, start_s=60.0):
        return _spread(self.rng, self.hours, per_hour, apart_s, start_s, self.taken)

    def turns(self, per_hour):
        for t in self._free(per_hour, 60):
            seconds = self.rng.uniform(3.5, 15)
            before = self.night.gravity_at(t)
            after = body.unit(self.rng)
            while before @ after > 0.75:
                after = body.unit(self.rng)
            self.night.turn(t + 0.1 * seconds, 0.7 * seconds, after)
            peak = self.rng.uniform(120, 600)
            wave = body.joint_movement(self.rng, seconds, peak, before)
            self.night.add("posture", t, wave, seconds)
            self.taken.append((t, t + seconds + 4))

    def movements(self, per_hour, low_mg=20, high_mg=600, longest_s=6.0):
        for t in self._free(per_hour, 12):
            self.movement(t, low_mg, high_mg, longest_s)

    def movement(self, t, low_mg=20, high_mg=600, longest_s=6.0):
        seconds = min(longest_s, 0.5 + self.rng.gamma(2, 0.8))
        peak = np.exp(self.rng.uniform(np.log(low_mg), np.log(high_mg)))
        wave = body.joint_movement(self.rng, seconds, peak, self.night.gravity_at(t))
        self.night.add("lm", t, wave, seconds)
        self.taken.append((t, t + seconds))

    def jerks(self, per_hour, low_mg=8, high_mg=200, apart_s=2.5, start_s=60.0):
        for t in self._free(per_hour, apart_s, start_s):
            self.jerk(t, np.exp(self.rng.uniform(np.log(low_mg), np.log(high_mg))))

    def jerk(self, t, peak_mg):
        wave, muscle_s = body.jerk(self.rng, peak_mg)
        self.night.add("jerk", t, wave, muscle_s)
        self.taken.append((t, t + 1))

    def series(self, count, start_s):
        """A PLM series: log-normal intervals with a mode of 24 s."""
        t = start_s
        for _ in range(count):
            if t > self.hours * 3600 - 30:
                break
            if not any(a - 6 < t < b + 6 for a, b in self.taken):
                self.movement(t, 25, 400, 4.0)
            t += float(np.clip(np.exp(self.rng.normal(np.log(24), 0.28)), 8, 90))
        return t

    def rhythm(self, t, hz, count, peak_mg):
        wave, seconds, true_hz = body.beats(self.rng, hz, count, peak_mg, self.night.gravity_at(t))
        self.night.add("rhythm", t, wave, seconds, true_hz)
        self.taken.append((t, t + seconds + 2))

    def rhythms(self, per_hour, low_hz, high_hz, counts=(5, 25)):
        for t in self._free(per_hour, 40):
            hz = np.exp(self.rng.uniform(np.log(low_hz), np.log(high_hz)))
            peak = np.exp(self.rng.uniform(np.log(20), np.log(150)))
            self.rhythm(t, hz, int(self.rng.integers(*counts)), peak)

    def awake(self, start_s, seconds, tremor_hz=0.0):
        disturbances.awake(self.night, self.rng, start_s, seconds, tremor_hz)
        self.taken.append((start_s, start_s + seconds))


def quiet(p):
    p.turns(1.0)
    p.movements(1.0)
    p.jerks(4, 8, 150)


def sleep_starts(p):
    onset = p.rng.uniform(600, 1200)
    for t in np.sort(p.rng.uniform(onset - 300, onset + 900, 8)):
        if not any(a - 5 < t < b + 5 for a, b in p.taken):
            p.jerk(float(t), p.rng.uniform(30, 400))
            if p.rng.random() < 0.4:
                p.movement(float(t) + 4, 40, 300, 4)
    p.turns(1.5)
    p.movements(2)
    p.jerks(2, 10, 80, start_s=2400)


def fragmentary(p):
    p.turns(1.0)
    p.movements(2)
    p.jerks(90, 8, 40, apart_s=1.5)


def plm(p):
    p.turns(1.0)
    t = 1200.0
    while t < p.hours * 3600 - 120:
        t = p.series(int(p.rng.integers(12, 60)), t) + p.rng.uniform(300, 1500)
    p.jerks(2, 10, 60)


def foot_tremor(p):
    p.turns(1.0)
    p.rhythms(8, 0.5, 3.0)
    p.rhythms(2, 3.5, 7.0, (8, 40))
    p.movements(3)
    p.jerks(4, 10, 100)


def restless(p):
    p.turns(6)
    p.movements(20, 30, 800, 10.0)
    p.jerks(6, 15, 200, apart_s=4)


def partner(p):
    quiet(p)
    disturbances.partner(p.night, p.rng, p.hours, p.taken)


def pump(p):
    quiet(p)
    disturbances.pump(p.night, p.rng, p.hours)


def lorry(p):
    quiet(p)
    disturbances.lorries(p.night, p.rng, p.hours)


def loose_strap(p):
    p.turns(2)
    p.movements(8, 40, 600)
    p.jerks(6, 15, 200, apart_s=4)
    disturbances.rattle(p.night, p.rng)


def table(p):
    p.night.still.append((0.0, p.hours * 3600))
    p.night.note("not_worn", 0, p.hours * 3600)
    disturbances.footsteps(p.night, p.rng, p.hours)


def awake_tremor(p):
    t = 300.0
    while t < p.hours * 3600 - 1500:
        seconds = p.rng.uniform(600, 1500)
        p.awake(t, seconds, p.rng.uniform(4, 6))
        t += seconds + p.rng.uniform(900, 2400)
    p.jerks(3, 15, 100, apart_s=4)


def cat(p):
    quiet(p)
    disturbances.cat(p.night, p.rng, p.hours, p.taken)


def off_wrist(p):
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
}
