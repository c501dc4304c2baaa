"""The records file: what a phone hands on, checked before a byte of it is believed.

Pure. UTF-8 JSON of schema SCHEMA; `frames` is base64 of record frames, one after the other.
"""

import base64
import json
import re
from dataclasses import dataclass

from notturno_core import wire

from notturno.errors import UserError
from notturno.texts import printable

SCHEMA = "notturno-records-1"
FAMILY = "notturno-records-"
MOST_BYTES = 64 << 20  # of the file; a band's flash holds a quarter of it
MOST_ZONE = 60
DEVICE_ID = re.compile(r"[0-9a-f]{16}", re.ASCII)
NUMBERS = ("log_id", "log_version", "first_seq", "next_seq", "fetched_utc_ms")


@dataclass(frozen=True)
class RecordsFile:
    """What a file holds: whose records, of which log, and their frames, ascending or not."""

    device_id: str
    log_id: int
    log_version: int
    firmware: str
    zone: str
    fetched_utc_ms: int
    frames: list[bytes]


def parsed(data: bytes, name: str) -> RecordsFile:
    """Return what a file's bytes hold. Raises UserError, calling the file `name`."""
    if len(data) > MOST_BYTES:
        raise UserError(
            "{name} is larger than any band's memory; it is no records file.", name=name
        )
    try:
        said = json.loads(data.decode("utf-8"))
        schema = said["schema"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UserError(
            "{name} is no records file: it holds no {schema}.", name=name, schema=SCHEMA
        ) from None
    if schema != SCHEMA:
        newer = isinstance(schema, str) and schema.startswith(FAMILY)
        if newer:
            raise UserError("{name} was written by a newer page; update notturno.", name=name)
        raise UserError("{name} is no records file.", name=name)
    for key in NUMBERS:
        if type(said.get(key)) is not int or not 0 <= said[key] < 1 << 53:
            raise UserError(
                "{name}: {key} is no number that can be; fetch the night again.",
                name=name,
                key=key,
            )
    if said["log_id"] >= 1 << 32:
        raise UserError(
            "{name}: log_id is no number that can be; fetch the night again.", name=name
        )
    if not isinstance(said.get("device_id"), str) or not DEVICE_ID.fullmatch(said["device_id"]):
        raise UserError("{name}: device_id is no band's id; fetch the night again.", name=name)
    for key in ("firmware", "zone", "frames"):
        if not isinstance(said.get(key), str):
            raise UserError("{name}: {key} is missing; fetch the night again.", name=name, key=key)
    if not said["zone"].isprintable() or not 0 < len(said["zone"]) <= MOST_ZONE:
        raise UserError("{name}: zone is no time zone; fetch the night again.", name=name)
    firmware = printable(said["firmware"])[:40]
    return RecordsFile(
        device_id=said["device_id"],
        log_id=said["log_id"],
        log_version=said["log_version"],
        firmware=firmware,
        zone=said["zone"],
        fetched_utc_ms=said["fetched_utc_ms"],
        frames=_frames(said["frames"], name),
    )


def _frames(text: str, name: str) -> list[bytes]:
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise UserError(
            "{name}: its records are cut off; fetch the night again.", name=name
        ) from None
    frames, at = [], 0
    while at < len(data):
        found = wire.frame_at(data, at, len(data))
        if found is None:
            raise UserError(
                "{name}: record {n_frames} of it is damaged; fetch the night again.",
                name=name,
                n_frames=len(frames) + 1,
            )
        if found[0] == wire.SEQ_PROVISIONAL:
            raise UserError(
                "{name}: it holds a row that may still change, which is no record.", name=name
            )
        frames.append(data[at : at + found[3]])
        at += found[3]
    return frames
