"""ActiLife's export of raw data: ten lines that say rate and start, then g, often without time.

Pure, numpy. From what its users show: `------------ Data File Created By ActiGraph GT3X+ ActiLife
v6.13.3 Firmware v2.5.0 date format M/d/yyyy at 30 Hz  Filter Normal -----------`, then `Start Time
20:00:00`, `Start Date 1/27/2026` and others, a line of dashes, a header or none. From memory and
public examples; there is no published specification.
"""

import re
from datetime import datetime

import numpy as np

from notturno.detect.recording_table import numbers_of, recording_fields
from notturno.errors import UserError

_PREAMBLE = 10
_RATE = re.compile(r"at (\d+(?:\.\d+)?) ?Hz", re.IGNORECASE)
_ORDER = re.compile(r"date format ([dMy]+)[^dMy]([dMy]+)[^dMy]([dMy]+)")


def read_actilife(name: str, lines: list[str]) -> tuple:
    """Return the fields of a Recording as recording_csv.read_csv does; raises UserError."""
    rate = _RATE.search(lines[0])
    if not rate or not float(rate[1]) > 0:
        raise UserError(
            "{name}: its first line names no rate; export it from ActiLife as raw data.", name=name
        )
    start = _start(lines[:_PREAMBLE], _ORDER.search(lines[0]))
    body = lines[_PREAMBLE:]
    mark = next((m for m in ";\t," if body and m in body[0]), ",")
    header = [cell.strip().strip('"').lower() for cell in body[0].split(mark)] if body else []
    places = [next((k for k, c in enumerate(header) if c.endswith(axis)), None) for axis in "xyz"]
    first_line = _PREAMBLE + 1
    if None in places:
        places = [0, 1, 2] if len(header) == 3 else [1, 2, 3]
    else:
        body, first_line = body[1:], first_line + 1
    if len(body) < 2:
        raise UserError(
            "{name} holds fewer than two samples; export it from ActiLife as raw data.", name=name
        )
    if mark != "," and "," in body[0]:
        body = [line.replace(",", ".") for line in body]
    acc_g = numbers_of(body, mark, places, name, first_line)
    seconds = (start or 0.0) + np.arange(len(acc_g)) / float(rate[1])
    return recording_fields(name, seconds, acc_g * 1000.0, False, start is not None)


def _start(lines: list[str], order):
    """Return the seconds since 1970 of the start by the clock on the wall; None if unknown."""
    told = {}
    for line in lines:
        for what in ("Start Time", "Start Date"):
            if line.startswith(what):
                told[what] = line[len(what) :].strip(" ,;:")
    if len(told) < 2:
        return None
    parts = re.split(r"\D+", told["Start Date"])
    kinds = [each[0] for each in order.groups()] if order else list("Mdy")
    try:
        day = dict(zip(kinds, map(int, parts), strict=True))
        clock = datetime.strptime(told["Start Time"], "%H:%M:%S")
        start = datetime(day["y"], day["M"], day["d"], clock.hour, clock.minute, clock.second)
    except (ValueError, KeyError):
        return None
    return (start - datetime(1970, 1, 1)).total_seconds()
