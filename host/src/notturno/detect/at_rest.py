"""Does a recording show gravity where it rests? If not, its unit or its scale is another one.

Touches numpy. The bounds are the band's own (notturno_core.plausible). A scale that is wrong is
worse than none: a limb that jerks 120 times an hour would read 0.0/h.
"""

from typing import NamedTuple

import numpy as np
from notturno_core import plausible

from notturno.detect.runs import runs_of
from notturno.errors import Phrase, UserError

# A second is at rest if it hardly varies: in mg, or in parts of what it shows, for where the unit
# is wrong, mg mean nothing. Ours; a resting wrist trembles by up to 20 mg.
STILL_MG, STILL_SHARE = 30.0, 0.03
# A limb that never rests: the mean of its seconds is gravity and what turning adds (jogging and
# walking wrists: 1.2 and 1.4 g). Ours; no unit is mistaken for one nearer than a factor of 9.8.
MOVING_LEAST_MG, MOVING_MOST_MG = 500, 2000
MOST_SECONDS, MOST_FAULTS = 1800, 200  # so many are looked at, spread over the recording
NOTHING_SAMPLES = 3  # zeros on all axes so often in a row are no fall: no recording here has any
# What 1 g reads, in g, if the values are in another unit than was said.
MISTAKEN = (
    (9.80665, "in m/s2 where g or mg was said"),
    (1 / 9.80665, "in g or mg where m/s2 was said"),
    (0.001, "in g where mg was said"),
    (0.00980665, "in m/s2 where mg was said"),
)


class Seconds(NamedTuple):
    """mean_mg: the mean of each second that was looked at, float32 (n, 3); still: whether it is
    at rest, bool (n,)."""

    mean_mg: np.ndarray
    still: np.ndarray

    @property
    def resting_mg(self) -> np.ndarray:
        """The means of those at rest, mg (n, 3)."""
        return self.mean_mg[self.still]


def check_sound(acc: np.ndarray, odr_hz: float, name: str) -> None:
    """Raise UserError where a sensor was silent."""
    silent = silent_runs(acc)
    if silent:
        raise UserError(
            "{name}: from {from_s:.2f} s on it holds zeros on all three axes, "
            "where a sensor shows gravity; cut the recording there.",
            name=name,
            from_s=silent[0][0] / odr_hz,
        )


def check_gravity(seconds: Seconds, name: str) -> None:
    """Raise UserError where most seconds at rest do not show 1 g.

    A recording without a second at rest is held against wider bounds, which no mistaken unit
    meets.
    """
    mean_mg, still = seconds
    if still.any():
        mean_mg = mean_mg[still]
        mean_mg = mean_mg[:: max(1, len(mean_mg) // MOST_FAULTS)]
        whole = np.round(mean_mg).astype(int).tolist()
        faults = [plausible.gravity_fault(*mean) for mean in whole]
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


def seconds_of(acc: np.ndarray, mg_per_lsb: float, odr_hz: float) -> Seconds:
    """Return the Seconds of counts, int16 (n, 3).

    Of a long recording every second, third ... second is looked at: MOST_SECONDS say enough.
    """
    n = max(1, round(odr_hz))
    whole = len(acc) // n
    seconds = acc[: whole * n].reshape(whole, n, 3)
    seconds = seconds[:: max(1, len(seconds) // MOST_SECONDS)].astype(np.float32)
    first = seconds[:, :1].copy()
    seconds -= first  # small numbers: their squares stay exact
    flat = seconds.reshape(len(seconds), 3 * n)
    off = _of_axes(flat) / n
    flat *= flat
    variance = np.maximum(_of_axes(flat) / n - off * off, 0)
    mean_mg = (first[:, 0] + off) * mg_per_lsb
    spread_mg = np.sqrt(variance.sum(axis=1)) * mg_per_lsb
    length_mg = np.linalg.norm(mean_mg, axis=1)
    return Seconds(mean_mg, spread_mg <= np.maximum(STILL_MG, STILL_SHARE * length_mg))


def _of_axes(flat: np.ndarray) -> np.ndarray:
    """Return the sums of each row's x, y and z, which lie interleaved."""
    return np.column_stack([flat[:, axis::3].sum(axis=1) for axis in range(3)])


def silent_runs(acc: np.ndarray) -> list[tuple[int, int]]:
    """Return the runs (first, end) of NOTHING_SAMPLES or more vectors of zeros."""
    # one of so many neighbours is looked at first: most recordings hold no zeros at all
    marks = np.flatnonzero(acc[::NOTHING_SAMPLES, 0] == 0) * NOTHING_SAMPLES
    if not (acc[marks] == 0).all(axis=1).any():
        return []
    runs = runs_of((acc == 0).all(axis=1)).tolist()
    return [(a, b) for a, b in runs if b - a >= NOTHING_SAMPLES]


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
