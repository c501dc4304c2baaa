"""A night of the sleeper as an Axivity .cwa, so that others' readers can be timed on it.

Pure, numpy. By Open Movement's Docs/ax3/cwa.h: three axes of 16 bits, or packed into 32 as an AX3
does it, which every reader knows.
"""

import numpy as np

HEADER, BLOCK, SAMPLES, PACKED_SAMPLES = 1024, 512, 80, 120
_RATE_100_HZ_4_G = 0x8A  # range code 2, frequency code 10
_SCALE_8192 = 5 << 13  # of the light field: 1/8192 g a count
MG_PER_LSB, PACKED_MG = 1000 / 8192, 1000 / 256


def cwa_of(acc: np.ndarray, packed: bool = False, rate_hz: float = 100.0) -> bytes:
    """Return the file of counts (int16 (n, 3)) of MG_PER_LSB, or PACKED_MG where packed.

    It begins 2026-03-09 22:00:00.
    """
    size = PACKED_SAMPLES if packed else SAMPLES
    count = len(acc) // size
    blocks = np.zeros((count, BLOCK // 2), "<u2")
    blocks[:, 0], blocks[:, 1] = 0x5841, 508
    at_s = np.arange(count) * size / rate_hz
    whole, fraction = np.floor(at_s).astype(np.int64), at_s % 1
    part = np.round(fraction * 32768).astype(np.int64) % 32768
    blocks[:, 2] = 0x8000 | part
    blocks[:, 5:7] = _halves(np.arange(count))  # its number
    blocks[:, 7:9] = _halves(_stamps(np.datetime64("2026-03-09T22:00:00") + whole))
    blocks[:, 9] = 0 if packed else _SCALE_8192
    blocks[:, 12] = (0x3000 if packed else 0x3200) | _RATE_100_HZ_4_G
    # a sample before the block's first by those that the fraction takes, as the format wants it
    blocks[:, 13] = (-((part * 2 * int(rate_hz)) >> 16)).astype(np.int16).view(np.uint16)
    blocks[:, 14] = size
    used = np.ascontiguousarray(acc[: count * size], "<i2")
    body = _packed(used).view("<u2") if packed else used.view("<u2")
    blocks[:, 15:255] = body.reshape(count, 240)
    blocks[:, 255] = -np.add.reduce(blocks, axis=1, dtype=np.uint16)
    return _header() + blocks.tobytes()


def _packed(acc: np.ndarray):
    """Return each sample in 32 bits: ten an axis, and by how many they were shifted."""
    most = np.abs(acc.astype(np.int32)).max(axis=1)
    shift = np.ceil(np.log2(np.maximum(most, 1) / 511)).clip(0, 3).astype(np.uint32)
    tens = ((acc.astype(np.int32) >> shift[:, None].astype(np.int32)) & 0x3FF).astype(np.uint32)
    return tens[:, 0] | tens[:, 1] << 10 | tens[:, 2] << 20 | shift << 30


def _halves(words: np.ndarray) -> np.ndarray:
    """Return each word of 32 bits as two of 16, the low one first."""
    return words.astype("<u4").view("<u2").reshape(len(words), 2)


def _stamps(times):
    """Return packed date-times, uint32."""
    parts = [times.astype(f"datetime64[{unit}]") for unit in "YMDhm"]
    year, month, day, hour, minute = parts
    packed = (year.astype(int) - 30) << 26
    packed |= ((month - year).astype(int) + 1) << 22
    packed |= ((day - month).astype(int) + 1) << 17
    packed |= (hour - day).astype(int) << 12
    packed |= (minute - hour).astype(int) << 6
    return packed | (times - minute).astype(int)


def _header():
    header = bytearray(HEADER)
    header[:4] = b"MD\xfc\x03"
    header[4] = 0x17  # AX3: three axes, no gyroscope
    header[5:7] = (1).to_bytes(2, "little")
    header[36] = _RATE_100_HZ_4_G
    return bytes(header)
