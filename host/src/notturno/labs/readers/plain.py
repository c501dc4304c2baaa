"""Plain tables: our own lists, and tables of events as MNE, YASA and BIDS write them.

onset_s,duration_s,side          movements (scoring.movements.lists), sides L, R or empty
onset_s,stage                    stages
onset,duration,description       events by their names; also trial_type, stop for duration
"""

from notturno.errors import UserError
from notturno.labs.readers.parts import Part, put_events, put_stages, unknown_notes
from notturno.nights.spans import to_us
from notturno.scoring.movements import lists
from notturno.scoring.movements.stage_names import has_prefix, stage_name

FORMAT = "csv"
ONSETS = ("onset_s", "onset", "start_s", "start", "start_sec", "begin")
LASTINGS = ("duration_s", "duration", "dur", "duration_sec", "length_s")
ENDS = ("end_s", "end", "stop_s", "stop", "end_sec", "offset")
TEXTS = ("description", "trial_type", "event", "label", "annotation", "annotations", "name",
         "type", "value", "class", "kind")  # fmt: skip
PLACES = ("side", "channel", "location", "leg", "where")


def read(text: str, name: str) -> Part:
    """Return the Part of a plain table. Raises UserError that says which columns are known."""
    columns = _columns(text)
    part = Part(FORMAT)
    if "person" in columns and "night" in columns:
        raise UserError(
            "{name} holds the nights of many (columns person and night); give it as Parquet.",
            name=name,
        )
    if all(column in columns for column in ("onset_s", "duration_s", "side")):
        part.rows = lists.read_movements(text, name)
        return part
    if all(column in columns for column in ("onset_s", "stage")):
        found = lists.read_stages(text, name)
        part.stages, part.unknown = found.rows, found.unknown
        part.notes += unknown_notes(found.unknown)
        return part
    onset, said = _first(columns, ONSETS), _first(columns, TEXTS)
    lasting, end = _first(columns, LASTINGS), _first(columns, ENDS)
    if onset is None or (lasting is None and end is None):
        raise UserError(
            "{name} is a kind of list that is not known; its first line must name onset_s,"
            "duration_s,side, or onset_s,stage, or onset,duration,description.",
            name=name,
        )
    if said is None:
        return _spans(part, text, name, onset, lasting)
    place = _first(columns, PLACES)
    stages, events = [], []
    wanted = [column for column in (onset, lasting or end, said) if column]
    for line, cells in lists.lines(text, name, tuple(wanted)):
        at = _us(cells, onset, name, line)
        if lasting:
            until = at + _us(cells, lasting, name, line, empty=0)
        else:
            until = _us(cells, end, name, line, empty=at)
        label = cells[said]
        if has_prefix(label) or stage_name(label) is not None:
            stages.append((at, until - at, label))
        else:
            events.append((at, until, label, cells.get(place, "") if place else ""))
    put_stages(part, sorted(stages))
    put_events(part, events)
    return part


def has_events(text: str) -> bool:
    """Say whether a text is a table of events with their names."""
    columns = _columns(text)
    times = (ONSETS, (*LASTINGS, *ENDS), TEXTS)
    return all(_first(columns, names) is not None for names in times)


def _columns(text: str) -> list[str]:
    head = text.lstrip("\ufeff").split("\n", 1)[0].lower().replace(";", ",").replace("\t", ",")
    return [cell.strip(' "\r') for cell in head.split(",")]


def _spans(part: Part, text: str, name: str, onset: str, lasting: str | None) -> Part:
    """A list of spans that only its file's name can tell: p01_resp.csv, _arousals, _gaps."""
    stem = name.lower().rpartition(".")[0]
    spans = lists.read_spans(text, name) if (onset, lasting) == ("onset_s", "duration_s") else None
    for ending, what in (("resp", "resp"), ("apnea", "resp"), ("apneas", "resp"),
                         ("arousal", "arousals"), ("arousals", "arousals"),
                         ("gap", "gaps"), ("gaps", "gaps")):  # fmt: skip
        if spans is not None and stem.endswith(ending):
            setattr(part, what, spans)
            return part
    raise UserError(
        "{name} does not say what its spans are; name the file ..._resp, ..._arousals or "
        "..._gaps, or give a column side (of movements).",
        name=name,
    )


def _first(columns: list[str], names: tuple[str, ...]) -> str | None:
    return next((name for name in names if name in columns), None)


def _us(cells: dict, column: str | None, name: str, line: int, empty: int | None = None) -> int:
    text = cells[column]
    if text.lower() in ("", "n/a", "nan") and empty is not None:
        return empty
    try:
        if cells[lists.DELIMITER] != "," and "." not in text:
            text = text.replace(",", ".", 1)
        return to_us(text)
    except ValueError as error:
        raise UserError(
            "{name}, line {line}: {column} is {text!r}, {why_said}; correct it.",
            name=name,
            line=line,
            column=column,
            text=text,
            why_said=error,
        ) from None
