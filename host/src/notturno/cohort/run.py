"""The whole of a cohort: from paths to one document, and to the tables beside it.

Reads the sources named; writes into a folder for this run, which goes with it, and where `out`
says. The document is the same whoever answers the queries. Raises UserError.
"""

from __future__ import annotations

import tempfile
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple

from notturno import __version__
from notturno.cohort import cleaning, gather, hidden, levels, mixed, paired, summary
from notturno.cohort import people as of_people
from notturno.cohort import written as tables_out
from notturno.cohort.gather import Tables
from notturno.cohort.people import BAND, LAB, NIGHTS
from notturno.cohort.queries import Share
from notturno.errors import Phrase, UserError
from notturno.files.written import must_be_free, whole_folder
from notturno.nights.columns import BY_KEY
from notturno.refusals import Refusal, to_json
from notturno.scoring.manynights import usable
from notturno.scoring.manynights.levels import typical

if TYPE_CHECKING:
    from notturno.cohort.engines import Here, Many

SCHEMA = "cohort-1"
PERSON_NIGHTS = "person_nights"
HIDDEN_NOTE = Phrase(
    "Names, dates and ids are replaced, and days counted from each person's first night. Who "
    "knows a person's nights may still know them again: pseudonymous, not anonymous."
)
NO_PHASE, SHARED_NIGHTS = "no_such_phase", "shared_nights"


class Asked(NamedTuple):
    """What a run is asked. phases: names of two tags, or None; both_sides: the nights of both
    bands together; key: a file; out: a folder to make."""

    paths: tuple
    measures: tuple
    phases: tuple | None = None
    both_sides: bool = False
    identified: bool = False
    key: str | None = None
    out: str | None = None
    force: bool = False


def run(asked: Asked, engine: Here | Many, progress: Callable | None = None) -> dict:
    """Return the document of a cohort, JSON form. engine: of `engines.engine`.

    progress: called with (done, of how many) sources read.
    """
    if asked.out is not None:
        must_be_free(Path(asked.out).expanduser(), asked.force)
    names = hidden.Names(hidden.key_of(asked.key), asked.identified)
    with tempfile.TemporaryDirectory(prefix="notturno-cohort-") as folder:
        sources = gather.gathered(of_people.found(asked.paths), Path(folder), progress)
        nights = _Nights(sources, asked, engine)
        document: dict = to_json(_document(nights, asked, names))
        if asked.out is not None:
            also = {"left_out": nights.codes, "events": nights.events()}
            full = tables_out.nights(nights.table, nights.dates, also, names)
            with whole_folder(Path(asked.out).expanduser(), asked.force) as place:
                tables_out.write(place, full, document)
    return document


