"""The figures of many nights of one band, and of two phases of them.

I put the rooms for many nights together; no rule stands here. Takes rows of the logbook. Pure.
"""

from notturno.refusals import Refusal
from notturno.scoring import provenance
from notturno.scoring.manynights import (
    change_points,
    phase_nights,
    phases,
    trends,
    usable,
)

VERSIONS = {"trends": "trends-1", "phases": "phases-1", "change_points": "change_points-1"}
KEYS = ("jerks", "lms")


def of_band(nights, tags=(), by=None, events=(), sessions=()):
    """Return the figures of one band's nights (rows, any order).

    by: None, "tag", "phase" (tags, each also compared with the first) or "month". events,
    sessions: the rows that the counts came from, for the provenance; without them it says so.
    """
    found = _head(nights)
    for key in KEYS:
        counts, _ = usable.usable(nights, key)
        found[key] = {
            "per_recorded_h": usable.rate_of(counts),
            "variability": trends.variability(counts),
            "trend": trends.trend(counts),
            "change_points": change_points.change_points(counts),
        }
    if by is not None:
        found["groups"] = _groups(nights, tags, by)
    return found | {"provenance": _provenance(events, sessions)}


def compare_band(two_phases, events=(), sessions=()):
    """Return what one band's nights say of two phases (two lists of rows)."""
    every = [night for phase in two_phases for night in phase]
    found = {
        "device_id": every[0]["device_id"] if every else None,
        "simulated": any(night["simulated"] for night in every),
        "phases": [_head(phase) for phase in two_phases],
    }
    for key in KEYS:
        found[key] = phases.compare(*(usable.usable(phase, key)[0] for phase in two_phases))
    return found | {"provenance": _provenance(events, sessions)}


def _head(nights):
    counts, left_out = usable.usable(nights)
    dates = sorted(night["date"] for night in nights if night["date"])
    return {
        "device_id": nights[0]["device_id"] if nights else None,
        "simulated": any(night["simulated"] for night in nights),
        "nights": len(nights),
        "usable_nights": len(counts),
        "first_night": dates[0] if dates else None,
        "last_night": dates[-1] if dates else None,
        "left_out": left_out,
        "short_h": usable.SHORT_H,
        "short_nights": [night.date for night in counts if night.hours < usable.SHORT_H],
        "recorded_h": sum(night.hours for night in counts),
    }


def _groups(nights, tags, by):
    if by == "month":
        keys = sorted({night["date"][:7] for night in nights if night["date"]})
        groups = [(k, [n for n in nights if n["date"] and n["date"][:7] == k]) for k in keys]
    else:
        groups = [
            (name, [n for n in nights if phase_nights.in_tag(tags, name, n)])
            for name in phase_nights.names(tags)
        ]
    found = []
    for name, rows in groups:
        group = {"name": name} | _head(rows)
        for key in KEYS:
            counts, _ = usable.usable(rows, key)
            group[key] = {
                "per_recorded_h": usable.rate_of(counts),
                "variability": trends.variability(counts),
            }
            if by == "phase" and found:
                first, _ = usable.usable(groups[0][1], key)
                shared = {n.date for n in first} & {n.date for n in counts}
                group[key]["against_first"] = (
                    Refusal(f"It shares nights with {groups[0][0]}.", "shared_nights")
                    if shared
                    else phases.rate_ratio(first, counts)
                )
        found.append(group)
    return found


def _provenance(events, sessions):
    if not sessions:
        return None
    return provenance.of_events(events, sessions) | {"rules": VERSIONS}
