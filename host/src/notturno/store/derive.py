"""What follows from the records: names of events, where recordings lie in time, which are a night.

Touches one open transaction of the database. Takes the rules from `notturno.nights`; here stands
only which rows they are applied to. `refresh` is what others call.
"""

import json
import sqlite3
from collections.abc import Collection, Iterable, Mapping

from notturno.nights import sleeps
from notturno.nights.spans import merged
from notturno.store.naming import name_events
from notturno.store.night_rows import derive_night, derive_nights
from notturno.store.placing import place_session
from notturno.store.said import effective_edits

REACH_MS = sleeps.LOCAL_REACH_MS
MOST_STEPS_BACK = 200  # recordings without a pause between them: a band that is never taken off


def name_and_place(db: sqlite3.Connection, log_key: int, seq: int) -> None:
    """Name the events of one recording by the rules of today, then place it all in time."""
    name_events(db, log_key, seq)
    place_session(db, log_key, seq)


def refresh(db: sqlite3.Connection, log_key: int, session_seqs: Collection[int]) -> None:
    """Make everything again that follows from some recordings of a log."""
    refresh_all(db, {log_key: session_seqs})


def refresh_all(
    db: sqlite3.Connection,
    touched: Mapping[int, Collection[int]],
    more: Iterable[tuple[str, str]] = (),
) -> None:
    """Make everything again that follows from recordings of several logs, each night once.

    touched: {log key: numbers of sessions}; those that are not there are passed over. more:
    (night, device id) of nights that are to be made again whatever lies in them.
    """
    changed: set[tuple[str, str]] = set(more)
    spans: dict[str, list[set[tuple[int, int]]]] = {}
    for log_key, session_seqs in sorted(touched.items()):
        found = db.execute("select device_id from logs where log_key = ?", (log_key,)).fetchone()
        if found is None or not session_seqs:
            continue
        device_id, asked = found[0], (log_key, json.dumps(sorted(session_seqs)))
        before = db.execute(THEIRS, asked).fetchall()
        for row in before:
            name_and_place(db, log_key, row["seq"])
        after = db.execute(THEIRS, asked).fetchall()
        spans.setdefault(device_id, []).append(_span(before) | _span(after))
        changed |= {(row["night"], device_id) for row in before}
    for device_id, of_logs in spans.items():
        renamed = _group_undated(db, device_id)
        for from_ms, to_ms in _to_group(of_logs):
            renamed |= _group_dated(db, device_id, from_ms, to_ms)
        changed |= {(night, device_id) for night in renamed}
    derive_nights(db, [(night, device_id) for night, device_id in changed if night is not None])


THEIRS = (
    "select seq, start_utc_ms, end_utc_ms, night from sessions"
    " where log_key = ? and seq in (select value from json_each(?)) order by seq"
)


def _span(rows: list[sqlite3.Row]) -> set[tuple[int, int]]:
    """Return the span of some recordings, from the first start to the last end; none undated."""
    dated = [row for row in rows if row["start_utc_ms"] is not None]
    if not dated:
        return set()
    return {(min(row["start_utc_ms"] for row in dated), max(row["end_utc_ms"] for row in dated))}


def _to_group(of_logs: list[set[tuple[int, int]]]) -> list[tuple[int, int]]:
    """Return the spans to group anew: where recordings lie and, moved far by a clock, lay.

    Of several logs all from the first to the last: a night is named after the one before it, and
    that one may not be made yet.
    """
    spans = set().union(*of_logs)
    if len(of_logs) > 1 and spans:
        return [(min(start for start, _ in spans), max(end for _, end in spans))]
    return merged(spans)


def refresh_last(db: sqlite3.Connection, log_key: int) -> None:
    """Make the night again that holds the newest recording of a log: its state may be another."""
    row = db.execute(
        "select night, device_id from sessions join logs using (log_key) where log_key = ?"
        " order by seq desc limit 1",
        (log_key,),
    ).fetchone()
    if row is not None:
        derive_night(db, row["night"], row["device_id"])


PARTS = (
    "select s.log_key, s.seq, s.zone, s.boot_id, s.night, s.of_night, s.name_rule, s.quiet_min,"
    " s.start_utc_ms,"
    " s.end_utc_ms, s.tick_ms, s.recorded_ms from sessions s join logs l using (log_key)"
    " where l.device_id = ?"
)


def group_all(db: sqlite3.Connection, device_id: str) -> set[str]:
    """Group all recordings of a band anew; return the nights that changed."""
    changed = _group_undated(db, device_id)
    span = db.execute(
        "select min(start_utc_ms), max(end_utc_ms) from sessions join logs using (log_key)"
        " where device_id = ?",
        (device_id,),
    ).fetchone()
    if span[0] is not None:
        changed |= _group_dated(db, device_id, *span)
    return changed


