"""Names for spans of nights: before, during and after a treatment, or anything else.

Touches one database connection. Nights are ISO dates of their evening.
"""

import sqlite3
from collections.abc import Iterable

from notturno.errors import Phrase, UserError
from notturno.store.dates import night_date


def all_tags(db: sqlite3.Connection) -> list[dict]:
    """Return name, first_night and last_night (None: still going on), by first night."""
    return [
        dict(row)
        for row in db.execute(
            "select name, first_night, last_night from tags order by first_night, name"
        )
    ]


def add(
    db: sqlite3.Connection, name: str, first_night: str, last_night: str | None = None
) -> None:
    """Add a span; raises UserError where it makes no sense or is there already."""
    if not name.strip():
        raise UserError("A tag needs a name, for example: before.")
    first_night = night_date(first_night)
    last_night = None if last_night is None else night_date(last_night)
    _check_order(first_night, last_night)
    if db.execute(
        "select 1 from tags where name = ? and first_night = ?", (name, first_night)
    ).fetchone():
        raise UserError(
            "There is a tag {name} from {first_night} on already; remove it first to change it.",
            name=name,
            first_night=first_night,
        )
    db.execute("insert into tags values (?, ?, ?)", (name, first_night, last_night))


def end(db: sqlite3.Connection, name: str, last_night: str) -> None:
    """Give a span that is going on its last night; raises UserError where none is."""
    last_night = night_date(last_night)
    going_on = [tag for tag in all_tags(db) if tag["name"] == name and tag["last_night"] is None]
    if not going_on:
        known = _listed(tag["name"] for tag in all_tags(db) if tag["last_night"] is None)
        raise UserError(
            "No tag {name} is going on; those that are: {known}.", name=name, known=known
        )
    first_night = going_on[-1]["first_night"]
    _check_order(first_night, last_night)
    db.execute(
        "update tags set last_night = ? where name = ? and first_night = ?",
        (last_night, name, first_night),
    )


def remove(db: sqlite3.Connection, name: str) -> None:
    """Remove all spans of a name; raises UserError where there is none."""
    if not db.execute("delete from tags where name = ?", (name,)).rowcount:
        known = _listed(tag["name"] for tag in all_tags(db))
        raise UserError("There is no tag {name}; the tags are: {known}.", name=name, known=known)


def _check_order(first_night: str, last_night: str | None) -> None:
    if last_night is not None and last_night < first_night:
        raise UserError(
            "The last night {last_night} lies before the first {first_night}; swap them.",
            last_night=last_night,
            first_night=first_night,
        )


def _listed(names: Iterable) -> Phrase | str:
    return ", ".join(sorted(set(names))) or Phrase("none yet")
