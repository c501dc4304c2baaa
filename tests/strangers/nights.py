"""Eleven kinds of night for two foreign sets, none of it fitted to any detector.

Touches numpy, limbs and bed. `night(profile, seed, hours, foreign)` gives counts and truth; truth
rows are dicts: kind, onset_s, duration_s, peak_mg, rhythm_hz.
"""

import bed
import numpy as np
from bed import Bed, Foreign
from limbs import Body, Movement

A = Foreign(  # an ankle on firm foam, a sensor of 104 Hz
    "A",
    Body(
        limb_hz=(3.5, 12.0),
        decay_per_s=(8, 16),
        proximal_ratio=(0.4, 0.7),
        coupling=(0.2, 0.6),
        friction=(0.02, 0.08),
        mattress=(0.5, 3.0),
        twitch_s=(0.02, 0.05),
        arm_m=(0.25, 0.38),
    ),
    odr_hz=104.0,
    mg_per_lsb=0.122,
    noise_mg=(0.6, 0.9),
    pulse_mg=(0.3, 2.0),
    pulse_hz=(5, 8),
    breath_mg=(0.5, 4),
    mattress_hz=(5, 9),
    mattress_zeta=(0.15, 0.35),
    jerk_s=(0.03, 0.15),
    lm_s=(2.3, 1.2),
)
B = Foreign(  # a wrist or calf on springs, lighter and looser, a coarser sensor whose clock is off
    "B",
    Body(
        limb_hz=(2.2, 14.0),
        decay_per_s=(7, 13),
        proximal_ratio=(0.25, 0.9),
        coupling=(0.3, 0.9),
        friction=(0.0, 0.15),
        mattress=(0.0, 6.0),
        twitch_s=(0.025, 0.055),
        arm_m=(0.12, 0.25),
    ),
    odr_hz=98.6,
    mg_per_lsb=0.244,
    noise_mg=(0.8, 1.3),
    pulse_mg=(0.8, 3.0),
    pulse_hz=(4, 10),
    breath_mg=(1, 8),
    mattress_hz=(2.5, 6),
    mattress_zeta=(0.06, 0.2),
    jerk_s=(0.04, 0.22),
    lm_s=(3.3, 1.8),
)
FOREIGN = {"A": A, "B": B}
AT_ONCE = 6  # nights that are made together: some 100 MB
GAP_S = 2.0  # between any two movements, so that the truth is nobody's opinion


class Plan:
    """Draws movements at random and puts them where nothing else is."""

    def __init__(self, room: Bed):
        self.bed, self.rng, self.taken = room, room.rng, []

    def free(self, onset_s, length_s, gap_s=GAP_S):
        """Take a span and return True, or False where it is taken or outside the night."""
        low, high = onset_s - gap_s, onset_s + length_s + gap_s
        if low < 8 or high > self.bed.seconds - 3:
            return False
        if any(low < end and start < high for start, end in self.taken):
            return False
        self.taken.append((onset_s, onset_s + length_s + 0.4))
        return True

    def moments(self, per_hour):
        """Return moments at random, a Poisson number of them."""
        count = self.rng.poisson(per_hour * self.bed.seconds / 3600)
        return np.sort(self.rng.uniform(8, self.bed.seconds, count))

    def size(self, middle_mg, spread, low_mg, high_mg):
        """Return a log-normal peak inside its bounds."""
        while True:
            peak = float(np.exp(self.rng.normal(np.log(middle_mg), spread)))
            if low_mg <= peak <= high_mg:
                return peak

    def jerks(self, per_hour, low_mg=4.0, clusters=0.0, high_mg=1500.0):
        """Single twitches; some come a few at a time, 2.5 to 7 s apart, unevenly."""
        for at in self.moments(per_hour / (1 + 3 * clusters)):
            for _ in range(self.rng.integers(3, 7) if self.rng.random() < clusters else 1):
                active = float(self.rng.uniform(*self.bed.foreign.jerk_s))
                if self.free(at, 0.6):
                    peak = self.size(max(70, 2 * low_mg), 1.15, low_mg, high_mg)
                    self.bed.move(Movement("jerk", at, active, peak))
                at += self.rng.uniform(2.5, 7)

    def lm(self, at, length_s=None, middle_mg=90.0, low_mg=15.0):
        """One leg movement, if there is room."""
        mean, sd = self.bed.foreign.lm_s
        if length_s is None:
            length_s = float(np.clip(self.rng.gamma((mean / sd) ** 2, sd**2 / mean), 0.7, 9))
        if self.free(at, length_s):
            peak = self.size(middle_mg, 0.8, low_mg, 900)
            self.bed.move(Movement("lm", at, length_s, peak))

    def lms(self, per_hour, longest_s=None, low_mg=15.0):
        """Isolated leg movements."""
        for at in self.moments(per_hour):
            long = longest_s and self.rng.random() < 0.3
            length = float(self.rng.uniform(9, longest_s)) if long else None
            self.lm(at, length, low_mg=low_mg)

    def series(self, start_s, count, interval):
        """Periodic ones: interval() gives seconds from onset to onset; size is the series' own."""
        middle = self.size(110, 0.5, 30, 400)
        mean, sd = self.bed.foreign.lm_s
        at = start_s
        for _ in range(count):
            step = interval()
            length = float(np.clip(self.rng.gamma((mean / sd) ** 2, sd**2 / mean), 0.7, 9))
            self.lm(at, min(length, step - 2 * GAP_S + 0.6, 6.0), middle)
            at += step
        return at

    def turns(self, per_hour):
        """Changes of posture, 35 to 170 degrees in 2 to 10 s, and shifts too small to be one."""
        for at in self.moments(per_hour):
            length = float(self.rng.uniform(2, 10))
            if self.free(at, length, 8):
                degrees = self.rng.uniform(35, 170)
                self.bed.turn(at, length, degrees, self.size(300, 0.5, 80, 1500))

    def spells(self, count):
        """Awake for 3 to 10 min, so many times."""
        for part in range(count):
            share = self.bed.seconds / (count + 1)
            length = min(float(self.rng.uniform(180, 600)), 0.4 * share)
            at = (part + 0.5) * share + float(self.rng.uniform(0, 0.3 * share))
            if self.free(at, length, 10):
                self.bed.awake(at, length)

    def rhythms(self, per_hour):
        """Even runs: 0.5 to 7 Hz, 3 to 150 s, four beats at least."""
        for at in self.moments(per_hour):
            hz = float(np.exp(self.rng.uniform(np.log(0.5), np.log(7))))
            length = float(np.exp(self.rng.uniform(np.log(max(3, 5 / hz)), np.log(150))))
            if self.free(at, length, 5):
                limb = max(hz, self.bed.foreign.body.limb_hz[0]) * self.rng.uniform(1, 1.6)
                peak = self.size(110, 0.7, 25, 500)
                self.bed.move(Movement("rhythm", at, length, peak, limb, hz))


