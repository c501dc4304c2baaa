"""Plain tables: our own lists, and tables of events as MNE, YASA, BIDS and people write them.

onset_s,duration_s,side          movements (scoring.movements.lists), sides L, R or empty
onset_s,stage                    stages
onset,duration,description       events by their names

What a column is, `columns` knows by its name; how its times are written, `moments` by its cells.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from notturno.errors import Phrase, UserError
from notturno.labs.night import Note
from notturno.labs.readers import columns, event_names
from notturno.labs.readers.parts import Part, put_events, put_stages, unknown_notes
from notturno.nights import moments
from notturno.scoring.movements import lists
from notturno.scoring.movements.legs import row_of, sides_of
from notturno.scoring.movements.stage_names import has_prefix, stage_name

if TYPE_CHECKING:
    from collections.abc import Callable

    from notturno.labs.readers.columns import Column

FORMAT = "csv"
EMPTY = ("n/a", "na", "nan", "-")
MOVEMENTS = ("onset_s", "duration_s", "side")
# A list of spans alone says by its file's name what they are.
SPANS = {
    **dict.fromkeys(("resp", "respiration", "apnea", "apneas"), "resp"),
    **dict.fromkeys(("arousal", "arousals"), "arousals"),
    **dict.fromkeys(("gap", "gaps"), "gaps"),
    **dict.fromkeys(("movement", "movements", "lm", "lms", "plm", "plms"), "rows"),
}


def read(text: str, name: str) -> Part:
    """Return the Part of a plain table. Raises UserError that says which columns are known."""
    header = lists.head_of(text).cells
    part = Part(FORMAT)
    found = columns.columns_of(header, name)
    if all(column in header for column in MOVEMENTS) and not _tells(text, name, found):
        rows = _numbers_alone(text, name)
        if rows is not None:
            part.rows = rows
            return part
    if all(column in header for column in ("onset_s", "stage")) and columns.TEXT not in found:
        return _of_stages(text, name)
    if not _is_known(found):
        raise UserError(
            "{name} is a kind of list that is not known; its first line must name onset_s,"
            "duration_s,side, or onset_s,stage, or onset,duration,description.",
            name=name,
        )
    return _filled(part, _Table(text, name, found))


def list_of(text: str, name: str, what: str) -> Part | None:
    """Return the Part of a plain list of stages, resp, arousals or gaps, for which it is given.

    None for a table that names its events, and for another kind of file.
    """
    header = lists.head_of(text).cells
    if "onset_s" not in header or any(cell in columns.NAMES[columns.TEXT] for cell in header):
        return None
    if what != "stages":
        part = Part(FORMAT)
        setattr(part, what, lists.read_spans(text, name))
        return part
    return _of_stages(text, name)


def _of_stages(text: str, name: str) -> Part:
    part, stages = Part(FORMAT), lists.read_stages(text, name)
    part.stages, part.unknown = stages.rows, stages.unknown
    part.notes += unknown_notes(stages.unknown)
    return part


def _is_known(found: dict[str, Column]) -> bool:
    times = columns.LASTING in found or columns.END in found
    return columns.ONSET in found and (times or columns.STAGE in found)


def _tells(text: str, name: str, found: dict[str, Column]) -> bool:
    """Say whether a column of the table tells of an event that is not every row's."""
    if columns.TEXT not in found:
        return False
    column = found[columns.TEXT].name
    words = {cells[column] for _, cells in lists.lines(text, name, (column,), column)}
    return any(event_names.meaning(word)[0] or word.lower() == "gap" for word in words)


def _numbers_alone(text: str, name: str) -> list | None:
    """Return the movements of our own list; None where its times are no numbers of seconds."""
    for _, cells in lists.lines(text, name, MOVEMENTS):
        if ":" in cells["onset_s"] + cells["duration_s"]:
            return None
        break
    return lists.read_movements(text, name)


