"""Which measures of a night a command is about: the option, its check, the usual ones."""

from __future__ import annotations

import click

from notturno.cli import offered
from notturno.errors import UserError


def check_measure(key: str) -> str:
    """Return the key of a measure of a night; raises UserError where there is none."""
    from difflib import get_close_matches

    from notturno.nights.columns import MEASURES

    if key in MEASURES:
        return key
    near = get_close_matches(key, MEASURES, n=5, cutoff=0.3) or MEASURES
    raise UserError(
        "There is no measure {key}; near to it are: {near}.", key=key, near=", ".join(near)
    )


def measures_over_nights(keys: tuple[str, ...]) -> tuple[str, ...]:
    """Return the measures asked for, a bare count as its rate; the usual ones where none is."""
    from notturno.nights.columns import AS_RATE, DEFAULT_MEASURES

    return tuple(dict.fromkeys(AS_RATE.get(key, key) for key in keys)) or DEFAULT_MEASURES


def _checked(
    _context: click.Context, _option: click.Option, keys: tuple[str, ...]
) -> tuple[str, ...]:
    return tuple(check_measure(key) for key in keys)


measure_option = click.option(
    "--measure",
    "measures",
    multiple=True,
    metavar="KEY",
    callback=_checked,
    shell_complete=offered.measures,
    help="A column of the nights (keys: notturno nights --json); may be given more than once.",
)
