"""Which nights may be compared with one another: the verdict of their row, and their phase.

Takes rows of the logbook's nights (dicts by `nights.columns`) and tags. Whether a night may be
read as a rate was decided where the night was made: its row says so, and nothing is judged again
here. A night that is left out is left out by name. Raises UserError for a phase that is not there
or makes no sense. Pure.
"""

from collections.abc import Sequence
from datetime import date
from typing import Any

from notturno import refusals
from notturno.errors import Phrase, UserError
from notturno.nights.columns import BY_KEY
from notturno.refusals import Refusal
from notturno.scoring.manynights.levels import NightCount, NightValue

SHORT_H = 4.0  # ours: from here down a night is named short: jerks and PLM crowd its early hours
MIN_NIGHTS = 3  # one night says little; below three, no trend, phase or variability
BEFORE, AFTER = "before", "after"


def night_refusal(row: dict) -> Refusal | None:
    """Return why a night says nothing about any figure (of its row), or None."""
    if row["refusal"] is not None:
        return refusals.from_json(row["refusal"])
    if row["date"] is None:
        return Refusal("Its date is not known.", refusals.CLOCK_UNKNOWN)
    return None


def usable(rows: list[dict], key: str) -> tuple[list, dict]:
    """Return ([nights of `levels`] by date, {night: Refusal} of those left out).

    key: a column of `columns.MEASURES`. Raises ValueError where two bands are among the rows.
    """
    if len({row["device_id"] for row in rows}) > 1:
        raise ValueError("nights of one band are needed")
    kept, left_out = [], {}
    for row in rows:
        reason = night_refusal(row)
        if reason is None:
            reason = _measure_refusal(row, key)
        if reason is not None:
            left_out[row["night"]] = reason
            continue
        day = date.fromisoformat(row["date"]).toordinal()
        events, hours = quotient_of(key)
        if hours:
            kept.append(NightCount(row["date"], day, row[events], row[hours]))
        else:
            kept.append(NightValue(row["date"], day, row[key]))
    return sorted(kept, key=lambda night: night.day), left_out


def quotient_of(key: str) -> tuple[Any, str] | tuple[str, str]:
    """Return the columns (events, hours) that a measure is the quotient of; ("", "") for none.

    A count without a rate of its own is read by the countable hour.
    """
    column = BY_KEY[key]
    if column.kind == "count":
        return key, "countable_h"
    return column.events, column.hours


def _measure_refusal(row: dict, key: str) -> refusals.Refusal | None:
    events, hours = quotient_of(key)
    for name in (key, events, hours):
        if name and row[name] is None:
            reason = row["refusals"].get(name)
            if reason is not None:
                return refusals.from_json(reason)
            return Refusal(
                "It gives no figure of: {words_said}.",
                refusals.NOT_GIVEN,
                words_said=BY_KEY[name].words,
            )
    if hours and row[hours] <= 0:
        return Refusal(
            "It has no {words_said} time.", refusals.TOO_SHORT, words_said=BY_KEY[hours].words
        )
    return None


def too_few_nights(n: int, needed: int = MIN_NIGHTS, what: Phrase | str = "this") -> Refusal:
    """Return the Refusal for fewer than `needed` nights."""
    return Refusal(
        "1 usable night; {what_said} needs {needed}."
        if n == 1
        else "{n} usable nights; {what_said} needs {needed}.",
        refusals.TOO_FEW_NIGHTS,
        n=n,
        what_said=what,
        needed=needed,
    )


def in_tag(tags: Sequence[dict], name: str, night: dict) -> bool:
    """Tell whether a night (row with `date`) lies in some span of a tag's name."""
    return night["date"] is not None and any(
        tag["first_night"] <= night["date"]
        and (tag["last_night"] is None or night["date"] <= tag["last_night"])
        for tag in tags
        if tag["name"] == name
    )


def phase_names(tags: Sequence[dict]) -> list[str]:
    """Return the names of the tags, each once, by their first night."""
    return list(dict.fromkeys(tag["name"] for tag in tags))


def two_phases(nights: list[dict], tags: list[dict], first: str, second: str) -> tuple[list, list]:
    """Return the nights of two phases, each in the order given.

    A phase is the name of a tag; `before` and `after` are all nights before the first and after
    the last night of the other phase, unless a tag bears that name.
    """
    known = phase_names(tags)
    if first == second:
        raise UserError("Both phases are {first}; name two different ones.", first=first)
    for name in (first, second):
        if name not in known and name not in (BEFORE, AFTER):
            raise _unknown(name, known)
    tagged = [name in known for name in (first, second)]
    if not any(tagged):
        raise _unknown(Phrase("{one} or {other}", one=first, other=second), known)
    of_first = _nights_of(nights, tags, first, None if tagged[0] else second)
    of_second = _nights_of(nights, tags, second, None if tagged[1] else first)
    shared = {n["night"] for n in of_first} & {n["night"] for n in of_second}
    if shared:
        raise UserError(
            "The phases {first} and {second} share nights ({n_shared}, from "
            "{shared} on); change one of them with notturno tag.",
            first=first,
            second=second,
            n_shared=len(shared),
            shared=min(shared),
        )
    return of_first, of_second


def _nights_of(nights: list[dict], tags: list[dict], name: str, other: str | None) -> list[dict]:
    if other is None:
        return [night for night in nights if in_tag(tags, name, night)]
    spans = [tag for tag in tags if tag["name"] == other]
    if name == BEFORE:
        begin = min(tag["first_night"] for tag in spans)
        return [night for night in nights if night["date"] and night["date"] < begin]
    if any(tag["last_night"] is None for tag in spans):
        raise UserError(
            "The phase {other} is still going on: there is no night after it.", other=other
        )
    end = max(tag["last_night"] for tag in spans)
    return [night for night in nights if night["date"] and night["date"] > end]


def _unknown(name: Phrase | str, known: list[str]) -> UserError:
    if not known:
        return UserError(
            "There is no phase {name}; no phase is named yet (name one with notturno tag NAME "
            "FIRST_NIGHT).",
            name=name,
        )
    return UserError(
        "There is no phase {name}; the phases are: {known} (name one with notturno tag NAME "
        "FIRST_NIGHT).",
        name=name,
        known=", ".join(known),
    )