class _Table:
    """The cells of a table by what they are; its times in microseconds, from its time 0."""

    def __init__(self, text: str, name: str, found: dict[str, Column]) -> None:
        self.name, self.found = name, found
        wanted = tuple(column.name for column in found.values())
        words = found[columns.TEXT].name if columns.TEXT in found else None
        rows = list(lists.lines(text, name, wanted, words))
        self.lines = [line for line, _ in rows]
        self._cells = [cells for _, cells in rows]
        self.comma = lists.head_of(text).delimiter != ","
        self.onsets = self.times(columns.ONSET)

    def cells(self, what: str) -> list[str]:
        """Return the cells of a column; empty ones where the table has none of it."""
        if what not in self.found:
            return [""] * len(self._cells)
        texts = [cells[self.found[what].name] for cells in self._cells]
        return ["" if text.lower() in EMPTY else text for text in texts]

    def times(self, what: str) -> moments.Moments:
        """Return the Moments of a column of times."""
        texts = self.cells(what)
        return moments.moments_of(
            texts, self.found[what].unit_us, self.comma, self.wrong(what, texts)
        )

    def wrong(self, what: str, texts: list[str]) -> Callable:
        return moments.unreadable(self.name, self.found[what].name, texts, self.lines)

    def morphology(self) -> dict[tuple[int, int], bool | None]:
        """Return {(onset_us, end_us): what our own column of that name says}."""
        ends = zip(self.onsets.at_us, self.lengths_us(), self._cells, strict=True)
        return {
            (at, at + lasts): lists.MORPHOLOGY.get(cells.get("morphology", ""))
            for at, lasts, cells in ends
            if at is not None
        }

    def lengths_us(self) -> list[int]:
        """Return how long each row lasts: by its duration, else by its end; 0 where empty."""
        if columns.LASTING in self.found:
            texts, column = self.cells(columns.LASTING), self.found[columns.LASTING]
            wrong, found = self.wrong(columns.LASTING, texts), []
            for place, text in enumerate(texts):
                try:
                    found.append(
                        moments.length_of(text, column.unit_us, self.comma) if text else 0
                    )
                except ValueError as error:
                    raise wrong(place, error) from None
            return found
        if columns.END not in self.found:
            return [0] * len(self._cells)
        return self._to_ends_us()

    def _to_ends_us(self) -> list[int]:
        """Return the lengths to the ends, which are written as the onsets are: read with them."""
        onsets, ends = self.cells(columns.ONSET), self.cells(columns.END)
        texts = [text for pair in zip(onsets, ends, strict=True) for text in pair]
        lines = [line for line in self.lines for _ in range(2)]
        wrong = moments.unreadable(self.name, self.found[columns.END].name, texts, lines)
        both = moments.moments_of(
            texts, self.found[columns.ONSET].unit_us, self.comma, wrong
        ).at_us
        pairs = zip(both[::2], both[1::2], strict=True)
        return [0 if None in (at, end) else end - at for at, end in pairs]


def _filled(part: Part, table: _Table) -> Part:
    part.starts, part.clock_us = table.onsets.starts, table.onsets.clock_us
    if table.onsets.elapsed:
        reason = Phrase("Its times (h:mm:ss) are taken as elapsed, not as those of a clock.")
        part.notes.append(Note("elapsed", len(table.lines), reason))
    texts, places = table.cells(columns.TEXT), table.cells(columns.PLACE)
    labels, lengths_us = table.cells(columns.STAGE), table.lengths_us()
    stages, events, spans = [], [], []
    named = columns.TEXT in table.found
    # As in a long table: what our own list names no kind of is a movement, of a leg or of none.
    ours = columns.PLACE in table.found and table.found[columns.PLACE].name == "side"
    for row, at in enumerate(table.onsets.at_us):
        if at is None:
            raise table.wrong(columns.ONSET, table.cells(columns.ONSET))(row, Phrase("no time"))
        text, end = texts[row], at + lengths_us[row]
        if has_prefix(text) or stage_name(text) is not None:
            stages.append((at, lengths_us[row], text))
        elif text.lower() == "gap":
            part.gaps.append((at, end))
        elif named:
            # A table with legs says that its rows are movements; a name may say otherwise.
            is_leg = not text and (ours or sides_of(places[row] or "?"))
            events.append((at, end, "LM" if is_leg else text, places[row]))
        elif labels[row]:
            stages.append((at, lengths_us[row], labels[row]))
        else:
            spans.append((row, at, end))
    put_stages(part, sorted(stages))
    put_events(part, events)
    said = table.morphology()
    part.rows = part.rows and [(a, b, side, said.get((a, b))) for a, b, side, *_ in part.rows]
    if spans or not (named or columns.STAGE in table.found):
        _put_spans(part, table, spans, places)
    return part


def _put_spans(part: Part, table: _Table, spans: list, places: list[str]) -> None:
    """Put spans without a name in their place.

    They are movements where a column tells their leg, else what the file is called after
    (p01_resp.csv, _arousals, _gaps).
    """
    stem = table.name.lower().rpartition("/")[2].rpartition(".")[0]
    words = re.split(r"[ ._-]+", stem)[::-1]
    what = next((SPANS[word] for word in words if word in SPANS), None)
    if what is None and any(sides_of(word) in (("L",), ("R",)) for word in words[:-1]):
        what = "rows"  # of the leg that the name says
    if columns.PLACE in table.found:
        wrong, rows = table.wrong(columns.PLACE, places), []
        for row, at, end in spans:
            try:
                for side in sides_of(places[row]) or (places[row],):
                    rows.append(row_of(at, end - at, side))
            except ValueError as error:
                raise wrong(row, error) from None
        part.rows = rows
    elif what == "rows":
        part.rows = [(at, end, "", None) for _, at, end in spans]
    elif what == "gaps":
        part.gaps = part.gaps + [(at, end) for _, at, end in spans]
    elif what:
        setattr(part, what, [(at, end) for _, at, end in spans])
    else:
        raise UserError(
            "{name} does not say what its spans are; name the file ..._resp, ..._arousals or "
            "..._gaps, or give a column side (of movements).",
            name=table.name,
        )