def _group_undated(db: sqlite3.Connection, device_id: str) -> set[str]:
    rows = db.execute(PARTS + " and s.start_utc_ms is null", (device_id,)).fetchall()
    parts = [
        sleeps.Part(
            key=(row["log_key"], row["seq"]),
            start_ms=row["tick_ms"],
            end_ms=row["tick_ms"] + row["recorded_ms"],
            zone=None,
            boot=str(row["boot_id"]),
            log=row["log_key"],
        )
        for row in rows
    ]
    return _name(db, rows, sleeps.sleeps_of(parts))


def _group_dated(db: sqlite3.Connection, device_id: str, from_ms: int, to_ms: int) -> set[str]:
    """Group the recordings around a span anew, and further on as long as names change."""
    changed = set()
    settled_ms = from_ms - REACH_MS // 2  # what lies before is context, and stays as it is
    begin_ms = _after_a_pause(db, device_id, from_ms - REACH_MS)
    end_ms = to_ms + REACH_MS
    while True:
        rows = db.execute(
            PARTS + " and s.start_utc_ms between ? and ? order by s.start_utc_ms",
            (device_id, begin_ms, end_ms),
        ).fetchall()
        found = sleeps.sleeps_of([_part(db, row) for row in rows], _before(db, device_id, rows))
        last = found[-1].parts if found else ()
        nameless = {_key(row) for row in rows if row["night"] is None}
        renamed = _name(
            db,
            rows,
            [
                sleep
                for sleep in found
                if sleep.start_ms >= settled_ms or not nameless.isdisjoint(_keys(sleep))
            ],
        )
        changed |= renamed
        if not renamed or not any(
            row["night"] != found[-1].night for row in rows if _key(row) in {p.key for p in last}
        ):
            return changed
        more = db.execute(
            PARTS + " and s.start_utc_ms > ? limit 1", (device_id, end_ms)
        ).fetchone()
        if more is None:
            return changed
        end_ms += REACH_MS


def _after_a_pause(db: sqlite3.Connection, device_id: str, at_ms: int) -> int:
    """Return an instant at or before `at_ms` that no sleep can reach across."""
    for _ in range(MOST_STEPS_BACK):
        row = db.execute(
            PARTS + " and s.start_utc_ms < ? order by s.start_utc_ms desc limit 1",
            (device_id, at_ms),
        ).fetchone()
        if row is None or at_ms - row["end_utc_ms"] >= sleeps.JOIN_MS:
            break
        at_ms = row["start_utc_ms"]
    return at_ms


def _key(row: sqlite3.Row) -> tuple[int, int]:
    return row["log_key"], row["seq"]


def _keys(sleep: sleeps.Sleep) -> set[tuple[int, int]]:
    return {part.key for part in sleep.parts}


def _part(db: sqlite3.Connection, row: sqlite3.Row) -> sleeps.Part:
    said = effective_edits(db, [_key(row)])
    return sleeps.Part(
        key=_key(row),
        start_ms=row["start_utc_ms"],
        end_ms=max(row["start_utc_ms"], row["end_utc_ms"]),
        zone=said.get("zone") or row["zone"],
        quiet_min=row["quiet_min"],
    )


def _before(
    db: sqlite3.Connection, device_id: str, rows: list[sqlite3.Row]
) -> tuple[str, int] | None:
    """Return (date, end) of the main sleep before the first of some rows, or None."""
    if not rows:
        return None
    found = db.execute(
        "select date, end_utc_ms from nights where device_id = ? and start_utc_ms < ?"
        " and end_utc_ms - start_utc_ms >= ? order by start_utc_ms desc limit 1",
        (device_id, rows[0]["start_utc_ms"], sleeps.MAIN_MS),
    ).fetchone()
    return None if found is None else (found["date"], found["end_utc_ms"])


def _name(db: sqlite3.Connection, rows: list[sqlite3.Row], found: list[sleeps.Sleep]) -> set[str]:
    """Write the night of each recording; return the nights that lost or gained one."""
    before = {_key(row): (row["night"], row["of_night"], row["name_rule"]) for row in rows}
    changed = set()
    for sleep in found:
        for part in sleep.parts:
            if before[part.key] != (sleep.night, sleep.of_night, sleep.name_rule):
                db.execute(
                    "update sessions set night = ?, of_night = ?, name_rule = ?"
                    " where log_key = ? and seq = ?",
                    (sleep.night, sleep.of_night, sleep.name_rule, *part.key),
                )
                changed |= {before[part.key][0], sleep.night} - {None}
    return changed
