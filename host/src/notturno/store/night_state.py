"""Whether all of a night is here: its ends, what the band still holds, what never came.

Touches one database connection, reading. The rule is `notturno.nights.state`'s.
"""

import sqlite3
from collections.abc import Iterator

from notturno_core import wire

from notturno import leaps
from notturno.nights import state
from notturno.store import queries


def state_of_parts(db: sqlite3.Connection, parts: list) -> tuple[str, str]:
    """Return (state, why) of the night of some recordings (rows), oldest first."""
    last = parts[-1]
    log = db.execute("select * from logs where log_key = ?", (last["log_key"],)).fetchone()
    (stored_next,) = db.execute(
        "select max(seq) + 1 from records where log_key = ?", (last["log_key"],)
    ).fetchone()
    following = db.execute(
        "select min(seq) from sessions where log_key = ? and seq > ?",
        (last["log_key"], last["seq"]),
    ).fetchone()[0]
    flags = log["state"]
    held = state.Held(
        stored_next=stored_next,
        band_next=log["next_seq"],
        recording=None if flags is None else bool(flags & wire.STATE_RECORDING),
        newest=following is None,
        lost=tuple(_lost(db, parts, following or stored_next)),
    )
    reason = last["end_reason"]
    ended_as = None if reason is None else queries.END_NAMES.get(reason, str(reason))
    return state.state_of(ended_as, any(row["end_reason"] is None for row in parts[:-1]), held)


def _lost(
    db: sqlite3.Connection, parts: list[sqlite3.Row], end_seq: int
) -> Iterator[tuple[int, int]]:
    """Yield (first, last) of record numbers inside a night that never came."""
    for log_key in sorted({row["log_key"] for row in parts}):
        first = min(row["seq"] for row in parts if row["log_key"] == log_key)
        until = end_seq
        if log_key != parts[-1]["log_key"]:
            until = 1 + max(
                db.execute(
                    "select max(seq) from records where log_key = ?", (log_key,)
                ).fetchone()[0],
                first,
            )
        (count,) = db.execute(
            "select count(*) from records where log_key = ? and seq >= ? and seq < ?",
            (log_key, first, until),
        ).fetchone()
        if count == until - first:
            continue
        before = None
        for (seq,) in db.execute(
            "select seq from records where log_key = ? and seq >= ? and seq < ? order by seq",
            (log_key, first, until),
        ).fetchall():
            if (
                before is not None
                and seq > before + 1
                and not _left_out_by_band(db, log_key, before, seq)
            ):
                yield before + 1, seq - 1
            before = seq


def _left_out_by_band(db: sqlite3.Connection, log_key: int, before: int, seq: int) -> bool:
    """Say whether the band itself left out the numbers between two records, at a new start.

    A recording without an END is then one that the power cut ended, and the next one says so.
    """
    behind = db.execute(
        "select kind, payload from records where log_key = ? and seq >= ? order by seq limit ?",
        (log_key, seq, leaps.MOST_BEFORE_THE_BOOT + 1),
    )
    boot_id = queries.boot_id_before(db, log_key, seq)
    if not leaps.left_out_by_band(seq - before - 1, map(tuple, behind), boot_id):
        return False
    (ended,) = db.execute(
        "select end_reason is not null from sessions where log_key = ? and seq <= ?"
        " order by seq desc limit 1",
        (log_key, before),
    ).fetchone()
    following = db.execute(
        "select flags from sessions where log_key = ? and seq >= ? order by seq limit 1",
        (log_key, seq),
    ).fetchone()
    return ended or following is None or following[0] & wire.SESSION_AFTER_POWER_CUT
