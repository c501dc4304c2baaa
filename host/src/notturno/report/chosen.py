"""Whose nights a report is about: those of a span, of one band or of a person with two.

Reads the logbook; judges no night. Speaks rows of `nights.columns`.
"""

from typing import NamedTuple

from notturno.errors import UserError
from notturno.scoring.manynights import figures
from notturno.scoring.manynights.usable import night_refusal


class Chosen(NamedTuple):
    """sections: rows of each band and of the person, by id; rows: those the report is about;
    hours_rows: of one band, for what needs its events; tags, diary: of the span."""

    sections: list[list[dict]]
    rows: list[dict]
    hours_rows: list[dict]
    tags: list[dict]
    diary: list[dict]


def choose(store, since: str | None, until: str | None, band: str | None) -> Chosen:
    """Return the nights of a span (ISO dates of evenings, both included, None: open).

    band: this one alone (a device id). Else the person with two bands, if no single band has more
    usable nights, or the band with the most. Raises UserError for a span that ends before it
    begins.
    """
    if since is not None and until is not None and since > until:
        raise UserError(
            "The span ends ({until}) before it begins ({since}); swap the two.",
            until=until,
            since=since,
        )
    nights = store.nights(since=since, until=until, device_id=band)
    persons = [] if band else store.person_nights([row["night"] for row in nights])
    sections = figures.sections(nights + persons)
    of_bands = [rows for rows in sections if rows[0]["person_side"] != "LR"]
    rows = max(sections, key=_rank, default=[])
    if rows and rows[0]["person_side"] != "LR":
        of_bands = [rows]
    return Chosen(
        sections,
        rows,
        max(of_bands, key=_rank, default=[]),
        store.tags(),
        [entry for entry in store.diary() if _within(entry["night"], since, until)],
    )


def _rank(rows: list[dict]) -> tuple[int, bool, int]:
    usable = sum(night_refusal(row) is None for row in rows)
    return usable, rows[0]["person_side"] == "LR", len(rows)


def _within(night: str, since: str | None, until: str | None) -> bool:
    return (since is None or night >= since) and (until is None or night <= until)
