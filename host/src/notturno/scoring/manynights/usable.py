"""Which nights may be compared with one another, and their counts and hours.

Takes rows of the logbook's nights (dicts as `Store.nights` gives them). A night that is too
short, too broken, hardly worn or undated is left out by name, never silently. Units: hours. Pure.
"""

from datetime import date
from math import log
from typing import NamedTuple

from notturno import refusals
from notturno.nights.axis import MAX_GAP_SHARE, MAX_NOT_WORN_SHARE
from notturno.refusals import Refusal

MIN_NIGHT_H = 1.0  # ours: less than a recorded hour is no night
SHORT_H = 4.0  # ours: from here down a night is named short: jerks and PLM crowd its early hours
MIN_NIGHTS = 3  # one night says little; below three, no trend, phase or variability
WHAT = {"jerks": "single jerks", "lms": "limb movements", "rhythms": "rhythmic runs"}


class NightCount(NamedTuple):
    """One usable night: its ISO date, day number, count and recorded hours."""

    date: str
    day: int
    count: int
    hours: float

    @property
    def rate(self):
        """Events per recorded hour."""
        return self.count / self.hours

    @property
    def log_rate(self):
        """ln of the rate with half an event added, so that a night without any has one too."""
        return log((self.count + 0.5) / self.hours)


def refused(night):
    """Return the Refusal for a night that says nothing about a rate, or None."""
    recorded_s, gap_s = night["recorded_s"], night["gap_s"]
    if night["date"] is None:
        return Refusal("Its date is not known.", refusals.CLOCK_UNKNOWN)
    if recorded_s < MIN_NIGHT_H * 3600:
        return Refusal(
            f"{recorded_s / 3600:.1f} h were recorded; it needs {MIN_NIGHT_H:.0f}.",
            refusals.TOO_SHORT,
        )
    if gap_s / (recorded_s + gap_s) > MAX_GAP_SHARE:
        return Refusal(
            f"{gap_s / (recorded_s + gap_s):.0%} of it was not recorded.", refusals.TOO_MANY_GAPS
        )
    if night["not_worn_min"] * 60 / recorded_s > MAX_NOT_WORN_SHARE:
        return Refusal(
            f"The band was not worn for {night['not_worn_min']} min of it.", refusals.NOT_WORN
        )
    return None


def usable(nights, what="jerks"):
    """Return ([NightCount] by date, {night: Refusal} of those left out).

    what: the key of the count. Raises ValueError where two bands are among the rows.
    """
    if len({night["device_id"] for night in nights}) > 1:
        raise ValueError("nights of one band are needed")
    kept, left_out = [], {}
    for night in nights:
        reason = refused(night)
        if reason is not None:
            left_out[night["night"]] = reason
            continue
        day = date.fromisoformat(night["date"]).toordinal()
        kept.append(NightCount(night["date"], day, night[what], night["recorded_s"] / 3600))
    return sorted(kept), left_out


def too_few_nights(n, needed=MIN_NIGHTS, what="this"):
    """Return the Refusal for fewer than `needed` nights."""
    return Refusal(
        f"{n} usable night{'' if n == 1 else 's'}; {what} needs {needed}.",
        refusals.TOO_FEW_NIGHTS,
    )


def rate_of(counts):
    """Return events per recorded hour over some nights together, or a Refusal without any."""
    if not counts:
        return too_few_nights(0, 1, "a rate")
    return sum(night.count for night in counts) / sum(night.hours for night in counts)
