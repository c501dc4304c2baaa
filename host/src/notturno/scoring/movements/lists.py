"""Plain lists as text: movements, stages, and events with an onset and a duration.

I read CSV text that somebody else opened (comma, semicolon or tab; the first line names the
columns; more columns are welcome) and raise a UserError that names the line where something is
wrong. Times are decimal seconds from any common zero; a decimal comma is read where columns are
separated by semicolons or tabs. Touches no file.
"""

import csv
import io
import re
from collections import Counter
from collections.abc import Iterator
from datetime import datetime
from typing import NamedTuple

from notturno.errors import Phrase, UserError
from notturno.nights.spans import to_us
from notturno.scoring.movements.legs import Row, row_of, sides_of
from notturno.scoring.movements.stage_names import stage_names

MORPHOLOGY = {"1": True, "0": False, "": None}
DELIMITER = object()  # no name of a column
NUMBER = re.compile(r'"?[-+]?[.,]?\d')
BARE_NUMBER = re.compile(r"\s*[-+]?[\d.]*\s*")  # or nothing: half of a number with a comma
DECIMAL_COMMA = re.compile(r"-?\d*,\d+")


def read_movements(text: str, name: str = "the list of movements") -> list[Row]:
    """Return Rows of `onset_s,duration_s,side` (L, R or empty) and optional `morphology` (0, 1).

    A side may be a word (`legs.SIDE_WORDS`); a movement of both legs is one of each. `name` is how
    the list is called in an error.
    """
    rows = []
    for line, cells in lines(text, name, ("onset_s", "duration_s", "side")):
        try:
            morphology = cells.get("morphology", "")
            if morphology not in MORPHOLOGY:
                raise ValueError(
                    Phrase(
                        "morphology is {morphology!r}, not 0, 1 or empty", morphology=morphology
                    )
                )
            onset_us, duration_us = _us(cells, "onset_s"), _us(cells, "duration_s")
            rows += [
                row_of(onset_us, duration_us, side, MORPHOLOGY[morphology])
                for side in sides_of(cells["side"]) or (cells["side"],)
            ]
        except ValueError as error:
            raise wrong_line(name, line, error) from None
    return rows


def read_spans(text: str, name: str = "the list of events") -> list[tuple[int, int]]:
    """Return [(onset_us, end_us)] of `onset_s,duration_s`: breathing, arousals, gaps."""
    spans = []
    for line, cells in lines(text, name, ("onset_s", "duration_s")):
        try:
            onset_us, duration_us = _us(cells, "onset_s"), _us(cells, "duration_s")
            if duration_us < 0:
                raise ValueError(Phrase("the duration is negative"))
        except ValueError as error:
            raise wrong_line(name, line, error) from None
        spans.append((onset_us, onset_us + duration_us))
    return spans


class StageList(NamedTuple):
    """A hypnogram as a file gives it.

    rows: [(onset_us, stage)] from the file's own start, onsets rising; start_local: naive
    datetime of that start by the clock on the wall, or None; no_start: why it is None;
    unknown: Counter of labels that no vocabulary holds, which count as unscored (and of a 4 that
    may be stage 4 or REM, which is sleep of an unknown stage).
    """

    rows: list
    start_local: datetime | None
    no_start: str | None
    unknown: Counter

    def warning(self, name: str) -> str | None:
        """Return one sentence on labels that were not known, or None."""
        if not self.unknown:
            return None
        labels = ", ".join(f"{text!r} ({n} x)" for text, n in sorted(self.unknown.items()))
        return Phrase(
            "{name} holds labels that name no stage for sure, taken as "
            "unscored (a 4 without any 5 as sleep of an unknown "
            "stage): {labels}.",
            name=name,
            labels=labels,
        )


def read_stages(text: str, name: str = "the list of stages") -> StageList:
    """Return the StageList of `onset_s,stage`, onsets rising; such a list has no date."""
    onsets, labels = [], []
    for line, cells in lines(text, name, ("onset_s", "stage")):
        try:
            onset_us = _us(cells, "onset_s")
            if onsets and onset_us <= onsets[-1]:
                raise ValueError(
                    Phrase("this stage does not start after the one before; sort the list")
                )
        except ValueError as error:
            raise wrong_line(name, line, error) from None
        onsets.append(onset_us)
        labels.append(cells["stage"])
    if not onsets:
        raise UserError(
            "{name} holds no row; give at least one stage or leave the list out.", name=name
        )
    stages, unknown = stage_names(labels)
    if sum(unknown.values()) == len(labels):
        raise UserError(
            "{name} holds no stage that is known ({labels!r} in its first "
            "row); write W, N1, N2, N3, R, ? or END.",
            name=name,
            labels=labels[0],
        )
    rows = list(zip(onsets, stages, strict=True))
    return StageList(rows, None, Phrase("a plain list has no date"), unknown)


