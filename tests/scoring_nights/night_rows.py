"""Rows of made-up nights as the logbook gives them: events, minutes, sessions, nights.

Touches nothing. Speaks seconds and minutes from the start of the session.
"""

from datetime import date, timedelta

from notturno.nights.columns import BY_KEY
from notturno.nights.counts import left_out_as
from notturno_core import wire

START_UTC_MS = 1_768_253_400_000
START_TICK_MS = 1000
RATE_HZ = 104.0
KINDS = {name: kind for kind, name in wire.EVENT_NAMES.items()}
FLAGS = {name: bit for bit, name in wire.FLAG_NAMES.items()}


def event(at_s, kind="jerk", lasts_s=0.1, flags=(), seq=None, **values):
    """Return one event; `flags` are names."""
    bits = sum(FLAGS[name] for name in flags)
    return {
        "device_id": "a1",
        "log_id": 1,
        "seq": round(at_s * 1000) if seq is None else seq,
        "session_seq": 0,
        "night": "2026-01-12",
        "kind": kind,
        "flags": bits,
        "flag_names": list(flags),
        "left_out": left_out_as(KINDS[kind], bits),
        "single": kind == "jerk" and left_out_as(KINDS[kind], bits) is None,
        "onset_utc_ms": START_UTC_MS + round(at_s * 1000),
        "onset_s": at_s,
        "duration_s": lasts_s,
        "onset_sample": round(at_s * RATE_HZ),
        "duration_samples": round(lasts_s * RATE_HZ),
        "peak_mg": 100,
        "peak_jerk_mg_per_s": 1000,
        "energy_mg2_s": 10,
        "rhythm_hz": None,
        "beats": None,
        "kind_band": kind,
        "flags_band": bits,
        "layout": 1,
    } | values


def minutes(n, first=0, tilt_deg=1, activity_mg=1.0, flags=()):
    """Return n still minutes from minute `first` of the session on."""
    return [
        {
            "device_id": "a1",
            "log_id": 1,
            "seq": 10_000_000 + i,
            "session_seq": 0,
            "night": "2026-01-12",
            "end_sample": round((i + 1) * 60 * RATE_HZ),
            "end_utc_ms": START_UTC_MS + (i + 1) * 60_000,
            "tick_ms": START_TICK_MS + (i + 1) * 60_000,
            "activity_mg": activity_mg,
            "tilt_max_deg": tilt_deg,
            "gravity_mg": [0, 0, 1000],
            "temperature_c": 33.0,
            "flag_names": list(flags),
        }
        for i in range(first, first + n)
    ]


def session(n_minutes, **values):
    """Return one session of so many minutes from the start."""
    return {
        "device_id": "a1",
        "log_id": 1,
        "seq": 0,
        "night": "2026-01-12",
        "zone": "Europe/Rome",
        "boot_id": 1,
        "tick_ms": START_TICK_MS,
        "rate_hz": RATE_HZ,
        "odr_mhz": round(RATE_HZ * 1000),
        "detector_version": 1,
        "names_version": None,
        "firmware": "0.1.0",
        "settings": [1, 2, 3],
        "start_utc_ms": START_UTC_MS,
        "end_utc_ms": START_UTC_MS + n_minutes * 60_000,
        "clock": "measured",
        "clock_error_ms": 20,
        "recorded_s": n_minutes * 60.0,
        "simulated": False,
    } | values


def gap(start_min, end_min):
    """Return a gap of the logbook."""
    return {
        "start_utc_ms": START_UTC_MS + round(start_min * 60_000),
        "end_utc_ms": START_UTC_MS + round(end_min * 60_000),
        "start_tick_ms": START_TICK_MS + round(start_min * 60_000),
        "end_tick_ms": START_TICK_MS + round(end_min * 60_000),
        "reason": "overrun",
    }


def night_row(day, jerks, hours=8.0, **values):
    """Return one row of the nightly table, `day` counted from 1 January 2026."""
    text = (date(2026, 1, 1) + timedelta(days=day)).isoformat()
    return (
        dict.fromkeys(BY_KEY)
        | {
            "night": text,
            "date": text,
            "band": "a1",
            "device_id": "a1",
            "person_side": "L",
            "limb": "calf",
            "state": "complete",
            "refusals": {},
            "recorded_h": hours + 1,
            "countable_h": hours,
            "asleep_h": hours / 2,
            "jerks": jerks,
            "jerks_per_h": jerks / hours,
            "lms": 2 * jerks,
            "lms_per_h": 2 * jerks / hours,
            "plms_wasm2016": jerks,
            "plms_per_h_wasm2016": jerks / (hours / 2),
            "periodicity_index": 0.5,
            "rhythms": 4,
            "firmware": "0.1.0",
            "detector_version": 3,
            "names_version": "band",
            "settings_sha256": "ab" * 32,
            "rules_version": "1",
            "simulated": False,
        }
        | values
    )
