"""What a laboratory scored: stages and events out of RemLogic's text, EDF+ annotations, NSRR XML.

Each reader returns a LabFile. Onsets are seconds from the file's own start; where the start's date
is not in the file (NSRR), or two readings of it are possible (03/02), the caller places it. Pure
but for EDF+, which is read from its path by edfio.
"""

import re
import warnings
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple

from notturno.errors import Phrase, UserError
from notturno.nights.spans import past_midnight
from notturno.scoring.movements.edf_stages import local_start, marked, rows_of
from notturno.scoring.movements.stage_names import has_prefix, stage_name

REMLOGIC, EDF, NSRR, PLAIN = "remlogic", "edf+", "nsrr", "csv"


class LabFile(NamedTuple):
    """starts: local datetimes at which the file may begin, [] without a date; stages: [(onset_s,
    name)]; events: [(onset_s, duration_s, text, where)]; refused: sentences; clock_s: time of day
    of its begin, where it is told without a date; included: names of the events that an export
    was asked for, where it holds none."""

    format: str
    starts: list
    stages: list
    events: list
    refused: list
    clock_s: float | None = None
    included: tuple = ()

    def length_s(self) -> float:
        """Return from the file's start to the end of the last thing in it."""
        ends = [onset_s for onset_s, _ in self.stages]
        ends += [onset_s + duration_s for onset_s, duration_s, *_ in self.events]
        return max(ends, default=0.0)


STAGE_0 = {"SLEEP-S0": "W"}  # RemLogic's wake; no other vocabulary has it


def is_remlogic(text: str) -> bool:
    """Say whether a text is RemLogic's export of events."""
    return "remlogic event export" in text[:2000].lower() or _head_of(text) is not None


def _head_of(text: str) -> tuple[int, list[str]] | None:
    """Return (line number, columns) of the head of RemLogic's table, or None."""
    for number, line in enumerate(text.splitlines()[:200]):
        cells = [cell.strip().lower() for cell in line.split("\t")]
        if any(cell.startswith("time [") or cell == "time" for cell in cells) and (
            any(cell.startswith("event") for cell in cells)
        ):
            return number, cells
    return None


def read_remlogic(text: str, name: str) -> LabFile:
    """Return what RemLogic's text holds. Raises UserError where it has no table."""
    head = _head_of(text.removeprefix("\ufeff"))
    if head is None:
        raise UserError(
            "{name} has no table of events (columns Time and Event); export it again.", name=name
        )
    number, cells = head
    column = {}
    for wanted, begins in (("time", "time"), ("event", "event"), ("duration", "duration")):
        column[wanted] = next((i for i, c in enumerate(cells) if c.startswith(begins)), None)
    column["where"] = next((i for i, c in enumerate(cells) if c == "location"), None)
    lines = text.removeprefix("\ufeff").splitlines()
    date = next(
        (line.split(":", 1)[1].strip() for line in lines if line.startswith("Recording Date:")), ""
    )
    rows, refused = [], []
    for at, line in enumerate(lines[number + 1 :], number + 2):
        parts = [part.strip() for part in line.split("\t")]
        if not any(parts):
            continue
        try:
            said = parts[column["time"]]
            duration = _number(parts[column["duration"]]) if column["duration"] is not None else 0
            event = parts[column["event"]]
            if "T" in said:
                moment = datetime.fromisoformat(said).replace(tzinfo=None)
            else:
                hour, minute, second = re.split("[:.]", said, maxsplit=2)
                moment = timedelta(hours=int(hour), minutes=int(minute), seconds=_number(second))
            if rows and type(moment) is not type(rows[0][0]):
                raise ValueError("a time of another kind than those before")
        except (ValueError, IndexError):
            text = repr(line.strip()[:60])
            refused.append(Phrase("line {at}: {text} is no row of the table", at=at, text=text))
            continue
        at = column["where"]
        where = parts[at] if at is not None and at < len(parts) else ""
        rows.append((moment, duration, event, where))
    if not rows:
        included = _included(lines)
        if refused or not included:
            raise UserError("{name} holds no event that can be read.", name=name)
        return LabFile(REMLOGIC, [], [], [], refused, None, included)
    return of_moments(REMLOGIC, rows, refused, date)


def of_moments(format_name: str, rows: list, refused: list, date: str = "") -> LabFile:
    """Return the LabFile of rows (moment, duration_s, event, where) with RemLogic's names.

    moment: a datetime, or a timedelta since midnight of an evening whose `date` is told apart.
    """
    if isinstance(rows[0][0], timedelta):
        moments = past_midnight([moment for moment, *_ in rows], timedelta(days=1))
        rows = [(at, *rest) for at, (_, *rest) in zip(moments, rows, strict=True)]
    first = min(moment for moment, *_ in rows)
    starts = [first] if isinstance(first, datetime) else [d + first for d in _dates(date)]
    clock_s = None if isinstance(first, datetime) or starts else first.total_seconds()
    events = [
        ((moment - first).total_seconds(), duration, event, where)
        for moment, duration, event, where in rows
    ]
    stages = [
        (onset_s, lasts_s, STAGE_0.get(event.upper(), event.upper().removeprefix("SLEEP-")))
        for onset_s, lasts_s, event, _ in events
        if event.upper().startswith("SLEEP-")
    ]
    others = [event for event in events if not event[2].upper().startswith("SLEEP-")]
    return LabFile(format_name, starts, named(stages, refused), others, refused, clock_s)


def _included(lines: list[str]) -> tuple[str, ...]:
    """Return the names below RemLogic's `Events Included:`, as far as the blank line."""
    found = None
    for line in map(str.strip, lines):
        if line.lower().startswith("events included"):
            found = []
        elif found is not None and not line:
            break
        elif found is not None:
            found.append(line)
    return tuple(found or ())


