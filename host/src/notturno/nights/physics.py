"""Does a night contradict physics? Gravity, and the rate at which samples came. Pure.

The bounds and their words are those of `notturno_core.plausible`, the one door for band, file and
host. What is here is how much of a night must fail there before it is said.
"""

from collections.abc import Iterator
from typing import NamedTuple

from notturno_core import plausible

from notturno.errors import Phrase
from notturno.nights.clocks import MEASURED_DRIFT

SURE_CLOCK_PPM = round(MEASURED_DRIFT * 1e6)  # what "measured" leaves open
UNSURE_CLOCK_PPM = 120_000  # an ESP32's resting oscillator, never compared with a host: ours
MIN_SHARE = 0.1  # fewer minutes may have turned in their middle, and a mean of two is short: ours


class Believed(NamedTuple):
    """warnings: sentences; spoils: the weightiest of them, or None; share: of the night it holds.

    A sentence that spoils is among the warnings too.
    """

    warnings: tuple
    spoils: str | None
    share: float


def judge(minutes: list[dict], sessions: list[dict]) -> Believed:
    """Return what of a night's minutes and recordings cannot be so.

    minutes: gravity_mg (x, y, z), activity_mg. sessions: clock ("measured" or less), rate_hz by
    that clock, odr_mhz as the chip says, its sensor_id, recorded_s. Shares are of the minutes, and
    of the time.
    """
    told = [*_of_gravity(minutes), *_of_rates(sessions)]
    spoils = sorted(told, key=lambda one: -one[0])
    sentences = [sentence for _, sentence in spoils]
    return Believed(
        tuple(dict.fromkeys([*sentences, *_of_directions(minutes)])),
        sentences[0] if spoils else None,
        spoils[0][0] if spoils else 0.0,
    )


def _is_blank(minute: dict) -> bool:
    # No direction was kept, but movement was: only the direction is missing.
    return not any(minute["gravity_mg"]) and minute["activity_mg"] > 0


def _of_directions(minutes: list[dict]) -> Iterator[Phrase]:
    blank = sum(_is_blank(minute) for minute in minutes)
    if blank > MIN_SHARE * len(minutes):
        yield Phrase(
            "In {n} of {of} minutes no direction of gravity was kept: postures, and sleep "
            "where it "
            "rests on them, are not to be believed.",
            n=blank,
            of=len(minutes),
        )


def _of_gravity(minutes: list[dict]) -> Iterator[tuple[float, Phrase]]:
    """Yield (share, sentence) where the minutes do not show 1 g."""
    codes = [plausible.gravity_fault(*m["gravity_mg"]) for m in minutes if not _is_blank(m)]
    faults = [code for code in codes if code]
    if len(faults) > MIN_SHARE * len(minutes):
        kinds = sorted(set(faults), key=lambda code: (-faults.count(code), code))
        yield (
            len(faults) / len(minutes),
            Phrase(
                "In {n} of {of} minutes {faults_said}: the chip, its range or its wiring is "
                "not as "
                "the band believes, and so are all strengths.",
                n=len(faults),
                of=len(minutes),
                faults_said=" or ".join(plausible.FAULTS[code] for code in kinds),
            ),
        )


def _of_rates(sessions: list[dict]) -> Iterator[tuple[float, Phrase]]:
    """Yield (share, sentence) of recordings whose samples came too slowly or too fast.

    The share is that of all such recordings together: one short one does not spoil a night.
    """
    said, wrong_s = [], 0.0
    for session in sessions:
        ppm = SURE_CLOCK_PPM if session["clock"] == "measured" else UNSURE_CLOCK_PPM
        measured_mhz = round(session["rate_hz"] * 1000)
        code = plausible.rate_fault(measured_mhz, session["odr_mhz"], ppm, session["sensor_id"])
        if code:
            wrong_s += session["recorded_s"]
            said.append(
                Phrase(
                    "Samples came at {rate_hz:.1f} Hz where the chip says {odr_hz:.1f}: "
                    "{fault_said}.",
                    rate_hz=session["rate_hz"],
                    odr_hz=session["odr_mhz"] / 1000,
                    fault_said=plausible.FAULTS[code],
                )
            )
    all_s = sum(session["recorded_s"] for session in sessions)
    for sentence in said:
        yield wrong_s / all_s if all_s else 1.0, sentence
