"""The nights of a replayed recording, scored as a band's are: rows of labs' tables.

Pure. A recording of up to MAX_NIGHT_H is one night, named by the evening before its middle as a
band's; a longer one is cut at the noons of its own clock, and of each day the estimated sleep
window (van Hees 2018, scoring.onenight.sleep) is the time in bed: what happens by day is no night.
"""

from __future__ import annotations

import json
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from notturno_core import detector

from notturno.errors import Phrase
from notturno.labs.night import NOTED, REFUSED, Note
from notturno.labs.tables import REPLAYED_EVENTS, REPLAYED_NIGHTS
from notturno.loggers.load import Loaded
from notturno.loggers.replayed import Replayed
from notturno.nights import counts
from notturno.nights.axis import night_axis
from notturno.nights.summary import Facts
from notturno.nights.verdict import MAX_NIGHT_H
from notturno.refusals import is_refusal
from notturno.scoring.onenight import nightly, sleep
from notturno.times import DAY_S, HOUR_S

if TYPE_CHECKING:
    from notturno.detect.recording import Recording

EVENING_S = 18 * HOUR_S
LEAST_S = 60.0  # a piece of a day so short is no night
DEVICE = "logger"
NO_SAMPLE = Note("no_sample", 1, Phrase("Of this day the recording has no sample."))


def tables_of(person: str, source: str, loaded: Any, found: Any, side: str = "") -> dict:
    """Return {"nights": columns, "events": columns, "qc": rows} of one recording."""
    rows, events, qc = [], [], []
    for night, begin_s, end_s in windows(loaded.recording):
        who = {"person": person, "night": night}
        scored, window = _scored(loaded.recording, found, begin_s, end_s, night, side)
        if scored is None:
            qc.append({"source": source, "what": REFUSED} | who | NO_SAMPLE._asdict())
            continue
        rows.append(who | _row(scored, window, loaded, begin_s, source, side))
        events += [who | _event(each, side) for each in scored.axis.events if _is_told(each)]
        for note in loaded.recording.notes:
            qc.append({"source": source, "what": NOTED} | who | note._asdict())
    return {
        "nights": {field.name: [row.get(field.name) for row in rows] for field in REPLAYED_NIGHTS},
        "events": {
            field.name: [row.get(field.name) for row in events] for field in REPLAYED_EVENTS
        },
        "qc": qc,
    }


def windows(recording: Recording) -> list[tuple[str, float, float]]:
    """Return (name, begin_s, end_s) of each night; s from the recording's start."""
    start_s = recording.start_local_s
    start_s = recording.start_utc_s if start_s is None else start_s
    length_s = recording.length_s
    if length_s <= MAX_NIGHT_H * 3600:
        name = "night" if start_s is None else _date(start_s + length_s / 2 - EVENING_S)
        return [(name, 0.0, length_s)]
    noon_s = DAY_S / 2
    first_s = 0.0 if start_s is None else -((start_s - noon_s) % DAY_S)
    found, number = [], 0
    while first_s < length_s:
        number += 1
        begin_s, end_s = max(0.0, first_s), min(length_s, first_s + DAY_S)
        name = f"night-{number}" if start_s is None else _date(start_s + first_s)
        if end_s - begin_s >= LEAST_S:
            found.append((name, begin_s, end_s))
        first_s += DAY_S
    return found


def _date(seconds: float) -> str:
    return (datetime(1970, 1, 1) + timedelta(seconds=seconds)).date().isoformat()


def _scored(
    recording: Recording, found: Replayed, begin_s: float, end_s: float, night: str, side: str
) -> Any:
    """Return (nightly.Scored, sleep window, s, or None) of a part; None twice without samples."""
    gaps = _cut(recording.gaps_s(), begin_s, end_s)
    length_s = end_s - begin_s
    recorded_s = length_s - sum(b - a for a, b in gaps)
    if recorded_s <= 0:
        return None, None
    session = {
        "device_id": DEVICE,
        "log_id": 0,
        "seq": 0,
        "start_utc_ms": 0,  # of this axis alone: a clock on the wall has no UTC
        "end_utc_ms": round(length_s * 1000),
        "recorded_s": recorded_s,
        "rate_hz": recording.odr_hz,
        "zone": "UTC",
        "clock": "measured",
        "clock_error_ms": 0,
        "detector_version": detector.VERSION,
        "firmware": "",
        "names_version": None,
        "settings": [],
        "simulated": False,
    }
    events = _events(found.events, begin_s, end_s)
    minutes = _minutes(found, begin_s, end_s)
    missing = [{"start_utc_ms": round(a * 1000), "end_utc_ms": round(b * 1000)} for a, b in gaps]
    axis = night_axis(events, minutes, [session], missing)
    slept = sleep.estimate(axis)
    window = None if is_refusal(slept) or is_refusal(slept["window_s"]) else slept["window_s"]
    if length_s > MAX_NIGHT_H * 3600 and window is not None:
        bed_ms = tuple(round(at_s * 1000) for at_s in window)
        axis = night_axis(events, minutes, [session], missing, bed_ms)
        slept = sleep.estimate(axis)
    facts = Facts(night, None, "", side=side)
    return nightly.score(axis, [session], facts, slept), window


