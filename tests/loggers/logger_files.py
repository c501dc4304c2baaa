"""Writes small files as loggers write them, by the makers' descriptions and not by our readers."""

import io
import struct
import zipfile
import zlib
from datetime import datetime, timedelta

import numpy as np

START = datetime(2026, 3, 9, 22, 0, 0)
START_S = (START - datetime(1970, 1, 1)).total_seconds()


def limb_mg(seconds=60, hz=100.0, jerks=(20, 40), noise_mg=1.5, seed=1):
    """A still limb, 1 g mostly on z, that jerks: (n, 3) mg."""
    n = round(seconds * hz)
    t = np.arange(n) / hz
    mg = np.random.default_rng(seed).normal(0, noise_mg, (n, 3)) + [300, -200, 932]
    for at in jerks:
        on = (t >= at) & (t < at + 0.12)
        mg[on, 0] += 400 * np.sin(2 * np.pi * (t[on] - at) / 0.12)
    return mg


def counts_of(mg, mg_per_lsb):
    return np.clip(np.round(mg / mg_per_lsb), -32768, 32767).astype(np.int16)


# --- Axivity ------------------------------------------------------------------------------------


def cwa(acc, hz=100.0, form="packed", lost=(), start=START, code=0x4A, true_hz=None, scale=5):
    """acc: counts of 1/256 g (packed) or of 1/2^(8+scale) g; lost: numbers of blocks left out."""
    true_hz = true_hz or hz
    size = {"packed": 120, "three": 80, "six": 40}[form]
    out = [_cwa_header(code)]
    for number in range(len(acc) // size):
        if number in lost:
            continue
        part = acc[number * size : (number + 1) * size]
        at_s = number * size / true_hz
        when = start + timedelta(seconds=at_s)
        fraction = int(when.microsecond / 1e6 * 65536) & ~1
        out.append(_cwa_block(part, number, when, fraction, form, code, hz, scale))
    return b"".join(out)


def _cwa_header(code):
    header = bytearray(1024)
    header[0:4] = b"MD" + struct.pack("<H", 1020)
    header[36] = code
    return bytes(header)


def _cwa_block(part, number, when, fraction, form, code, hz, scale):
    stamp = (when.year - 2000) << 26 | when.month << 22 | when.day << 17
    stamp |= when.hour << 12 | when.minute << 6 | when.second
    axes = {"packed": 0x30, "three": 0x32, "six": 0x62}[form]
    light = 0 if form == "packed" else scale << 13
    offset = -((fraction * int(hz)) >> 16)
    head = struct.pack(
        "<2sHHIIIHHBBBBhH",
        *(b"AX", 508, 0x8000 | fraction >> 1, 7, number, stamp, light, 0, 0, 0),
        *(code, axes, offset, len(part)),
    )
    if form == "packed":
        body = b""
        for x, y, z in part.tolist():
            shift = 0
            while max(abs(x), abs(y), abs(z)) >> shift > 511:
                shift += 1
            value = sum(((v >> shift) & 0x3FF) << (10 * k) for k, v in enumerate((x, y, z)))
            body += struct.pack("<I", value | shift << 30)
    elif form == "three":
        body = part.astype("<i2").tobytes()
    else:
        body = np.hstack([np.full_like(part, 999), part]).astype("<i2").tobytes()
    block = head + body.ljust(480, b"\0")
    total = sum(struct.unpack("<255H", block)) & 0xFFFF
    return block + struct.pack("<H", -total & 0xFFFF)


# --- ActiGraph ----------------------------------------------------------------------------------


def record(kind, second, payload):
    head = struct.pack("<BBIH", 0x1E, kind, second, len(payload))
    check = 0
    for byte in head + payload:
        check ^= byte
    return head + payload + bytes([~check & 0xFF])


def twelve(values):
    """Pack 12-bit values, big end first."""
    out, bits = bytearray(), 0
    whole = "".join(f"{int(v) & 0xFFF:012b}" for v in values)
    for bits in range(0, len(whole), 8):
        out.append(int(whole[bits : bits + 8].ljust(8, "0"), 2))
    return bytes(out)


def gt3x(
    acc, hz=30, idle=(), missing=(), kind=0, scale=256.0, serial="MOS2A0000", parameters=False
):
    """acc: counts; idle: spans (first, end) of seconds in idle mode; missing: seconds left out."""
    log = b""
    if parameters:
        log += record(21, int(START_S), struct.pack("<HHI", 0, 55, 0x09400000))
    for k in range(len(acc) // hz):
        second = int(START_S) + k
        for first, end in idle:
            if k == first:
                log += record(3, second, b"\x08")
            if k == end:
                log += record(3, second, b"\x09")
        if k in missing or any(a <= k < b for a, b in idle):
            continue
        part = acc[k * hz : (k + 1) * hz]
        if kind == 26:
            payload = part.astype("<i2").tobytes()
        else:
            payload = twelve(part[:, [1, 0, 2]].reshape(-1) if kind == 0 else part.reshape(-1))
        log += record(kind, second, payload)
    return gt3x_of(log, hz, scale, serial)


def gt3x_of(log, hz=30, scale=256.0, serial="MOS2A0000", inner="log.bin"):
    ticks = int(START_S * 10_000_000) + 621_355_968_000_000_000
    info = f"Serial Number: {serial}\r\nSample Rate: {hz}\r\nStart Date: {ticks}\r\n"
    if scale:
        info += f"Acceleration Scale: {scale}\r\nAcceleration Max: 8.0\r\n"
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("info.txt", info)
        archive.writestr(inner, log)
    return buffer.getvalue()


# --- GENEActiv ----------------------------------------------------------------------------------


def geneactiv(raw, hz=100.0, gains=(25600, 25600, 25600), offsets=(0, 0, 0), lost=()):
    """raw: 12-bit counts of the logger (n, 3), pages of 300."""
    lines = ["Device Identity", "Device Unique Serial Code:012345", ""]
    lines += ["Calibration Data"]
    for axis, gain, offset in zip("xyz", gains, offsets, strict=True):
        lines += [f"{axis} gain:{gain}", f"{axis} offset:{offset}"]
    lines += ["Volts:300", "Lux:800", "", "Memory Status", "Number of Pages:9", ""]
    for page in range(len(raw) // 300):
        if page in lost:
            continue
        when = START + timedelta(seconds=page * 300 / hz)
        values = np.zeros((300, 4), int)
        values[:, :3] = raw[page * 300 : (page + 1) * 300]
        lines += ["Recorded Data", "Device Unique Serial Code:012345"]
        lines += [f"Sequence Number:{page}"]
        lines += [f"Page Time:{when:%Y-%m-%d %H:%M:%S}:{when.microsecond // 1000:03d}"]
        lines += ["Unassigned:", "Temperature:21.0", "Battery voltage:4.0"]
        lines += ["Device Status:Recording", f"Measurement Frequency:{hz}"]
        lines += [twelve(values.reshape(-1)).hex().upper()]
    return ("\r\n".join(lines) + "\r\n").encode()


# --- Matrix -------------------------------------------------------------------------------------


def matrix(acc, hz=100.0, range_g=8, seconds=60, broken=()):
    out = b"\0" * 512 + b"MDTC" + struct.pack("<IHH", 4, range_g, 2000)
    size = round(hz * seconds)
    for number in range(len(acc) // size):
        first = int(START_S) + number * seconds
        counts = (size, 0, 1, 0)
        body = struct.pack("<II4I", first, first + seconds, *counts)
        body += acc[number * size : (number + 1) * size].astype("<i2").tobytes() + b"\1\2\3\4"
        crc = zlib.crc32(body) ^ (1 if number in broken else 0)
        out += b"MDTCPACK" + struct.pack("<I", crc) + body
    return out


# --- Movisens -----------------------------------------------------------------------------------


def movisens(folder, acc, hz=64.0, lsb=1 / 2048, kind="int16", big=False):
    folder.mkdir()
    (folder / "unisens.xml").write_text(
        '<?xml version="1.0" encoding="UTF-8"?>\n'
        '<unisens xmlns="http://www.unisens.org/unisens2.0" '
        'timestampStart="2026-03-09T22:00:00.000" version="2.0">\n'
        f'<signalEntry id="acc.bin" sampleRate="{hz}" lsbValue="{lsb}" unit="g" '
        f'dataType="{kind}"><binFileFormat endianess="{"BIG" if big else "LITTLE"}"/>'
        "<channel name='accX'/><channel name='accY'/><channel name='accZ'/>"
        "</signalEntry></unisens>"
    )
    (folder / "acc.bin").write_bytes(acc.astype((">" if big else "<") + "i2").tobytes())
    return folder
