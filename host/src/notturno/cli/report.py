"""The command `report`: two pages for the physician, as a PDF."""

from pathlib import Path

import click

from notturno.cli import outfile
from notturno.cli.given import needs_scipy
from notturno.cli.options import (
    COUNT,
    HELP_NAMES,
    check_date,
    chosen_person,
    data_dir_option,
    json_option,
    none_of_them,
    offer_bands,
    open_for_reading,
)
from notturno.cli.words import FOOTER
from notturno.errors import UserError
from notturno.words import _

DEFAULT_NAME = "notturno-report.pdf"


@click.command(context_settings=HELP_NAMES)
@click.option("--from", "--since", "since", metavar="DATE", help="From this evening on.")
@click.option("--to", "--until", "until", metavar="DATE", help="Up to this evening.")
@click.option("--last", type=COUNT, metavar="N", help="Only the last N nights.")
@click.option(
    "--band", metavar="BAND", shell_complete=offer_bands, help="Only this band: its name or id."
)
@click.option(
    "--paper",
    type=click.Choice(["a4", "letter"]),
    default="a4",
    show_default=True,
    help="Its size.",
)
@click.option("--name", metavar="TEXT", help="The name to print; otherwise that of --person.")
@click.option("--anonymous", is_flag=True, help="Leave out names, ids, notes and dates.")
@click.option(
    "--password",
    is_flag=False,
    flag_value="",
    metavar="TEXT",
    help="Encrypt the file; without TEXT it is asked for. It is then no archive file (PDF/A).",
)
@click.option(
    "--out",
    metavar="FILE.pdf",
    help="Where to write it; otherwise notturno-report.pdf in this folder.",
)
@click.option("--force", is_flag=True, help="Write over a file that is there.")
@json_option
@data_dir_option
def command(
    since: str | None,
    until: str | None,
    last: int | None,
    band: str | None,
    paper: str,
    name: str | None,
    anonymous: bool,
    password: str | None,
    out: str | None,
    force: bool,
    as_json: bool,
    folder: str,
) -> None:
    """Two pages for the physician: what was counted, how sure it is, and what it cannot say.

    All figures of the pages are in what --json prints, which is also attached to the PDF.
    """
    if name is not None and anonymous:
        raise UserError("--name and --anonymous contradict each other; leave one of them out.")
    path = None if as_json and out is None else _path(out or DEFAULT_NAME)
    overwrite = path is not None and outfile.may_write_over(path, force)
    found = _contents(
        folder,
        check_date(since),
        check_date(until),
        last,
        band,
        name or chosen_person(),
        anonymous,
        path is not None,
    )
    from notturno.report.contents import as_text

    if path is not None:
        _write(found, path, overwrite, paper, _asked(password))
    if as_json:
        click.echo(as_text(found), nl=False)
        return
    assert path is not None  # or it was JSON alone
    told = _("Written: {path}").format(path=path.resolve())
    if password is not None:
        told += " " + _("(encrypted, and so no PDF/A)")
    click.echo(f"{told}  {_(FOOTER)}")


def _path(out: str) -> Path:
    path = Path(out).expanduser()
    if path.suffix.lower() != ".pdf":
        raise UserError(
            "{out} is no .pdf file; name it for example {name}.", out=out, name=DEFAULT_NAME
        )
    return path


def _asked(password: str | None) -> str | None:
    """Return the password; asked for where the option bore none."""
    if password == "":
        password = click.prompt(
            _("Password of the PDF"), hide_input=True, confirmation_prompt=True, err=True
        )
    return password


def _contents(
    folder: str,
    since: str | None,
    until: str | None,
    last: int | None,
    band: str | None,
    name: str | None,
    anonymous: bool,
    to_read: bool,
) -> dict:
    """Return what the report says; pages to be read are not made of no night."""
    needs_scipy()
    from datetime import date

    from notturno.cli.progress import progress_bar
    from notturno.report.contents import contents
    from notturno.report.pdf import needs_typst

    needs_typst()
    with open_for_reading(folder) as store, progress_bar(_("reading the nights")):
        device = None if band is None else store.band_id(band)
        if last is not None:
            dated = [row["date"] for row in store.nights(last=last, until=until) if row["date"]]
            since = max(filter(None, (since, min(dated, default=None))), default=None)
        made_on = date.today().isoformat()
        found = contents(store, since, until, device, name, made_on, anonymous)
        if to_read and not found["nights"]["nights"]:
            raise none_of_them(store)
        return found


def _write(found: dict, path: Path, overwrite: bool, paper: str, password: str | None) -> None:
    from notturno.report import pdf

    made = pdf.set_pages(found, paper)
    if password is not None:
        made = pdf.encrypted(made, password)
    outfile.put(path, made, overwrite)
