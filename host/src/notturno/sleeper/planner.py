"""Plans a night: puts movements where there is room, by the limb of a model.

Touches nothing. The literature behind the intervals and durations: PLM intervals log-normal with a
mode of 22-26 s; LM mean 4 s, 377 mg at the ankle: Sicbaldi 2025.
"""

from collections.abc import Sequence

import numpy as np

from notturno.sleeper import body, disturbances, nuisances
from notturno.sleeper.models import Model, Rest, peak_mg
from notturno.sleeper.world import Night

FINE_MG = 60.0  # a profile whose jerks stay below it is about small ones, in every model:
FINE_JERK_MG = (25.0, 0.7, 4.0, 150.0)  # as models.Model.jerk_mg


def _spread(
    rng: np.random.Generator,
    hours: float,
    per_hour: float,
    apart_s: float,
    start_s: float = 60.0,
    taken: Sequence[tuple[float, float]] = (),
) -> list[float]:
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
    """Adds movements to a night and keeps them from falling on each other.

    model: a models.Model; without one the limb is `body`, at rest as written here.
    """

    def __init__(self, seed: int, hours: float, model: Model | None = None) -> None:
        self.rng = rng = np.random.default_rng((seed, 1))
        rest = dict(
            breath_mg=rng.uniform(1.5, 5),
            breath_hz=rng.uniform(0.2, 0.3),
            breath_axis=body.unit(rng),
            heart_mg=rng.uniform(0.5, 2),
            heart_hz=rng.uniform(0.85, 1.2),
            heart_axis=body.unit(rng),
        )
        self.model = model
        self.limb = model.limb if model else body
        if model:
            rest.update(breath_mg=0.0, heart_mg=0.0)
        self.night = Night(seed, hours, rest, model)
        self.night.turns[0] = (0.0, 0.0, body.unit(rng))
        self.hours = hours
        self.taken = []
        if model:
            self.rest(model.rest)

    def rest(self, rest: Rest, pulse_mg: tuple[float, float] | None = None) -> None:
        """Let pulse and breathing of a models.Rest move the limb; pulse_mg: another range."""
        self.night.living = [
            nuisances.pulse(self.rng, self.hours, rest, pulse_mg or rest.pulse_mg),
            nuisances.breathing(self.rng, rest),
        ]

    def free(self, per_hour: float, apart_s: float, start_s: float = 60.0) -> list[float]:
        """Random onsets, s, where nothing is yet, at least apart_s from each other."""
        return _spread(self.rng, self.hours, per_hour, apart_s, start_s, self.taken)

    def clear(self, begin_s: float, end_s: float) -> bool:
        """Say whether nothing is planned in a span yet."""
        return not any(a < end_s and b > begin_s for a, b in self.taken)

    def turns(self, per_hour: float) -> None:
        """Plan turns in bed, at random times."""
        for t in self.free(per_hour, 60):
            self.turn_at(t)

    def turn_at(self, t: float, seconds: float | None = None) -> None:
        """The limb is laid anew: a change of posture, with its truth."""
        took_s, before = self.lie_anew(t, seconds)
        peak = self.rng.uniform(120, 600)
        wave = self.limb.joint_movement(self.rng, took_s, peak, before)
        self.night.add("posture", t, wave, took_s)
        self.taken.append((t, t + took_s + 4))

    def lie_anew(self, t: float, seconds: float | None = None) -> tuple[float, np.ndarray]:
        """Gravity takes another direction, without a row of truth: (seconds, direction before)."""
        seconds = seconds or self.rng.uniform(3.5, 15)
        before = self.night.gravity_at(t)
        after = body.unit(self.rng)
        while before @ after > 0.75:
            after = body.unit(self.rng)
        self.night.turn(t + 0.1 * seconds, 0.7 * seconds, after)
        return seconds, before

    def movements(
        self, per_hour: float, low_mg: int = 20, high_mg: int = 600, longest_s: float = 6.0
    ) -> None:
        """Plan limb movements, at random times."""
        for t in self.free(per_hour, 12):
            self.movement(t, low_mg, high_mg, longest_s)

    def movement(
        self, t: float, low_mg: int = 20, high_mg: int = 600, longest_s: float = 6.0
    ) -> None:
        """Plan one limb movement."""
        self.movement_of(t, min(longest_s, 0.5 + self.rng.gamma(2, 0.8)), low_mg, high_mg)

    def movement_of(self, t: float, seconds: float, low_mg: int, high_mg: int) -> None:
        """Plan one limb movement of a given shape."""
        peak = np.exp(self.rng.uniform(np.log(low_mg), np.log(high_mg)))
        wave = self.limb.joint_movement(self.rng, seconds, peak, self.night.gravity_at(t))
        self.night.add("lm", t, wave, seconds)
        self.taken.append((t, t + seconds))

    def jerks(
        self,
        per_hour: int,
        low_mg: int = 8,
        high_mg: int = 200,
        apart_s: float = 2.5,
        start_s: float = 60.0,
    ) -> None:
        """Plan jerks, at random times."""
        if self.model and high_mg > FINE_MG:
            per_hour *= 2  # more to measure by
        for t in self.free(per_hour, apart_s, start_s):
            self.jerk(t, self._jerk_mg(low_mg, high_mg))

    def _jerk_mg(self, low_mg: int, high_mg: int) -> float:
        if not self.model:
            return np.exp(self.rng.uniform(np.log(low_mg), np.log(high_mg)))
        return peak_mg(self.rng, self.model.jerk_mg if high_mg > FINE_MG else FINE_JERK_MG)

    def jerk(self, t: float, peak_mg: float) -> None:
        """Plan one jerk."""
        wave, muscle_s = self.limb.jerk(self.rng, peak_mg)
        self.night.add("jerk", t, wave, muscle_s)
        self.taken.append((t, t + 1))

    def series(self, count: int, start_s: float) -> float:
        """A PLM series: log-normal intervals with a mode of 24 s."""
        t = start_s
        for _ in range(count):
            if t > self.hours * 3600 - 30:
                break
            if not any(a - 6 < t < b + 6 for a, b in self.taken):
                self.movement(t, 25, 400, 4.0)
            t += float(np.clip(np.exp(self.rng.normal(np.log(24), 0.28)), 8, 90))
        return t

    def rhythm(self, t: float, hz: float, count: int, peak_mg: float) -> None:
        """Plan one rhythm."""
        wave, seconds, true_hz = self.limb.beats(
            self.rng, hz, count, peak_mg, self.night.gravity_at(t)
        )
        self.night.add("rhythm", t, wave, seconds, true_hz)
        self.taken.append((t, t + seconds + 2))

    def rhythms(
        self, per_hour: int, low_hz: float, high_hz: float, counts: tuple[int, int] = (5, 25)
    ) -> None:
        """Plan rhythms, at random times."""
        for t in self.free(per_hour, 40):
            hz = np.exp(self.rng.uniform(np.log(low_hz), np.log(high_hz)))
            peak = np.exp(self.rng.uniform(np.log(20), np.log(150)))
            self.rhythm(t, hz, int(self.rng.integers(*counts)), peak)

    def awake(self, start_s: float, seconds: float, tremor_hz: float = 0.0) -> None:
        """Plan a time of being awake and about."""
        movement = self.limb.joint_movement
        disturbances.awake(self.night, self.rng, start_s, seconds, tremor_hz, movement)
        self.taken.append((start_s, start_s + seconds))

    def partner(self) -> None:
        """Somebody else in the bed, as the model's mattress carries it."""
        if self.model:
            bed = self.model.bed
            nuisances.partner(self.night, self.rng, self.limb, bed, 20, self.taken)
        else:
            disturbances.partner(self.night, self.rng, self.hours, self.taken)
