"""How a night's figures are said: a number, or a dash with its reason below the table.

Touches the standard output alone. The figures are made elsewhere and only shown here.
"""

import click

from notturno.nights.columns import BY_KEY
from notturno.words import figure, reason_of


class Notes:
    """The reasons below a table, each once and numbered."""

    def __init__(self) -> None:
        self._reasons = []

    def number(self, reason: str) -> int:
        """Return the number under which a reason stands."""
        if reason not in self._reasons:
            self._reasons.append(reason)
        return self._reasons.index(reason) + 1

    def print(self) -> None:
        """Print the reasons, one a line."""
        for number, reason in enumerate(self._reasons, start=1):
            click.echo(f"({number}) {reason}")


def figure_text(row: dict, key: str, notes: Notes) -> str:
    """Return a figure of a night as a table's cell, with its unit; a dash and note for null."""
    value = row[key]
    if value is None:
        reason = reason_of(row, key)
        return "-" if reason is None else f"- ({notes.number(reason)})"
    column = BY_KEY[key]
    text = str(value)
    if isinstance(value, float):
        text = figure("{:.2f}" if column.kind == "value" else "{:.1f}", value)
    # A rate's unit is in its head, and an index of 0 to 1 has none.
    said = column.kind in ("value", "hours") and column.unit and " " not in column.unit
    return f"{text} {column.unit}" if said else text
