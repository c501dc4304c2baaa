"""ActiGraph, .gt3x: a zip of info.txt and log.bin, a record a second, each with a checksum.

Pure, numpy. By ActiGraph's descriptions (actigraph/GT3X-File-Format, NHANES-GT3X-File-Format).
In idle mode the logger records nothing while it lies still: an event says when it begins and when
it ends. What was held then stands in `idle`, so that nobody takes it for a strap without a limb.
The clock is one on the wall.
"""

import io
import struct
import zipfile
import zlib
from bisect import bisect_left, bisect_right
from collections import Counter
from typing import Any

import numpy as np

from notturno.detect import recording
from notturno.detect.recording_time import Note
from notturno.detect.runs import runs_of
from notturno.errors import Phrase, UserError, why
from notturno.loggers.raw import Raw, signed_12
from notturno.times import DAY_S

SEPARATOR = 0x1E
_HEAD = struct.Struct("<BBIH")  # separator, type, second, bytes of payload
_ACTIVITY, _EVENT, _PARAMETERS, _ACTIVITY2, _ACTIVITY3 = 0, 3, 21, 26, 27
_LAST_TYPE = 30
_IDLE_BEGINS, _IDLE_ENDS = b"\x08", b"\x09"
_ACCEL_SCALE = (0, 55)
_MOST_PAYLOAD = 8192
_TICKS_1970 = 621_355_968_000_000_000  # of 100 ns since the year 1
_AROUND_S = 400 * DAY_S  # a stamp further from the start is no stamp
_RUN = 12  # bytes: four samples of 12 bits an axis, or two of 16
_MOST_IDLE_S = 45 * DAY_S
_MOST_BYTES, _MOST_INFO_BYTES = recording.MOST_UNPACKED_BYTES, 1 << 20
_NEARLY_ALL = 0.8  # of the records, to say that the rate is theirs; ours
_EARLY_S = 5  # by so much the last record may be before the last sample; ours
# What zipfile raises for an archive that is damaged; RuntimeError: a bit that means encrypted.
ZIP_ERRORS = (
    *(zipfile.BadZipFile, zlib.error, KeyError, EOFError, OSError, ValueError, RuntimeError),
)


def is_gt3x(names: list[str]) -> bool:
    """Say whether a zip of these files is one."""
    return "info.txt" in names and ("log.bin" in names or "activity.bin" in names)


def read(data: bytes, name: str) -> Raw:
    """Return the Raw of a file's bytes; raises UserError where nothing in it can be read."""
    try:
        with zipfile.ZipFile(io.BytesIO(data)) as archive:
            names = archive.namelist()
            with archive.open("info.txt") as said:
                info = _info(said.read(_MOST_INFO_BYTES).decode("utf-8-sig", "replace"))
            inner = "log.bin" if "log.bin" in names else "activity.bin"
            if archive.getinfo(inner).file_size > _MOST_BYTES:
                raise UserError("{name} says that it holds over 2 GB; cut it in parts.", name=name)
            log = archive.read(inner)
    except ZIP_ERRORS as error:
        raise UserError(
            "{name} is no .gt3x that can be read ({why_said}); download it again.",
            name=name,
            why_said=why(error),
        ) from None
    rate, start_s = _rate(info, name), _ticks_s(info.get("Start Date"))
    if inner == "activity.bin":
        return _old(log, info, rate, start_s, name)
    records, scale, damaged = _records(log, start_s)
    if not records:
        raise UserError("{name} holds no whole record; download it again.", name=name)
    said, rate = rate, _true_rate(records, rate)
    acc, index, stamps_s, idle = _samples(records, rate)
    if not len(acc):
        raise UserError("{name} holds no acceleration; download it again.", name=name)
    notes = []
    if rate != said:
        reason = Phrase(
            "info.txt says {said:g} samples a second; {rate:g} are there, which was taken.",
            said=said,
            rate=rate,
        )
        notes.append(Note("rate", 1, reason))
    last_s = _ticks_s(info.get("Last Sample Time"))
    early_s = 0.0 if last_s is None else last_s - records[-1][1]
    if early_s > _EARLY_S and records[-1][2] != _IDLE_BEGINS:
        reason = Phrase(
            "By info.txt {early_s:.0f} s more were recorded; the file was cut off, download it "
            "again.",
            early_s=early_s - 1,
        )
        notes.append(Note("ends_early", 1, reason))
    if damaged:
        reason = Phrase("{n} bytes of damaged records are left out.", n=damaged)
        notes.append(Note("blocks_lost", damaged, reason))
    scale = scale or _scale(info, name)
    range_g = _float(info.get("Acceleration Max")) or 8.0
    return Raw(
        acc,
        1000 / scale,
        index,
        stamps_s,
        "ActiGraph .gt3x",
        range_g,
        guarded_hz=rate,
        notes=tuple(notes),
        idle=tuple(idle),
    )


