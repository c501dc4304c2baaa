"""The rows of the tables of an export, night by night, as `columns.TABLES` names them.

Reads a store that somebody else opened; touches nothing. Cells are plain values: a time that is
not known, a figure that is refused, is None. What is a list or an object in a night's row (naps,
refusals) is JSON text.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterator, Sequence
from typing import TYPE_CHECKING

from notturno_core import namer, segments, wire

from notturno.files import said_tables
from notturno.files.chosen import Chosen, axes, times, zone_of, zones_of
from notturno.files.columns import BOOL, INT, REAL, TABLES, TEXT
from notturno.nights import waveform
from notturno.refusals import is_refusal
from notturno.views.many import hours_of_night

if TYPE_CHECKING:
    from notturno.store import Store

# As detector.packed writes them: int32 each of the segments, then uint16 each of the rules.
SETTINGS_FORMAT = f"<{len(segments.SETTINGS)}i{len(namer.RULES)}H"
KINDS_BY_HOUR = ("jerk", "lm")
SETTING_NAMES = [name for name, _, _ in (*segments.SETTINGS, *namer.RULES)]


def rows_of(store: Store, which: Chosen, name: str) -> Iterator[dict]:
    """Yield the rows of one table as {column: cell}, in the order of its columns."""
    fields = TABLES[name]
    zones = {} if name in _OF_PEOPLE else zones_of(store, which)
    for row in _MAKERS[name](store, which, zones):
        yield {field.name: _cell(row.get(field.name), field.type) for field in fields}


def _cell(value: float | str | None, kind: str) -> float | str | None:
    if value is None:
        return None
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True) if value else None
    if kind == BOOL:
        return bool(value)
    if kind == INT:
        return int(value)
    if kind == REAL:
        return float(value)
    return str(value) if kind == TEXT else value


# --- what bands recorded -------------------------------------------------------------------------


def _nights(store: Store, which: Chosen, _: dict[tuple[str, str], str]):
    for night in which.nights:
        yield from store.nights(night=night, device_id=which.device_id)


def _person_nights(store: Store, which: Chosen, _: dict[tuple[str, str], str]) -> Sequence[dict]:
    return store.person_nights(which.nights) if which.device_id is None else ()


def _events(store: Store, which: Chosen, zones: dict[tuple[str, str], str]) -> Iterator[dict]:
    labels = {(r["device_id"], r["log_id"], r["seq"]): r["said"] for r in store.labels()}
    for night in which.nights:
        for row in store.events(night, which.device_id):
            yield (
                row
                | times(row, zone_of(zones, row), onset="onset_utc_ms")
                | axes(row, "direction", "posture_before", "posture_after")
                | {
                    "counts": row["left_out"] is None,
                    "flag_names": " ".join(row["flag_names"]),
                    "label": labels.get((row["device_id"], row["log_id"], row["seq"])),
                }
            )


def _minutes(store: Store, which: Chosen, zones: dict[tuple[str, str], str]) -> Iterator[dict]:
    for night in which.nights:
        for row in store.minutes(night, which.device_id):
            yield (
                row
                | times(row, zone_of(zones, row), end="end_utc_ms")
                | axes(row, "gravity_mg")
                | {"flag_names": " ".join(row["flag_names"])}
            )


def _sessions(store: Store, which: Chosen, zones: dict[tuple[str, str], str]) -> Iterator[dict]:
    for night in which.nights:
        for row in store.sessions(night, which.device_id):
            yield row | times(row, zone_of(zones, row), start="start_utc_ms", end="end_utc_ms")


def _settings(store: Store, which: Chosen, zones: dict[tuple[str, str], str]) -> Iterator[dict]:
    raw = store.raw_settings()
    for row in _sessions(store, which, zones):
        data = raw[row["device_id"], row["log_id"], row["seq"]]
        if len(data) == struct.calcsize(SETTINGS_FORMAT):
            names, values = SETTING_NAMES, struct.unpack(SETTINGS_FORMAT, data)
        else:  # of a detector with other settings: their values, without names
            values = struct.unpack(f"<{len(data) // 4}i", data[: len(data) // 4 * 4])
            names = [None] * len(values)
        of = {name: row[name] for name in ("night", "device_id", "log_id")}
        for place, (name, value) in enumerate(zip(names, values, strict=True)):
            yield of | {"session_seq": row["seq"], "place": place, "name": name, "value": value}


def snippets_of(
    store: Store, night: str, device_id: str | None
) -> Iterator[tuple[dict, dict | None, waveform.Waveform]]:
    """Yield (snippet, its event or None, its samples) of a night, those that can be read."""
    found = store.waveforms(night, device_id)
    if not found:
        return
    events = store.events(night, device_id)
    owner = {}
    for event, snippet in zip(events, waveform.by_event(events, found), strict=True):
        if snippet is not None:
            owner[id(snippet)] = event
    for snippet in found:
        try:
            yield snippet, owner.get(id(snippet)), waveform.of_snippet(snippet)
        except wire.WireError:
            continue  # its records are in the lossless export all the same


def _snippets(store: Store, which: Chosen, _: dict[tuple[str, str], str]) -> Iterator[dict]:
    for night in which.nights:
        for snippet, event, wave in snippets_of(store, night, which.device_id):
            onset = event["onset_sample"] if event else None
            of = {name: snippet[name] for name in ("device_id", "log_id", "session_seq", "number")}
            of |= {"night": night, "event_seq": event["seq"] if event else None}
            for i, xyz in enumerate(wave.samples_mg()):
                at = wave.first_sample + i
                after_s = None if onset is None else round((at - onset) / wave.rate_hz, 6)
                values = zip("xyz", xyz or (None,) * 3, strict=True)
                yield (
                    of
                    | {"sample": at, "from_onset_s": after_s}
                    | {f"acceleration_mg_{axis}": value for axis, value in values}
                )


def _gaps(store: Store, which: Chosen, zones: dict[tuple[str, str], str]):
    for night in which.nights:
        for row in store.gaps(night, which.device_id):
            yield row | times(row, zone_of(zones, row), start="start_utc_ms", end="end_utc_ms")


def _hours(store: Store, which: Chosen, _: dict[tuple[str, str], str]) -> Iterator[dict]:
    for night in which.nights:
        for row in store.nights(night=night, device_id=which.device_id):
            of = {name: row[name] for name in ("night", "device_id")}
            for kind in KINDS_BY_HOUR:
                for hour in hours_of_night(store, row, kind):
                    given = {k: None if is_refusal(v) else v for k, v in hour.items()}
                    yield of | {"kind": kind} | given


def _marks(store: Store, which: Chosen, zones: dict[tuple[str, str], str]) -> Iterator[dict]:
    for night in which.nights:
        for row in store.marks(night, which.device_id):
            yield row | times(row, zone_of(zones, row), at="utc_ms")


_OF_PEOPLE = ("lab", "tags", "diary", "labels", "edits", "stimuli", "bands", "imported_sleeps")
_MAKERS = {
    "nights": _nights,
    "person_nights": _person_nights,
    "events": _events,
    "minutes": _minutes,
    "sessions": _sessions,
    "settings": _settings,
    "snippets": _snippets,
    "gaps": _gaps,
    "hours": _hours,
    "marks": _marks,
    "tags": said_tables.tags,
    "diary": said_tables.diary,
    "labels": said_tables.labels,
    "stimuli": said_tables.stimuli,
    "edits": said_tables.edits,
    "bands": said_tables.bands,
    "imported_sleeps": said_tables.sleeps,
    "lab": said_tables.lab,
}
