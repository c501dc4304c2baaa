"""Movisens: a folder with unisens.xml, which says what acc.bin beside it holds.

Touches the folder. By the Unisens 2.0 format (unisens.org, docs.movisens.com). There are no
blocks and no stamps: one start and a rate. The start is by the clock on the wall.
"""

from datetime import datetime
from pathlib import Path
from typing import Any
from xml.etree import ElementTree

import numpy as np

from notturno.errors import UserError
from notturno.loggers.raw import Raw

INDEX = "unisens.xml"
_TYPES = {"int8": "i1", "int16": "i2", "int32": "i4", "float": "f4", "double": "f8"}
_TYPES |= {"uint8": "u1", "uint16": "u2", "uint32": "u4"}
_UNIT_MG = {"g": 1000.0, "mg": 1.0, "m/s2": 1000 / 9.80665, "m/s^2": 1000 / 9.80665, "": 1000.0}
_STEP_MG = 1000 / 4096  # of our counts, where the file's own are no int16


def folder_of(path: Path) -> Path | None:
    """Return the folder of a recording that `path` is, lies in, or None."""
    folder = path if path.is_dir() else path.parent
    known = path.is_dir() or path.name.lower() in (INDEX, "acc.bin")
    return folder if known and (folder / INDEX).is_file() else None


def read(folder: Path, name: str) -> Raw:
    """Return the Raw of a folder; raises UserError for what does not say enough."""
    try:
        root = ElementTree.parse(folder / INDEX).getroot()
    except (ElementTree.ParseError, OSError, ValueError, LookupError) as error:
        raise UserError(
            "{name}: unisens.xml cannot be read ({why_said}); copy the folder again.",
            name=name,
            why_said=error,
        ) from None
    entries = [e for e in root.iter() if e.tag.rpartition("}")[2] == "signalEntry"]
    entry = next((e for e in entries if e.get("id", "").lower() == "acc.bin"), None)
    if entry is None:
        raise UserError("{name}: unisens.xml names no acc.bin; give another folder.", name=name)
    rate, scale, zero = (_number(entry, *of, name) for of in _NUMBERS)
    unit = entry.get("unit", "").lower()
    kind = _TYPES.get(entry.get("dataType", "int16").lower())
    if kind is None or unit not in _UNIT_MG or not rate > 0:
        raise UserError(
            "{name}: acc.bin is {kind} in {unit} at {rate:g} Hz, which is not known; export it as "
            "int16 in g.",
            name=name,
            kind=entry.get("dataType"),
            unit=unit,
            rate=rate,
        )
    order, channels = "<", 0
    for child in entry.iter():
        what = child.tag.rpartition("}")[2]
        channels += what == "channel"
        if what == "binFileFormat":
            order = ">" if child.get("endianess", "").upper() == "BIG" else "<"
    if channels not in (0, 3):
        raise UserError(
            "{name}: acc.bin holds {n} channels, and three are wanted; export the acceleration "
            "alone.",
            name=name,
            n=channels,
        )
    try:
        data = (folder / (entry.get("id") or "")).read_bytes()
    except OSError as error:
        raise UserError(
            "{name}: acc.bin cannot be read ({why_said}); copy the folder again.",
            name=name,
            why_said=error.strerror,
        ) from None
    dtype = np.dtype(order + kind)
    n = len(data) // (3 * dtype.itemsize)
    values = np.frombuffer(data, dtype, 3 * n).reshape(n, 3)
    mg = scale * _UNIT_MG[unit]
    if kind == "i2" and zero == 0 and mg > 0:
        acc, mg_per_lsb = values.astype(np.int16), mg
    else:
        counts = np.nan_to_num((values.astype(np.float64) - zero) * mg / _STEP_MG)
        acc, mg_per_lsb = np.clip(np.round(counts), -32768, 32767).astype(np.int16), _STEP_MG
    try:
        start = datetime.fromisoformat(root.get("timestampStart", "")).replace(tzinfo=None)
        start_s = (start - datetime(1970, 1, 1)).total_seconds()
    except ValueError:
        start_s = None
    stamps_s = (start_s or 0.0) + np.array([0, n]) / rate
    index = np.array([0, n])
    return Raw(acc, mg_per_lsb, index, stamps_s, "Movisens", is_dated=start_s is not None)


_NUMBERS = (("sampleRate", None), ("lsbValue", 1.0), ("baseline", 0.0))


def _number(entry: ElementTree.Element, key: str, usual: float | None, name: str) -> float:
    try:
        given: Any = entry.get(key, usual)
        value = float(given)
    except (TypeError, ValueError):
        value = np.nan
    if not np.isfinite(value):
        raise UserError(
            "{name}: unisens.xml names no {key} of acc.bin; copy the folder again.",
            name=name,
            key=key,
        )
    return value