def _true_rate(records: list[tuple[int, int, bytes]], rate: float) -> float:
    """Return how many samples a record of a second holds, where nearly all hold as many."""
    held = Counter(
        len(payload) // 6 if kind == _ACTIVITY2 else len(payload) * 2 // 9
        for kind, _, payload in records
        if kind in (_ACTIVITY, _ACTIVITY2, _ACTIVITY3) and len(payload) > 1
    )
    if not held:
        return rate
    ((usual, times),) = held.most_common(1)
    return float(usual) if usual and times >= _NEARLY_ALL * held.total() else rate


def _info(text: str) -> dict[str, str]:
    pairs = (line.split(":", 1) for line in text.splitlines() if ":" in line)
    return {key.strip(): value.strip() for key, value in pairs}


def _float(text: str | None) -> float | None:
    try:
        value = float((text or "").replace(",", "."))
    except ValueError:
        return None
    return value if np.isfinite(value) else None


def _ticks_s(text: str | None) -> float | None:
    try:
        return (int(text or "") - _TICKS_1970) / 1e7
    except ValueError:
        return None


def _rate(info: dict[str, str], name: str) -> float:
    rate = _float(info.get("Sample Rate"))
    if not rate or not 1 <= rate <= 1000:
        raise UserError("{name}: info.txt names no sample rate; download it again.", name=name)
    return rate


def _scale(info: dict[str, str], name: str) -> float:
    """Return counts a g: of info.txt, else by the serial number, as the description says."""
    scale = _float(info.get("Acceleration Scale"))
    if scale is not None and scale > 0:
        return scale
    serial = info.get("Serial Number", "")
    if serial.startswith(("NEO", "CLE", "MRA")):
        return 341.0
    if serial.startswith(("MOS", "TAS")):
        return 256.0
    raise UserError("{name}: info.txt names no scale; download it again.", name=name)


def _records(log: bytes, start_s: float | None) -> Any:
    """Return (records (type, second, payload), counts a g or None, bytes that are damaged)."""
    at, end, found, scale, damaged = 0, len(log), [], None, 0
    over = None  # looked for when a record is whole: a log of nothing needs none of it
    while at + _HEAD.size < end:
        mark, kind, second, size = _HEAD.unpack_from(log, at)
        after = at + _HEAD.size + size + 1
        near = start_s is None or abs(second - start_s) < _AROUND_S
        whole = mark == SEPARATOR and kind <= _LAST_TYPE and size <= _MOST_PAYLOAD and near
        if not (whole and after <= end and _holds(log, at, after)):
            again = log.find(SEPARATOR, at + 1)
            again = end if again < 0 else again
            damaged += _lost(log, at, again)
            at = again
            continue
        payload = log[at + _HEAD.size : after - 1]
        if over is None:
            over = _written_over(log)
        if over and bisect_right(over, after - _RUN) > bisect_left(over, at):
            damaged += after - at
            at = after
            continue
        if kind == _PARAMETERS:
            scale = _parameter(payload, _ACCEL_SCALE) or scale
        found.append((kind, second, payload))
        at = after
    return found, scale, damaged + _lost(log, at, end)


def _lost(log: bytes, at: int, end: int) -> int:
    """Return how many bytes of no record are damage: zeros alone are none."""
    return end - at if log.count(0, at, end) < end - at else 0


