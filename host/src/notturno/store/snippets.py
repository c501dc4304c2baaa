"""The snippets of stored nights: whose they are, and the payloads that hold their samples.

Touches one database connection, reading only. Decoding is `notturno.nights.waveform`'s.
"""

import sqlite3
from itertools import groupby

from notturno_core import wire

from notturno.store.queries import flag_names, session_rows

WHY_NAMES = {
    wire.SNIPPET_FIRST: "first of its kind",
    wire.SNIPPET_RANDOM: "drawn at random",
    wire.SNIPPET_STRONG: "among the strongest",
}
OF_ONE = ("device_id", "log_id", "session_seq", "number", "first_sample")


def waveforms(
    db: sqlite3.Connection, night: str | None = None, device_id: str | None = None
) -> list[dict]:
    """Return the snippets of a night (all for None), in the order of their samples.

    Each: device_id, log_id, session_seq, number (the event's), first_sample, samples, why (words),
    ug_per_lsb, odr_hz (as the chip says), rate_hz (in real time), payloads.
    """
    rows = session_rows(
        db,
        "t.*, l.device_id, l.log_id, s.ug_per_lsb, s.odr_mhz, s.rate_hz, (select payload from"
        " records r where r.log_key = t.log_key and r.seq = t.seq) as payload",
        *("snippets", night, device_id, "t.first_sample, t.number, t.seq"),
    )
    found = []
    for _, parts in groupby(rows, key=lambda row: [row[name] for name in OF_ONE]):
        parts = list(parts)
        first = parts[0]
        odr_hz = first["odr_mhz"] / 1000
        found.append(
            {name: first[name] for name in (*OF_ONE, "samples", "ug_per_lsb")}
            | {
                "why": flag_names(first["why"], WHY_NAMES),
                "odr_hz": odr_hz,
                "rate_hz": first["rate_hz"] or odr_hz,
                "payloads": [part["payload"] for part in parts],
            }
        )
    return found