class _Nights:
    """The nights of all people: rows, what stays out of the cleaned table, and their levels."""

    def __init__(self, sources: list[Tables], asked: Asked, engine: Here | Many) -> None:
        self.sources, self.engine = sources, engine
        self.table: Any = self._asked(
            PERSON_NIGHTS if asked.both_sides else NIGHTS,
            "nights",
            whys=levels.columns_of(asked.measures),
        )
        if self.table is None or not self.table.num_rows:
            raise UserError(
                "No night of both legs is in there; it needs two bands with sides (notturno bands "
                "name)."
                if asked.both_sides
                else "There is no night in there; sync a band and export again."
            )
        self.rows = levels.rows(self.table, asked.measures)
        self.dates = [row["date"] for row in self.rows]
        labs = {tables.person for tables in sources if tables.kind == LAB}
        if labs:
            levels.dated_in_order([row for row in self.rows if not row["device_id"]])
        self._counts = {} if asked.both_sides else self._counted()
        bands = {tables.person for tables in sources if tables.kind == BAND}
        self.codes = cleaning.left_out(
            self.rows, {person: of for person, of in self._counts.items() if person in bands}
        )
        self.levels = {key: levels.of_rows(self.rows, key) for key in asked.measures}
        self._people: dict = {}

    def _asked(self, name: str, query: str, kept: Any = None, whys: tuple[str, ...] = ()):
        """Ask a query of the table of a name; return one pyarrow.Table, or None."""
        shares = []
        for share in shares_of(self.sources, name):
            shares += self.engine.shares(share)
        return self.engine.ask(shares, query, kept, whys)

    def _counted(self) -> dict[str, dict[tuple[str, str], dict]]:
        """Return {person: {(night, device_id): what its events count}} where there are events."""
        found: dict = {tables.person: {} for tables in self.sources if _has_events(tables)}
        answers = self._asked("events", "counts")
        for row in [] if answers is None else answers.to_pylist():
            of = found.setdefault(row["person"], {})
            of[row["night"], row.pop("device_id", None) or ""] = row
        return found

    def events(self) -> list[int | None]:
        """Return how many events each row has: of a band those that count; None: not known."""
        return [
            None
            if row["person"] not in self._counts
            else _events_of(self._counts[row["person"]].get((row["night"], row["device_id"]), {}))
            for row in self.rows
        ]

    def keep(self, also: tuple[str, ...] = ()) -> list[bool]:
        """Return for each row whether it is cleaned, or out for a reason in `also` alone."""
        return [code is None or code in also for code in self.codes]

    def people(self, key: str, cleaned: bool) -> list[levels.Person]:
        """Return the people that have nights of a measure, and these (`levels.by_person`)."""
        if (key, cleaned) not in self._people:
            keep = self.keep() if cleaned else None
            self._people[key, cleaned] = levels.by_person(self.rows, self.levels[key], keep)
        return self._people[key, cleaned]

    def hours(self, cleaned: bool) -> dict[str, list[dict]]:
        import pyarrow

        chosen = [i for i, kept in enumerate(self.keep()) if kept or not cleaned]
        kept = self.table.select(["person", "night", "device_id"]).take(pyarrow.array(chosen))
        return summary.of_hours(self._asked("hours", "hours", kept))

    def tags(self) -> dict[str, list[dict]]:
        found: dict = {}
        answers = self._asked("tags", "tags")
        for row in [] if answers is None else answers.to_pylist():
            found.setdefault(row["person"], []).append(row)
        return found


def _events_of(counted: dict) -> int:
    return sum(counted.get(name) or 0 for name in ("jerks", "lms", "events"))


def _has_events(tables: gather.Tables) -> bool:
    return tables.kind == BAND and "events" in tables.paths


def shares_of(sources: list[Tables], name: str) -> list[Share]:
    """Return the shares that hold a table of this name: of all bands one, of laboratories each."""
    having = [tables for tables in sources if name in tables.paths]
    bands = {tables.paths[name]: tables.person for tables in having if tables.kind == BAND}
    shares = [Share(BAND, name, bands)] if bands else []
    if name not in (NIGHTS, "events"):
        return shares
    labs = [tables for tables in having if tables.kind == LAB]
    several = sum(tables.kind == LAB for tables in sources) > 1
    for tables in labs:  # two laboratories may both have a person 001
        before = f"{tables.person}/" if several else ""
        shares.append(Share(LAB, name, {tables.paths[name]: before}))
    return shares


def _document(nights: _Nights, asked: Asked, names: hidden.Names) -> dict:
    measures = {key: _of_measure(nights, key) for key in asked.measures}
    document = {
        "schema": SCHEMA,
        "notturno": __version__,
        "identified": asked.identified,
        "nights_of": "both sides together" if asked.both_sides else "one side",
        "qc": _qc(nights, names),
        "measures": measures,
        "hours": {},
        "phases": _phases(nights, asked),
        "people": _people(nights, asked, names),
        "methods": {"mixed": mixed.METHOD, "paired": paired.METHOD},
        "note": None if asked.identified else HIDDEN_NOTE,
    }
    if not asked.both_sides:
        document["hours"] = {of: nights.hours(of == "cleaned") for of in summary.BOTH}
    return document


