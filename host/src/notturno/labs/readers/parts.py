"""What one file gives to a night, and what all readers share."""

from __future__ import annotations

from bisect import bisect_left, bisect_right
from collections import Counter
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Any

from notturno.errors import Phrase, UserError
from notturno.files import list_text
from notturno.labs.night import Note
from notturno.labs.readers import event_names
from notturno.nights.spans import to_us
from notturno.scoring.movements.edf_stages import marked, rows_of

if TYPE_CHECKING:
    from notturno.files.lab import LabFile

LISTS = {
    event_names.MOVEMENT: "rows",
    event_names.SERIES: "rows",
    event_names.RESP: "resp",
    event_names.AROUSAL: "arousals",
}
NAMES_SAID = 5  # of events that nobody scores; how many others there are is said


@dataclass
class Part:
    """As LabNight; rows, stages, resp, arousals are None where the file holds nothing of it.

    starts: local datetimes at which its time 0 may be; [] where the file does not say. clock_us:
    time of day of its time 0, where it is told without a date.
    """

    format: str
    rows: list | None = None
    stages: list | None = None
    resp: list | None = None
    arousals: list | None = None
    gaps: list = field(default_factory=list)
    recorded_us: tuple | None = None
    unknown: Counter = field(default_factory=Counter)
    starts: list = field(default_factory=list)
    clock_us: int | None = None
    notes: list = field(default_factory=list)


def text_of(path: str, name: str) -> str:
    """Return a file's text as `files.list_text` reads it. Raises UserError where it is none."""
    text = list_text.read(path, name)
    if text is None:
        raise UserError(
            "{path} is no text and of no kind that is known; see notturno score --help.",
            path=name,
        )
    return text


def put_events(part: Part, events: list[tuple[int, int, str, str]]) -> None:
    """Put events (onset_us, end_us, text, where) into a Part by their names.

    A bare PLM is a movement (Luna, NSRR) or the span of a whole series (RemLogic): one that holds
    the onsets of two or more movements of another name is a series, and left out.
    """
    sorted_in = {event_names.MOVEMENT: [], event_names.RESP: [], event_names.AROUSAL: []}
    series, strange = [], Counter()
    for onset, end, text, where in events:
        kind, sides = event_names.meaning(text, where)
        if kind == event_names.SERIES:
            series.append((onset, end, sides))
        elif kind == event_names.MOVEMENT:
            if end < onset:
                raise UserError(
                    "The duration of {text} at {onset_s:g} s is negative; correct it.",
                    text=text,
                    onset_s=onset / 1e6,
                )
            sorted_in[kind] += [(onset, end, side, None) for side in sides]
            if event_names.with_arousal(text):
                sorted_in[event_names.AROUSAL].append((onset, end))
        elif kind is not None:
            sorted_in[kind].append((onset, max(onset, end)))
        else:
            strange[text] += 1
    rows = sorted_in[event_names.MOVEMENT]
    onsets, spans = sorted(row[0] for row in rows), 0
    for onset, end, sides in series:
        if bisect_right(onsets, end) - bisect_left(onsets, onset) >= 2:
            spans += 1
        else:
            rows += [(onset, end, side, None) for side in sides]
    if spans:
        reason = Phrase(
            "Marks of PLM that hold single movements were taken as series: {n}.", n=spans
        )
        part.notes.append(Note("series_marks", spans, reason))
    zero = sum(end == onset for onset, end, *_ in rows)
    if zero:
        reason = Phrase("Movements without a duration, which are no LM: {n}.", n=zero)
        part.notes.append(Note("no_duration", zero, reason))
    part.notes += other_notes(strange)
    part.rows = rows or part.rows
    part.resp = sorted_in[event_names.RESP] or part.resp
    part.arousals = sorted_in[event_names.AROUSAL] or part.arousals