def periodic(plan, low_s, high_s, middle_s, spread):
    """Fill the night with series, minutes of pause between them."""
    at = 120.0
    while at < plan.bed.seconds:
        imi = lambda: plan.size(middle_s, spread, low_s, high_s)  # noqa: E731
        at = plan.series(at, int(plan.rng.integers(8, 60)), imi) + plan.rng.uniform(90, 500)


def quiet(plan):
    plan.turns(2), plan.lms(5), plan.jerks(4)


def myoclonus(plan):
    plan.turns(2), plan.jerks(140, clusters=0.12), plan.lms(4)


def plm(plan):
    plan.turns(2), periodic(plan, 11, 88, 24, 0.35), plan.jerks(8)


def plm_dense(plan):
    plan.turns(1), periodic(plan, 5.2, 15, 9, 0.3), plan.jerks(5)


def mixed(plan):
    plan.spells(int(plan.rng.integers(1, 3)))
    plan.turns(3), plan.rhythms(3), plan.jerks(60)
    imi = lambda: plan.size(25, 0.35, 11, 88)  # noqa: E731
    for start in (0.15, 0.55, 0.8):
        plan.series(start * plan.bed.seconds, 12, imi)


def rhythms(plan):
    plan.rhythms(14), plan.turns(2), plan.jerks(12)


def restless(plan):
    plan.turns(10), plan.lms(40, longest_s=20), plan.jerks(15)


def partner(plan):
    plan.turns(2), plan.jerks(20), plan.lms(6)
    shaken = []
    for at in plan.moments(60):
        peak = plan.size(14, 0.6, 3, 60)
        if plan.rng.random() < 0.35:
            shaken.append(Movement("jerk", at, float(plan.rng.uniform(0.05, 0.2)), peak))
        else:
            shaken.append(Movement("lm", at, float(plan.rng.uniform(0.7, 6)), peak))
    plan.bed.partner([m for m in shaken if plan.free(m.onset_s, m.active_s)])


def disturbances(plan):
    room, rng, length = plan.bed, plan.rng, plan.bed.seconds
    plan.turns(2)
    for start, ends in ((0.2, 0.45), (0.7, 0.9)):
        room.tone(start * length, (ends - start) * length, rng.uniform(6, 25), rng.uniform(2, 6))
    room.snore(0.5 * length, 0.12 * length, rng.uniform(5, 9), rng.uniform(4, 10))
    for at in plan.moments(6):
        seconds = float(rng.uniform(5, 20))
        if plan.free(at, seconds):
            room.lorry(at, seconds, rng.uniform(3, 10))
    for at in plan.moments(20):
        if plan.free(at, 0.5):
            room.phone(at, rng.uniform(30, 45), rng.uniform(8, 25))
    plan.jerks(60, low_mg=18), plan.lms(8)


def strong_pulse(plan):
    least = 2.5 * plan.bed.pulse_mg
    plan.turns(2), plan.lms(20, low_mg=2 * least), plan.jerks(30, low_mg=least)


def noisy_sensor(plan):
    least = 3 * plan.bed.noise_mg
    plan.turns(2), plan.lms(15, low_mg=2 * least), plan.jerks(60, low_mg=least)


PROFILES = {
    f.__name__: f
    for f in (quiet, myoclonus, plm, plm_dense, mixed, rhythms, restless, partner)
    + (disturbances, strong_pulse, noisy_sensor)
}
CHANGED = {"strong_pulse": dict(pulse_mg=(5, 15)), "noisy_sensor": dict(noise_mg=(1.5, 4.0))}


def night(profile, seed=1, hours=2.0, foreign="A") -> bed.Night:
    """Return one night of a profile, always the same; `foreign` is the name of a set."""
    return bed.rendered([_room(profile, seed, hours, foreign)])[0]


def each_night(wanted, hours, foreign):
    """Yield (profile, Night) of the wanted (profile, seed): as `night`, some at a time."""
    for first in range(0, len(wanted), AT_ONCE):
        some = wanted[first : first + AT_ONCE]
        rooms = [_room(profile, seed, hours, foreign) for profile, seed in some]
        for (profile, _), made in zip(some, bed.rendered(rooms), strict=True):
            yield profile, made


def _room(profile, seed, hours, foreign):
    which = list(PROFILES).index(profile), list(FOREIGN).index(foreign)
    room = Bed(FOREIGN[foreign], hours * 3600, [90210, seed, *which], **CHANGED.get(profile, {}))
    PROFILES[profile](Plan(room))
    return room
