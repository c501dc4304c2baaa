"""What made a figure: firmware, detector, settings, rules, and a hash of the events it came from.

Two scorings with equal hashes differ by their rules alone; `rescore.difference` shows how. Pure.
"""

import hashlib
import json
from typing import Any

from notturno import __version__

BAND_NAMED = "band"  # in the place of the version of a table of names: the band's own names stand

# What the band itself wrote: samples and not times, so that a better clock is no other event; and
# its own names, so that other rules for them are none. Where rules name again they also move onset
# and length to those of what is named, and the facts stand in their place.
_WHICH = ("device_id", "log_id", "seq", "kind_band", "flags_band")
HASHED_FIRST_LAYOUT = (
    *_WHICH,
    *("onset_sample", "duration_samples", "peak_mg", "peak_jerk_mg_per_s", "energy_mg2_s"),
    *("rhythm_hz", "beats"),
)
HASHED_LAYOUT_2 = (
    *_WHICH,
    *("number", "bursts", "cycles", "uneven_pct", "centre_dhz", "burst_samples", "move_samples"),
    *("quick_peak_mg", "slow_peak_mg", "peak_jerk_mg_per_s", "energy_mg2_s", "effective_ms"),
    *("morph_ms",),
)
HASHED_FROM_LAYOUT_3 = (*HASHED_LAYOUT_2, "later_pct")


def events_sha256(events: list[dict]) -> str:
    """Return the SHA-256 (hex) of events of the logbook, whatever their order."""
    lines = sorted(
        json.dumps([event[name] for name in _hashed(event["layout"])]) for event in events
    )
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def _hashed(layout: int) -> tuple[str, ...]:
    if layout == 1:
        return HASHED_FIRST_LAYOUT
    return HASHED_LAYOUT_2 if layout == 2 else HASHED_FROM_LAYOUT_3


def settings_sha256(settings: list[int]) -> str:
    """Return the SHA-256 (hex) of a detector's settings (list of ints, in its own order)."""
    return hashlib.sha256(json.dumps([int(value) for value in settings]).encode()).hexdigest()


def named_by(session: dict) -> str:
    """Return the version of the table that named a session's events, or `band`."""
    return session["names_version"] or BAND_NAMED


def of_sessions(sessions: list[dict]) -> dict[str, Any]:
    """Return what made some sessions' events, each once, sorted.

    names_version: the table of names that named them again; `band` where the band's names stand.
    """
    return {
        "firmware": sorted({session["firmware"] for session in sessions}),
        "detector_version": sorted({session["detector_version"] for session in sessions}),
        "names_version": sorted({named_by(session) for session in sessions}, key=str),
        "settings_sha256": sorted({settings_sha256(s["settings"]) for s in sessions}),
        "devices": sorted({session["device_id"] for session in sessions}),
        "simulated": any(session["simulated"] for session in sessions),
        "notturno": __version__,
    }


def of_events(events: list[dict], sessions: list[dict]) -> dict[str, Any]:
    """Return the provenance of a section of figures: what recorded, and from which events."""
    return {"events_sha256": events_sha256(events), "source": of_sessions(sessions)}
