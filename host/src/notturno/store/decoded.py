"""What one record becomes in the tables: its rows, and the recording that the next one belongs to.

Touches one open transaction of the database. Speaks the layouts of `notturno_core.wire`.
"""

import sqlite3
from typing import NamedTuple

from notturno_core import wire

from notturno import texts
from notturno.errors import Phrase
from notturno.nights import anchors
from notturno.store.naming import columns_of
from notturno.store.placing import insert

SESSION_TABLES = {
    wire.REC_SEGMENT: "segments",
    wire.REC_EVENT: "events",
    wire.REC_MINUTE: "minutes",
    wire.REC_FAULT: "faults",  # also without a session: a band that cannot start says so
    wire.REC_MARK: "marks",
    wire.REC_SNIPPET: "snippets",
}

SETTING = ("tick_ms", "utc_ms", "error_ms", "host_id")


class Part(NamedTuple):
    """The recording that the next record of a log belongs to.

    session_seq: the number of its SESSION, None before the first; ended: END was read. Behind END
    nothing belongs to it: where the next SESSION is lost, samples are counted from another start.
    """

    session_seq: int | None
    ended: bool = False

    @property
    def open_seq(self) -> int | None:
        """Return the number of the recording that is going on, or None."""
        return None if self.ended else self.session_seq

    def behind(self, seq: int, kind: int) -> "Part":
        """Return the part behind a record of that number and kind."""
        if kind == wire.REC_SESSION:
            return Part(seq)
        return self._replace(ended=self.ended or kind == wire.REC_END)


def record_in(frame: bytes) -> tuple[int, int, bytes]:
    """Return (seq, kind, payload) of a frame; raises WireError where it is no record of a log."""
    found = wire.frame_at(frame, 0, len(frame))
    if found is None:
        raise wire.WireError(Phrase("not a record frame"))
    seq, kind, start, length = found
    if seq == wire.SEQ_PROVISIONAL:
        raise wire.WireError(Phrase("a provisional row is no record of the log"))
    return seq, kind, bytes(frame[start : length - wire.CRC_LEN])


def decode(
    db: sqlite3.Connection,
    log_key: int,
    seq: int,
    kind: int,
    payload: bytes,
    part: Part,
    zone: str,
    retimed: dict[int, set[anchors.Anchor]],
) -> Part:
    """Write the rows of a record that belongs to `part`; return the part behind it.

    A layout that this version does not know makes no rows; the record itself is kept.
    """
    part_behind = part.behind(seq, kind)
    session_seq = part.open_seq
    if kind == wire.REC_SETTINGS and session_seq is not None:
        db.execute(
            "update sessions set settings = ? where log_key = ? and seq = ?",
            (payload, log_key, session_seq),
        )
    try:
        values = wire.unpack_record(kind, payload)
    except wire.WireError:
        return part._replace(ended=part.ended or kind == wire.REC_SESSION)
    if values is None:
        return part_behind
    key = {"log_key": log_key, "seq": seq}
    if kind == wire.REC_SESSION:
        values["firmware"] = texts.of_a_band(values["firmware"])
        insert(db, "sessions", key | {"zone": zone} | values)
    elif kind == wire.REC_TIME:
        if anchors.is_a_time(values["utc_ms"]):  # else a host with a broken clock
            carried_s = values.pop("carried_s")
            values["error_ms"] = anchors.carried_error_ms(values["error_ms"], carried_s)
            insert(db, "anchors", key | values)
            anchor = anchors.Anchor(*(values[name] for name in SETTING))
            retimed.setdefault(values["boot_id"], set()).add(anchor)
    elif kind == wire.REC_END and session_seq is not None:
        db.execute(
            "update sessions set end_sample = ?, end_tick_ms = ?, end_reason = ?,"
            " end_battery_mv = ?, faults = ?, overruns = ? where log_key = ? and seq = ?",
            (*values.values(), log_key, session_seq),
        )
    elif kind == wire.REC_FAULT or (kind in SESSION_TABLES and session_seq is not None):
        if kind == wire.REC_EVENT:
            values = columns_of(values, values)
        elif kind == wire.REC_MINUTE:
            for axis, value in zip("xyz", values.pop("gravity_mg"), strict=True):
                values[f"gravity_{axis}_mg"] = value
        insert(db, SESSION_TABLES[kind], key | {"session_seq": session_seq} | values)
    return part_behind
