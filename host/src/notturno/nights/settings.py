"""A new setting of a band's clock beside the earlier ones: does it contradict them, and whose?

Pure. Ticks are ms since the band started, UTC in ms. Asked before a host sets the time, so that a
host whose clock jumped is named before it does harm.
"""

from dataclasses import dataclass

from notturno.nights.anchors import Anchor
from notturno.nights.clocks import BootClock

# Crystals and most RC oscillators stay within it (see drift): more is named, and not refused.
USUAL_DRIFT = 0.02
# Two clocks that people use are rarely set better against each other.
ALLOWED_MS = 2000


@dataclass(frozen=True)
class Judgement:
    """How far a clock is from what the band's own ticks make of an earlier setting.

    difference_ms: positive where this clock is ahead; allowed_ms: what a usual drift and both
    errors may make of it; against: the earlier setting.
    """

    difference_ms: int
    allowed_ms: int
    against: Anchor

    @property
    def contradicts(self) -> bool:
        """Say whether one of the two clocks must be wrong, or the band's drift unusual."""
        return abs(self.difference_ms) > self.allowed_ms


def judge(anchors: list[Anchor], tick_ms: int, utc_ms: int) -> Judgement | None:
    """Hold a clock that says utc_ms at a tick against the believed settings of the same boot.

    The nearest of them is the witness. Returns None where there is none.
    """
    if not anchors:
        return None
    aside = BootClock(anchors).set_aside
    believed = [anchor for anchor in anchors if anchor not in aside]
    nearest = min(believed, key=lambda anchor: (abs(tick_ms - anchor.tick_ms), anchor))
    since_ms = tick_ms - nearest.tick_ms
    return Judgement(
        difference_ms=utc_ms - (nearest.utc_ms + since_ms),
        allowed_ms=round(ALLOWED_MS + nearest.error_ms + USUAL_DRIFT * abs(since_ms)),
        against=nearest,
    )
