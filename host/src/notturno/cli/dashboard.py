"""The command `dashboard`: the nights in a browser, on this machine alone."""

from importlib.util import find_spec

import click

from notturno.cli.options import HELP_NAMES, chosen_person, data_dir_option
from notturno.errors import UserError
from notturno.paths import PEOPLE, data_dir

NEEDS = ("starlette", "uvicorn", "jinja2")


@click.command(context_settings=HELP_NAMES)
@click.option(
    "--port", type=click.IntRange(0, 65535), default=0, help="Which port; 0: a free one."
)
@click.option("--host", default="127.0.0.1", show_default=True, help="An address of the loopback.")
@click.option("--no-browser", is_flag=True, help="Only print the address.")
@click.option("--virtual", metavar="HOST:PORT", help="Sync by a virtual band's radio.")
@data_dir_option
def command(port: int, host: str, no_browser: bool, virtual: str | None, folder: str) -> None:
    """Show the nights in a browser: verdict, events and their waveforms, calendar, diary, bands.

    Only this machine can reach it, and only with the address that is printed. Ends with Ctrl-C.
    """
    missing = [name for name in NEEDS if find_spec(name) is None]
    if missing:
        raise UserError(
            "The dashboard needs {packages}; install it: pip install 'notturno[dashboard]'.",
            packages=", ".join(missing),
        )
    from notturno.dashboard.serve import serve
    from notturno.words import _, language

    where, path = data_dir(folder, create=False), "/"
    person = chosen_person()
    if person is not None:  # the pages of one person can lead to the others'
        from urllib.parse import quote

        path, where = f"/person/{quote(where.name, safe='')}/", where.parent.parent
        assert (where / PEOPLE).name == PEOPLE
    serve(
        where,
        language(),
        host=host,
        port=port,
        virtual=virtual,
        path=path,
        browser=not no_browser,
        say=lambda address: click.echo(f"{address}\n{_('Ctrl-C ends it.')}"),
    )
