"""The rows of a night: its gaps, what does not count and why, and its line of the nightly table.

Touches one open transaction of the database. Every figure is made in `notturno.nights` and
`notturno.scoring`; here stands which rows they get and where the result is kept.
"""

from __future__ import annotations

import json
import sqlite3
from collections.abc import Callable, Iterable, Mapping

from notturno_core import wire

from notturno.nights.axis import night_axis
from notturno.scoring.onenight import nightly, person
from notturno.scoring.versions import made_by
from notturno.store.night_inputs import night_inputs
from notturno.store.placements import placement_at, placements
from notturno.store.placing import boot_clock, sample_clock

GAP_REASONS = {
    wire.SEGMENT_OVERRUN: "overrun",
    wire.SEGMENT_BUS_FAULT: "bus fault",
}
BETWEEN_SESSIONS = "between sessions"


def derive_nights(
    db: sqlite3.Connection,
    changed: Iterable[tuple[str, str]],
    progress: Callable[[int, int], None] | None = None,
) -> None:
    """Make the lines of (night, device id) again, each once, and those of the persons after them.

    progress: called with (done, of how many).
    """
    of_night: dict[str, list[str]] = {}
    for night, device_id in sorted(set(changed)):
        of_night.setdefault(night, []).append(device_id)
    done, total = 0, sum(map(len, of_night.values()))
    for night, devices in of_night.items():
        scored = {}
        for device_id in devices:
            if progress is not None:
                progress(done, total)
            scored[device_id] = _derive_line(db, night, device_id)
            done += 1
        derive_person_night(db, night, scored)
    if progress is not None and total:
        progress(total, total)


def derive_night(db: sqlite3.Connection, night: str, device_id: str) -> None:
    """Make the line and the gaps of one night of one band again; a night without parts goes."""
    derive_nights(db, [(night, device_id)])


def _derive_line(db: sqlite3.Connection, night: str, device_id: str) -> nightly.Scored | None:
    """Make one band's line and gaps again; return the night scored, None where nothing is left."""
    for table in ("nights", "gaps"):
        db.execute(f"delete from {table} where night = ? and device_id = ?", (night, device_id))
    parts = db.execute(
        "select s.* from sessions s join logs using (log_key)"
        " where night = ? and device_id = ? order by start_utc_ms, log_key, seq",
        (night, device_id),
    ).fetchall()
    if not parts:
        return None
    db.executemany(
        "insert into gaps values (?, ?, ?, ?, ?, ?, ?, ?)",
        [(night, device_id, *gap) for gap in gaps_of(db, parts)],
    )
    scored = score_night(db, night, device_id)
    columns = nightly.as_row(scored.columns)
    _keep_what_counts(db, parts, scored.axis.events)
    db.execute(
        "insert into nights values (?, ?, ?, ?, ?, ?, ?, ?)",
        (
            night,
            device_id,
            parts[0]["of_night"],
            columns["date"],
            columns["start_utc_ms"],
            columns["end_utc_ms"],
            json.dumps(columns, ensure_ascii=False),
            made_by(),
        ),
    )
    return scored


def derive_person_night(
    db: sqlite3.Connection, night: str, scored: Mapping[str, nightly.Scored | None] | None = None
) -> None:
    """Make the line of a person's night again, where a band was worn on each side in it.

    scored: bands of that night that were scored just now, by device id.
    """
    db.execute("delete from person_nights where night = ?", (night,))
    rows = db.execute("select device_id, start_utc_ms from nights where night = ?", (night,))
    sides: dict = {}
    for row in rows.fetchall():
        side = placement_at(placements(db, row["device_id"]), row["start_utc_ms"])["side"]
        sides.setdefault(side, []).append(row["device_id"])
    if not all(len(sides.get(side, ())) == 1 for side in "LR"):
        return
    known = scored or {}
    legs = [sides[side][0] for side in "LR"]
    left, right = (known.get(leg) or score_night(db, night, leg) for leg in legs)
    columns = person.row_of(left, right)
    db.execute(
        "insert into person_nights values (?, ?, ?)",
        (night, json.dumps(columns, ensure_ascii=False), made_by()),
    )


def refresh_persons(db: sqlite3.Connection, device_id: str) -> None:
    """Make the persons' nights again in which a band took part, after its side was said."""
    for row in db.execute(
        "select n.night from nights n where n.device_id = ? and exists"
        " (select 1 from nights o where o.night = n.night and o.device_id <> n.device_id)",
        (device_id,),
    ).fetchall():
        derive_person_night(db, row["night"])


def _keep_what_counts(
    db: sqlite3.Connection, parts: list[sqlite3.Row], events: list[dict]
) -> None:
    """Write beside each event why it does not count; null where it does."""
    keys = {
        (log_id, seq): log_key
        for log_id, log_key, seq in (
            (_log_id(db, row["log_key"]), row["log_key"], row["seq"]) for row in parts
        )
    }
    db.executemany(
        "update events set left_out = ? where log_key = ? and seq = ? and left_out is not ?",
        [
            (
                event["left_out"],
                keys[event["log_id"], event["session_seq"]],
                event["seq"],
                event["left_out"],
            )
            for event in events
        ],
    )


def _log_id(db: sqlite3.Connection, log_key: int) -> int:
    return db.execute("select log_id from logs where log_key = ?", (log_key,)).fetchone()[0]


def score_night(db: sqlite3.Connection, night: str, device_id: str) -> nightly.Scored:
    """Return one stored night of one band under every rule."""
    sessions, rows, bed, facts = night_inputs(db, night, device_id)
    axis = night_axis(rows["events"], rows["minutes"], sessions, rows["gaps"], bed)
    return nightly.score(axis, sessions, facts)


# --- gaps --------------------------------------------------------------------------------------


def gaps_of(db: sqlite3.Connection, parts: list[sqlite3.Row]) -> list[tuple]:
    """Return (start_utc_ms, end_utc_ms, duration_ms, reason, start_tick_ms, end_tick_ms).

    Inside and between recordings; those between have no ticks.
    """
    found = []
    end_utc_ms = None
    for part in parts:
        if end_utc_ms is not None and part["start_utc_ms"] > end_utc_ms:
            start = part["start_utc_ms"]
            found.append((end_utc_ms, start, start - end_utc_ms, BETWEEN_SESSIONS, None, None))
        if part["end_utc_ms"] is not None:
            before = part["end_utc_ms"] if end_utc_ms is None else end_utc_ms
            end_utc_ms = max(before, part["end_utc_ms"])
        taken = sample_clock(db, part)
        clock = boot_clock(db, part, taken)
        for gap in taken.gaps():
            ticks = gap.start_tick_ms, gap.end_tick_ms
            reason = GAP_REASONS.get(gap.reason, "unknown")
            lasts_ms = round(clock.span_ms(*ticks))
            found.append((*map(clock.utc_ms, ticks), lasts_ms, reason, *map(round, ticks)))
    return found
