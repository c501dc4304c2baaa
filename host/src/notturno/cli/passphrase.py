"""How a passphrase is asked for: never on the command line, where history and others read it."""

import click

from notturno.cli.given import text_of
from notturno.errors import UserError
from notturno.words import _

SHORTEST = 8

file_option = click.option(
    "--passphrase-file", metavar="FILE", help="Read the passphrase from the first line of FILE."
)


def new(file: str | None) -> str:
    """Return a new passphrase: of a file, or asked for twice. Raises UserError for a short one."""
    said = (
        _of_file(file)
        if file
        else click.prompt(_("Passphrase"), hide_input=True, confirmation_prompt=True, err=True)
    )
    if len(said) < SHORTEST:
        raise UserError(
            "A passphrase needs {SHORTEST} characters or more; several words are best.",
            SHORTEST=SHORTEST,
        )
    return said


def known(file: str | None) -> str:
    """Return the passphrase of a sealed file: of a file, or asked for."""
    return _of_file(file) if file else click.prompt(_("Passphrase"), hide_input=True, err=True)


def _of_file(file: str) -> str:
    lines = text_of(file).splitlines()
    if not lines or not lines[0]:
        raise UserError(
            "The first line of {file} is empty; write the passphrase there.", file=file
        )
    return lines[0]
