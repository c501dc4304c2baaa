"""Which nights stay out of the cleaned table, and why; the full table keeps every one.

Takes rows of nights (dicts, see `rows`); gives a reason's code for each, or None. Whether a night
may be read as a rate was decided where it was made; here stands what only a cohort can see. Pure.
"""

from collections import Counter
from collections.abc import Callable
from typing import Any

from notturno.errors import Phrase
from notturno.scoring.manynights import usable
from notturno.scoring.manynights.makers import MADE_BY

TWICE, SIMULATED, COUNTS_DIFFER = "twice", "simulated", "counts_differ"
OTHER_LIMB, OTHER_MAKER, OTHER_SIDE = "other_limb", "other_maker", "other_side"
REASONS = {
    TWICE: Phrase("The same night of the same band, or of the same side, stands there already."),
    SIMULATED: Phrase("Recorded by a virtual band, among nights that are real."),
    COUNTS_DIFFER: Phrase("Its events are not as many as its row says."),
    OTHER_LIMB: Phrase("Worn on another limb than most nights were."),
    OTHER_MAKER: Phrase(
        "Made by another detector, other settings or other rules than most nights."
    ),
    OTHER_SIDE: Phrase("Of the side of which this person has fewer nights."),
}
MAKER = tuple(key for key in MADE_BY if key not in ("limb", "person_side"))
COUNTED = ("jerks", "lms")  # what a row and the events of its night both say


def left_out(rows: list[dict], counts: dict | None = None) -> list[str | None]:
    """Return for each night the code of the reason why it is not in the cleaned table, or None.

    rows: in the order of person, night and band. counts: {person: {(night, device_id): {jerks,
    lms}}} of those people whose events are there.
    """
    codes: list = [_verdict(row) for row in rows]
    _mark(rows, codes, TWICE, _twice(rows, codes))
    real = any(not row["simulated"] for row, code in zip(rows, codes, strict=True) if not code)
    _mark(rows, codes, SIMULATED, lambda row: real and row["simulated"])
    _mark(rows, codes, COUNTS_DIFFER, lambda row: _differs(row, counts or {}))
    for code, key in ((OTHER_LIMB, _limb), (OTHER_MAKER, maker)):
        usual = _commonest(key(row) for row in _kept(rows, codes))
        _mark(rows, codes, code, lambda row, key=key, usual=usual: key(row) != usual)
    sides: dict = {}
    for row in filter(_was_worn, _kept(rows, codes)):
        sides.setdefault(row["person"], []).append(row["person_side"] or "")
    of_person = {person: _commonest(said) for person, said in sides.items()}
    _mark(
        rows,
        codes,
        OTHER_SIDE,
        lambda row: _was_worn(row) and (row["person_side"] or "") != of_person.get(row["person"]),
    )
    return codes


def _was_worn(row: dict) -> bool:
    """Say whether a night's side is the one that a sensor was worn on.

    That of a laboratory's list is only the legs that moved: a night with few movements, or none,
    is no other side, and to leave it out would make a person look more restless.
    """
    return bool(row["device_id"] or row["detector_version"])


def maker(row: dict) -> tuple:
    """Return what made a night: the columns of MAKER."""
    return tuple(row[key] or "" for key in MAKER)


def makers(rows: list[dict]) -> list[dict]:
    """Return every maker and limb of the nights, with how many nights, the commonest first."""
    found = Counter((*maker(row), _limb(row)) for row in rows)
    ordered = sorted(found.items(), key=lambda item: (-item[1], item[0]))
    return [
        dict(zip((*MAKER, "limb"), made, strict=True)) | {"nights": number}
        for made, number in ordered
    ]


def _verdict(row: dict) -> str | None:
    refusal = usable.night_refusal(row)
    return None if refusal is None else refusal.code


def _limb(row: dict) -> str:
    return row["limb"] or ""


def _kept(rows: list[dict], codes: list[str | None]) -> list[dict]:
    return [row for row, code in zip(rows, codes, strict=True) if code is None]


def _mark(rows: list[dict], codes: list[str | None], code: str, is_so: Callable) -> None:
    for i, row in enumerate(rows):
        if codes[i] is None and is_so(row):
            codes[i] = code


def _commonest(values: Any) -> tuple[str, str, str] | str | None:
    found = Counter(values)
    return min(found, key=lambda value: (-found[value], value), default=None)


def _twice(rows: list[dict], codes: list[str | None]) -> Callable:
    """Return function(row): whether another row of the same night has taken its place.

    The same recording once, whoever it is said to be of; of two bands on one side of a person, the
    one with more countable hours.
    """
    of_band: dict = {}
    of_side: dict = {}
    for row in _kept(rows, codes):
        if row["device_id"] and row["start_utc_ms"] is not None and row["person_side"] != "LR":
            of_band.setdefault((row["device_id"], row["start_utc_ms"]), row)
    for row in _kept(rows, codes):
        if of_band.get((row["device_id"], row["start_utc_ms"]), row) is not row:
            continue
        key = row["person"], row["date"], row["person_side"] or ""
        best = of_side.setdefault(key, row)
        if (row["countable_h"] or 0) > (best["countable_h"] or 0):
            of_side[key] = row
    kept = {id(row) for row in of_side.values()}
    return lambda row: id(row) not in kept


def _differs(row: dict, counts: dict[str, dict[tuple[str, str], dict]]) -> bool:
    """Say whether a night's events are others than its row counts; without events: no."""
    if row["person"] not in counts:
        return False
    found = counts[row["person"]].get((row["night"], row["device_id"]), {})
    return any(row[key] is not None and row[key] != found.get(key, 0) for key in COUNTED)
