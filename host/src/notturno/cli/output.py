"""What all commands say alike: options, the footer, plain tables. Imports click alone."""

import json

import click

from notturno.errors import UserError

FOOTER = "Not a diagnosis: show it to a doctor."

data_dir_option = click.option(
    "--data-dir",
    "folder",
    metavar="DIR",
    help="Folder of your data (also NOTTURNO_DATA_DIR; otherwise the platform's own).",
)
json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON for programs.")
HELP_NAMES = {"help_option_names": ["-h", "--help"]}


def print_json(value) -> None:
    """Print one JSON document."""
    click.echo(json.dumps(value, ensure_ascii=False))


def check_date(text: str | None) -> str | None:
    """Return the ISO date or None; raises UserError for anything else."""
    from notturno.nights.calendar import parse_date

    if text is None:
        return None
    try:
        return parse_date(text)
    except ValueError:
        raise UserError(f"{text} is no date; write it as 2026-01-31.") from None


def print_table(headings, rows) -> None:
    """Print rows of texts in columns, numbers to the right: first column left, others right."""
    widths = [max(map(len, column)) for column in zip(headings, *rows, strict=True)]
    for row in (headings, *rows):
        cells = [row[0].ljust(widths[0])]
        cells += [text.rjust(width) for text, width in zip(row[1:], widths[1:], strict=True)]
        click.echo("  ".join(cells).rstrip())


def or_dash(value, form="{}") -> str:
    """Return the value as text; a dash for None."""
    return "-" if value is None else form.format(value)
