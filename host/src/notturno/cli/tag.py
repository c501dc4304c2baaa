"""The command `tag`: name a span of nights, such as a phase of a treatment."""

import click

from notturno.cli.options import (
    HELP_NAMES,
    data_dir_option,
    json_option,
    open_for_reading,
    open_for_writing,
)
from notturno.cli.words import print_json, print_table
from notturno.errors import UserError
from notturno.words import _

NO_TAGS = "No span of nights has a name yet: notturno tag NAME FIRST_NIGHT [LAST_NIGHT]"


@click.command(context_settings=HELP_NAMES)
@click.argument("name", required=False)
@click.argument("first_night", required=False)
@click.argument("last_night", required=False)
@click.option("--until", metavar="NIGHT", help="The last night of a span that is going on.")
@click.option("--list", "listing", is_flag=True, help="List the names and their nights.")
@click.option("--remove", metavar="NAME", help="Take a name away; no night is lost.")
@json_option
@data_dir_option
def command(
    name: str | None,
    first_night: str | None,
    last_night: str | None,
    until: str | None,
    listing: bool,
    remove: str | None,
    as_json: bool,
    folder: str,
) -> None:
    """Name the nights from FIRST_NIGHT to LAST_NIGHT (dates of their evenings).

    Without LAST_NIGHT the span is still going on; NAME --until NIGHT ends it. Names are the
    phases of notturno compare.
    """
    if remove is not None:
        if name or listing or until:
            raise UserError("Give --remove NAME alone.")
        with open_for_writing(folder) as store:
            store.remove_tag(remove)
            tags = store.tags()
    elif listing or name is None:
        if name is not None or until is not None:
            raise UserError(
                "Give --list alone."
                if listing
                else "Say which tag ends: notturno tag NAME --until"
            )
        with open_for_reading(folder) as store:
            tags = store.tags()
    else:
        if until is not None and last_night is not None:
            raise UserError("Give LAST_NIGHT or --until, not both.")
        if first_night is None and until is None:
            raise UserError(
                "Say which nights {name} names: notturno tag {name} 2026-01-31.", name=name
            )
        with open_for_writing(folder) as store:
            if first_night is None:
                store.end_tag(name, until)
            else:
                store.add_tag(name, first_night, last_night or until)
            tags = store.tags()
    if as_json:
        print_json(tags)
        return
    if not tags:
        click.echo(_(NO_TAGS))
        return
    print_table(
        ["name", _("first night"), _("last night")],
        [[tag["name"], tag["first_night"], tag["last_night"] or _("going on")] for tag in tags],
    )