def _cut(
    pieces: list[tuple[float, float]], begin_s: float, end_s: float
) -> list[tuple[float, float]]:
    """Return the parts of some spans that lie in a window, from its begin."""
    inside = [(max(a, begin_s) - begin_s, min(b, end_s) - begin_s) for a, b in pieces]
    return [(a, b) for a, b in inside if b > a]


def _events(events: list[dict], begin_s: float, end_s: float) -> list[dict]:
    out = []
    for number, event in enumerate(events):
        first_s, last_s = event["onset_s"], event["onset_s"] + event["duration_s"]
        if event["kind"] in ("awake", "not_worn"):
            first_s, last_s = max(first_s, begin_s), min(last_s, end_s)
            if last_s <= first_s:
                continue
        elif not begin_s <= first_s < end_s:
            continue
        flags = counts.flags_of(event["flags"])
        out.append(
            event
            | {
                "device_id": DEVICE,
                "log_id": 0,
                "session_seq": 0,
                "seq": number,
                "flags": flags,
                "flag_names": event["flags"],
                "onset_utc_ms": None,
                "onset_s": round(first_s - begin_s, 4),
                "duration_s": round(last_s - first_s, 4),
            }
        )
    return out


def _minutes(found: Replayed, begin_s: float, end_s: float) -> list[dict]:
    off = [
        (e["onset_s"], e["onset_s"] + e["duration_s"])
        for e in found.events
        if e["kind"] == "not_worn"
    ]
    out = []
    for minute in found.minutes:
        at_s = minute["end_s"]
        if not begin_s < at_s <= end_s:
            continue
        worn = not any(a <= at_s - 30 < b for a, b in off)
        out.append(
            {
                "log_id": 0,
                "session_seq": 0,
                "end_sample": minute["sample"],
                "end_utc_ms": round((at_s - begin_s) * 1000),
                "activity_mg": minute["activity_q4_mg"] / 16,
                "gravity_mg": list(minute["gravity_mg"]),
                "tilt_max_deg": minute["tilt_max_deg"],
                "flag_names": [] if worn else ["not_worn"],
                "temperature_c": None,
            }
        )
    return out


def _is_told(event: dict) -> bool:
    return event["kind"] in ("jerk", "lm", "rhythm", "posture", "awake", "not_worn")


def _event(event: dict, side: str) -> dict:
    return event | {"side": side, "stage": None}


def _row(
    scored: nightly.Scored,
    window: list[float] | None,
    loaded: Loaded,
    begin_s: float,
    source: str,
    side: str,
) -> dict:
    recording, columns = loaded.recording, scored.columns
    told = {**columns}
    for rules, figures in scored.movements.items():
        told[f"lm_{rules}"] = figures["lm"]
        told[f"plm_nonresp_{rules}"] = figures["plm_nonresp"]
        told[f"series_{rules}"] = len(figures["series"])
        for rate in ("plms_nrem_per_h", "plms_rem_per_h", "plms_nonresp_per_h"):
            told[f"{rate}_{rules}"] = figures["rates"][rate]
        told[f"plms_arousal_per_h_{rules}"] = figures["rates"]["plms_arousal_per_h"]
        told["movements_sha256"] = figures["provenance"]["movements_sha256"]
    refused = {key: value.code for key, value in told.items() if is_refusal(value)}
    refused.pop("refusal", None)
    row = {key: None if is_refusal(value) else value for key, value in told.items()}
    start_s = recording.start_local_s
    start_s = recording.start_utc_s if start_s is None else start_s
    return row | {
        "side": side,
        "source": source,
        "format": loaded.format,
        "start_local": None if start_s is None else _iso(start_s + begin_s),
        "rows": columns["lms_all"],
        "unknown_stages": 0,
        "detector_version": str(columns["detector_version"]),
        "sleep_start_s": None if window is None else window[0],
        "sleep_end_s": None if window is None else window[1],
        "odr_hz": recording.odr_hz,
        "refusals": json.dumps(refused, sort_keys=True) if refused else None,
    }


def _iso(seconds: float) -> str:
    return (datetime(1970, 1, 1) + timedelta(seconds=round(seconds))).isoformat()
