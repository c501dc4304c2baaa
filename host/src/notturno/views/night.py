"""One night, ready to be shown: its figures, what is usual, its hours, spans, events and marks."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from notturno.nights.calendar import zone_info
from notturno.nights.lying import lying
from notturno.nights.spans import without
from notturno.refusals import is_refusal, to_json
from notturno.scoring.onenight import hours, sleep
from notturno.scoring.staging import SLEEP, Hypnogram
from notturno.views import usual, verdict
from notturno.views.events import numbered

if TYPE_CHECKING:
    from notturno.nights.axis import NightAxis
    from notturno.store import Store

SPANS = ("recorded", "gaps", "not_worn", "awake", "countable")
HOURS_A_DAY = 24


def night_view(store: Store, night: str, device_id: str | None = None) -> dict:
    """Return `night`, `bands`, `person`, `person_usual`, `person_verdict`.

    bands: of each its `band_view`; person: rows of both legs, and of each of them what is usual
    and its verdict. night: of store.night_names(); device_id: this band alone.
    """
    events = numbered(store, night)
    rows = store.nights(night=night, device_id=device_id)
    person = store.person_nights([night]) if device_id is None else []
    of_person = [usual.of_person(store, row) for row in person]
    return {
        "night": night,
        "bands": [
            band_view(store, row, [e for e in events if e["device_id"] == row["device_id"]])
            for row in rows
        ],
        "person": person,
        "person_usual": of_person,
        "person_verdict": [
            verdict.of_night(row, known) for row, known in zip(person, of_person, strict=True)
        ],
    }


def band_view(store: Store, row: dict, events: list[dict]) -> dict:
    """Return one band's night.

    Keys: `row` (its line of the nightly table), `usual` ({measure: `usual.of_night`}), `verdict`
    (`verdict.of_night`), `dated`, `span` and `in_bed` ([start, end]), `hours` (`clock_hours`),
    `spans` ({recorded, gaps, not_worn, awake, countable, asleep: [[start, end]]}), `sleep_rule`,
    `minutes`, `events`, `marks`, `gaps` (with reasons), `lying` (how the limb lay:
    [{start_ms, end_ms, turned_deg}], see nights.lying).
    """
    axis, rows = store.night_on_axis(row["night"], row["device_id"], events)
    dated = axis.origin_utc_ms is not None
    ms_of = _to_ms(axis.origin_utc_ms or 0)
    slept = sleep.estimate(axis)
    placed = {(e["log_id"], e["seq"]): e for e in axis.events}
    is_usual = usual.of_night(store, row)
    return {
        "row": row,
        "usual": is_usual,
        "verdict": verdict.of_night(row, is_usual),
        "dated": dated,
        "span": [ms_of(at) for at in axis.span_us],
        "in_bed": [ms_of(at) for at in axis.in_bed_us],
        "hours": to_json(clock_hours(axis, row["zone"])),
        "spans": {
            **{name: _pairs(getattr(axis, name), ms_of) for name in SPANS},
            "asleep": [] if is_refusal(slept) else _asleep(slept, axis.not_worn, ms_of),
        },
        "sleep_rule": to_json(slept) if is_refusal(slept) else slept["rule"],
        "minutes": [_minute(minute, ms_of) for minute in axis.minutes],
        "events": [_event(e, placed[e["log_id"], e["seq"]], ms_of) for e in events],
        "marks": [mark for mark in rows["marks"] if mark["utc_ms"] is not None or not dated],
        "gaps": rows["gaps"],
        "lying": [
            {"start_ms": ms_of(start), "end_ms": ms_of(end), "turned_deg": round(turned, 1)}
            for start, end, turned in lying(axis.minutes)
        ],
    }


def clock_hours(axis: NightAxis, zone: str, kind: str = "jerk") -> list[dict]:
    """Return the rows of `hours.by_hour` of what counts, cut at the full hours of the clock.

    `hour` is the hour of the clock, from 24 on behind midnight, and `start_ms` where it begins;
    without a clock hours are counted from the start of the recording.
    """
    onsets = [event["onset_us"] for event in axis.counted(kind)]
    first_us, first_hour = axis.span_us[0], 0
    if axis.origin_utc_ms is not None:
        start_ms = axis.origin_utc_ms + axis.span_us[0] / 1000
        local = datetime.fromtimestamp(start_ms / 1000, UTC).astimezone(zone_info(zone))
        into_us = (local.minute * 60 + local.second) * 1_000_000 + local.microsecond
        first_us, first_hour = axis.span_us[0] - into_us, local.hour
        if first_hour < HOURS_A_DAY // 2:
            first_hour += HOURS_A_DAY  # the night began behind midnight
    ms_of = _to_ms(axis.origin_utc_ms or 0)
    return [
        {**_without_start(row), "start_ms": ms_of(row["start_us"])}
        for row in hours.by_hour(axis, onsets, first_us, first_hour)
    ]


def _without_start(row: dict) -> dict:
    return {key: value for key, value in row.items() if key != "start_us"}


def _to_ms(origin_ms: int) -> Callable:
    return lambda instant_us: origin_ms + round(instant_us / 1000)


def _pairs(spans: list[tuple[int, int]], ms_of: Callable) -> list[list[int]]:
    return [[ms_of(start), ms_of(end)] for start, end in spans]


def _asleep(slept: dict, not_worn: list[tuple[int, int]], ms_of: Callable) -> list[list[int]]:
    """Return the spans of sleep; a band that lies on a table is still, and sees none."""
    stages = Hypnogram(slept["stages"])
    asleep = [
        (start, end)
        for start, end, stage in zip(stages.starts_us, stages.ends_us, stages.stages, strict=True)
        if stage in SLEEP
    ]
    return _pairs(without(asleep, not_worn), ms_of)


def _minute(minute: dict, ms_of: Callable) -> dict:
    return {
        "start_ms": ms_of(minute["start_us"]),
        "end_ms": ms_of(minute["end_us"]),
        "activity_mg": minute["activity_mg"],
        "gravity_mg": minute["gravity_mg"],
        "flags": minute["flag_names"],
    }


def _event(event: dict, placed: dict, ms_of: Callable) -> dict:
    return event | {
        "start_ms": ms_of(placed["onset_us"]),
        "end_ms": ms_of(placed["end_us"]),
        "waveform": event["waveform"] is not None,
    }
