"""How commands print alike: JSON, plain tables, figures and the lines that stand round them.

Touches the standard output alone. Imports click alone at the start.
"""

from __future__ import annotations

import json
import re
import sys
from collections.abc import Sequence
from typing import TYPE_CHECKING

import click

from notturno.cli.streams import speaks_utf8
from notturno.knowledge.purpose import SHORT
from notturno.words import _, figure

if TYPE_CHECKING:
    from notturno.words.written import Written

CONTROLS = re.compile(r"[\x00-\x1f\x7f-\x9f]")
MOST_CELL = 60  # characters; a longer text would push the other columns out of sight
CUT, CUT_PLAIN = "…", "..."  # what stands for the rest; the second where an output is no UTF-8
FOOTER = SHORT
SIMULATED = "simulated: recorded by a virtual band."


def print_json(value: list[dict] | dict, indent: int | None = None) -> None:
    """Print one JSON document; in ASCII where the output cannot carry every character."""
    ascii_only = not speaks_utf8(sys.stdout)
    click.echo(json.dumps(value, ensure_ascii=ascii_only, indent=indent))


def print_table(
    headings: Sequence[Written | str], rows: Sequence[Sequence[Written | str]]
) -> None:
    """Print rows of texts in columns; but the first, columns of figures stand to the right.

    The headings are looked up here. A control character of what somebody said is a blank:
    a row stays one line, and a terminal is told nothing but text. A text of more than MOST_CELL
    characters is cut, and a line below says so: every command with a table has the whole as JSON.
    """
    plain = [[_cell(text) for text in row] for row in rows]
    columns = list(zip([_(heading) for heading in headings], *plain, strict=True))
    widths = [max(map(len, column)) for column in columns]
    right = [i > 0 and all(map(_is_figure, column[1:])) for i, column in enumerate(columns)]
    for row in zip(*columns, strict=True):
        cells = [
            text.rjust(width) if to_right else text.ljust(width)
            for text, width, to_right in zip(row, widths, right, strict=True)
        ]
        click.echo("  ".join(cells).rstrip())
    if any(len(text) > MOST_CELL for row in rows for text in row):
        click.echo(
            _("Texts of more than {n} letters are cut here: --json has them whole.").format(
                n=MOST_CELL
            )
        )


def _cell(text: str) -> str:
    text = CONTROLS.sub(" ", text)
    if len(text) <= MOST_CELL:
        return text
    cut = CUT if speaks_utf8(sys.stdout) else CUT_PLAIN
    return text[: MOST_CELL - len(cut)].rstrip() + cut


def _is_figure(text: str) -> bool:
    return text == "" or text[0] in "-+~<0123456789"


def or_dash(value: float | str | None, form: str = "{}") -> str:
    """Return the value as text; a dash for None."""
    return "-" if value is None else figure(form, value)


def span(pair: Sequence[float], form: str = "{:.2f}") -> str:
    """Return an interval as text."""
    return _("{low} to {high}").format(low=figure(form, pair[0]), high=figure(form, pair[1]))


def clock_text(utc_ms: int | None, zone: str, form: str = "%H:%M:%S") -> str:
    """Return the time of day in the night's zone; a dash where the clock is unknown."""
    from notturno.nights import calendar

    return "-" if utc_ms is None else calendar.clock_text(utc_ms, zone, form)


def print_footer(bands: list[dict]) -> None:
    """Print what every table over nights ends with."""
    click.echo()
    if any(band["simulated"] for band in bands):
        click.echo(_(SIMULATED))
    click.echo(
        _(
            "Rates are per countable hour; typical is the geometric mean "
            "of the nights' rates, half an event in 8 h added to each. "
        )
        + _(FOOTER)
    )