def put_stages(part: Part, marks: list[tuple[int, int, str]]) -> None:
    """Put stages (onset_us, duration_us, label) into a Part; what no mark covers is unscored.

    Two different stages at one time are unscored, and told; a label that no vocabulary holds costs
    its own epoch, and is told.
    """
    if not marks:
        return
    found, part.unknown, twice = marked(marks)
    if twice:
        part.notes.append(two_stages(len(twice)))
    part.notes += unknown_notes(part.unknown)
    part.stages = rows_of(found)


def unknown_notes(unknown: dict) -> list[Note]:
    """Return the notes of labels that name no stage, with how many epochs they cost."""
    return [
        Note(
            "unknown_stage",
            n,
            Phrase(
                "The label {text!r} ({n} times) names no stage for sure: unscored.", text=text, n=n
            ),
        )
        for text, n in sorted(unknown.items())
    ]


def other_notes(others: Counter) -> list[Note]:
    """Return the note of events whose names are none that is scored; [] without any.

    others: {name: how often}.
    """
    n = sum(others.values())
    if not n:
        return []
    ordered = sorted(others.items(), key=lambda item: (-item[1], item[0]))
    names = ", ".join(f"{text!r} ({times})" for text, times in ordered[:NAMES_SAID])
    reason = Phrase(
        "Events that are no movement, breath, arousal or stage by their names: {n}; {names}."
        if len(ordered) <= NAMES_SAID
        else "Events that are no movement, breath, arousal or stage by their names: {n}; {names} "
        "and {more} other names.",
        n=n,
        names=names,
        more=len(ordered) - NAMES_SAID,
    )
    return [Note("other_events", n, reason)]


def two_stages(twice: int) -> Note:
    """Return the note of times at which two different stages begin."""
    reason = Phrase("Times at which two stages begin at once, unscored: {n}.", n=twice)
    return Note("two_stages", twice, reason)


def of_lab(found: LabFile, format_name: str) -> Part:
    """Return the Part of a `files.lab.LabFile`."""
    part = Part(format_name)
    if found.stages:
        part.stages = [(to_us(onset_s), name) for onset_s, name in found.stages]
    for sentence in found.refused:
        values = getattr(sentence, "values", {})
        if "label" in values:
            part.unknown[values["label"]] += values["n"]
        elif "twice" in values:
            part.notes.append(two_stages(values["twice"]))
        else:
            part.notes.append(
                Note("row_refused", 1, Phrase("Not read: {why_said}.", why_said=sentence))
            )
    part.notes += unknown_notes(part.unknown)
    _put_none(part, found.included)
    put_events(
        part,
        [
            (to_us(onset_s), to_us(onset_s) + to_us(duration_s), text, where)
            for onset_s, duration_s, text, where in found.events
        ],
    )
    part.starts = found.starts
    part.clock_us = None if found.clock_s is None else to_us(found.clock_s)
    return part


def _put_none(part: Part, included: tuple[str, ...]) -> None:
    """Put an empty list where an export without a row was asked for events of one kind alone."""
    if not included:
        return
    names = ", ".join(included[:NAMES_SAID])
    reason = Phrase("An export of {names} without any row.", names=names)
    part.notes.append(Note("no_rows", 1, reason))
    kinds = {event_names.meaning(text)[0] for text in included}
    lists = {LISTS[kind] for kind in kinds if kind is not None}
    if len(lists) == 1 and not any(text.upper().startswith("SLEEP-") for text in included):
        setattr(part, lists.pop(), [])


def shifted(part: Part, by_us: int) -> Part:
    """Return a Part whose times are later by so much; the same where that is nothing."""
    if not by_us:
        return part

    def later(
        rows: list[tuple[int, int, str, None]] | None,
    ) -> Any:
        return rows and [(a + by_us, b + by_us, *rest) for a, b, *rest in rows]

    return replace(
        part,
        rows=later(part.rows),
        stages=part.stages and [(at + by_us, name) for at, name in part.stages],
        resp=later(part.resp),
        arousals=later(part.arousals),
        gaps=later(part.gaps),
        recorded_us=part.recorded_us and tuple(at + by_us for at in part.recorded_us),
    )
