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
    warnings, spoils, share = [], [], 0.0
    faults: dict[int, int] = {}
    blank = 0  # no direction was kept, but movement was: only the direction is missing
    for minute in minutes:
        code = plausible.gravity_fault(*minute["gravity_mg"])
        if code and not any(minute["gravity_mg"]) and minute["activity_mg"] > 0:
            blank += 1
        elif code:
            faults[code] = faults.get(code, 0) + 1
    if blank > MIN_SHARE * len(minutes):
        warnings.append(
            f"In {blank} of {len(minutes)} minutes no direction of gravity was kept: postures, "
            "and sleep where it rests on them, are not to be believed."
        )
    if sum(faults.values()) > MIN_SHARE * len(minutes):
        share = sum(faults.values()) / len(minutes)
        code = max(faults, key=faults.__getitem__)
        spoils.append(
            f"In {sum(faults.values())} of {len(minutes)} minutes {plausible.FAULTS[code]}: the "
            "chip, its range or its wiring is not as the band believes, and so are all strengths."
        )
    for session in sessions:
        ppm = SURE_CLOCK_PPM if session["clock"] == "measured" else UNSURE_CLOCK_PPM
        measured_mhz = round(session["rate_hz"] * 1000)
        code = plausible.rate_fault(measured_mhz, session["odr_mhz"], ppm)
        if code:
            share = 1.0
            spoils.append(
                f"Samples came at {session['rate_hz']:.1f} Hz where the chip says "
                f"{session['odr_mhz'] / 1000:.1f}: {plausible.FAULTS[code]}."
            )
    told = tuple(dict.fromkeys([*spoils, *warnings]))
    return Believed(told, spoils[0] if spoils else None, share)
