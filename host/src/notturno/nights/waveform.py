"""The raw samples around an event, from the payloads of its SNIPPET records.

Pure. In: payloads as the band wrote them, coded as `notturno_core.rawring` says; out: counts, mg.
"""

import math
import struct
from typing import NamedTuple

from notturno_core import rawring, wire

from notturno.errors import Phrase

AXES = 3


class Waveform(NamedTuple):
    """A piece of a recording: `counts` holds (x, y, z) of each sample, None where a part is lost.

    first_sample: number of the first in its session; rate_hz; ug_per_lsb: scale of a count.
    """

    first_sample: int
    counts: list
    rate_hz: float
    ug_per_lsb: int

    def samples_mg(self) -> list:
        """Return [x, y, z] in mg of each sample, exactly; None where a part is lost."""
        return [
            None if xyz is None else [round(c * self.ug_per_lsb / 1000, 3) for c in xyz]
            for xyz in self.counts
        ]

    def curves_mg(self) -> dict[str, list]:
        """Return {name: mg of each sample} of the axes and of the norm; None where lost."""
        samples = self.samples_mg()
        curves = {
            name: [None if xyz is None else xyz[axis] for xyz in samples]
            for axis, name in enumerate("xyz")
        }
        return curves | {"norm": [None if xyz is None else math.hypot(*xyz) for xyz in samples]}

    def times_s(self, onset_sample: int) -> list[float]:
        """Return when each sample was taken, in s from an event's onset."""
        first = self.first_sample - onset_sample
        return [(first + i) / self.rate_hz for i in range(len(self.counts))]

    def lost(self) -> int:
        """Return how many samples are lost."""
        return self.counts.count(None)


def by_event(events: list[dict], snippets: list[dict]) -> list[dict | None]:
    """Return the snippet of each event, or None: rows of the store, of the same nights.

    They are of the same recording, carry the same number and share a sample: numbers begin again
    at 0 every 65 536 events.
    """
    found = {}
    for snippet in snippets:
        found.setdefault(_key(snippet), []).append(snippet)
    return [
        next((one for one in found.get(_key(event), ()) if _overlap(event, one)), None)
        for event in events
    ]


def _key(row: dict) -> tuple[str, int, int, int | None]:
    return row["device_id"], row["log_id"], row["session_seq"], row["number"]


def _overlap(event: dict, snippet: dict) -> bool:
    onset = event["onset_sample"]
    ends = snippet["first_sample"] + snippet["samples"], onset + event["duration_samples"]
    return onset < ends[0] and snippet["first_sample"] <= ends[1]


def of_snippet(snippet: dict) -> Waveform:
    """Return what a row of the store holds; raises wire.WireError where nothing can be decoded."""
    return join(snippet["payloads"], snippet["rate_hz"], snippet["ug_per_lsb"])


def join(payloads: list[bytes], rate_hz: float, ug_per_lsb: int) -> Waveform:
    """Join the payloads of one snippet, in any order, some of them perhaps missing.

    A payload that cannot be decoded is a lost one. Raises wire.WireError where none can be.
    """
    counts, first_sample, error = None, 0, None
    for payload in payloads:
        try:
            head, samples = decode(payload)
        except wire.WireError as unreadable:
            error = unreadable
            continue
        if counts is None:
            counts, first_sample = [None] * head["samples"], head["first_sample"]
        counts[head["offset"] : head["offset"] + len(samples)] = samples
    if counts is None:
        raise error or wire.WireError(Phrase("a snippet without a record"))
    return Waveform(first_sample, counts, rate_hz, ug_per_lsb)


def decode(payload: bytes) -> tuple[dict, list[tuple[int, int, int]]]:
    """Return (fields of wire.SNIPPET_FIELDS, raw counts (x, y, z) of this record's samples).

    Raises wire.WireError for a coding that is not known, and for bytes that are none of it.
    """
    head = wire.unpack(wire.SNIPPET_FIELDS, payload)
    if head["coding"] != wire.CODING_RICE:
        raise wire.WireError(
            Phrase(
                "samples in coding {coding}; a newer notturno may read them", coding=head["coding"]
            )
        )
    if not 0 < head["count"] <= head["samples"] - head["offset"]:
        raise wire.WireError(Phrase("a part that is empty, or reaches beyond its whole"))
    try:
        samples = _samples(payload[rawring.HEAD_LEN :], head["count"])
    except (ValueError, struct.error):
        raise wire.WireError(Phrase("the coded samples end too early")) from None
    return head, samples


def _samples(data: bytes, count: int) -> list[tuple[int, int, int]]:
    first = struct.unpack_from("<3h", data)
    samples, before = [first], (first, first)
    bits = "".join(f"{byte:08b}" for byte in data[struct.calcsize("<3h") :])
    at = 0
    while len(samples) < count:
        n = min(rawring.BLOCK, count - len(samples))
        columns = []
        for axis in range(AXES):
            column, at = _block(bits, at, n, before[0][axis], before[1][axis])
            columns.append(column)
        samples += zip(*columns, strict=True)
        before = samples[-2], samples[-1]
    return samples


def _block(bits: str, at: int, n: int, two: int, one: int) -> tuple[list[int], int]:
    """Return (n counts of one axis, the place behind them); two, one: the two counts before."""
    double, k = bits[at : at + 1] == "1", int(bits[at + 1 : at + rawring.BLOCK_HEAD_BITS], 2)
    at += rawring.BLOCK_HEAD_BITS
    column = []
    for _ in range(n):
        stop = bits.index("1", at)
        low = bits[stop + 1 : stop + 1 + k]
        if len(low) < k:
            raise ValueError
        z = stop - at << k | int("0" + low, 2)
        at = stop + 1 + k
        difference = z >> 1 ^ -(z & 1)
        value = one + difference + (one - two if double else 0)
        two, one = one, (value + 0x8000 & 0xFFFF) - 0x8000
        column.append(one)
    return column, at
