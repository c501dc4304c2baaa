"""Does a recording show gravity where it rests? If not, its unit or its scale is another one.

Touches numpy. The bounds are the band's own (notturno_core.plausible). A scale that is wrong is
worse than none: a limb that jerks 120 times an hour would read 0.0/h.
"""

import numpy as np
from notturno_core import plausible

from notturno.errors import Phrase, UserError

# A second is at rest if it hardly varies: in mg, or in parts of what it shows, for where the unit
# is wrong, mg mean nothing. Ours; a resting wrist trembles by up to 20 mg.
STILL_MG, STILL_SHARE = 30.0, 0.03
# A limb that never rests: the mean of its seconds is gravity and what turning adds (jogging and
# walking wrists: 1.2 and 1.4 g). Ours; no unit is mistaken for one nearer than a factor of 9.8.
MOVING_LEAST_MG, MOVING_MOST_MG = 500, 2000
NOTHING_SAMPLES = 3  # zeros on all axes so often in a row are no fall: no recording here has any
# What 1 g reads, in g, if the values are in another unit than was said.
MISTAKEN = (
    (9.80665, "in m/s2 where g or mg was said"),
    (1 / 9.80665, "in g or mg where m/s2 was said"),
    (0.001, "in g where mg was said"),
    (0.00980665, "in m/s2 where mg was said"),
)


def resting_mg(acc: np.ndarray, mg_per_lsb: float, odr_hz: float) -> np.ndarray:
    """Return the mean acceleration, mg (n, 3), of every second of `acc` (counts) at rest."""
    mean_mg, still = _seconds(acc, mg_per_lsb, odr_hz)
    return mean_mg[still]


def check_gravity(acc: np.ndarray, mg_per_lsb: float, odr_hz: float, name: str) -> None:
    """Raise UserError where most seconds at rest do not show 1 g, or where a sensor was silent.

    A recording without a second at rest is held against wider bounds, which no mistaken unit
    meets.
    """
    first = _first_nothing(acc)
    if first is not None:
        raise UserError(
            "{name}: from {from_s:.2f} s on it holds zeros on all three axes, "
            "where a sensor shows gravity; cut the recording there.",
            name=name,
            from_s=first / odr_hz,
        )
    mean_mg, still = _seconds(acc, mg_per_lsb, odr_hz)
    if still.any():
        mean_mg = mean_mg[still]
        faults = [plausible.gravity_fault(*(int(v) for v in np.round(mean))) for mean in mean_mg]
        if sum(fault != 0 for fault in faults) * 2 <= len(faults):
            return
    length_mg = float(np.median(np.linalg.norm(mean_mg, axis=1)))
    if still.any():
        least_mg, most_mg = plausible.GRAVITY_LEAST_MG, plausible.GRAVITY_MOST_MG
        what_said = "at rest it shows"
    elif MOVING_LEAST_MG <= length_mg <= MOVING_MOST_MG:
        return
    else:
        least_mg, most_mg = MOVING_LEAST_MG, MOVING_MOST_MG
        what_said = "it never rests, and in the mean shows"
    raise UserError(
        "{name}: {what_said} {length_g:.3g} g, where a limb shows 1 g of gravity "
        "({least_g:g} to {most_g:g}); {may_be_said}; correct the unit in "
        "the header, or mg_per_lsb.",
        name=name,
        what_said=what_said,
        length_g=length_mg / 1000,
        least_g=least_mg / 1000,
        most_g=most_mg / 1000,
        may_be_said=_what_it_may_be(length_mg, least_mg, most_mg),
    )


def _seconds(acc: np.ndarray, mg_per_lsb: float, odr_hz: float) -> tuple[np.ndarray, np.ndarray]:
    """Return the mean of every second, mg (n, 3), and whether it is at rest (n,)."""
    n = max(1, round(odr_hz))
    seconds = acc[: len(acc) // n * n].reshape(-1, n, 3) * mg_per_lsb
    mean_mg = seconds.mean(axis=1)
    spread_mg = np.linalg.norm(seconds.std(axis=1), axis=1)
    length_mg = np.linalg.norm(mean_mg, axis=1)
    return mean_mg, spread_mg <= np.maximum(STILL_MG, STILL_SHARE * length_mg)


def _first_nothing(acc: np.ndarray):
    """Return the first sample of a run of vectors of zeros; None where there is none."""
    nothing = np.concatenate([[0], (acc == 0).all(axis=1).astype(np.int8), [0]])
    edges = np.flatnonzero(np.diff(nothing)).reshape(-1, 2)
    long = edges[edges[:, 1] - edges[:, 0] >= NOTHING_SAMPLES]
    return int(long[0, 0]) if len(long) else None


def _what_it_may_be(length_mg: float, least_mg: int, most_mg: int) -> Phrase:
    said = [
        Phrase("its values may be {text}", text=text)
        for factor, text in MISTAKEN
        if least_mg <= length_mg / factor <= most_mg
    ]
    if length_mg < least_mg:
        said.append(Phrase("gravity may have been taken off, which the detector needs"))
    if not said:
        return Phrase("its unit or scale is another one than was said")
    whole = said[0]
    for other in said[1:]:
        whole = Phrase("{one_said} or {other_said}", one_said=whole, other_said=other)
    return whole
