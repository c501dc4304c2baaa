"""The lines of a small CSV file that a person wrote, each with its number. Touches nothing."""

import csv
import io

from notturno.errors import Phrase, UserError


def lines(text: str, columns: tuple[str, ...], needed: tuple[str, ...]) -> list[tuple[int, dict]]:
    """Return (line number, {column: text}) of each line that holds anything.

    The first line names some of `columns`, in any order and all of `needed`; between columns
    stands a comma or a semicolon. Raises UserError that names the line.
    """
    text = text.removeprefix("\ufeff")
    header = text.partition("\n")[0]
    reader = csv.reader(
        io.StringIO(text, newline=""), delimiter=";" if ";" in header else ",", strict=True
    )
    try:
        rows = [(reader.line_num, row) for row in reader]
    except csv.Error as error:
        raise UserError(
            "Line {line_num} is no line of a CSV file: {why_said}.",
            line_num=reader.line_num,
            why_said=error,
        ) from None
    names = [name.strip().lower() for name in rows[0][1]] if rows else []
    unknown = [name for name in names if name not in columns]
    missing = [name for name in needed if name not in names]
    if not names or missing or unknown or len(set(names)) < len(names):
        must = ""
        if needed:
            must = Phrase(" ({names} are needed)", names=" and ".join(needed))
        raise UserError(
            "The first line must name columns of {columns}{must_said}, each once; it says: "
            "{said}.",
            columns=",".join(columns),
            must_said=must,
            said=header.strip() or "nothing",
        )
    found = []
    for line, row in rows[1:]:
        if not any(cell.strip() for cell in row):
            continue
        if len(row) != len(names):
            raise UserError(
                "Line {line} has {n_row} columns; the header has {n_names}.",
                line=line,
                n_row=len(row),
                n_names=len(names),
            )
        found.append((line, dict(zip(names, row, strict=True))))
    return found
