"""Does a night contradict physics? Gravity, and the rate at which samples came. Pure.

The bounds are those of `notturno_core.plausible`, which the band and the readers of files use too.
"""

from typing import NamedTuple

from notturno_core import plausible

SURE_CLOCK_PPM = 2_000  # of a clock that two settings measured, over a whole night: ours
MIN_SHARE = 0.1  # fewer minutes may have turned in their middle, and a mean of two is short: ours
UNSURE_CLOCK_PPM = 120_000  # an ESP32's resting oscillator, never compared with a host


class Believed(NamedTuple):
    """warnings: sentences; spoils: the weightiest of them, or None; share: of the minutes."""

    warnings: tuple
    spoils: str | None
    share: float


def judge(minutes: list[dict], sessions: list[dict]) -> Believed:
    """Return what of a night's minutes and recordings cannot be so."""
    warnings, share = [], 0.0
    faults: dict[int, int] = {}
    for minute in minutes:
        code = plausible.gravity_fault(*minute["gravity_mg"])
        if code:
            faults[code] = faults.get(code, 0) + 1
    if sum(faults.values()) > MIN_SHARE * len(minutes):
        share = sum(faults.values()) / len(minutes)
        code = max(faults, key=faults.__getitem__)
        warnings.append(
            f"In {sum(faults.values())} of {len(minutes)} minutes {plausible.FAULTS[code]}: "
            "the chip, its range or its wiring is not as the band believes."
        )
    for session in sessions:
        ppm = SURE_CLOCK_PPM if session["clock"] == "measured" else UNSURE_CLOCK_PPM
        code = plausible.rate_fault(round(session["rate_hz"] * 1000), session["odr_mhz"], ppm)
        if code:
            warnings.append(
                f"Samples came at {session['rate_hz']:.1f} Hz where the chip says "
                f"{session['odr_mhz'] / 1000:.1f}: {plausible.FAULTS[code]}."
            )
            share = 1.0
    warnings = list(dict.fromkeys(warnings))
    return Believed(tuple(warnings), warnings[-1] if warnings else None, share)
