"""What made a figure: firmware, detector, settings, rules, and a hash of the events it came from.

Two scorings with equal hashes differ by their rules alone; `rescore.difference` shows how. Pure.
"""

import hashlib
import json

from notturno import __version__

# What the band itself wrote: samples and not times, so that a better clock is no other event.
HASHED = (
    "device_id",
    "log_id",
    "seq",
    "kind",
    "flags",
    "onset_sample",
    "duration_samples",
    "peak_mg",
    "peak_jerk_mg_per_s",
    "energy_mg2_s",
    "rhythm_hz",
    "beats",
)


def events_sha256(events):
    """Return the SHA-256 (hex) of events of the logbook, whatever their order."""
    lines = sorted(json.dumps([event[name] for name in HASHED]) for event in events)
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()


def settings_sha256(settings):
    """Return the SHA-256 (hex) of a detector's settings (list of ints, in its own order)."""
    return hashlib.sha256(json.dumps([int(value) for value in settings]).encode()).hexdigest()


def of_sessions(sessions):
    """Return firmware, detector versions and settings of some sessions, each once, sorted."""
    return {
        "firmware": sorted({session["firmware"] for session in sessions}),
        "detector_version": sorted({session["detector_version"] for session in sessions}),
        "settings_sha256": sorted({settings_sha256(s["settings"]) for s in sessions}),
        "devices": sorted({session["device_id"] for session in sessions}),
        "simulated": any(session["simulated"] for session in sessions),
        "notturno": __version__,
    }


def of_events(events, sessions):
    """Return the provenance of a section of figures: what recorded, and from which events."""
    return {"events_sha256": events_sha256(events), "source": of_sessions(sessions)}
