"""What people say of single events: mine, not mine, or while I was awake.

Touches one database connection. An event is named by its identity: device, log and the number of
its record. `me`: a movement of the person's own, asleep; `not_me`: a partner, a pet, the bed, a
phone, nothing at all; `awake`: the person's own, but awake.
"""

import sqlite3

from notturno.errors import UserError
from notturno.store.logs import log_key_of
from notturno.store.queries import events

ME, NOT_ME, AWAKE = "me", "not_me", "awake"
LABELS = (ME, NOT_ME, AWAKE)


def label(
    db: sqlite3.Connection, device_id: str, log_id: int, seq: int, said: str | None, utc_ms: int
) -> None:
    """Keep what a person says of an event, instead of what was said before; None takes it back.

    Raises UserError for a word that is no label and for an event that is not stored.
    """
    if said is not None and said not in LABELS:
        raise UserError(
            "{said} is no label; say one of: {labels}.", said=said, labels=", ".join(LABELS)
        )
    key = log_key_of(db, device_id, log_id)
    found = db.execute("select 1 from events where log_key = ? and seq = ?", (key, seq))
    if found.fetchone() is None:  # nor in a log that is not known
        raise UserError(
            "The band {device_id} has no event {seq} in its log {log_id:08x}; see notturno show.",
            device_id=device_id,
            seq=seq,
            log_id=log_id,
        )
    if said is None:
        db.execute("delete from labels where log_key = ? and seq = ?", (key, seq))
        return
    db.execute("insert or replace into labels values (?, ?, ?, ?)", (key, seq, said, utc_ms))


def labels(db: sqlite3.Connection) -> list[dict]:
    """Return device_id, log_id, seq, said and made_utc_ms of every label, by log and number."""
    return [
        dict(row)
        for row in db.execute(
            "select device_id, log_id, seq, said, t.made_utc_ms from labels t"
            " join logs using (log_key) order by device_id, log_id, seq"
        )
    ]


def labelled_events(db: sqlite3.Connection) -> list[dict]:
    """Return the events that bear a label, as `queries.events` gives them, by onset."""
    return events(db, None, None, None, labelled=True)
