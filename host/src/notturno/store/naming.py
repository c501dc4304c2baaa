"""Names the events of a recording again, by the table of rules that the band itself names with.

Touches one open transaction of the database. What the band wrote is taken from its records, so
that new rules never build on what older ones said; its own kind and flags stay beside.
"""

import sqlite3

from notturno_core import names, wire

from notturno.store import layout_2

AXES = (
    ("direction_q7", "direction"),
    ("posture_before_q7", "before"),
    ("posture_after_q7", "after"),
)
NUMBERS = 1 << 16  # of a band's rows, before they begin again at 0


def columns_of(values: dict, said: dict) -> dict:
    """Return the columns of `events` that an event fills; said: the event as the band wrote it."""
    columns = dict(values)
    for field, prefix in AXES:
        for axis, value in zip("xyz", columns.pop(field), strict=True):
            columns[f"{prefix}_{axis}_q7"] = value
    return columns | {"kind_band": said["kind"], "flags_band": said["flags"]}


def name_events(db: sqlite3.Connection, log_key: int, session_seq: int) -> None:
    """Give the events of one recording the names that the rules of today give them.

    Those of the first layout keep the band's.
    """
    key = (log_key, session_seq)
    rows = db.execute(
        "select r.seq, r.payload from events e join records r"
        " on r.log_key = e.log_key and r.seq = e.seq where e.log_key = ? and e.session_seq = ?",
        key,
    )
    said = [(seq, wire.unpack_event(payload)) for seq, payload in rows]
    said = in_order([(seq, values) for seq, values in said if values["layout"] > 1])
    version = names.VERSION if said else None
    db.execute(
        "update sessions set names_version = ? where log_key = ? and seq = ?", (version, *key)
    )
    if not said:
        return
    odr_mhz = db.execute(
        "select odr_mhz from sessions where log_key = ? and seq = ?", key
    ).fetchone()[0]
    named = names.rename([_told(values, odr_mhz) for _, values in said], odr_mhz)
    changed = [
        (seq, columns_of(band | new | {"later_pct": band["later_pct"]}, band))
        for (seq, band), new in zip(said, named, strict=True)
    ]
    fields = list(changed[0][1])
    db.executemany(
        f"update events set {', '.join(f'{field} = ?' for field in fields)}"
        " where log_key = ? and seq = ?",
        [(*(columns[field] for field in fields), log_key, seq) for seq, columns in changed],
    )


def _told(values: dict, odr_mhz: int) -> dict:
    """Return an event with all that the table asks of it, in whichever layout it was written."""
    if values["later_pct"] is not None:
        return dict(values)
    return values | {"later_pct": layout_2.later_pct(values, odr_mhz)}


def in_order(rows: list) -> list:
    """Return (seq, values) of a recording's events in the order of their numbers.

    The numbers begin again at 0 every 65 536; records are written near to their turn.
    """
    placed, last = [], 0
    for seq, values in sorted(rows, key=lambda row: row[0]):
        ahead = (values["number"] - last + NUMBERS // 2) % NUMBERS - NUMBERS // 2
        placed.append((last + ahead, seq, values))
        last = max(last, last + ahead)
    return [(seq, values) for _, seq, values in sorted(placed, key=lambda row: row[:2])]
