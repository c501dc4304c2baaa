"""A question that a person answers with yes or no, in their language.

Touches the standard streams. Imports click alone.
"""

import click

from notturno.errors import UserError
from notturno.words import _, language
from notturno.words.languages import KNOWN


def nothing_changed() -> UserError:
    """Return what ends a command whose question was answered by no."""
    return UserError("Nothing was changed.")


def agreed(question: str, *, abort: bool = False, err: bool = False) -> bool:
    """Ask until yes or no is said, and return which; Enter alone is no.

    abort: raise a UserError for a no; err: ask on stderr, where stdout is a file's.
    """
    spoken = KNOWN[language()]
    yes, no = spoken.yes, spoken.no
    enter = no[0]
    shown = f"{question} [{yes[0]}/{enter.upper()}]"
    while True:
        text = click.prompt(shown, default=enter, show_default=False, err=err)
        said = text.strip().casefold()
        if said in yes or said in no:
            break
        click.echo(_("Answer {yes} or {no}.").format(yes=yes[0], no=enter), err=err)
    if abort and said in no:
        raise nothing_changed()
    return said in yes