def _us(cells: dict, column: str) -> int:
    text = cells[column]
    try:
        if cells[DELIMITER] != "," and "." not in text:
            text = text.replace(",", ".", 1)  # a decimal comma, where it separates no columns
        return to_us(text)
    except ValueError as error:
        said = str(error)
        if DECIMAL_COMMA.fullmatch(cells[column].strip()):
            said = Phrase(
                "written with a decimal comma, which needs columns separated by semicolons"
            )
        raise ValueError(f"{column} is {cells[column]!r}, {said}") from None


def wrong_line(name: str, line: int, error: ValueError) -> UserError:
    """Return the error that says which line of a list is wrong, and why."""
    return UserError(
        "{name}, line {line}: {why_said}; correct it.", name=name, line=line, why_said=error
    )


class Head(NamedTuple):
    """before: lines above the header; delimiter: of columns; cells: their names, lower case."""

    before: int
    delimiter: str
    cells: list[str]


def head_of(text: str) -> Head:
    """Return the Head of a table; cells is empty where there is no line but blank ones.

    Above the header may stand blank lines, lines of #, and the sep=; of spreadsheets. A header
    that itself begins with # is known by the number that the first line below it begins with.
    """
    delimiter, remark = None, None
    for number, line in enumerate(io.StringIO(text.removeprefix("\ufeff"), newline=None)):
        said = line.strip()
        if said[:4].lower() == "sep=" and len(said) == 5:
            delimiter = said[4]
        elif said[:1] == "#":
            remark = number, said.lstrip("# ")
        elif said:
            mark = delimiter or max(",;\t", key=line.count)
            if remark and NUMBER.match(said) and remark[1].count(mark) == line.count(mark):
                number, line = remark
            cells = next(csv.reader([line], delimiter=mark))
            return Head(number, mark, [cell.strip().lower() for cell in cells])
    return Head(0, delimiter or ",", [])


def lines(
    text: str, name: str, columns: tuple[str, ...], words: str | None = None
) -> Iterator[tuple[int, dict]]:
    """Yield (line number, {column: stripped cell}); blank lines are passed over.

    The dict also holds the character that separates columns, under DELIMITER. words: the column
    of free text; as the last one it may hold that character ("awake, reading"), without quotes.
    """
    before, delimiter, header = head_of(text)
    if not header:
        raise UserError(
            "{name} is empty; its first line must be: {columns}.",
            name=name,
            columns=",".join(columns),
        )
    missing = [column for column in columns if column not in header]
    if missing:
        raise UserError(
            "{name} has no column {missing!r}; its first line must name: {columns}.",
            name=name,
            missing=missing[0],
            columns=",".join(columns),
        )
    below = io.StringIO(text.removeprefix("\ufeff"), newline=None)
    for _ in range(before + 1):
        below.readline()
    reader = csv.reader(below, delimiter=delimiter)
    for cells in _whole(reader, name, before + 1):
        if not any(cell.strip() for cell in cells):
            continue
        line_num = before + 1 + reader.line_num
        while len(cells) > len(header) and not cells[-1].strip():
            cells.pop()  # a delimiter behind the last cell
        rest = cells[len(header) - 1 :]
        if len(rest) > 1 and words == header[-1] and not BARE_NUMBER.fullmatch(rest[0]):
            cells[len(header) - 1 :] = [delimiter.join(rest)]
        if len(cells) != len(header):
            why_said = ""
            if delimiter == "," and len(cells) > len(header):
                why_said = " (numbers with a decimal comma need columns separated by semicolons)"
            there = Phrase("1 cell") if len(cells) == 1 else Phrase("{n} cells", n=len(cells))
            raise UserError(
                "{name}, line {line_num}: {cells_said} where the first "
                "line names {n_header}{why_said}; correct it.",
                name=name,
                line_num=line_num,
                cells_said=there,
                n_header=len(header),
                why_said=why_said,
            )
        named = dict(zip(header, (cell.strip() for cell in cells), strict=True))
        yield line_num, named | {DELIMITER: delimiter}


def _whole(reader, name: str, before: int):
    """Yield the lines of a csv.reader; what it stumbles over is a UserError."""
    try:
        yield from reader
    except csv.Error as error:
        raise UserError(
            "{name}, line {line}: no line of a CSV list ({error}); correct it.",
            name=name,
            line=before + reader.line_num,
            error=error,
        ) from None
