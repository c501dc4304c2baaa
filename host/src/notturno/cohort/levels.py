"""Each person's nights as the statistics see them: of every row its level, or why it has none.

Takes the answers of `queries.nights`; what a level is, and what refuses one, is decided in
`scoring.manynights` alone. Pure.
"""

from datetime import date
from typing import Any, NamedTuple

from notturno.cohort.queries import ANY, WHY
from notturno.nights.columns import BY_KEY
from notturno.refusals import is_refusal
from notturno.scoring.manynights import usable
from notturno.scoring.manynights.makers import MADE_BY

ALWAYS = (  # what the cleaning looks at
    *("person", "night", "date", "device_id", "start_utc_ms", "simulated", "countable_h"),
    *("jerks", "lms", *MADE_BY),
)
# A laboratory's nights without a date follow one another as listed, none beside another.
DAYS_APART = 2


class Person(NamedTuple):
    """One person's nights of a measure, by day: a night of `manynights.levels` each."""

    person: str
    nights: list


def columns_of(measures: tuple[str, ...]) -> tuple[str, ...]:
    """Return the columns of a night that some measures are read from, each once."""
    names: list[str] = []
    for key in measures:
        names += [key, *filter(None, usable.quotient_of(key))]
    return tuple(dict.fromkeys(names))


def rows(table: Any, measures: tuple[str, ...]) -> list[dict]:
    """Return the nights of a table as `usable` takes them: with `refusal` and `refusals`.

    Only columns that are asked for: the others stay in the table, where they are small.
    """
    names = columns_of(measures)
    whys = [WHY + name for name in names]
    wanted = dict.fromkeys((*ALWAYS, *names, *whys, WHY + ANY))
    found = table.select(list(wanted)).to_pylist()
    for row in found:
        row["refusal"] = _refusal(row.pop(WHY + ANY))
        row["refusals"] = {
            why.removeprefix(WHY): _refusal(code)
            for why in whys
            if (code := row.pop(why)) is not None
        }
    return found


def _refusal(code: str | None) -> dict | None:
    return None if code is None else {"refused": code, "code": code}


def dated_in_order(found: list[dict]) -> None:
    """Give the nights of people of whom no night has a date the dates of a calendar of no year."""
    dated = {row["person"] for row in found if row["date"] is not None}
    seen: dict = {}
    for row in found:
        if row["person"] not in dated:
            number = seen.setdefault(row["person"], {}).setdefault(
                row["night"], len(seen[row["person"]])
            )
            row["date"] = date.fromordinal(1 + DAYS_APART * number).isoformat()


def of_rows(found: list[dict], key: str) -> list:
    """Return for each row its night of `levels` for a measure, or the Refusal in its place."""
    levels = []
    for row in found:
        kept, refused = usable.usable([row], key)
        levels.append(kept[0] if kept else refused[row["night"]])
    return levels


def by_person(found: list[dict], levels: list, keep: list[bool] | None = None) -> list[Person]:
    """Return the people that have a level, in order; keep: of which rows (None: of all)."""
    people: dict = {}
    for i, (row, level) in enumerate(zip(found, levels, strict=True)):
        if not is_refusal(level) and (keep is None or keep[i]):
            people.setdefault(row["person"], []).append(level)
    return [
        Person(person, sorted(nights, key=lambda night: night.day))
        for person, nights in people.items()
    ]


def unit_of(key: str, counted: bool) -> str:
    """Return the unit of what people read of a measure."""
    return "1/h" if counted else BY_KEY[key].unit
