"""The records file: what a phone hands on, checked before a byte of it is believed.

Pure. UTF-8 JSON of schema SCHEMA; `frames` is base64 of record frames, one after the other.
"""

import base64
import json
import re
from dataclasses import dataclass

from notturno_core import wire

from notturno.errors import UserError

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
        raise UserError(f"{name} is larger than any band's memory; it is no records file.")
    try:
        said = json.loads(data.decode("utf-8"))
        schema = said["schema"]
    except (ValueError, KeyError, TypeError, RecursionError):
        raise UserError(f"{name} is no records file: it holds no {SCHEMA}.") from None
    if schema != SCHEMA:
        newer = isinstance(schema, str) and schema.startswith(FAMILY)
        what = "was written by a newer page; update notturno" if newer else "is no records file"
        raise UserError(f"{name} {what}.")
    for key in NUMBERS:
        if type(said.get(key)) is not int or not 0 <= said[key] < 1 << 53:
            raise UserError(f"{name}: {key} is no number that can be; fetch the night again.")
    if said["log_id"] >= 1 << 32:
        raise UserError(f"{name}: log_id is no number that can be; fetch the night again.")
    if not isinstance(said.get("device_id"), str) or not DEVICE_ID.fullmatch(said["device_id"]):
        raise UserError(f"{name}: device_id is no band's id; fetch the night again.")
    for key in ("firmware", "zone", "frames"):
        if not isinstance(said.get(key), str):
            raise UserError(f"{name}: {key} is missing; fetch the night again.")
    if not said["zone"].isprintable() or not 0 < len(said["zone"]) <= MOST_ZONE:
        raise UserError(f"{name}: zone is no time zone; fetch the night again.")
    firmware = "".join(sign if sign.isprintable() else "?" for sign in said["firmware"])[:40]
    return RecordsFile(
        device_id=said["device_id"],
        log_id=said["log_id"],
        log_version=said["log_version"],
        firmware=firmware,
        zone=said["zone"],
        fetched_utc_ms=said["fetched_utc_ms"],
        frames=_frames(said["frames"], name),
    )


def _frames(text, name):
    try:
        data = base64.b64decode(text, validate=True)
    except ValueError:
        raise UserError(f"{name}: its records are cut off; fetch the night again.") from None
    frames, at = [], 0
    while at < len(data):
        found = wire.frame_at(data, at, len(data))
        if found is None:
            raise UserError(
                f"{name}: record {len(frames) + 1} of it is damaged; fetch the night again."
            )
        if found[0] == wire.SEQ_PROVISIONAL:
            raise UserError(f"{name}: it holds a row that may still change, which is no record.")
        frames.append(data[at : at + found[3]])
        at += found[3]
    return frames
