"""The command `phone`: the page with which a phone fetches a night."""

from pathlib import Path

import click

from notturno.cli import outfile
from notturno.cli.options import HELP_NAMES
from notturno.words import _


@click.command(context_settings=HELP_NAMES)
@click.option(
    "--out",
    default="notturno-phone.html",
    show_default=True,
    metavar="FILE",
    help="Where to write the page; it is one file and needs no network.",
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
def command(out: str, force: bool) -> None:
    """Make the page with which a phone fetches a night from a band, by Web Bluetooth.

    Bring the file to the phone and open it in Chrome, Edge, Opera or Samsung Internet (Android),
    or on a computer in Chrome or Edge; Safari and Firefox have no Web Bluetooth. Browsers allow it
    on a page opened from the device itself, from https, or from localhost. The page takes the
    band's key (notturno bands key show), shows the night's counts, and hands the records on as a
    file for notturno import. It confirms nothing to the band unless the person says that the file
    is safe.
    """
    from notturno.phone import phone_page

    path = Path(out).expanduser()
    outfile.put(path, phone_page(), outfile.may_write_over(path, force))
    click.echo(_("Written: {path}").format(path=path.resolve()))
    click.echo(
        _(
            "Open it on the phone (Chrome, Edge, Opera or Samsung Internet "
            "on Android). It wants the band's key:  notturno bands key "
            "show BAND"
        )
    )