def _of_measure(nights: _Nights, key: str) -> dict:
    found: dict = {"words": BY_KEY[key].words}
    for of in summary.BOTH:
        found[of] = summary.of_people(nights.people(key, of == "cleaned"), key)
    keep = nights.keep(also=(cleaning.OTHER_SIDE,))
    found["left_against_right"] = summary.of_sides(nights.rows, nights.levels[key], keep)
    refused: dict = {}
    for level, kept in zip(nights.levels[key], nights.keep(), strict=True):
        if kept and isinstance(level, Refusal):
            refused[level.code] = refused.get(level.code, 0) + 1
    return found | {"cleaned_without_figure": dict(sorted(refused.items()))}


def _qc(nights: _Nights, names: hidden.Names) -> dict:
    rows, codes = nights.rows, nights.codes
    reasons: dict = {}
    for code in codes:
        if code is not None:
            reasons[code] = reasons.get(code, 0) + 1
    of_band: dict = {}
    for row in rows:
        if row["device_id"] and row["person_side"] != "LR":
            of_band.setdefault(row["device_id"], set()).add(row["person"])
    made = cleaning.makers(rows)
    for one in made:
        one["limb"] = names.limb(one["limb"])
    return {
        "full": {"people": len({row["person"] for row in rows}), "nights": len(rows)},
        "cleaned": {
            "people": len(
                {row["person"] for row, code in zip(rows, codes, strict=True) if code is None}
            ),
            "nights": sum(code is None for code in codes),
        },
        "left_out": dict(sorted(reasons.items())),
        "reasons": {code: text for code, text in cleaning.REASONS.items() if code in reasons},
        "makers": made,
        "simulated_nights": sum(bool(row["simulated"]) for row in rows),
        "bands_of_several_people": sum(len(whose) > 1 for whose in of_band.values()),
    }


def _phases(nights: _Nights, asked: Asked) -> dict | None:
    if asked.phases is None:
        return None
    spans = _spans(nights, asked.phases)
    if not any(isinstance(found, tuple) for found in spans.values()):
        first, second = asked.phases
        raise UserError(
            "Nobody has nights of both phases, {first} and {second}; phases are named by each "
            "person's tags (notturno tag).",
            first=first,
            second=second,
        )
    found: dict = {"first": asked.phases[0], "second": asked.phases[1], "measures": {}}
    for key in asked.measures:
        both = {}
        for of in summary.BOTH:
            said, left_out = summary.of_phases(nights.people(key, of == "cleaned"), spans)
            both[of] = said | {"people_left_out": left_out}
        found["measures"][key] = both
    return found


def _spans(nights: _Nights, phases: tuple[str, str]) -> dict:
    """Return {person: (dates of the first phase, of the second), or why there are none}."""
    tags = nights.tags()
    rows: dict = {}
    for row in nights.rows:
        rows.setdefault(row["person"], []).append(row)
    spans: dict = {}
    for person, of_person in rows.items():
        try:
            both = usable.two_phases(of_person, tags.get(person, []), *phases)
        except UserError as error:
            spans[person] = SHARED_NIGHTS if "n_shared" in error.values else NO_PHASE
            continue
        spans[person] = tuple({row["date"] for row in part} for part in both)
    return spans


def _people(nights: _Nights, asked: Asked, names: hidden.Names) -> list[dict]:
    found: dict = {}
    for row, code in zip(nights.rows, nights.codes, strict=True):
        of = found.setdefault(row["person"], {"nights": 0, "cleaned": 0, "measures": {}})
        of["nights"] += 1
        of["cleaned"] += code is None
    for key in asked.measures:
        mine = {person.person: person.nights for person in nights.people(key, True)}
        for name, of in found.items():
            kept = mine.get(name, [])
            of["measures"][key] = {
                "nights": len(kept),
                "typical": typical(kept) if kept else None,
            }
    return sorted(
        ({"person": names.person(name)} | of for name, of in found.items()),
        key=lambda of: of["person"],
    )
