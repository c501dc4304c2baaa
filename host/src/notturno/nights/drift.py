"""How a band's oscillator may run, and which of the settings of its clock are to be believed.

Pure. The model: UTC less tick is a phase whose slope (the drift) wanders, a Kalman filter of
phase and drift with a random walk of the drift (an integrated Wiener process). How much a band
drifts and wanders is not known beforehand, so each OSCILLATOR below is tried; any setting may be
a wrong host clock, so settings are also tried as wrong. Each such story gets a weight by Bayes'
rule. All figures of the prior are ours, chosen by the coverage that tests/nights measures.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

from notturno.nights.oscillators import OSCILLATORS, STEADY, Oscillator
from notturno.times import DAY_MS, HOUR_MS

RTC = 0  # host_id of the band's own clock chip


SWAY_MS = 6 * HOUR_MS
# Rates are compared by the half hour: long against the jitter of a tick, short against a night.
RATE_MS = HOUR_MS // 2
# What two steady clocks read by ms and whole samples still differ by, from one half hour to the
# next. A sensor that is less steady than that only makes the tick look less steady than it is.
READ_CHANGE = 0.00001
# One setting in 100 comes from a host whose clock is wrong, by minutes or by a month alike; by
# less than WRONG_FROM_MS hardly any.
WRONG = 0.01
WRONG_FROM_MS, WRONG_TO_MS = 120_000, 30 * DAY_MS
# A host that was wrong is as wrong again in one of two settings soon after; that wears off as
# people put clocks right.
WRONG_AGAIN, WRONG_LASTS_MS = 0.5, 12 * HOUR_MS
# How well a sensor keeps the rate that its own trim register says: what its samples tell of the
# tick's drift is no better than that.
SENSOR_SD = 0.015
# A bound of +-1 with every value in it alike has this SD; a tick is read to 2 ms.
SD_OF_BOUND = 0.6
TICK_SD_MS = 2.0
# Stories kept while the settings are read, and the weight below which one is forgotten.
MOST_STORIES = 12
FORGOTTEN = 1e-4
UNKNOWN_DRIFT = 0.3
_LOG_DENSITY = math.log(2 * math.log(WRONG_TO_MS / WRONG_FROM_MS))


def _predict(state: tuple[float, ...], step_ms: float, kind: Oscillator) -> tuple[float, ...]:
    """Carry (tick, phase, drift, variances pp, pd, dd) on by step_ms, forwards or backwards."""
    tick, phase, drift, pp, pd, dd = state
    size = abs(step_ms)
    noise = kind.wander**2 / DAY_MS
    lasts = size / SWAY_MS
    swayed = 2 * (kind.sway * SWAY_MS) ** 2 * (lasts + math.expm1(-lasts))
    return (
        tick + step_ms,
        phase + drift * step_ms,
        drift,
        pp + 2 * step_ms * pd + step_ms * step_ms * dd + noise * size**3 / 3 + swayed,
        pd + step_ms * dd + noise * step_ms * size / 2,
        dd + noise * size,
    )


def _update(
    state: tuple[float, ...], phase_ms: float, variance: float
) -> tuple[tuple[float, ...], float]:
    """Return the state after a measured phase, and the log of how likely that phase was."""
    tick, phase, drift, pp, pd, dd = state
    total = pp + variance
    off = phase_ms - phase
    by_phase, by_drift = pp / total, pd / total
    seen = (
        tick,
        phase + by_phase * off,
        drift + by_drift * off,
        pp * variance / total,
        pd * variance / total,
        dd - by_drift * pd,
    )
    return seen, -0.5 * (off * off / total + math.log(2 * math.pi * total))


def _both(ahead: tuple[float, ...], back: tuple[float, ...]) -> tuple[float, float]:
    """Return (phase, its variance) from two independent states of the same tick."""
    a, b, c = (ahead[i] + back[i] for i in (3, 4, 5))
    det = a * c - b * b
    off, turn = back[1] - ahead[1], back[2] - ahead[2]
    pp, pd = ahead[3], ahead[4]
    # The first row of P (P + P')^-1, which both mean and variance need.
    u, v = (pp * c - pd * b) / det, (pd * a - pp * b) / det
    return ahead[1] + u * off + v * turn, max(u * back[3] + v * back[4], 0.0)


def _prior(kind: Oscillator, slope: float | None) -> tuple[float, float]:
    """Return mean and variance of the drift before any setting."""
    of_kind = kind.drift**2
    if slope is None:
        return 0.0, of_kind
    total = of_kind + SENSOR_SD**2
    return slope * of_kind / total, of_kind * SENSOR_SD**2 / total


def _log_slope(kind: Oscillator, slope: float | None) -> float:
    """Return how likely the slope that the samples show is for an oscillator."""
    if slope is None:
        return 0.0
    total = kind.drift**2 + SENSOR_SD**2
    return -0.5 * (slope * slope / total + math.log(2 * math.pi * total))


def _log_wrong(off_ms: float) -> float:
    off_ms = abs(off_ms) + 1
    return math.log(WRONG) - _LOG_DENSITY + math.log(off_ms / (off_ms**2 + WRONG_FROM_MS**2))


@dataclass
class Story:
    """One way in which the settings may have come about.

    believed: indices of the right settings; ahead: the filter's state after each of them; back:
    the same from the last to the first; weight: its share among all stories.
    """

    kind: Oscillator
    log_weight: float
    believed: tuple = ()
    ahead: tuple = ()
    back: list = field(default_factory=list)
    weight: float = 0.0
    prior: tuple = (0.0, 0.0)  # mean and variance of the drift before any setting

    def phase_at(self, tick: float) -> tuple[float, float]:
        """Return the phase (ms) at a tick, and its variance."""
        after = next((i for i, s in enumerate(self.ahead) if s[0] > tick), len(self.ahead))
        if after == len(self.ahead):
            state = _predict(self.ahead[-1], tick - self.ahead[-1][0], self.kind)
            return state[1], state[3]
        back = _predict(self.back[after], tick - self.back[after][0], self.kind)
        if after:
            last = self.ahead[after - 1]
            return _both(_predict(last, tick - last[0], self.kind), back)
        # Before all settings only the prior of the drift is known besides.
        _, phase, drift, pp, pd, dd = back
        mean, variance = self.prior
        total = dd + variance
        return phase - pd / total * (drift - mean), pp - pd * pd / total


def _log_seen(kind: Oscillator, changes: Sequence[float]) -> float:
    """Return how likely such changes of the rate, half hour to half hour, are for an oscillator.

    Two thirds: the mean over half an hour changes less than the rate itself.
    """
    sway = 2 * kind.sway**2 * RATE_MS / SWAY_MS
    variance = READ_CHANGE**2 + 2 / 3 * (sway + kind.wander**2 * RATE_MS / DAY_MS)
    squares = sum(change * change for change in changes)
    return -0.5 * (squares / variance + len(changes) * math.log(variance))


def stories(
    ticks_ms: Sequence[float],
    phases_ms: Sequence[float],
    errors_ms: Sequence[float],
    changes: Sequence[float] = (),
    slope: float | None = None,
    hosts: Sequence[int | None] = (),
) -> list[Story]:
    """Return the stories worth keeping, heaviest first; their weights sum to 1.

    ticks_ms ascending; phases_ms: UTC less tick from any origin; errors_ms: bounds of the phases.
    changes: by what share the tick's rate against the sensor's own oscillator changed from one
    half hour to the next: two clocks that keep step through a night are both steady. slope: of the
    phase, as the sensor's samples show it (its rate by the tick over its own, less 1); None where
    they do not. hosts: whose clock each setting was, None where nobody knows.
    """
    variances = [(SD_OF_BOUND * error) ** 2 + TICK_SD_MS**2 for error in errors_ms]
    settings = _Settings(ticks_ms, phases_ms, variances, hosts or [None] * len(ticks_ms))
    told = []
    for kind in OSCILLATORS + (STEADY if changes else ()):
        log_weight = math.log(kind.prior) + _log_seen(kind, changes) + _log_slope(kind, slope)
        first = Story(kind, log_weight, prior=_prior(kind, slope))
        told += _read(first, settings)
    heaviest = max(story.log_weight for story in told)
    for story in told:
        story.weight = math.exp(story.log_weight - heaviest)
    total = sum(story.weight for story in told)
    told = [story for story in told if story.weight > FORGOTTEN * total]
    total = sum(story.weight for story in told)
    for story in told:
        story.weight /= total
        _look_back(story, phases_ms, variances)
    return sorted(told, key=lambda story: -story.weight)


class _Settings(NamedTuple):
    ticks_ms: Sequence[float]
    phases_ms: Sequence[float]
    variances: list
    hosts: Sequence

    def log_wrong(
        self, i: int, off_ms: float, right: tuple[int, ...], drift: tuple[float, float]
    ) -> float:
        """Return the log of how likely setting i, wrong by off_ms, is; `right`: the right ones.

        Where its host was as wrong before it is no second accident. drift: its mean and variance.
        """
        log_wrong = _log_wrong(off_ms)
        if self.hosts[i] in (None, RTC):
            return log_wrong
        mean, variance = drift
        for j in range(i - 1, -1, -1):
            if self.hosts[j] != self.hosts[i] or j in right:
                continue
            since_ms = self.ticks_ms[i] - self.ticks_ms[j]
            off_ms = self.phases_ms[i] - self.phases_ms[j] - mean * since_ms
            total = variance * since_ms**2 + self.variances[i] + self.variances[j]
            log_again = -0.5 * (off_ms * off_ms / total + math.log(2 * math.pi * total))
            log_again += math.log(WRONG_AGAIN) - since_ms / WRONG_LASTS_MS
            return max(log_wrong, log_again)
        return log_wrong


def _read(first: Story, settings: _Settings) -> list[Story]:
    """Return the best stories of one oscillator, each setting taken as right and as wrong."""
    kept = [first]
    for i in range(len(settings.ticks_ms)):
        grown = []
        for story in kept:
            grown += _with_setting(story, i, settings)
        grown.sort(key=lambda story: -story.log_weight)
        # The story in which nothing was right so far has no likelihood yet: never drop it.
        kept = grown[:MOST_STORIES]
        kept += [story for story in grown[MOST_STORIES:] if not story.ahead]
    return [story for story in kept if story.ahead]


def _with_setting(story: Story, i: int, settings: _Settings) -> list[Story]:
    tick, phase, variance = settings.ticks_ms[i], settings.phases_ms[i], settings.variances[i]
    right = math.log1p(-WRONG)
    if not story.ahead:
        # All before were wrong, by what the first right one now shows.
        mean, of_drift = story.prior
        wrong = sum(
            settings.log_wrong(j, settings.phases_ms[j] - phase, (i,), story.prior)
            for j in range(i)
        )
        state = (tick, phase, mean, variance, 0.0, of_drift)
        return [
            _grown(story, right + wrong, i, state),
            story,
        ]
    state = _predict(story.ahead[-1], tick - story.ahead[-1][0], story.kind)
    seen, log_likely = _update(state, phase, variance)
    return [
        _grown(story, right + log_likely, i, seen),
        _grown(
            story, settings.log_wrong(i, phase - state[1], story.believed, (state[2], state[5]))
        ),
    ]


def _grown(
    story: Story, log_more: float, i: int | None = None, state: tuple[float, ...] | None = None
) -> Story:
    return Story(
        story.kind,
        story.log_weight + log_more,
        story.believed if i is None else (*story.believed, i),
        story.ahead if i is None else (*story.ahead, state),
        prior=story.prior,
    )


def _look_back(story: Story, phases_ms: Sequence[float], variances: list[float]) -> None:
    back = []
    for i, (tick, *_) in zip(reversed(story.believed), reversed(story.ahead), strict=True):
        if back:
            state = _predict(back[-1], tick - back[-1][0], story.kind)
            back.append(_update(state, phases_ms[i], variances[i])[0])
        else:
            back.append((tick, phases_ms[i], 0.0, variances[i], 0.0, UNKNOWN_DRIFT**2))
    story.back = back[::-1]
