"""Whose nights a report is about: those of a span, of one band or of a person with two.

Reads the logbook; judges no night. Speaks rows of `nights.columns`.
"""

from typing import NamedTuple

from notturno.errors import UserError
from notturno.scoring.manynights import figures
from notturno.scoring.manynights.usable import night_refusal

LEAST_SHARE = 2 / 3  # ours: a night that one of two bands missed does not cost the other leg


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

    band: this one alone (a device id). Else the person with two bands, where both counted in most
    of the nights (LEAST_SHARE) that the better band has, or that band. Raises UserError for a span
    that ends before it begins.
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
    of_bands = [rows for rows in sections if not _of_both(rows)]
    rows = max(of_bands, key=_rank, default=[])
    both = max(filter(_of_both, sections), key=_rank, default=[])
    if both and _rank(both)[0] >= max(1, LEAST_SHARE * _rank(rows)[0]):
        rows = both
    elif rows:
        of_bands = [rows]
    return Chosen(
        sections,
        rows,
        max(of_bands, key=_rank, default=[]),
        store.tags(),
        [entry for entry in store.diary() if _within(entry["night"], since, until)],
    )


def _of_both(rows: list[dict]) -> bool:
    return rows[0]["person_side"] == "LR"


def _rank(rows: list[dict]) -> tuple[int, int]:
    return sum(night_refusal(row) is None for row in rows), len(rows)


def _within(night: str, since: str | None, until: str | None) -> bool:
    return (since is None or night >= since) and (until is None or night <= until)