def _written_over(log: bytes) -> list[int]:
    """Return where _RUN bytes are one and the same, not 0: no limb makes them, a disk may.

    The checksum is of eight bits, and half of what repeats passes it.
    """
    data = np.frombuffer(log, np.uint8)
    same = (data[1:] == data[:-1]) & (data[1:] != 0)
    first, last = runs_of(same).T
    return first[last - first >= _RUN - 1].tolist()


def _holds(log: bytes, at: int, after: int) -> bool:
    """Say whether a record's checksum holds: the complement of the exclusive or of its bytes."""
    return np.bitwise_xor.reduce(np.frombuffer(log, np.uint8, after - at, at)) == 0xFF


def _parameter(payload: bytes, wanted: tuple[int, int]) -> float | None:
    """Return a parameter of three bytes of fraction and one of exponent, above 0; else None."""
    for at in range(0, len(payload) - 7, 8):
        space, key, value = struct.unpack_from("<HHI", payload, at)
        if (space, key) == wanted:
            fraction = (value & 0xFFFFFF) - ((value & 0x800000) << 1)
            exponent = (value >> 24) - ((value >> 23) & 0x100)
            scale = fraction / 8388608.0 * 2.0**exponent
            return scale if 1 <= scale <= 32768 else None
    return None


def _samples(
    records: list[tuple[int, int, bytes]], rate: float
) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[tuple[int, int]]]:
    """Return (acc, index, stamps_s, idle): what was recorded, and what was held in idle mode."""
    pieces, index, stamps_s, idle = [], [], [], []
    until_s: Any = None
    taken, last, idle_on = 0, None, False

    def fill(to_s: int) -> None:
        """Hold the last sample until `to_s`, where the logger idled."""
        nonlocal taken, until_s
        n = round((to_s - until_s) * rate)
        if last is None or not 0 < n <= _MOST_IDLE_S * rate:
            return
        pieces.append(np.repeat(last[None, :], n, axis=0))
        index.append(taken)
        stamps_s.append(until_s)
        idle.append((taken, taken + n))
        taken, until_s = taken + n, to_s

    for kind, second, payload in records:
        if kind == _EVENT and payload in (_IDLE_BEGINS, _IDLE_ENDS):
            if idle_on and payload == _IDLE_ENDS and until_s is not None:
                fill(second)
            idle_on = payload == _IDLE_BEGINS
            continue
        if kind not in (_ACTIVITY, _ACTIVITY2, _ACTIVITY3) or len(payload) < 2:
            continue
        acc = _counts(kind, payload)
        if not len(acc):
            continue
        if idle_on and until_s is not None:
            fill(second)
        idle_on = False
        index.append(taken)
        stamps_s.append(second)
        pieces.append(acc)
        taken += len(acc)
        until_s, last = second + len(acc) / rate, acc[-1]
    if idle_on and until_s is not None:
        fill(records[-1][1])
    acc = np.concatenate([np.zeros((0, 3), np.int16), *pieces])
    return acc, np.array(index), np.array(stamps_s, np.float64), idle


def _counts(kind: int, payload: bytes) -> np.ndarray:
    """Return a record's samples, int16 (n, 3)."""
    if kind == _ACTIVITY2:
        values = np.frombuffer(payload, "<i2", len(payload) // 2)
    else:
        values = signed_12(np.frombuffer(payload, np.uint8))
    whole = len(values) // 3
    acc = values[: whole * 3].reshape(whole, 3)
    return acc[:, [1, 0, 2]] if kind == _ACTIVITY else acc  # y comes first


def _old(log: bytes, info: dict[str, str], rate: float, start_s: float | None, name: str) -> Raw:
    """Return the Raw of the older kind: one run of samples from the start on."""
    acc = _counts(_ACTIVITY, log)
    if not len(acc):
        raise UserError("{name} holds no acceleration; download it again.", name=name)
    index = np.array([0, len(acc)])
    stamps_s = (start_s or 0.0) + index / rate
    scale = _scale(info | {"Acceleration Scale": info.get("Acceleration Scale", "341")}, name)
    return Raw(
        acc,
        1000 / scale,
        index,
        stamps_s,
        "ActiGraph .gt3x (NHANES)",
        6.0,
        is_dated=start_s is not None,
    )
