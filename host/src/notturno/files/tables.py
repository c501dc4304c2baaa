"""The rows of the tables of an export, night by night, as `columns.TABLES` names them.

Reads a store that somebody else opened; touches nothing. Cells are plain values: a time that is
not known, a figure that is refused, is None. What is a list or an object in a night's row (naps,
refusals) is JSON text.
"""

from __future__ import annotations

import json
import struct
from collections.abc import Iterable, Iterator, Sequence
from datetime import UTC, datetime
from typing import TYPE_CHECKING, NamedTuple

from notturno_core import namer, segments, wire

from notturno.files.columns import BOOL, INT, REAL, TABLES, TEXT
from notturno.nights import waveform
from notturno.nights.calendar import zone_info
from notturno.refusals import is_refusal
from notturno.views.many import hours_of_night

if TYPE_CHECKING:
    from notturno.store import Store

# As detector.packed writes them: int32 each of the segments, then uint16 each of the rules.
SETTINGS_FORMAT = f"<{len(segments.SETTINGS)}i{len(namer.RULES)}H"
KINDS_BY_HOUR = ("jerk", "lm")
SETTING_NAMES = [name for name, _, _ in (*segments.SETTINGS, *namer.RULES)]


class Chosen(NamedTuple):
    """What is exported: the names of the nights and naps, in order, and of which band (None: all).

    whole: nothing was left out by choosing.
    """

    nights: list
    device_id: str | None = None
    whole: bool = True


def chosen(
    store: Store,
    night: str | None = None,
    last: int | None = None,
    since: str | None = None,
    until: str | None = None,
    device_id: str | None = None,
) -> Chosen:
    """Return which nights are meant, with their naps; `night` alone may also be a nap."""
    whole = all(asked is None for asked in (night, last, since, until, device_id))
    if night is not None:
        return Chosen([night], device_id, False)
    rows = store.nights(last=last, since=since, until=until, device_id=device_id)
    names = []
    for row in rows:
        names += [row["night"], *(nap["night"] for nap in row["naps"])]
    return Chosen(list(dict.fromkeys(names)), device_id, whole)


def iso(utc_ms: float | None, zone: str) -> str | None:
    """Return a moment as ISO 8601 to the ms, by the clock of a zone, with its offset."""
    if utc_ms is None:
        return None
    at = datetime.fromtimestamp(utc_ms / 1000, UTC).astimezone(zone_info(zone))
    return at.isoformat(timespec="milliseconds")


def rows_of(store: Store, which: Chosen, name: str) -> Iterator[dict]:
    """Yield the rows of one table as {column: cell}, in the order of its columns."""
    fields = TABLES[name]
    zones = {} if name in _OF_PEOPLE else _zones(store, which)
    for row in _MAKERS[name](store, which, zones):
        yield {field.name: _cell(row.get(field.name), field.type) for field in fields}


def _cell(value: float | str | None, kind: str) -> float | str | None:
    if value is None:
        return None
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False, sort_keys=True) if value else None
    if kind == BOOL:
        return bool(value)
    if kind == INT and not isinstance(value, int):
        return int(value)
    if kind == REAL:
        return float(value)
    return str(value) if kind == TEXT else value


def _zones(store: Store, which: Chosen) -> dict[tuple[str, str], str]:
    """Return {(night, device): zone} of the chosen nights."""
    found = {}
    for night in which.nights:
        for row in store.nights(night=night, device_id=which.device_id):
            found[night, row["device_id"]] = row["zone"]
    return found


def _zone(zones: dict[tuple[str, str], str], row: dict) -> str:
    return zones.get((row["night"], row["device_id"]), "UTC")


def _times(row: dict, zone: str, **named: str) -> dict:
    """Return the local and the UTC columns of named moments of a row."""
    found = {}
    for name, key in named.items():
        found |= {f"{name}_local": iso(row[key], zone), f"{name}_utc_ms": row[key]}
    return found


def _axes(row: dict, *names: str) -> dict[str, float]:
    return {
        f"{name}_{axis}": value
        for name in names
        for axis, value in zip("xyz", row[name], strict=True)
    }


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
                | _times(row, _zone(zones, row), onset="onset_utc_ms")
                | _axes(row, "direction", "posture_before", "posture_after")
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
                | _times(row, _zone(zones, row), end="end_utc_ms")
                | _axes(row, "gravity_mg")
                | {"flag_names": " ".join(row["flag_names"])}
            )


def _sessions(store: Store, which: Chosen, zones: dict[tuple[str, str], str]) -> Iterator[dict]:
    for night in which.nights:
        for row in store.sessions(night, which.device_id):
            yield row | _times(row, _zone(zones, row), start="start_utc_ms", end="end_utc_ms")


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
            yield row | _times(row, _zone(zones, row), start="start_utc_ms", end="end_utc_ms")


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
            yield row | _times(row, _zone(zones, row), at="utc_ms")


# --- what people said ----------------------------------------------------------------------------


def _tags(store: Store, *_: object) -> list[dict]:
    return store.tags()


def _diary(store: Store, which: Chosen, _: dict) -> Iterable:
    wanted = None if which.whole else set(which.nights)
    return (row for row in store.diary() if wanted is None or row["night"] in wanted)


def _of_record(store: Store, which: Chosen, table: str) -> Iterator[dict]:
    wanted = set(which.nights)
    for piece in store.said(table):
        if which.whole or piece["night"] in wanted:
            if which.device_id in (None, piece["device_id"]):
                yield piece


def _labels(store: Store, which: Chosen, _: dict) -> Iterable:
    return _of_record(store, which, "labels")


def _edits(store: Store, which: Chosen, _: dict) -> Iterable:
    return _of_record(store, which, "edits")


def _stimuli(store: Store, which: Chosen, _: dict) -> Iterator[dict]:
    zones = {night: zone for (night, _), zone in _zones(store, which).items()}
    for night in which.nights:
        for row in store.stimuli(night):
            at = _times(row, zones.get(night, "UTC"), at="utc_ms")
            yield row | at | {"onset_s": row["onset_us"] / 1_000_000}


def _bands(store: Store, which: Chosen, _: dict) -> Iterable:
    return (row for row in store.bands() if which.device_id in (None, row["device_id"]))


def _sleeps(store: Store, *_: object) -> Iterator[dict]:
    for row in store.imported_sleeps():
        yield row | _times(row, row["zone"], start="start_utc_ms", end="end_utc_ms")


def _lab(store: Store, which: Chosen, _: dict) -> Iterator[dict]:
    for night in which.nights:
        for kept in store.lab_lists(night):
            for onset_s, *rest in kept["rows"]:
                duration_s, text, where = rest if len(rest) == 3 else (None, rest[0], None)
                found = {"onset_s": onset_s, "duration_s": duration_s, "text": text}
                yield kept | found | {"location": where or None}


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
    "tags": _tags,
    "diary": _diary,
    "labels": _labels,
    "stimuli": _stimuli,
    "edits": _edits,
    "bands": _bands,
    "imported_sleeps": _sleeps,
    "lab": _lab,
}
