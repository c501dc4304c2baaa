"""Tells an LSM6DSO32 from an LSM6DSO or DSOX: one identity, ranges twice as wide.

Touches nothing but what it is given. At rest the range code of 4 g shows 1000 mg, or half of it
where that code is 8 g. Bounds of |g| as in notturno_core.plausible.
"""

SAMPLES, PERIOD_MS = 16, 10  # in a row at rest: 160 ms
ROUNDS = 12  # of a moving limb: 2 s
STILL_MG = 40  # an axis at rest stays within
LEAST_MG, MOST_MG = 850, 1150
HALVED_BELOW_MG2 = 707 * 707  # of a moving limb's mean square: between 500 and 1000 mg
NOTHING_BELOW_MG2 = 250 * 250  # that is no gravity at all: a dead sensor, not a wide one


def is_halved(read_mg, sleep_ms):
    """Return (whether |g| reads as half, whether that is sure).

    read_mg: callable, three axes in mg; sleep_ms: callable. Sixteen samples at rest are sure.
    While the limb moves, for two seconds, the mean square of |a| decides, and that is not: ask
    again at the next start. Movement adds to gravity on either chip, and what is 500 mg stays
    below 707 far longer than 1000 does.
    """
    total_mg2 = moving = 0
    for _ in range(ROUNDS):
        mean_mg2, still = _round(read_mg, sleep_ms)
        if still and LEAST_MG * LEAST_MG <= mean_mg2 <= MOST_MG * MOST_MG:
            return False, True
        if still and LEAST_MG * LEAST_MG <= 4 * mean_mg2 <= MOST_MG * MOST_MG:
            return True, True
        if not still:  # at rest and neither: a broken sensor, of whichever kind
            total_mg2 += mean_mg2
            moving += 1
    return NOTHING_BELOW_MG2 * moving < total_mg2 < HALVED_BELOW_MG2 * moving, False


def _round(read_mg, sleep_ms):
    """Return (mean of |a| squared in mg2, whether every axis stood still)."""
    low, high = [32767] * 3, [-32768] * 3
    total_mg2 = 0
    for _ in range(SAMPLES):
        sleep_ms(PERIOD_MS)
        axes_mg = read_mg()
        for i in range(3):
            low[i] = min(low[i], axes_mg[i])
            high[i] = max(high[i], axes_mg[i])
            total_mg2 += axes_mg[i] * axes_mg[i]
    still = max([high[i] - low[i] for i in range(3)]) <= STILL_MG
    return total_mg2 // SAMPLES, still
