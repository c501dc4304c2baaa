"""Which kinds of clock a band may have, and how likely each is beforehand.

Pure. All figures are ours, chosen by the coverage that tests/nights measures.
"""

from dataclasses import dataclass


@dataclass(frozen=True)
class Oscillator:
    """One kind of clock: weight beforehand, SD of its drift, and how that changes.

    wander: of the drift, per square root of a day; sway: SD of the drift about its mean, which is
    forgotten within hours (the temperature of the limb).
    """

    prior: float
    drift: float
    wander: float
    sway: float


# Crystals and most RC oscillators stay within 2 %; an ESP32 asleep was seen at 10 %.
_DRIFTS = ((0.65, 0.01), (0.35, 0.05))


def _kinds(*changing: tuple[float, float, float]) -> tuple[Oscillator, ...]:
    return tuple(
        Oscillator(usual * of_kind, drift, wander, sway)
        for usual, drift in _DRIFTS
        for of_kind, wander, sway in changing
    )


# RC oscillators on a limb: a good one, a usual one; and one that runs off or leaps, whose drift
# can be any: near none beforehand it would bend the map of every other.
OSCILLATORS: tuple[Oscillator, ...] = (
    *_kinds((0.3, 0.001, 0.0012), (0.35, 0.003, 0.003)),
    Oscillator(0.1, 0.05, 0.02, 0.006),
)
# A crystal, and one nearly as good: told only where the samples show how steady the tick is,
# since a few settings that lie well do not.
STEADY = _kinds((0.15, 0.000002, 0.000002), (0.1, 0.0001, 0.0001))