def _dates(said: str) -> list[datetime]:
    """Return the dates that a text may mean: 03/02/2009 is one in February and one in March."""
    found = []
    for form in ("%Y-%m-%d", "%d/%m/%Y", "%m/%d/%Y", "%d.%m.%Y", "%Y/%m/%d"):
        try:
            found.append(datetime.strptime(said.split()[0], form))
        except (ValueError, IndexError):
            continue
    return list(dict.fromkeys(found))


def _number(text: str) -> float:
    return float(text.replace(",", ".") or 0)


def named(stages: Any, refused: list[Phrase]) -> list[tuple[float, str]]:
    """Return [(onset_s, one name)] of (onset_s, duration_s, label).

    What no stage covers is unscored, and so are two different ones at one time; the end is END.
    `refused` gets the labels not known, and how often two begin at once.
    """
    marks, unknown, twice = marked(
        [(round(onset_s * 1e6), round(lasts_s * 1e6), text) for onset_s, lasts_s, text in stages]
    )
    refused += [
        Phrase("{label!r} ({n} times) names no stage: unscored", label=label, n=n)
        for label, n in sorted(unknown.items())
    ]
    if twice:
        refused.append(Phrase("at {twice} times two stages begin at once", twice=len(twice)))
    return [(onset_us / 1e6, name) for onset_us, name in rows_of(marks)]


def root_of(data: bytes, name: str) -> Any:
    """Return the root element of an XML. Raises UserError where it is none, or may be a trap."""
    from xml.etree import ElementTree

    if b"<!DOCTYPE" in data or b"<!ENTITY" in data:
        raise UserError(
            "{name} defines entities of its own, which no NSRR file does; refused.", name=name
        )
    try:
        root = ElementTree.fromstring(data)
    except (ElementTree.ParseError, ValueError, LookupError):
        raise UserError("{name} is no whole XML; export it again.", name=name) from None
    return root


def read_nsrr(data: bytes, name: str) -> LabFile:
    """Return what an XML of the National Sleep Research Resource holds. Raises UserError."""
    root = root_of(data, name)
    if root.tag != "PSGAnnotation":
        raise UserError(
            "{name} is no annotation file of NSRR, Profusion, Embla or Sleepware; "
            "export the scoring.",
            name=name,
        )
    stages, events, refused = [], [], []
    for number, event in enumerate(root.iter("ScoredEvent"), 1):
        kind = (event.findtext("EventType") or "").strip()
        concept = (event.findtext("EventConcept") or "").strip()
        try:
            onset_s = float(event.findtext("Start") or "")
            duration_s = float(event.findtext("Duration") or 0)
        except ValueError:
            concept = concept or "-"
            refused.append(
                Phrase("event {number} ({concept}) has no time", number=number, concept=concept)
            )
            continue
        # NSRR's older files have no type; their stages are of an ontology: SRO:Stage2Sleep
        of_ontology = not kind and ":" in concept and stage_name(concept) is not None
        if kind.startswith("Stages") or of_ontology:
            stages.append((onset_s, duration_s, concept))
        elif concept != "Recording Start Time":
            where = (event.findtext("SignalLocation") or "").strip()
            events.append((onset_s, duration_s, concept.partition("|")[0], where))
    if not stages and not events:
        raise UserError("{name} holds no scored event that can be read.", name=name)
    return LabFile(NSRR, [], named(stages, refused), sorted(events), refused)


def _cut_off(path: Path | str) -> list[Phrase]:
    """Return a sentence where fewer records follow an EDF's head than it promises, else []."""
    with open(path, "rb") as stream:
        head = stream.read(256)
        signals = int(head[252:256])
        stream.seek(256 + 216 * signals)
        samples = [int(stream.read(8)) for _ in range(signals)]
        size = stream.seek(0, 2) - 256 * (1 + signals)
    promised = int(head[236:244])  # -1 while it was being recorded
    there = size // (sum(samples) * (3 if head[:1] == b"\xff" else 2))
    if promised <= there:
        return []
    return [
        Phrase(
            "of {promised} records {there} are there; the file was cut off, copy it again",
            promised=promised,
            there=there,
        )
    ]


def read_edf(path: Path | str) -> LabFile:
    """Return what the annotations of an EDF+ or BDF+ file hold. Raises UserError."""
    try:
        import edfio
    except ImportError:
        raise UserError("EDF needs edfio; install it: pip install 'notturno[files]'.") from None
    read = edfio.read_bdf if str(path).lower().endswith(".bdf") else edfio.read_edf
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")
            file = read(path)
            marks = list(file.annotations)
            start, _ = local_start(file)
    except Exception as error:  # edfio raises what it stumbles over in a damaged file
        raise UserError(
            "{path} cannot be read as EDF+ ({error}); check the file.", path=path, error=error
        ) from None
    if not marks:
        raise UserError("{path} holds no annotation; export the scoring with it.", path=path)
    # As `edf_stages` chooses: a label that only says of itself to be a stage costs its epoch.
    chosen = [has_prefix(mark.text) for mark in marks]
    known = [stage_name(mark.text) is not None for mark in marks]
    if not any(map(bool.__and__, chosen, known)):
        chosen = known
    rows = [(mark.onset, mark.duration or 0.0, mark.text) for mark in marks]
    refused = _cut_off(path)
    stages = named([row for row, is_one in zip(rows, chosen, strict=True) if is_one], refused)
    events = [(*row, "") for row, is_one in zip(rows, chosen, strict=True) if not is_one]
    return LabFile(EDF, [] if start is None else [start], stages, events, refused)
