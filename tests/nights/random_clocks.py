"""Random boots: a true clock, the settings that hosts made of it, and ticks to ask about.

Two generators: `tuned`, on which the prior of `notturno.nights.drift` was chosen, and `held_out`,
which differs in what it draws (drifts that leap or fall all the time, repeated and equal ticks,
settings in reversed order, errors that are Gaussian and go past their bound).
"""

from dataclasses import dataclass

import numpy as np
from notturno.nights.anchors import Anchor

H_MS = 3_600_000
D_MS = 24 * H_MS
T0 = 1_768_253_400_000


@dataclass
class Boot:
    """n settings as anchors, `wrong` (index or None) by a wrong host; true UTC at ticks asked."""

    anchors: list
    n: int
    wrong: int | None
    drift: float
    gap_h: float  # the widest between two settings
    ticks: np.ndarray
    utc_ms: np.ndarray
    inside: np.ndarray  # between the first and the last setting


def _wander(rng, at, span):
    rms = rng.uniform(0.001, 0.005)
    swing = np.zeros(len(at))
    for _ in range(2):
        period = H_MS * np.exp(rng.uniform(np.log(6), np.log(96)))
        swing += rms * np.sin(2 * np.pi * at / period + rng.uniform(0, 2 * np.pi))
    return swing


def _leap_or_fall(rng, at, span):
    if rng.random() < 0.5:
        return np.where(at > rng.uniform(0, span), rng.uniform(-0.01, 0.01), 0.0)
    return -rng.uniform(0.001, 0.005) * at / span


def _wrong_by(rng):
    by = (H_MS, -H_MS, D_MS, -D_MS, 3 * D_MS, None)[rng.integers(6)]
    return by or rng.choice([-1, 1]) * rng.uniform(1, 30) * 60_000


def tuned(rng):
    """Return a Boot with 1 to 8 settings; in a quarter of those with two or more, one is wrong."""
    return _boot(rng, _wander, lambda errors: rng.uniform(-1, 1, len(errors)) * errors)


def held_out(rng):
    """Return a Boot of the other kind."""
    boot = _boot(rng, _leap_or_fall, lambda errors: rng.normal(0, 0.6, len(errors)) * errors)
    first = boot.anchors[0]
    again = Anchor(first.tick_ms, first.utc_ms + int(rng.integers(-2, 3)), first.error_ms + 3)
    boot.anchors = [*boot.anchors[::-1], boot.anchors[-1], again]
    return boot


def _boot(rng, change, host_errors):
    n = int(rng.integers(1, 9))
    span = H_MS * np.exp(rng.uniform(0, np.log(720)))
    at = np.linspace(0, span, 4001)
    drift = rng.uniform(-0.1, 0.1)
    rate = 1 + np.clip(drift + change(rng, at, span), -0.11, 0.11)
    tick = np.concatenate([[0], np.cumsum((rate[1:] + rate[:-1]) / 2 * np.diff(at))])
    set_at = rng.uniform(0, span, n)
    bounds = np.exp(rng.uniform(0, np.log(2000), n))
    off = host_errors(bounds)
    wrong = int(rng.integers(n)) if n > 1 and rng.random() < 0.25 else None
    if wrong is not None:
        off[wrong] += _wrong_by(rng)
    set_ticks = np.interp(set_at, at, tick)
    asked = np.concatenate([rng.uniform(0, span, 3), rng.uniform(set_at.min(), set_at.max(), 2)])
    return Boot(
        anchors=[
            Anchor(round(t), round(T0 + a + o), int(np.ceil(bound)))
            for t, a, o, bound in zip(set_ticks, set_at, off, bounds, strict=True)
        ],
        n=n,
        wrong=wrong,
        drift=drift,
        gap_h=float(np.diff(np.sort(set_at)).max(initial=0)) / H_MS,
        ticks=np.interp(asked, at, tick),
        utc_ms=T0 + asked,
        inside=(asked >= set_at.min()) & (asked <= set_at.max()),
    )
